"""The outline of a call's sound, from which the player draws a wave per role."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse, Response

from pipeline.records import AnalysedDialogue
from pipeline.store import Store
from pipeline.store.dialogues import read_current_keys
from pipeline.store.results import read_results
from review.access import may
from review.desk.people import Person
from review.pages.audio import place_to_hear
from review.peaks import lanes_of
from review.site import ThisSite

router = APIRouter()


@router.get("/calls/{call_id}/peaks")
def show_peaks(call_id: str, site: ThisSite, person: Annotated[Person, Depends(may("hear"))]) -> Response:
    """The lanes of the wave as JSON; who may not hear the call does not see its outline either."""
    place = place_to_hear(site.store, person, call_id)
    outline = site.outlines.outline(place.content_sha256, site.recordings.playable(place))
    lanes = lanes_of(outline, read_dialogue(site.store, place.content_sha256))
    return JSONResponse({"duration_s": outline.duration_s, "lanes": [asdict(lane) for lane in lanes]})


def read_dialogue(store: Store, content_sha256: str) -> AnalysedDialogue | None:
    """The newest dialogue of the recording; None while there is none."""
    with store.reading() as con:
        keys = tuple(read_current_keys(con, [content_sha256]).items())
        found = read_results(con, "dialogue", keys)
    record = found.get(keys[0]) if keys else None
    return record if isinstance(record, AnalysedDialogue) else None
