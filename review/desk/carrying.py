"""A draft made on an evaluation that a re-score has replaced meanwhile: what of it still fits the newer one.

Nothing typed is lost: whatever has no place in the newer draft is named there, with its comment.
"""

from pipeline.checklist import Checklist, Criterion
from review.desk.drafts import FLAGS, LONGEST_TEXT, Draft, GivenAnswer, LeftAnswer, LeftWhy


def carry(older: Draft, older_id: str, older_checklist: Checklist | None, draft: Draft, checklist: Checklist) -> Draft:
    """The draft with what the older one says besides: answers given since stay as they are.

    An answer is carried when its criterion is still there and has the same scale; `older_checklist` None: not known
    any more, then a label that the scale still has is enough. Carrying the same again changes nothing.
    """
    if draft.carried_from == older_id and draft.carried_revision >= older.revision:
        return draft
    answers = {answer.criterion_id: answer for answer in draft.answers}
    left = [*older.left, *draft.left]
    criteria = {criterion.id: criterion for criterion in checklist.criteria}
    for answer in older.answers:
        former = _criterion(older_checklist, answer.criterion_id)
        why = _why_left(answer, former, criteria.get(answer.criterion_id), answers.get(answer.criterion_id))
        if why is None:
            answers[answer.criterion_id] = _with_comment(answers.get(answer.criterion_id, answer), answer)
        else:
            known = criteria.get(answer.criterion_id) or former
            left.append(_left(answer, known.title if known else {"": answer.criterion_id}, why))
    note, unplaced = _joined(draft.note, older.note)
    left += [LeftAnswer(why="note", comment=unplaced)] * bool(unplaced)
    return Draft(
        call_type=draft.call_type or older.call_type,
        answers=tuple(answers.values()),
        flags=tuple(flag for flag in FLAGS if flag in {*draft.flags, *older.flags}),
        note=note,
        revision=draft.revision,
        carried_from=older_id,
        carried_revision=older.revision,
        left=tuple(dict.fromkeys(left)),
    )


def _criterion(checklist: Checklist | None, criterion_id: str) -> Criterion | None:
    return next((item for item in checklist.criteria if item.id == criterion_id), None) if checklist else None


def _why_left(
    answer: GivenAnswer, former: Criterion | None, criterion: Criterion | None, given: GivenAnswer | None
) -> LeftWhy | None:
    """None where the answer can be carried."""
    if criterion is None:
        return "gone"
    if answer.label is not None and not _has_same_scale(answer.label, former, criterion):
        return "scale"
    is_said = given is None or (given.state, given.label) == (answer.state, answer.label)
    return None if is_said and (given is None or _fits(given.comment, answer.comment)) else "answered"


def _has_same_scale(label: str, former: Criterion | None, criterion: Criterion) -> bool:
    if former is None:
        return label in criterion.scale
    return (former.scale, former.values) == (criterion.scale, criterion.values)


def _fits(given: str, comment: str) -> bool:
    """Whether the comment says nothing that the given one does not."""
    return not given or comment in given


def _with_comment(given: GivenAnswer, older: GivenAnswer) -> GivenAnswer:
    reason = given.override_reason or older.override_reason
    return given.model_copy(update={"comment": given.comment or older.comment, "override_reason": reason})


def _left(answer: GivenAnswer, title: dict[str, str], why: LeftWhy) -> LeftAnswer:
    items = tuple(title.items())
    return LeftAnswer(why=why, titles=items, state=answer.state, label=answer.label, comment=answer.comment)


def _joined(note: str, older: str) -> tuple[str, str]:
    """Both notes in one, and what did not fit in."""
    if not older or older in note:
        return note, ""
    both = f"{note}\n{older}" if note else older
    return (both, "") if len(both) <= LONGEST_TEXT else (note, older)
