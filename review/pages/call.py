"""One call: the sound and the words, and beside them what the machine suggests."""

from typing import Literal
from urllib.parse import quote, urlencode

import duckdb
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from pipeline.errors import InputError
from pipeline.store.evaluations import read_checklist
from pipeline.store.rows import fetch
from pipeline.store.show import StoredCall, StoredEvaluation, read_call
from review.pages.call_view import CallPage, build_transcript
from review.pages.checklist_view import build_evaluation
from review.recordings import Place, find_recording
from review.refusals import Refusal
from review.site import ThisSite, kept_query

router = APIRouter()
Sound = Literal["playable", "missing", "none"]


@router.get("/calls/{call_id}")
def show_call(request: Request, site: ThisSite, call_id: str, checklist: str = "") -> Response:
    """The call; a journal id or a file name leads to it too."""
    if not site.store.path.exists():
        raise Refusal(404, "no_such_call")
    with site.store.reading() as con:
        stored = find(con, call_id)
        if stored.call.call_id != call_id:
            query = f"?{request.url.query}" if request.url.query else ""
            return RedirectResponse(f"/calls/{quote(stored.call.call_id, safe='')}{query}")
        places = tuple(Place(**row) for row in fetch(con, "recording_places", call_id=call_id))
        page = build_page(con, stored, places, checklist, back_link(request))
    return site.respond(request, "call.html", page)


def find(con: duckdb.DuckDBPyConnection, call_id: str) -> StoredCall:
    try:
        return read_call(con, call_id)
    except InputError as error:
        raise Refusal(404, "no_such_call") from error


def build_page(
    con: duckdb.DuckDBPyConnection, stored: StoredCall, places: tuple[Place, ...], checklist: str, back: str
) -> CallPage:
    """Everything that the template shows; `checklist` names one of several evaluations, else the newest is shown."""
    chosen = choose_evaluation(stored.evaluations, checklist)
    return CallPage(
        call=stored.call,
        status=stored.status,
        failure_codes=tuple(dict.fromkeys(failure.code for failure in stored.failures)),
        duration_s=duration_of(stored),
        language=language_of(stored),
        sound=sound_of(places),
        transcript=build_transcript(stored.analysed),
        analysed=stored.analysed,
        evaluation=None
        if chosen is None
        else build_evaluation(
            chosen, read_checklist(con, chosen.evaluation.checklist_id, chosen.evaluation.checklist_version)
        ),
        checklists=tuple(item.evaluation.checklist_id for item in stored.evaluations),
        back=back,
    )


def choose_evaluation(evaluations: tuple[StoredEvaluation, ...], checklist: str) -> StoredEvaluation | None:
    named = [item for item in evaluations if item.evaluation.checklist_id == checklist]
    return next(iter((*named, *evaluations)), None)


def duration_of(stored: StoredCall) -> float | None:
    """Of the audio, else as the journal says."""
    return stored.transcription.audio.duration_s if stored.transcription else stored.call.duration_s


def language_of(stored: StoredCall) -> str | None:
    if stored.analysed is not None:
        return stored.analysed.dialogue.language
    return stored.transcription.language if stored.transcription else None


def sound_of(places: tuple[Place, ...]) -> Sound:
    if find_recording(places) is not None:
        return "playable"
    return "missing" if places else "none"


def back_link(request: Request) -> str:
    """The list that the reader came from, with its filters."""
    kept = [(key, value) for key, value in kept_query(request) if key != "checklist"]
    return f"/?{urlencode(kept)}" if kept else "/"
