"""One call: the sound and the words, and beside them what the machine suggests."""

from collections.abc import Sequence
from typing import Annotated, Literal
from urllib.parse import quote, urlencode

import duckdb
from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from pipeline.errors import InputError
from pipeline.store.evaluations import read_checklist
from pipeline.store.rows import fetch
from pipeline.store.show import StoredCall, read_call, read_evaluation
from pipeline.store.versions import JudgedVersion
from review.access import may, refuse_foreign_call
from review.desk.people import Person
from review.pages.call_view import CallPage, ChecklistLink, VersionLink, build_transcript
from review.pages.checklist_view import build_evaluation
from review.recordings import Place, find_recording
from review.refusals import Refusal
from review.site import ThisSite, kept_query

router = APIRouter()
Reader = Annotated[Person, Depends(may("see_calls"))]
Sound = Literal["playable", "missing", "none"]
CHECKLIST, VERSION = "checklist", "version"  # in the address


@router.get("/calls/{call_id}")
def show_call(
    request: Request, site: ThisSite, person: Reader, call_id: str, checklist: str = "", version: str = ""
) -> Response:
    """The call; a journal id or a file name leads to it too. `version` is the number of one of the checklist's."""
    if not site.store.path.exists():
        raise Refusal(404, "no_such_call")
    with site.store.reading() as con:
        stored = find(con, call_id)
        refuse_foreign_call(person, stored.call.manager)
        if stored.call.call_id != call_id:
            query = f"?{request.url.query}" if request.url.query else ""
            return RedirectResponse(f"/calls/{quote(stored.call.call_id, safe='')}{query}")
        places = tuple(Place(**row) for row in fetch(con, "recording_places", call_id=call_id))
        shown = choose_shown(stored.versions, checklist, version)
        page = build_page(con, stored, places, shown, kept_query(request))
    return site.respond(request, "call.html", page)


def find(con: duckdb.DuckDBPyConnection, call_id: str) -> StoredCall:
    try:
        return read_call(con, call_id)
    except InputError as error:
        raise Refusal(404, "no_such_call") from error


def build_page(
    con: duckdb.DuckDBPyConnection,
    stored: StoredCall,
    places: tuple[Place, ...],
    shown: JudgedVersion | None,
    query: Sequence[tuple[str, str]],
) -> CallPage:
    """Everything that the template shows, with the evaluation by the version `shown`; `query`: of the address."""
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
        if shown is None
        else build_evaluation(
            read_evaluation(con, shown), read_checklist(con, shown.checklist_id, shown.checklist_version)
        ),
        checklists=() if shown is None else checklist_links(stored.versions, shown, query),
        versions=() if shown is None else version_links(stored.versions, shown, query),
        back=back_link(query),
    )


def choose_shown(versions: Sequence[JudgedVersion], checklist: str, version: str) -> JudgedVersion | None:
    """What the address asks for; the nearest to it that there is, rather than nothing: an old link may lead here."""
    of_checklist = [item for item in versions if item.checklist_id == checklist] or [
        item for item in versions if item.checklist_id == versions[0].checklist_id
    ]
    named = [item for item in of_checklist if str(item.version_number) == version]
    return next(iter((*named, *(item for item in of_checklist if item.is_current))), None)


def checklist_links(
    versions: Sequence[JudgedVersion], shown: JudgedVersion, query: Sequence[tuple[str, str]]
) -> tuple[ChecklistLink, ...]:
    """The checklists that have judged the call, the default one first."""
    return tuple(
        ChecklistLink(item.checklist_id, address(query, item.checklist_id), item.checklist_id == shown.checklist_id)
        for item in versions
        if item.is_current
    )


def version_links(
    versions: Sequence[JudgedVersion], shown: JudgedVersion, query: Sequence[tuple[str, str]]
) -> tuple[VersionLink, ...]:
    """The versions of the shown checklist that have judged the call, the current one first."""
    return tuple(
        VersionLink(
            number=item.version_number,
            address=address(query, item.checklist_id, None if item.is_current else item.version_number),
            is_current=item.is_current,
            is_shown=item == shown,
            verdict_count=item.verdict_count,
        )
        for item in versions
        if item.checklist_id == shown.checklist_id and item.version_number is not None
    )


def address(query: Sequence[tuple[str, str]], checklist_id: str, version_number: int | None = None) -> str:
    """This page by another checklist or version, with the filters of the list that the reader came from."""
    kept = [(key, value) for key, value in query if key not in (CHECKLIST, VERSION)]
    version = [] if version_number is None else [(VERSION, str(version_number))]
    return "?" + urlencode([*kept, (CHECKLIST, checklist_id), *version])


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


def back_link(query: Sequence[tuple[str, str]]) -> str:
    """The list that the reader came from, with its filters."""
    kept = [(key, value) for key, value in query if key != VERSION]
    return f"/?{urlencode(kept)}" if kept else "/"
