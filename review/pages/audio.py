"""The sound of a call, streamed in ranges. No part of a path comes from the request: the store says where it lies."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import FileResponse, Response

from review.access import may, refuse_foreign_call
from review.desk.audit import record
from review.desk.people import Person
from review.desk_work import is_masked
from review.pages.call_reading import read_facts, read_places
from review.recordings import Place, find_recording
from review.refusals import Refusal
from review.site import Site, ThisSite, address_of

router = APIRouter()
Listener = Annotated[Person, Depends(may("hear"))]


@router.api_route("/calls/{call_id}/audio", methods=["GET", "HEAD"])
def play_recording(call_id: str, request: Request, site: ThisSite, person: Listener) -> Response:
    """The playable copy of the call's recording, whole or the range that is asked for."""
    copy = site.recordings.playable(place_to_hear(site, person, call_id))
    if request.method == "GET" and starts_at_the_beginning(request.headers.get("range", "")):
        record(site.desk, person, "call.heard", call_id, address_of(request))
    return FileResponse(copy, media_type="audio/ogg")


def starts_at_the_beginning(asked: str) -> bool:
    """Whether a Range header asks for the beginning, as each playing does once; without one it is the whole."""
    return not asked or asked.replace(" ", "").startswith("bytes=0-")


def place_to_hear(site: Site, person: Person, call_id: str) -> Place:
    """Where the call's recording lies.

    Raises Refusal 404 when it is gone, was never there, or is somebody else's; 403 for a person from whom numbers and
    names are hidden: they would be heard.
    """
    refuse_foreign_call(person, read_manager(site, call_id))
    if is_masked(site, person):
        raise Refusal(403, "masked_sound")
    places = places_of(site, call_id)
    place = find_recording(places)
    if place is None:
        is_removed = any(item.removed_days is not None for item in places)
        raise Refusal(404, "recording_removed" if is_removed else "recording_missing" if places else "no_recording")
    return place


def read_manager(site: Site, call_id: str) -> str | None:
    """Whose call it is; None where nobody is named, or there is no such call."""
    if not site.store.path.exists():
        return None
    with site.store.reading() as con:
        call = read_facts(con, call_id, site.records.rows)
    return call.manager if call else None


def places_of(site: Site, call_id: str) -> tuple[Place, ...]:
    """Where the store knows the call's recording; empty also without a store."""
    if not site.store.path.exists():
        return ()
    with site.store.reading() as con:
        return read_places(con, call_id, site.records.rows)
