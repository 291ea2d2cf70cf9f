"""The filters of lists as parameters of an address: what cannot be meant is refused, never left out."""

from collections.abc import Iterable
from datetime import date
from typing import Literal, TypeAlias

from pydantic import Field

from pipeline.frozen import Frozen
from pipeline.records import CallType, Direction
from review.api.problems import FieldError, Refused
from review.desk.drafts import Flag
from review.desk.people import Person
from review.desk_work import is_masked, read_listed
from review.filters import ANSWER, LONGEST_WORDS, STATUSES, Filters, parameter_of, read_filters, refuse_unknown
from review.site import Site

Status: TypeAlias = Literal[
    "to_review", "reviewed", "reviewed_by_me",
    "done", "not_scored", "no_speech", "failed", "missed", "no_recording", "waiting",
]  # fmt: skip
FIRST_DAY, LAST_DAY = date(1971, 1, 1), date(9000, 12, 31)
MOST_AT_ONCE = 200
BOTH_DAYS = "a day like 2026-10-05, on the clock that the page shows"


class FilterQuery(Frozen):
    """Which calls; a filter that is not given lets all through."""

    manager: str | None = Field(None, max_length=LONGEST_WORDS, description="The manager's whole name.")
    type: CallType | None = Field(None, description="The call type that counts.")
    from_: date | None = Field(None, alias="from", ge=FIRST_DAY, le=LAST_DAY, description=f"First day: {BOTH_DAYS}.")
    to: date | None = Field(None, ge=FIRST_DAY, le=LAST_DAY, description=f"Last day: {BOTH_DAYS}.")
    cqr_from: float | None = Field(None, ge=0, le=100, description="Least CQR.")
    cqr_to: float | None = Field(None, ge=0, le=100, description="Largest CQR.")
    answer: str | None = Field(
        None,
        pattern=f"^{ANSWER.pattern}$",
        description="Criterion and label of its own scale, or does_not_apply or not_enough.",
        examples=["greeting:0.5"],
    )
    below: float | None = Field(None, ge=0, le=100, description="The machine is less sure of something, in percent.")
    status: Status | None = Field(None, description="What became of the call, or who has reviewed it.")
    direction: Direction | None = Field(None, description="Who called whom.")
    flag: Flag | None = Field(None, description="Flagged so by a supervisor.")
    words: str | None = Field(None, max_length=LONGEST_WORDS, description="Said in the call.")
    checklist: str | None = Field(None, max_length=LONGEST_WORDS, description="Whose scores; else the default one's.")

    @property
    def given(self) -> dict[str, str]:
        """The filters that are set, as an address says them."""
        names = {parameter_of(name) for name in Filters.__dataclass_fields__}
        values = self.model_dump(mode="json", by_alias=True, exclude_none=True)
        return {name: str(value) for name, value in values.items() if name in names}


class PagedQuery(FilterQuery):
    """Filters, and which part of the list."""

    limit: int = Field(50, ge=1, le=MOST_AT_ONCE, description="How many at most.")
    offset: int = Field(0, ge=0, le=1_000_000_000, description="How many to pass over.")

    @property
    def rows(self) -> slice:
        return slice(self.offset, self.offset + self.limit)


class TakeQuery(FilterQuery):
    """Filters, and which call is left."""

    after: str | None = Field(None, max_length=200, description="The call that is let go; the one behind it follows.")


def usable_filters(site: Site, person: Person, asked: FilterQuery) -> Filters:
    """The filters, all of them. Raises Refused 422 for one that the person may not use, or that fits nothing known."""
    listed = read_listed(site)
    filters = read_filters(asked.given, person, masked=is_masked(site, person))
    filters = refuse_unknown(filters, listed.checklists, listed.checklist(filters.checklist))
    kept = {parameter_of(name) for name, _ in filters.given}
    refused = [name for name in asked.given if name not in kept]
    if asked.manager is not None and filters.manager != " ".join(asked.manager.split()):
        refused.append("manager")
    refuse(refused)
    return filters


def refuse(names: Iterable[str]) -> None:
    errors = [FieldError(where=f"query.{name}", what=REASONS.get(name, UNKNOWN)) for name in dict.fromkeys(names)]
    if errors:
        raise Refused(422, "filter_refused", errors=errors)


UNKNOWN = "not a value that can be looked for, or hidden from this person; leave it out"
REASONS = {
    "checklist": "no call was judged by a checklist of that id; leave it out or give one that GET /calls shows",
    "answer": "the checklist has no such criterion or label, or this person works blind",
    "manager": "empty, or not this person's own calls; leave it out",
    "words": "empty, or this person sees no transcripts",
    "flag": "managers are not told of flags; leave it out",
}
assert set(STATUSES) == set(Status.__args__)  # type: ignore[attr-defined]
