"""Phrases that a checklist states: were they said, by whom, where in the call."""

from collections.abc import Sequence
from functools import lru_cache

from pipeline.checklist import Criterion, PhraseRule
from pipeline.checklist.rules import Speaker, Within
from pipeline.checklist.schema import NOT_ENOUGH
from pipeline.prescoring.findings import distinct
from pipeline.prescoring.ladder import Case
from pipeline.prescoring.patterns import Hit, PhraseIndex, compile_phrase
from pipeline.prescoring.reading import Line
from pipeline.records import Evidence, Suggestion

OPENING_LINES = 6  # of both sides together
ENDING_LINES = 8
_SAID = 0.8
_NOT_SAID = 0.6  # less: the recogniser may have misheard them


def judge_phrases(case: Case, criterion: Criterion, rule: PhraseRule) -> Suggestion | None:
    """The label of the phrases that were said, or the one for none; None where the list cannot tell.

    It cannot where it has no phrases in the language of the call.
    """
    language = case.dialogue.language
    lines = lines_where(case, rule.said_by or criterion.role, rule.within)
    labels = sorted(rule.found, key=criterion.value_of, reverse=rule.prefer == "best")
    known = [label for label in labels if language in rule.found[label]]
    for label in known:
        evidence = find_said(lines, rule.found[label][language], case)
        if evidence:
            return _answer(criterion, label, _SAID, "phrases.said", evidence)
    if len(known) < len(labels) or rule.otherwise == NOT_ENOUGH:
        return None
    return _answer(criterion, rule.otherwise, _NOT_SAID, "phrases.not_said", _where_missing(lines, rule.within))


def lines_where(case: Case, said_by: Speaker, within: Within) -> list[Line]:
    """The lines of one speaker in one part of the call."""
    lines: Sequence[Line] = case.reading.lines
    if within == "opening":
        lines = lines[:OPENING_LINES]
    if within == "ending":
        lines = lines[-ENDING_LINES:]
    return [line for line in lines if said_by in ("anyone", line.role)]


def find_said(lines: Sequence[Line], phrases: tuple[str, ...], case: Case) -> tuple[Evidence, ...]:
    """Where any of the phrases was said."""
    index = _compiled(phrases, case.reading.lexicon.language)
    found: list[Evidence] = []
    for line in lines:
        hits: tuple[Hit, ...] = index.find(line.tokens)
        if hits:
            found.append(line.quote(hits[0]))
    return distinct(found)


@lru_cache(maxsize=512)  # checklists have dozens of lists; each is compiled once a process
def _compiled(phrases: tuple[str, ...], language: str) -> PhraseIndex:
    index = PhraseIndex()
    for phrase in phrases:
        if phrase.strip():
            index.add(compile_phrase("stated", phrase, language, {}))
    return index


def _where_missing(lines: Sequence[Line], within: Within) -> tuple[Evidence, ...]:
    """Where the phrase should have been."""
    spoken = [line for line in lines if line.tokens]
    if within == "anywhere" or not spoken:
        return ()
    return (spoken[0].quote() if within == "opening" else spoken[-1].quote(),)


def _answer(
    criterion: Criterion, label: str, confidence: float, reason: str, evidence: tuple[Evidence, ...]
) -> Suggestion:
    return Suggestion(criterion.id, True, criterion.value_of(label), confidence, reason, evidence)
