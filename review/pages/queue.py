"""The queue: what needs a person first, who has what, and how the day goes."""

from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from review.access import may, session_of
from review.desk.audit import record
from review.desk.claims import release_claim
from review.desk.people import Person
from review.desk_work import is_masked, read_queue, take_next
from review.filters import read_filters
from review.pages.filter_form import link, tidied
from review.pages.queue_view import LET_GO, NOTHING_LEFT, NOTICES, PATH, PRESS_NEXT, build_page
from review.refusals import Refusal
from review.site import Site, ThisSite, address_of, kept_query, places_of

router = APIRouter()
Reviewer = Annotated[Person, Depends(may("review"))]
NOTICE = "notice"


@router.get(PATH)
def show_queue(
    request: Request,
    site: ThisSite,
    person: Annotated[Person, Depends(may("start"))],
    page: str = "1",
    notice: str = "",
) -> Response:
    """The queue; who reviews nothing goes on to their first place, with the filters of an older link."""
    if not person.may("review"):
        return to_first_place(request)
    if "status" in request.query_params:  # an older link to the list, which stood here
        return RedirectResponse(link("/calls", urlencode(kept_query(request))), 303)
    if (short := tidied(request)) is not None:
        return short
    masked = is_masked(site, person)
    queue = read_queue(site, person, read_filters(request.query_params, person, masked=masked))
    notice = notice if notice in NOTICES else ""
    return site.respond(request, "queue.html", build_page(site, person, queue, page, notice, masked=masked))


@router.post("/next")
def take_next_call(
    request: Request, site: ThisSite, person: Reviewer, after: Annotated[str | None, Form()] = None
) -> Response:
    """Hands out the next call of those that the address asks for; `after`: the call that is left for later."""
    return RedirectResponse(next_address(site, person, request, after), 303)


@router.get("/next", dependencies=[Depends(may("review"))])
def explain_next(request: Request) -> Response:
    """Looking hands out nothing: the button in the queue does."""
    return RedirectResponse(link(PATH, urlencode([*kept_query(request), (NOTICE, PRESS_NEXT)])), 303)


@router.post("/let-go")
def let_go(request: Request, site: ThisSite, person: Reviewer, call_id: Annotated[str, Form()] = "") -> Response:
    """The person's call is anybody's again; its draft stays."""
    release_claim(site.desk, call_id, person)
    return RedirectResponse(link(PATH, urlencode([*kept_query(request), (NOTICE, LET_GO)])), 303)


def next_address(site: Site, person: Person, request: Request, after: str | None = None) -> str:
    """Claims the next call of those that the request's address asks for, and says where it is; else the queue."""
    asked = read_filters(request.query_params, person, masked=is_masked(site, person))
    call_id = take_next(site, person, asked, after)
    if call_id is None:
        return link(PATH, urlencode([*kept_query(request), (NOTICE, NOTHING_LEFT)]))
    record(site.desk, person, "call.taken", call_id, address_of(request))
    return link(f"/calls/{quote(call_id, safe='')}", asked.address())


def to_first_place(request: Request) -> Response:
    """Raises Refusal 403 for somebody who has no place here at all."""
    session = session_of(request)
    places = places_of(session.person if session else None)
    if not places:
        raise Refusal(403, "not_allowed")
    query = urlencode(kept_query(request)) if places[0].permission == "see_calls" else ""
    return RedirectResponse(link(places[0].address, query), 303)
