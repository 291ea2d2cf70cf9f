"""The turns that decided, quoted exactly, best first."""

from collections.abc import Sequence

import numpy as np

from pipeline.prescoring.findings import distinct
from pipeline.prescoring.reading import Line, Reading
from pipeline.prescoring.turn_features import Matrix
from pipeline.records import Evidence, Role, Suggestion

_MOST = 3
_TOLD = 1e-6  # a turn model that was taught nothing scores all turns alike
_SHARE = 0.55  # of the best turn's score: weaker ones did not decide
_PHRASES = {
    "greeting": ("greeting", "its", "org"),
    "needs": ("question_need", "question_word", "summary", "question_start"),
    "initiative": ("offer", "promise", "question_need"),
    "product": ("benefit", "terms", "offer"),
    "objection": ("argument", "benefit", "settle_check", "dismiss", "give_up", "settled", "concern"),
    "closing": ("time", "document", "promise", "agree", "vague"),
    "upsell": ("upsell", "upsell_hint", "offer"),
    "politeness": ("insult", "curt", "irony", "dismiss"),
}
_BOTH_SIDES = frozenset({"closing", "objection"})


def choose_evidence(
    reading: Reading, rule: str, value: float, scores: Matrix, by_rule: Suggestion | None
) -> tuple[Evidence, ...]:
    """Quotes for a value. Polite calls have nothing to show; where an absent thing should have been, all rungs share.

    `scores` say how strongly each turn speaks for the value. shape: (num_utterances,)
    """
    if (rule, value) == ("politeness", 1.0) or (value == 0 and rule in {"needs", "upsell"}):
        return by_rule.evidence if by_rule and by_rule.value == value else ()
    quotes = [_quote(line, rule, by_rule) for line in strongest(reading, scores, rule in _BOTH_SIDES)]
    if by_rule is not None and by_rule.value == value:
        quotes = _agreed_first(quotes, by_rule.evidence)
    return distinct(quotes)[:_MOST]


def own_evidence(reading: Reading, role: Role, scores: Matrix) -> tuple[Evidence, ...]:
    """Of a user's own criterion: the role's best turns; none where no verdict ever said which turns decide."""
    if not scores.size or float(np.ptp(scores)) < _TOLD:
        return ()
    lines = [line for line in reading.lines if line.role == role and line.tokens]
    return tuple(line.quote() for line in _best(lines, scores))


def type_evidence(reading: Reading, scores: Matrix) -> tuple[Evidence, ...]:
    """What was said that tells most of the call type's cues, by whomever."""
    return tuple(line.quote() for line in strongest(reading, scores, both_sides=True))


def strongest(reading: Reading, scores: Matrix, both_sides: bool) -> list[Line]:
    """The turns with the best scores, best first."""
    roles = {"agent", "client"} if both_sides else {"agent"}
    lines = [line for line in reading.lines if line.role in roles and line.tokens]
    return _best(lines, scores)


def _best(lines: Sequence[Line], scores: Matrix) -> list[Line]:
    ranked = sorted(lines, key=lambda line: -scores[line.position])[:_MOST]
    return [
        line for line in ranked if scores[line.position] >= scores[ranked[0].position] * _SHARE or line is ranked[0]
    ]


def _quote(line: Line, rule: str, by_rule: Suggestion | None) -> Evidence:
    """The rules' own quote of the turn where they have one."""
    for evidence in by_rule.evidence if by_rule else ():
        if evidence.utterance_index == line.utterance.index:
            return evidence
    return line.quote_of(*_PHRASES.get(rule, ()))


def _agreed_first(quotes: list[Evidence], by_rule: tuple[Evidence, ...]) -> list[Evidence]:
    """Turns that both found stand first, then the heads' own, then the rules'."""
    indexes = {evidence.utterance_index for evidence in by_rule}
    both = [quote for quote in quotes if quote.utterance_index in indexes]
    return [*both, *(quote for quote in quotes if quote not in both), *by_rule]
