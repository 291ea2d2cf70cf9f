"""The list of calls: newest first, filtered by the address, a page at a time."""

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Annotated, get_args
from urllib.parse import urlencode

import duckdb
from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from pipeline.records import CallType, Direction
from pipeline.store.rows import fetch
from review.access import may
from review.desk.people import Person
from review.site import ThisSite

router = APIRouter()
CALLS_ON_A_PAGE = 50
LAST_PAGE = 1_000_000
STATUSES = ("done", "not_scored", "no_speech", "failed", "missed", "no_recording", "waiting")
DIRECTIONS = get_args(Direction)
CALL_TYPES = get_args(CallType)


@dataclass(frozen=True, slots=True)
class Filters:
    """What the address asks for; None: anything."""

    manager: str | None = None
    call_type: str | None = None
    status: str | None = None
    direction: str | None = None
    checklist: str | None = None  # whose scores are shown; None: the default one's

    @property
    def any_set(self) -> bool:
        return any(asdict(self).values())

    def address(self, page: int = 1) -> str:
        """The query of the address that shows the same filters again."""
        names = {
            "manager": self.manager,
            "type": self.call_type,
            "status": self.status,
            "direction": self.direction,
            "checklist": self.checklist,
        }
        return urlencode([(name, value) for name, value in names.items() if value] + [("page", page)] * (page > 1))


@dataclass(frozen=True, slots=True)
class ListedCall:
    """One row of the list."""

    call_id: str
    started_at: datetime | None
    manager: str | None
    direction: str | None
    duration_s: float | None
    language: str | None
    call_type: str | None
    call_type_confidence: float | None
    cqr: float | None
    passed: bool | None
    status: str
    failure_code: str | None


@dataclass(frozen=True, slots=True)
class Summary:
    """Figures of all calls that fit, not of one page of them."""

    call_count: int = 0
    scored_count: int = 0
    cqr: float | None = None
    passed_count: int = 0
    failed_count: int = 0


@dataclass(frozen=True, slots=True)
class CallListPage:
    filters: Filters
    managers: tuple[str, ...]
    calls: tuple[ListedCall, ...]
    summary: Summary
    page: int
    has_store: bool = True
    checklists: tuple[str, ...] = ()
    statuses: tuple[str, ...] = STATUSES
    directions: tuple[str, ...] = DIRECTIONS
    call_types: tuple[str, ...] = CALL_TYPES

    @property
    def page_count(self) -> int:
        return max(1, -(-self.summary.call_count // CALLS_ON_A_PAGE))

    @property
    def link_query(self) -> str:
        """Goes along to a call, so that the way back leads to this list."""
        address = self.filters.address(self.page)
        return f"?{address}" if address else ""


@router.get("/")
def show_call_list(
    request: Request,
    site: ThisSite,
    person: Annotated[Person, Depends(may("see_calls"))],
    manager: str = "",
    call_type: Annotated[str, Query(alias="type")] = "",
    status: str = "",
    direction: str = "",
    checklist: str = "",
    page: str = "1",
) -> Response:
    """A filter that is no such value is left out, rather than shown as an empty list."""
    filters = Filters(
        manager=person.manager if person.role == "manager" else manager or None,
        call_type=call_type if call_type in CALL_TYPES else None,
        status=status if status in STATUSES else None,
        direction=direction if direction in DIRECTIONS else None,
        checklist=checklist or None,
    )
    if not site.store.path.exists():
        return site.respond(request, "call_list.html", CallListPage(filters, (), (), Summary(), 1, has_store=False))
    with site.store.reading() as con:
        shown = read_call_list(con, filters, page_number(page))
    return site.respond(request, "call_list.html", shown)


def page_number(text: str) -> int:
    """From 1; anything else is the first page."""
    return min(max(int(text), 1), LAST_PAGE) if text.isascii() and text.isdigit() else 1


def read_call_list(con: duckdb.DuckDBPyConnection, filters: Filters, page: int) -> CallListPage:
    """The asked page; the last one where there are not so many. A checklist that has judged nothing is left out."""
    checklists = tuple(row["checklist_id"] for row in fetch(con, "page_checklists"))
    if filters.checklist not in checklists:
        filters = replace(filters, checklist=None)
    wanted = asdict(filters)
    summary = Summary(**fetch(con, "page_summary", **wanted)[0])
    managers = tuple(row["manager"] for row in fetch(con, "page_managers"))
    page = min(page, max(1, -(-summary.call_count // CALLS_ON_A_PAGE)))
    rows = fetch(con, "page_calls", **wanted, limit=CALLS_ON_A_PAGE, offset=(page - 1) * CALLS_ON_A_PAGE)
    calls = tuple(ListedCall(**row) for row in rows)
    return CallListPage(filters, managers, calls, summary, page, checklists=checklists)
