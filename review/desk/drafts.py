"""What a person has answered so far and not submitted yet; saved with every click."""

import json
import sqlite3
from collections.abc import Callable, Sequence
from typing import Literal, Self, get_args

from pydantic import field_validator, model_validator

from pipeline.frozen import Frozen
from pipeline.records import CallType
from review.desk.database import Desk, execute, fetch, now_s
from review.desk.people import Person

State = Literal["valued", "not_applicable", "not_enough"]
Flag = Literal["rescue", "good_example", "conflict", "mystery"]
FLAGS: tuple[Flag, ...] = get_args(Flag)
OverrideReason = Literal["misheard", "missed_place", "wrong_place", "wrong_level", "does_not_apply", "other"]
OVERRIDE_REASONS: tuple[OverrideReason, ...] = get_args(OverrideReason)
LeftWhy = Literal["gone", "scale", "answered", "note"]
LONGEST_TEXT = 4000  # characters of a comment or a note


class GivenAnswer(Frozen):
    """A person's answer to one criterion. `label`: of the criterion's own scale, None unless `state` is valued.

    `override_reason`: why it differs from the suggestion, a code of `OVERRIDE_REASONS` or empty.
    """

    criterion_id: str
    state: State
    label: str | None = None
    comment: str = ""
    override_reason: OverrideReason | Literal[""] = ""

    @field_validator("comment")
    @classmethod
    def _is_short(cls, comment: str) -> str:
        return _short(comment)

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if (self.state == "valued") != (self.label is not None):
            raise ValueError(f'criterion "{self.criterion_id}": give a label with the state valued, and only then')
        return self


class LeftAnswer(Frozen):
    """What could not be carried to a newer evaluation: an answer, or a note without `state`.

    `why`: no such criterion there, another scale, answered otherwise there, or a note that does not fit beside another.
    `titles`: (language, text) of the criterion.
    """

    why: LeftWhy
    titles: tuple[tuple[str, str], ...] = ()
    state: State | None = None
    label: str | None = None
    comment: str = ""

    @property
    def title(self) -> dict[str, str]:
        return dict(self.titles)


class Draft(Frozen):
    """`call_type` None: as suggested. `revision` grows with each save; 0: never saved.

    `carried_from`: the evaluation whose draft was carried over, as it was at `carried_revision`; `left`: what of it
    found no place.
    """

    call_type: CallType | None = None
    answers: tuple[GivenAnswer, ...] = ()
    flags: tuple[Flag, ...] = ()
    note: str = ""
    revision: int = 0
    carried_from: str = ""
    carried_revision: int = 0
    left: tuple[LeftAnswer, ...] = ()

    @field_validator("note")
    @classmethod
    def _is_short(cls, note: str) -> str:
        return _short(note)

    @model_validator(mode="after")
    def _has_one_answer_each(self) -> Self:
        for kind, found in (("criterion", [answer.criterion_id for answer in self.answers]), ("flag", self.flags)):
            if double := sorted({name for name in found if found.count(name) > 1}):
                raise ValueError(f"{kind} {', '.join(double)}: given twice; give each once")
        return self

    def answer_to(self, criterion_id: str) -> GivenAnswer | None:
        return next((answer for answer in self.answers if answer.criterion_id == criterion_id), None)

    def with_answer(self, answer: GivenAnswer) -> "Draft":
        """The answer in place of an earlier one to its criterion."""
        kept = tuple(item for item in self.answers if item.criterion_id != answer.criterion_id)
        return self._with(answers=(*kept, answer))

    def with_call_type(self, call_type: CallType | None) -> "Draft":
        return self._with(call_type=call_type)

    def with_flags(self, flags: tuple[Flag, ...]) -> "Draft":
        """Raises ValidationError for a code that is no flag."""
        return self._with(flags=tuple(flag for flag in FLAGS if flag in flags) if set(flags) <= set(FLAGS) else flags)

    def with_note(self, note: str) -> "Draft":
        """Raises ValidationError when the note is too long."""
        return self._with(note=note)

    def says_the_same(self, other: "Draft") -> bool:
        """Whether both give the same answers, whatever their revisions and order."""
        return self._content() == other._content()

    def _content(self) -> tuple[object, ...]:
        answers = tuple(sorted(self.answers, key=lambda answer: answer.criterion_id))
        return self.call_type, answers, frozenset(self.flags), self.note

    def _with(self, **changes: object) -> "Draft":
        return Draft.model_validate({**self.__dict__, **changes})


def read_draft(desk: Desk, evaluation_id: str, person: Person) -> Draft:
    """The person's draft; an empty one when there is none."""
    with desk.reading() as con:
        return _read(con, evaluation_id, person)


def open_drafts(desk: Desk, evaluation_ids: Sequence[str], person: Person) -> tuple[tuple[str, Draft], ...]:
    """The person's drafts of those evaluations that they have not handed in, by evaluation, saved last first."""
    with desk.reading() as con:
        rows = fetch(con, "open_drafts", evaluation_ids=json.dumps(list(evaluation_ids)), person_id=person.person_id)
    return tuple((row["evaluation_id"], Draft.model_validate_json(row["content"])) for row in rows)


def change_draft(desk: Desk, evaluation_id: str, person: Person, change: Callable[[Draft], Draft]) -> Draft:
    """Saves what `change` makes of the stored draft, in one step: of two keys pressed at once neither is lost.

    Returns it with its new revision.
    """
    with desk.writing() as con:
        stored = _read(con, evaluation_id, person)
        changed = change(stored)
        saved = changed.model_copy(update={"revision": max(stored.revision, changed.revision) + 1})
        execute(
            con,
            "save_draft",
            evaluation_id=evaluation_id,
            person_id=person.person_id,
            content=saved.model_dump_json(),
            saved_s=now_s(),
        )
    return saved


def _read(con: sqlite3.Connection, evaluation_id: str, person: Person) -> Draft:
    rows = fetch(con, "draft", evaluation_id=evaluation_id, person_id=person.person_id)
    return Draft.model_validate_json(rows[0]["content"]) if rows else Draft()


def _short(text: str) -> str:
    if len(text) > LONGEST_TEXT:
        raise ValueError(f"{len(text)} characters; give up to {LONGEST_TEXT}")
    return text
