"""The list of all calls: newest first, filtered by the address, a page at a time. Managers see their own."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from review.access import may
from review.desk.claims import standing_claims
from review.desk.people import Person, read_people
from review.desk_work import is_masked, read_fitting, read_listed
from review.filters import Filters, read_filters, refuse_unknown
from review.listed import Listed
from review.pages.call_rows import Paging, RowMaker, ShownRow, paging
from review.pages.filter_form import ALL, LIST, FilterForm, build_form, tidied
from review.selection import Summary, summarize
from review.site import Site, ThisSite

router = APIRouter()
PATH = "/calls"


@dataclass(frozen=True, slots=True)
class CallListPage:
    """`is_empty`: there is no call at all yet."""

    form: FilterForm
    filters: Filters
    rows: tuple[ShownRow, ...]
    summary: Summary
    paging: Paging
    is_empty: bool


@router.get(PATH)
def show_call_list(
    request: Request, site: ThisSite, person: Annotated[Person, Depends(may("see_calls"))], page: str = "1"
) -> Response:
    """A filter that is no such value is left out, rather than shown as an empty list."""
    if (short := tidied(request)) is not None:
        return short
    masked = is_masked(site, person)
    asked = read_filters(request.query_params, person, masked=masked)
    return site.respond(request, "call_list.html", read_call_list(site, person, asked, page, masked=masked))


def read_call_list(site: Site, person: Person, asked: Filters, page: str, *, masked: bool) -> CallListPage:
    """The asked page; the last one where there are not so many."""
    listed = own_calls(read_listed(site, asked), person)
    shown = listed.checklist(asked.checklist)
    filters = refuse_unknown(asked, listed.checklists, shown)
    calls = read_fitting(site, person, listed, filters, shown)
    pages = paging(page, len(calls), PATH)
    names = {item.login: item.name for item in read_people(site.desk)}
    query = "&".join(part for part in (filters.address(), f"{LIST}={ALL}") if part)
    maker = RowMaker(person, names, standing_claims(site.desk), filters.checklist, query)
    return CallListPage(
        form=build_form(PATH, filters, listed, shown, person, masked=masked),
        filters=filters,
        rows=maker.rows([(call, ()) for call in calls[pages.rows]]),
        summary=summarize(calls, filters.checklist),
        paging=pages,
        is_empty=not listed.calls,
    )


def own_calls(listed: Listed, person: Person) -> Listed:
    """Of a manager their own calls and nothing of others; of anybody else all."""
    if person.role != "manager":
        return listed
    calls = tuple(call for call in listed.calls if call.manager is not None and call.manager == person.manager)
    return Listed(calls, listed.checklists, listed.default_checklist, has_store=listed.has_store, window=listed.window)
