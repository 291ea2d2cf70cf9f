"""The form of answers as the browser sends it, whole or one criterion of it, read into changes of a draft."""

from collections.abc import Callable, Mapping, Sequence
from typing import get_args

from pydantic import ValidationError

from pipeline.checklist import Checklist, Criterion
from pipeline.errors import InputError
from pipeline.records import CallType
from review.desk.drafts import FLAGS, LONGEST_TEXT, OVERRIDE_REASONS, Draft, GivenAnswer, State
from review.scoring import refuse_foreign_answers

CALL_TYPE, FLAG, FLAGS_SHOWN, NOTE = "call_type", "flag", "flags_shown", "note"  # fields
ANSWER, COMMENT, REASON = "answer-", "comment-", "reason-"  # each before a criterion's id
LABEL = "="  # before a label of the scale, which may be called anything
STATES: tuple[State, ...] = get_args(State)
CALL_TYPES: tuple[CallType, ...] = get_args(CallType)
Fields = Mapping[str, Sequence[str]]


def changes_of(fields: Fields, checklist: Checklist) -> Callable[[Draft], Draft]:
    """What the form changes of a stored draft: a field that is not in the form changes nothing.

    The returned function raises InputError for what no form of ours holds.
    """

    def change(draft: Draft) -> Draft:
        try:
            changed = _with_answers(_with_rest(draft, fields), fields, checklist)
        except ValidationError as error:
            raise InputError(f"the form: {error.errors()[0]['msg']}; up to {LONGEST_TEXT} characters fit") from error
        refuse_foreign_answers(checklist, changed)
        return changed

    return change


def value_of_answer(answer: GivenAnswer) -> str:
    """How the form calls the answer."""
    return answer.state if answer.label is None else LABEL + answer.label


def _with_rest(draft: Draft, fields: Fields) -> Draft:
    if CALL_TYPE in fields:
        chosen = fields[CALL_TYPE][-1]
        draft = draft.with_call_type(next((code for code in CALL_TYPES if code == chosen), None))
    if FLAGS_SHOWN in fields:
        draft = draft.with_flags(tuple(flag for flag in FLAGS if flag in fields.get(FLAG, ())))
    if NOTE in fields:
        draft = draft.with_note(_text(fields[NOTE][-1]))
    return draft


def _with_answers(draft: Draft, fields: Fields, checklist: Checklist) -> Draft:
    for criterion in checklist.criteria:
        value = fields.get(ANSWER + criterion.id, ("",))[-1]
        if value:
            draft = draft.with_answer(_given(criterion, value, fields, draft.answer_to(criterion.id)))
    return draft


def _given(criterion: Criterion, value: str, fields: Fields, earlier: GivenAnswer | None) -> GivenAnswer:
    state = next((state for state in STATES[1:] if state == value), None)
    if state is None and not value.startswith(LABEL):
        raise InputError(f'criterion "{criterion.id}": "{value}" is no answer; reload the call and answer again')
    comment = fields.get(COMMENT + criterion.id, (earlier.comment if earlier else "",))[-1]
    reason = fields.get(REASON + criterion.id, (earlier.override_reason if earlier else "",))[-1]
    return GivenAnswer(
        criterion_id=criterion.id,
        state=state or "valued",
        label=None if state else value.removeprefix(LABEL),
        comment=_text(comment),
        override_reason=next((code for code in OVERRIDE_REASONS if code == reason), ""),
    )


def _text(typed: str) -> str:
    """Browsers send line ends of their own."""
    return typed.replace("\r\n", "\n").strip()
