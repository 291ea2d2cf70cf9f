"""The score of a call while a person answers: their answers first, the machine's suggestions where there are none."""

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.checklist import Checklist, Criterion
from pipeline.cqr import Rated, cqr
from pipeline.errors import InputError
from pipeline.records import CallType, Evaluation, Suggestion
from review.desk.drafts import Draft, GivenAnswer, State

CALL_TYPE = "call_type"  # among the missing: the call's type has to be chosen
BY_WEIGHTS = "weights"  # the rung of "does not apply to a call of this type": no answer about the words


@dataclass(frozen=True, slots=True)
class DraftScore:
    """`applicable`: ids of the criteria of that call type, in the checklist's order; `answered` of them by the person.

    `missing`: what has to be answered before submitting; `call_type` alone where the type has to be chosen first.
    `critical_failures`: ids of critical criteria at 0. `cqr` is None when nothing is rated, or the type is unknown.
    """

    call_type: CallType
    cqr: float | None
    passed: bool | None
    critical_failures: tuple[str, ...]
    applicable: tuple[str, ...]
    missing: tuple[str, ...]
    answered: int


def score_draft(checklist: Checklist, evaluation: Evaluation, draft: Draft, *, blind: bool = False) -> DraftScore:
    """The score as it stands. `blind`: suggestions stay out of it, and the person chooses the call type.

    Of an unknown type no criterion has a weight, and what was too short to be scored needs no answer: there nothing is
    missing.
    """
    suggested: CallType = "unknown" if blind else evaluation.call_type.call_type
    call_type = draft.call_type or suggested
    criteria = checklist.criteria_for(call_type)
    given = {answer.criterion_id: answer for answer in draft.answers}
    rated: dict[str, Rated] = {}
    if call_type != "unknown" and evaluation.scored:
        suggestions = {} if blind else known_suggestions(evaluation)
        rated = {
            criterion.id: Rated(value, criterion.weights[call_type], criterion.critical)
            for criterion in criteria
            for value in _values(criterion, given, suggestions)
        }
    rate = cqr(rated.values(), checklist.threshold)
    return DraftScore(
        call_type=call_type,
        cqr=rate.cqr,
        passed=rate.passed,
        critical_failures=tuple(key for key, item in rated.items() if item.critical and item.value == 0),
        applicable=tuple(criterion.id for criterion in criteria),
        missing=_missing(draft, call_type, criteria) if evaluation.scored else (),
        answered=sum(criterion.id in given for criterion in criteria),
    )


def accept_sure(checklist: Checklist, evaluation: Evaluation, draft: Draft, sure_from: float) -> Draft:
    """The draft with every suggestion taken over whose confidence is at least `sure_from` and that has no answer yet.

    "Not enough evidence" is never taken over: where the machine found nothing, a person looks.
    """
    suggestions = known_suggestions(evaluation)
    for criterion in checklist.criteria_for(draft.call_type or evaluation.call_type.call_type):
        found = suggestions.get(criterion.id)
        if found is None or found.confidence < sure_from or draft.answer_to(criterion.id) is not None:
            continue
        if found.value is not None or not found.applicable:
            draft = draft.with_answer(answer_as(criterion, found))
    return draft


def answer_as(criterion: Criterion, suggestion: Suggestion) -> GivenAnswer:
    """The suggestion as a person's answer: agreed."""
    state: State = "valued" if suggestion.applicable else "not_applicable"
    if suggestion.applicable and suggestion.value is None:
        state = "not_enough"
    label = criterion.label_of(suggestion.value) if state == "valued" and suggestion.value is not None else None
    return GivenAnswer(criterion_id=criterion.id, state=state, label=label)


def known_suggestions(evaluation: Evaluation) -> dict[str, Suggestion]:
    """By criterion, those that say something about the words: not what the weights of a call type excluded."""
    return {item.criterion_id: item for item in evaluation.suggestions if item.rung != BY_WEIGHTS}


def value_of(criterion: Criterion, answer: GivenAnswer) -> float | None:
    """0..1 whatever the scale; None where there is not enough evidence or it does not apply."""
    return None if answer.label is None else criterion.value_of(answer.label)


def refuse_foreign_answers(checklist: Checklist, draft: Draft) -> None:
    """Raises InputError for an answer to no criterion of the checklist, or off its scale."""
    known = {criterion.id: criterion for criterion in checklist.criteria}
    for answer in draft.answers:
        criterion = known.get(answer.criterion_id)
        if criterion is None:
            raise InputError(f'criterion "{answer.criterion_id}": not in checklist {checklist.id}; reload the call')
        if answer.label is not None and answer.label not in criterion.scale:
            raise InputError(
                f'criterion "{criterion.id}": "{answer.label}" is no label of its scale; '
                f"give {', '.join(criterion.scale)}"
            )


def _values(
    criterion: Criterion, given: Mapping[str, GivenAnswer], suggestions: Mapping[str, Suggestion]
) -> tuple[float | None, ...]:
    """The value that counts; nothing where the criterion does not apply or nobody has said anything."""
    answer, suggestion = given.get(criterion.id), suggestions.get(criterion.id)
    if answer is not None:
        return () if answer.state == "not_applicable" else (value_of(criterion, answer),)
    return (suggestion.value,) if suggestion is not None and suggestion.applicable else ()


def _missing(draft: Draft, call_type: CallType, criteria: tuple[Criterion, ...]) -> tuple[str, ...]:
    if call_type == "unknown":
        return () if draft.call_type == "unknown" else (CALL_TYPE,)
    return tuple(criterion.id for criterion in criteria if draft.answer_to(criterion.id) is None)
