"""Where a thing should have been: what is quoted beside the lowest label of a scale where nothing was said of it.

What is missing stands in no turn. A supervisor still wants to hear the place at which it was left out: the client told
what he wants and was asked nothing, the order was settled and nothing further was offered.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from pipeline.checklist import Condition, Criterion, RuleName
from pipeline.prescoring.findings import distinct
from pipeline.prescoring.ladder import Case
from pipeline.prescoring.patterns import Hit
from pipeline.prescoring.questions import find_questions
from pipeline.prescoring.reading import Line, Reading
from pipeline.prescoring.rules.greeting import opening
from pipeline.prescoring.rules.objection import raised
from pipeline.prescoring.stated_phrases import find_said, lines_where
from pipeline.records import Evidence, Suggestion

ABSENT = frozenset({  # reasons of a lowest label that quotes beside it cannot have decided: they are such a place
    "needs.none", "needs.level_none", "upsell.none", "upsell.level_none", "own.level_none", "phrases.not_said",
})  # fmt: skip
_TELLING_WORDS = 7  # of a client's line that says what he wants; fewer leave the word to the agent
_SETTLING = ("time", "document", "promise", "schedule")
_FAREWELL_WORDS = 6  # a line up to so long may be the farewell

Place = Callable[[Reading], Sequence[Line]]


def show_expected(case: Case, criterion: Criterion, suggestion: Suggestion) -> Suggestion:
    """The suggestion; with the lowest label and without a quote, it gets those of where the thing should have been."""
    if suggestion.value != 0 or suggestion.evidence:
        return suggestion
    return replace(suggestion, evidence=find_expected(case, criterion))


def is_expected(suggestion: Suggestion) -> bool:
    """Whether the quotes of a suggestion did not decide it: they show where the thing should have been."""
    return bool(suggestion.evidence) and suggestion.value == 0 and suggestion.reason in ABSENT


def find_expected(case: Case, criterion: Criterion) -> tuple[Evidence, ...]:
    """By the criterion's rule, else where its condition arose; none of a metric, and of what may be said anywhere."""
    place = _PLACES.get(criterion.rule) if criterion.rule else None
    if place is not None:
        return distinct([_tell(line) for line in place(case.reading)])
    if criterion.metric is not None:
        return ()
    if criterion.applies_when == "objection_raised":
        return distinct([_tell(line) for line in _objection(case.reading)])
    if isinstance(criterion.applies_when, Condition):
        return _where_it_arose(case, criterion.applies_when)
    return ()


def _where_it_arose(case: Case, condition: Condition) -> tuple[Evidence, ...]:
    """What was said that makes the criterion apply, and the agent's answer to it."""
    phrases = (condition.said or {}).get(case.dialogue.language)
    if not phrases:
        return ()
    lines = lines_where(case, condition.said_by or "client", condition.within)
    said = find_said(lines, phrases, case)[:1]
    asked = [line for line in lines if line.utterance.index == said[0].utterance_index] if said else []
    return distinct([*said, *(_tell(line) for line in _answer(case.reading, asked[0]))]) if asked else ()


def _opening(reading: Reading) -> Sequence[Line]:
    return opening(reading)[:1] or _spoken(reading, "agent")[:1]


def _first_exchange(reading: Reading) -> Sequence[Line]:
    """What the client wants, as he first tells it, and the agent's answer to it."""
    asked = _asked(reading)
    told = [line for line in _spoken(reading, "client") if not line.has("asks_who") and _answer(reading, line)]
    chosen = [line for line in told if line in asked or len(line.tokens) >= _TELLING_WORDS] or told
    return _exchange(reading, chosen[0]) if chosen else _spoken(reading, "agent")[:1]


def _question_of_product(reading: Reading) -> Sequence[Line]:
    """The client's first question and its answer; without one the first exchange."""
    answered = [line for line in _asked(reading) if not line.has("asks_who") and _answer(reading, line)]
    return _exchange(reading, answered[0]) if answered else _first_exchange(reading)


def _asked(reading: Reading) -> list[Line]:
    """The lines in which the client asks anything; "hello?" asks nothing."""
    return [question.line for question in find_questions(reading, "client") if question.kind != "phatic"]


def _objection(reading: Reading) -> Sequence[Line]:
    """The first objection and the answer to it."""
    objections = raised(reading)
    return _exchange(reading, objections[0]) if objections else ()


def _last_exchange(reading: Reading) -> Sequence[Line]:
    """Where the order or the next step was settled; without one, the last thing that was said before the farewell."""
    lines = _spoken(reading, "agent")
    late = lines[len(lines) // 2 :]
    settling = [line for line in late if line.has(*_SETTLING)]
    chosen = settling or [line for line in late if len(line.tokens) > _FAREWELL_WORDS] or late
    if not chosen:
        return ()
    earlier = [line for line in _spoken(reading, "client") if line.position < chosen[-1].position]
    return _exchange(reading, chosen[-1]) if _answer(reading, chosen[-1]) else [*earlier[-1:], chosen[-1]]


_PLACES: dict[RuleName, Place] = {
    "greeting": _opening,
    "needs": _first_exchange,
    "initiative": _first_exchange,
    "product": _question_of_product,
    "objection": _objection,
    "closing": _last_exchange,
    "upsell": _last_exchange,
}


def _spoken(reading: Reading, role: str) -> list[Line]:
    return [line for line in reading.lines if line.role == role and line.tokens]


def _exchange(reading: Reading, line: Line) -> list[Line]:
    """The line and the other side's answer."""
    return [line, *_answer(reading, line)]


def _answer(reading: Reading, line: Line) -> list[Line]:
    """The other side's next line, if it says anything more."""
    other = "client" if line.role == "agent" else "agent"
    later = (found for found in reading.lines[line.position + 1 :] if found.role == other and found.tokens)
    found = next(later, None)
    return [found] if found else []


def _tell(line: Line) -> Evidence:
    """The longest sentence of the line: the first one is often a greeting."""
    if not line.sentences:
        return line.quote()
    longest = max(line.sentences, key=lambda sentence: sentence.last - sentence.first)
    return line.quote(Hit("expected", longest.first, longest.last))
