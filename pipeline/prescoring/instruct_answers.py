"""The form in which an instruct model must answer, and what of its answer is believed.

The schema keeps to what every server's strict mode knows: types, enums, required keys. Everything else is checked here.
Nothing is repaired: a quote that does not stand in its turn letter by letter is refused.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from pydantic import Field, TypeAdapter, ValidationError

from pipeline.checklist import Criterion
from pipeline.frozen import Frozen
from pipeline.prescoring.findings import MAX_EVIDENCE, distinct
from pipeline.prescoring.ladder import Case
from pipeline.prescoring.reading import Line
from pipeline.records import CallType, CallTypeSuggestion, Evidence, Suggestion

NOT_ENOUGH = "not_enough_evidence"
SHORTEST_QUOTE = 3  # letters and digits; less stands anywhere
_CONFIDENCES = [step / 10 for step in range(11)]
_EVIDENCE = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {"turn": {"type": "integer"}, "quote": {"type": "string"}},
        "required": ["turn", "quote"],
        "additionalProperties": False,
    },
}


class Quoted(Frozen):
    turn: int
    quote: str


class CriterionAnswer(Frozen):
    """What the model says of one criterion; its reason makes it think first and is thrown away: it may hold words."""

    applicable: bool = True
    evidence: tuple[Quoted, ...]
    reason: str
    label: str
    confidence: float = Field(ge=0, le=1)


class CallTypeAnswer(Frozen):
    evidence: tuple[Quoted, ...]
    reason: str
    call_type: CallType
    confidence: float = Field(ge=0, le=1)


Answer = TypeVar("Answer", CriterionAnswer, CallTypeAnswer)


def criteria_schema(criteria: Sequence[Criterion]) -> dict[str, Any]:
    """One object per criterion; only a criterion with a condition may be said not to apply."""
    return _object({criterion.id: _criterion_schema(criterion) for criterion in criteria})


def call_type_schema(types: Sequence[CallType]) -> dict[str, Any]:
    return _object({
        "evidence": _EVIDENCE,
        "reason": {"type": "string"},
        "call_type": {"type": "string", "enum": list(types)},
        "confidence": {"type": "number", "enum": _CONFIDENCES},
    })  # fmt: skip


def _criterion_schema(criterion: Criterion) -> dict[str, Any]:
    applicable = {"applicable": {"type": "boolean"}} if has_condition(criterion) else {}
    return _object(
        applicable
        | {
            "evidence": _EVIDENCE,
            "reason": {"type": "string"},
            "label": {"type": "string", "enum": [*criterion.scale, NOT_ENOUGH]},
            "confidence": {"type": "number", "enum": _CONFIDENCES},
        }
    )


def _object(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


def has_condition(criterion: Criterion) -> bool:
    """Whether the rung decides if the criterion applies; a checklist's stated conditions are decided before it."""
    return criterion.applies_when == "objection_raised"


def read_criteria(text: str, criteria: Sequence[Criterion]) -> tuple[dict[str, CriterionAnswer], tuple[str, ...]]:
    """Answers that hold, by criterion id, and what is wrong with the others, a line each without their words."""
    content = _read_object(text)
    answers, problems = {}, []
    for criterion in criteria:
        answer = _read(content.get(criterion.id), CriterionAnswer)
        if isinstance(answer, CriterionAnswer) and answer.label not in (*criterion.scale, NOT_ENOUGH):
            answer = f"label must be one of {', '.join((*criterion.scale, NOT_ENOUGH))}"
        if isinstance(answer, CriterionAnswer):
            answers[criterion.id] = answer
        else:
            problems.append(f"{criterion.id}: {answer}")
    return answers, tuple(problems)


def read_call_type(text: str) -> tuple[CallTypeAnswer | None, tuple[str, ...]]:
    """The answer if it holds, else what is wrong with it."""
    answer = _read(_read_object(text), CallTypeAnswer)
    return (answer, ()) if isinstance(answer, CallTypeAnswer) else (None, (answer,))


def _read_object(text: str) -> dict[str, Any]:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _read(content: object, kind: type[Answer]) -> Answer | str:
    """The answer, or what is wrong: keys and kinds of mistakes, never the text that was found."""
    if not content:
        return "missing, or no JSON"
    try:
        return TypeAdapter(kind).validate_json(json.dumps(content), strict=True)
    except ValidationError as error:
        found = [f"{'.'.join(str(part) for part in item['loc'])}: {item['msg'].lower()}" for item in error.errors()]
        return "; ".join(found)


def check_criterion(answer: CriterionAnswer, criterion: Criterion, case: Case) -> Suggestion:
    """The suggestion, as far as the answer is believed; else an abstention whose reason says why.

    A value above the lowest must be shown in words of the role that is judged, so that what a client says to the judge
    cannot raise a mark by itself. The lowest needs no quote, since what is missing cannot be quoted; but an answer
    whose every quote is invented is not believed at all.
    """
    if has_condition(criterion) and not answer.applicable:
        return Suggestion(criterion.id, False, None, answer.confidence, "instruct.not_applicable")
    evidence = check_quotes(answer.evidence, case)
    if answer.label == NOT_ENOUGH:
        return Suggestion(criterion.id, True, None, answer.confidence, "instruct.not_enough_evidence", evidence)
    if answer.evidence and not evidence:
        return abstain(criterion, "instruct.quote_not_verbatim")
    value = criterion.value_of(answer.label)
    judged = {line.utterance.index for line in case.reading.of(criterion.role)}
    if value > 0 and not any(item.utterance_index in judged for item in evidence):
        return abstain(criterion, "instruct.nothing_quoted")
    return Suggestion(criterion.id, True, value, answer.confidence, "instruct.level_chosen", evidence)


def check_call_type(answer: CallTypeAnswer, case: Case) -> CallTypeSuggestion | None:
    """The type with the quotes that stand; None when none does, unless the type is unknown."""
    evidence = check_quotes(answer.evidence, case)
    if not evidence and answer.call_type != "unknown":
        return None
    return CallTypeSuggestion(answer.call_type, answer.confidence, evidence)


def abstain(criterion: Criterion, reason: str) -> Suggestion:
    """Nothing to believe: whatever a cheaper rung said stands."""
    return Suggestion(criterion.id, True, None, 0.0, reason)


def check_quotes(quotes: Sequence[Quoted], case: Case) -> tuple[Evidence, ...]:
    """Those that stand in their turn letter by letter, the best few, one per turn, with their times."""
    lines = {line.utterance.index: line for line in case.reading.lines if line.role != "other"}
    kept = [
        lines[item.turn].evidence(item.quote)
        for item in quotes
        if item.turn in lines and _stands(item.quote, lines[item.turn])
    ]
    return distinct(kept)[:MAX_EVIDENCE]


def _stands(quote: str, line: Line) -> bool:
    text = line.utterance.text
    said = sum(character.isalnum() for character in quote)
    return quote in text and (said >= SHORTEST_QUOTE or quote == text.strip() != "")
