"""The outline of a call's sound, from which the player draws a wave per role."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse, Response

from review.access import may
from review.desk.people import Person
from review.pages.audio import place_to_hear
from review.pages.call_reading import read_dialogue
from review.peaks import lanes_of
from review.site import ThisSite

router = APIRouter()


@router.get("/calls/{call_id}/peaks")
def show_peaks(call_id: str, site: ThisSite, person: Annotated[Person, Depends(may("hear"))]) -> Response:
    """The lanes of the wave as JSON; who may not hear the call does not see its outline either."""
    place = place_to_hear(site, person, call_id)
    outline = site.outlines.outline(place.content_sha256, site.recordings.playable(place))
    with site.store.reading() as con:
        lanes = lanes_of(outline, read_dialogue(con, site.records, place.content_sha256))
    return JSONResponse({"duration_s": outline.duration_s, "lanes": [asdict(lane) for lane in lanes]})
