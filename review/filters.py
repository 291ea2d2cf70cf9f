"""Which calls are asked for: read from an address, shown as what is set, and written back into a link."""

import math
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import get_args
from urllib.parse import urlencode

from pipeline.checklist import Checklist
from pipeline.records import CallType, Direction
from review.desk.drafts import FLAGS
from review.desk.people import Person

TO_REVIEW, REVIEWED, MINE = "to_review", "reviewed", "reviewed_by_me"
BY_REVIEW = (TO_REVIEW, REVIEWED, MINE)
STATUSES = (*BY_REVIEW, "done", "not_scored", "no_speech", "failed", "missed", "no_recording", "waiting")
DIRECTIONS: tuple[str, ...] = get_args(Direction)
CALL_TYPES: tuple[str, ...] = get_args(CallType)
DOES_NOT_APPLY, NOT_ENOUGH = "does_not_apply", "not_enough"
ANSWER = re.compile(r"([a-z][a-z0-9_]*):(\S{1,40})")
LONGEST_WORDS = 200
YEARS = range(1971, 9001)  # that a time zone can be asked about
PAGE = "page"


@dataclass(frozen=True, slots=True)
class Filters:
    """What the address asks for; None: anything. Its parameters have the names of the fields, except `ADDRESS_NAMES`.

    `answer`: criterion and label of its own scale, like greeting:0.5, or does_not_apply or not_enough in the label's
    place. `cqr_from` and `cqr_to` are 0..100; `below`: the machine's least confidence in the call, in percent.
    `checklist`: whose scores are shown; None: the default one's.
    """

    manager: str | None = None
    call_type: str | None = None
    first_day: date | None = None
    last_day: date | None = None
    cqr_from: float | None = None
    cqr_to: float | None = None
    answer: str | None = None
    below: float | None = None
    status: str | None = None
    direction: str | None = None
    flag: str | None = None
    words: str | None = None
    checklist: str | None = None

    @property
    def any_set(self) -> bool:
        return bool(self.given)

    @property
    def given(self) -> tuple[tuple[str, str], ...]:
        """(field, value as the address says it) of everything that is set."""
        found = ((field.name, getattr(self, field.name)) for field in fields(self))
        return tuple((name, as_text(value)) for name, value in found if value is not None)

    def address(self, page: int = 1) -> str:
        """The query of the address that shows the same again."""
        return urlencode([(parameter_of(name), value) for name, value in self.given] + [(PAGE, page)] * (page > 1))

    def without(self, name: str) -> "Filters":
        """The same with one field left out."""
        return replace(self, **{name: None})


ADDRESS_NAMES = {"call_type": "type", "first_day": "from", "last_day": "to"}
SUGGESTED = ("call_type", "cqr_from", "cqr_to", "answer", "below")  # fields that tell what the machine suggests


def parameter_of(name: str) -> str:
    return ADDRESS_NAMES.get(name, name)


def as_text(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:g}" if isinstance(value, float) else str(value)


def read_filters(query: Mapping[str, str], person: Person, *, masked: bool = False) -> Filters:
    """What the address asks for, as far as the person may ask it; whatever is no such value is left out.

    A manager's list is always their own, without the supervisors' flags. Who sees masked transcripts cannot look for
    words, and who works blind cannot look for what the machine suggests: either would tell what they shall not see.
    """
    asked = Filters(
        manager=text_of(query, "manager"),
        call_type=one_of(query, "call_type", CALL_TYPES),
        first_day=day_of(query, "first_day"),
        last_day=day_of(query, "last_day"),
        cqr_from=percent_of(query, "cqr_from"),
        cqr_to=percent_of(query, "cqr_to"),
        answer=answer_of(query),
        below=percent_of(query, "below"),
        status=one_of(query, "status", STATUSES),
        direction=one_of(query, "direction", DIRECTIONS),
        flag=one_of(query, "flag", FLAGS),
        words=None if masked else text_of(query, "words"),
        checklist=text_of(query, "checklist"),
    )
    if person.blind:
        asked = replace(asked, **dict.fromkeys(SUGGESTED))
    return replace(asked, manager=person.manager, flag=None) if person.role == "manager" else asked


def refuse_unknown(filters: Filters, checklists: Collection[str], shown: Checklist | None) -> Filters:
    """Without a checklist that has judged nothing, and without an answer that the shown one does not know."""
    if filters.checklist not in checklists:
        filters = replace(filters, checklist=None)
    if filters.answer is not None and stored_answer(filters.answer, shown) is None:
        filters = replace(filters, answer=None)
    return filters


def stored_answer(answer: str, checklist: Checklist | None) -> str | None:
    """The answer with its value on 0..1 in place of the label; None when the checklist knows no such answer."""
    criterion_id, _, label = answer.partition(":")
    if label in (DOES_NOT_APPLY, NOT_ENOUGH):
        return answer
    for criterion in checklist.criteria if checklist else ():
        if criterion.id == criterion_id and label in criterion.scale:
            return f"{criterion_id}:{criterion.value_of(label):.3f}"
    return None


def text_of(query: Mapping[str, str], name: str) -> str | None:
    text = " ".join(query.get(parameter_of(name), "").split())
    return text if text and text.isprintable() and len(text) <= LONGEST_WORDS else None


def one_of(query: Mapping[str, str], name: str, known: tuple[str, ...]) -> str | None:
    value = query.get(parameter_of(name))
    return value if value in known else None


def day_of(query: Mapping[str, str], name: str) -> date | None:
    try:
        day = date.fromisoformat(query.get(parameter_of(name), ""))
    except ValueError:
        return None
    return day if day.year in YEARS else None


def percent_of(query: Mapping[str, str], name: str) -> float | None:
    """A number of 0..100, with a point or a comma."""
    try:
        value = float(query.get(parameter_of(name), "").replace(",", "."))
    except ValueError:
        return None
    return value if math.isfinite(value) and 0 <= value <= 100 else None


def answer_of(query: Mapping[str, str]) -> str | None:
    value = query.get("answer", "")
    return value if ANSWER.fullmatch(value) and value.isprintable() else None
