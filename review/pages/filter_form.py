"""The form of the filters, and a chip for each that is set, with a link that leaves it out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from pipeline.checklist import Checklist, Criterion
from review.desk.drafts import FLAGS
from review.desk.people import Person
from review.filters import (
    BY_REVIEW,
    CALL_TYPES,
    DIRECTIONS,
    DOES_NOT_APPLY,
    NOT_ENOUGH,
    STATUSES,
    Filters,
)
from review.listed import Listed

BEHIND = ("cqr_from", "cqr_to", "answer", "below", "flag", "direction", "checklist")  # in the folded part of the form
LIST, ALL = "list", "all"  # in the address of a call: from the list, not from the queue


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is set: field, value, and the address without it."""

    name: str
    value: str
    address: str


@dataclass(frozen=True, slots=True)
class FilterForm:
    """What can be chosen. `path`: of the list; `criteria`: of the shown checklist, none where answers stay hidden."""

    path: str
    filters: Filters
    managers: tuple[str, ...]
    checklists: tuple[str, ...]
    criteria: tuple[Criterion, ...]
    statuses: tuple[str, ...]
    flags: tuple[str, ...]
    may_words: bool
    may_suggested: bool
    cut_day: date | None = None  # earlier calls are not listed: there are too many
    call_types: tuple[str, ...] = CALL_TYPES
    directions: tuple[str, ...] = DIRECTIONS

    @property
    def chips(self) -> tuple[Chip, ...]:
        """A manager's own name is no chip: it cannot be taken away."""
        shown = [(name, value) for name, value in self.filters.given if self.managers or name != "manager"]
        return tuple(Chip(name, value, link(self.path, self.filters.without(name).address())) for name, value in shown)

    @property
    def is_open(self) -> bool:
        """Whether something is set in the folded part."""
        return any(name in BEHIND for name, _ in self.filters.given)

    @property
    def answers(self) -> Mapping[str, tuple[str, ...]]:
        """For each criterion its labels, and the two answers without one."""
        return {item.id: (*item.scale, DOES_NOT_APPLY, NOT_ENOUGH) for item in self.criteria}

    def criterion(self, answer: str) -> Criterion | None:
        """Whose answer it is."""
        return next((item for item in self.criteria if item.id == answer.partition(":")[0]), None)


def build_form(
    path: str,
    filters: Filters,
    listed: Listed,
    shown: Checklist | None,
    person: Person,
    *,
    masked: bool,
    by_status: bool = True,
) -> FilterForm:
    """`by_status`: whether the list holds calls of more than one status."""
    is_manager = person.role == "manager"
    managers = {*listed.managers, *((filters.manager,) if filters.manager else ())}
    statuses = tuple(item for item in STATUSES if not (is_manager and item in BY_REVIEW))
    return FilterForm(
        path=path,
        filters=filters,
        managers=() if is_manager else tuple(sorted(managers)),
        checklists=tuple(listed.checklists),
        criteria=shown.criteria if shown and not person.blind else (),
        statuses=statuses if by_status else (),
        flags=() if is_manager else FLAGS,
        may_words=not masked,
        may_suggested=not person.blind,
        cut_day=listed.window.cut_day,
    )


def link(path: str, query: str) -> str:
    return f"{path}?{query}" if query else path


def tidied(request: Request) -> Response | None:
    """To the same address without the fields that the form left empty, so that a link is as short as it can be."""
    asked = request.query_params.multi_items()
    if all(value for _, value in asked):
        return None
    return RedirectResponse(link(request.url.path, urlencode([(name, value) for name, value in asked if value])), 303)
