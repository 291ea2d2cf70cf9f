"""The sound of a call, streamed in ranges. No part of a path comes from the request: the store says where it lies."""

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import FileResponse, Response

from pipeline.store import Store
from pipeline.store.rows import fetch
from review.access import may, refuse_foreign_call
from review.desk.people import Person
from review.recordings import Place, find_recording
from review.refusals import Refusal
from review.site import ThisSite

router = APIRouter()
Listener = Annotated[Person, Depends(may("hear"))]


@router.api_route("/calls/{call_id}/audio", methods=["GET", "HEAD"])
def play_recording(call_id: str, site: ThisSite, person: Listener) -> Response:
    """The playable copy of the call's recording, whole or the range that is asked for."""
    refuse_foreign_call(person, read_manager(site.store, call_id))
    places = read_places(site.store, call_id)
    place = find_recording(places)
    if place is None:
        raise Refusal(404, "recording_missing" if places else "no_recording")
    copy = site.recordings.playable(place)
    return FileResponse(copy, media_type="audio/ogg")


def read_manager(store: Store, call_id: str) -> str | None:
    """Whose call it is; None where nobody is named, or there is no such call."""
    if not store.path.exists():
        return None
    with store.reading() as con:
        rows = fetch(con, "manager_of_call", call_id=call_id)
    return rows[0]["manager"] if rows else None


def read_places(store: Store, call_id: str) -> tuple[Place, ...]:
    """Where the store knows the call's recording; empty for a call without one, or without a store."""
    if not store.path.exists():
        return ()
    with store.reading() as con:
        return tuple(Place(**row) for row in fetch(con, "recording_places", call_id=call_id))
