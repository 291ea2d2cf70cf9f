"""The sound of a call, streamed in ranges. No part of a path comes from the request: the store says where it lies."""

from fastapi import APIRouter
from fastapi.responses import FileResponse, Response

from pipeline.store import Store
from pipeline.store.rows import fetch
from review.recordings import Place, find_recording
from review.refusals import Refusal
from review.site import ThisSite

router = APIRouter()


@router.api_route("/calls/{call_id}/audio", methods=["GET", "HEAD"])
def play_recording(call_id: str, site: ThisSite) -> Response:
    """The playable copy of the call's recording, whole or the range that is asked for."""
    places = read_places(site.store, call_id)
    place = find_recording(places)
    if place is None:
        raise Refusal(404, "recording_missing" if places else "no_recording")
    copy = site.recordings.playable(place)
    return FileResponse(copy, media_type="audio/ogg")


def read_places(store: Store, call_id: str) -> tuple[Place, ...]:
    """Where the store knows the call's recording; empty for a call without one, or without a store."""
    if not store.path.exists():
        return ()
    with store.reading() as con:
        return tuple(Place(**row) for row in fetch(con, "recording_places", call_id=call_id))
