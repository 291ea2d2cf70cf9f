"""The sides of a call swapped: what the words made of agent and client, set right by a person."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response

from review.access import may, refuse_foreign_call
from review.desk.audit import record
from review.desk.people import Person
from review.pages.call import Reader, read_named
from review.pages.call_answers import is_whole_page, to_call
from review.pages.call_links import EVALUATION, VERSION
from review.refusals import Refusal
from review.sides import find_swap, swap_sides
from review.site import Site, ThisSite, address_of

router = APIRouter()


@router.post("/calls/{call_id}/sides")
def swap(
    request: Request,
    site: ThisSite,
    person: Annotated[Person, Depends(may("review"))],
    call_id: str,
    agent_at: Annotated[float, Form(ge=0, allow_inf_nan=False)],
) -> Response:
    """Whoever speaks at that second is the agent: the call is judged again, in a process of its own."""
    sha = recording_of(site, person, call_id)
    swap_sides(site.recordings.data, site.settings, call_id, sha, agent_at, person.login)
    record(site.desk, person, "sides.swapped", call_id, address_of(request))
    return to_call(request, call_id, leave=(EVALUATION, VERSION))


@router.get("/calls/{call_id}/sides")
def show_swap(request: Request, site: ThisSite, person: Reader, call_id: str) -> Response:
    """Asked by the page every two seconds while the call is being judged again; then the page is to come anew."""
    sha = recording_of(site, person, call_id)
    found = find_swap(site.recordings.data, sha)
    if is_whole_page(request):
        return to_call(request, call_id)
    if found is not None and found.is_working:
        return site.respond(request, "_sides_working.html", call_id)
    return Response(status_code=204, headers={"HX-Refresh": "true"})


def recording_of(site: Site, person: Person, call_id: str) -> str:
    """The sha256 of a call's recording. Raises Refusal for a call that is not there, or not the person's to see."""
    if not site.store.path.exists():
        raise Refusal(404, "no_such_call")
    with site.store.reading() as con:
        call = read_named(con, site, call_id)
    refuse_foreign_call(person, call.manager)
    if call.content_sha256 is None or call.call_id != call_id:
        raise Refusal(404, "no_such_call")
    return call.content_sha256
