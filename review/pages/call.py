"""One call: the sound and the words, and beside them what the machine suggests and what people answer."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote, urlencode

import duckdb
from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from pipeline.errors import InputError, StoreError
from pipeline.records import Call
from pipeline.store.show import find_call
from review.access import may, refuse_foreign_call
from review.desk.audit import record
from review.desk.drafts import open_drafts
from review.desk.people import Person
from review.desk_work import is_masked
from review.masked import masked_page
from review.pages.asked_evaluation import AskedEvaluation, keep_asked
from review.pages.call_links import Query, back_link, checklist_links, version_links
from review.pages.call_reading import (
    FoundCall,
    Judged,
    ShownEvaluation,
    choose_judged,
    read_facts,
    read_found,
    read_judged,
    read_shown,
)
from review.pages.call_view import CallPage, Sound, build_transcript
from review.pages.carried import draft_to_go_on
from review.pages.checklist_view import build_evaluation
from review.pages.review_form import Problem, ReviewForm, build_review
from review.pages.standing import SEEN, Standing, is_news, read_standing, read_undoable, show_submission
from review.reading_ahead import find_read_ahead
from review.recordings import Place, find_recording
from review.refusals import Refusal
from review.security import allow_styles, new_nonce
from review.sides import State as SwapState
from review.sides import Swap, find_swap, state_of_swap
from review.site import Site, ThisSite, address_of, kept_query

router = APIRouter()
QUICK_S = 0.1  # a reader waits no longer for a store that somebody writes, where the page is known
Reader = Annotated[Person, Depends(may("see_calls"))]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for beside the call and its evaluation. `problem`: why what was sent could not be done."""

    blind: bool = False
    beside: bool = False
    words: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class ReadPage:
    """What the store holds for the page."""

    found: FoundCall
    shown: ShownEvaluation | None
    swap: Swap | None = None


@router.get("/calls/{call_id}")
def show_call(
    request: Request,
    site: ThisSite,
    person: Reader,
    call_id: str,
    checklist: str = "",
    version: str = "",
    evaluation: str = "",
    blind: str = "",
    beside: str = "",
    words: str = "",
    problem: str = "",
) -> Response:
    """The call; a journal id or a file name leads to it too. `version` is the number of one of the checklist's.

    Looking takes no claim: the first answer does, or the queue when it hands the call out.
    """
    if not site.store.path.exists():
        raise Refusal(404, "no_such_call")
    read = read_asked(site, person, call_id, (checklist, version, evaluation), problem)
    if isinstance(read, Call):
        refuse_foreign_call(person, read.manager)
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(f"/calls/{quote(read.call_id, safe='')}{query}")
    found, shown = read.found, read.shown
    refuse_foreign_call(person, found.call.manager)
    asked = Asked(blind == "1", beside == "1", words.strip(), problem)
    page = build_page(site, person, found, shown, asked, kept_query(request), state_of_swap(read.swap, found.analysed))
    page = masked_page(page) if is_masked(site, person) else page
    seen = page.evaluation is not None or (page.review is not None and not page.review.blind)
    record(site.desk, person, SEEN, call_id, address_of(request), suggestions=seen)
    response = site.respond(request, "call.html", page)
    allow_styles(response, page.style_nonce)
    return response


def read_asked(site: Site, person: Person, name: str, asked: tuple[str, str, str], problem: str) -> ReadPage | Call:
    """From memory where the next calls lie and nothing was written since, or while somebody writes; else as stored.

    The call alone where that is another name of it. `asked` as `choose_judged` takes it. Raises Refusal 404, and
    StoreError like the store.
    """
    checklist, *others = asked
    kept = None if problem or any(others) else read_before(site, name, checklist)
    if kept is not None and site.listing.is_as_stored(site.store):
        return kept
    try:
        with site.store.reading(timeout_s=None if kept is None else QUICK_S) as con:
            call = read_named(con, site, name)
            if call.call_id != name:
                return call
            return ReadPage(*read_stored(con, site, person, call, asked, problem), swap_of(site, call))
    except StoreError:
        if kept is None:
            raise
        return kept


def read_before(site: Site, call_id: str, checklist: str) -> ReadPage | None:
    """Where it lies in memory, judged by that checklist, and nobody has swapped its sides."""
    ahead = find_read_ahead(site, call_id)
    if ahead is None or checklist not in ("", ahead.shown.judged.checklist_id):
        return None
    return ReadPage(ahead.found, ahead.shown) if swap_of(site, ahead.found.call) is None else None


def read_stored(
    con: duckdb.DuckDBPyConnection, site: Site, person: Person, call: Call, asked: tuple[str, str, str], problem: str
) -> tuple[FoundCall, ShownEvaluation | None]:
    """The call and the evaluation that is asked for, as `choose_for` takes it."""
    found = read_found(con, site.records, call)
    judged = choose_for(con, site, person, found, asked, problem)
    shown = None if judged is None else read_shown(con, site.records, judged)
    if shown is not None and shown.checklist is not None:
        evaluation = AskedEvaluation(
            call.call_id, shown.judged, shown.checklist, shown.evaluation, found.places, shown.measured
        )
        keep_asked(site, evaluation)
    return found, shown


def swap_of(site: Site, call: Call) -> Swap | None:
    return None if call.content_sha256 is None else find_swap(site.recordings.data, call.content_sha256)


def read_named(con: duckdb.DuckDBPyConnection, site: Site, name: str) -> Call:
    """The call of that id, else the one that `find_call` finds. Raises Refusal 404 when there is none."""
    call = read_facts(con, name, site.records.rows)
    if call is None:
        try:
            call = read_facts(con, find_call(con, name), site.records.rows)
        except InputError as error:
            raise Refusal(404, "no_such_call") from error
    assert call is not None
    return call


def choose_for(
    con: duckdb.DuckDBPyConnection,
    site: Site,
    person: Person,
    found: FoundCall,
    asked: tuple[str, str, str],
    problem: str,
) -> Judged | None:
    """The evaluation that the address asks for: `asked` as `choose_judged` takes it.

    An evaluation that another has replaced gives way to that one, if the person has answers to it that were not handed
    in: they go on there. Not where the page has to say what stood in the way of something.
    """
    judged = choose_judged(found.judged, *asked)
    checklist_id, evaluation_id = asked[0], asked[2]
    if not evaluation_id or problem or judged is None:
        return judged
    if judged.evaluation_id != evaluation_id:
        replaced = read_judged(con, site.records.rows, found.call.call_id, evaluation_id)
        return choose_judged(found.judged, replaced.checklist_id if replaced else checklist_id)
    if not judged.is_current and person.may("review") and open_drafts(site.desk, [evaluation_id], person):
        return choose_judged(found.judged, judged.checklist_id)
    return judged


def build_page(
    site: Site,
    person: Person,
    found: FoundCall,
    shown: ShownEvaluation | None,
    asked: Asked,
    query: Query,
    swap: SwapState,
) -> CallPage:
    """Everything that the template shows; `query`: of the address."""
    standing = standing_of(site, person, found, shown, asked)
    is_hidden = standing.asks or standing.blind
    undoable = read_undoable(site.desk, person)
    problem = problem_of(asked.problem, standing)
    own = standing.own
    return CallPage(
        call=found.call,
        status="not_scored" if shown and not shown.evaluation.scored else found.status,
        failure_codes=found.failure_codes,
        duration_s=found.duration_s,
        language=found.language,
        sound=sound_of(found.places),
        removed_days=removed_days(found.places),
        damaged=found.damaged,
        transcript=build_transcript(found.analysed, asked.words),
        analysed=found.analysed,
        evaluation=None if shown is None or is_hidden else build_evaluation(shown, standing.shown),
        checklists=() if shown is None else checklist_links(site, found.judged, shown.judged, query),
        versions=() if shown is None else version_links(found.judged, shown.judged, query),
        back=back_link(query, person),
        review=None if shown is None or not standing.asks else review_of(site, person, found, shown, standing, problem),
        problem=problem,
        standing=standing,
        may_review=person.may("review"),
        hidden=standing.blind and not standing.asks,
        last=show_submission(undoable[0]) if undoable else None,
        is_news=is_news(next(iter(undoable), None)),
        undoable=next((item for item in undoable if own and item.submission_id == own.submission_id), None),
        query=urlencode(query),
        kept=tuple((key, value) for key, value in query if key != "words"),
        looked_for=asked.words,
        style_nonce=new_nonce(),
        swap=swap,
    )


def standing_of(site: Site, person: Person, found: FoundCall, shown: ShownEvaluation | None, asked: Asked) -> Standing:
    if shown is None:
        return Standing()
    return read_standing(
        site.desk,
        person,
        found.call.call_id,
        shown.judged.evaluation_id,
        is_current=shown.judged.is_current and shown.checklist is not None,
        blind=asked.blind,
        beside=asked.beside,
    )


def review_of(
    site: Site, person: Person, found: FoundCall, shown: ShownEvaluation, standing: Standing, problem: Problem | None
) -> ReviewForm:
    assert shown.checklist is not None
    return build_review(
        found.call.call_id,
        shown.judged.evaluation_id,
        shown.checklist,
        shown.evaluation,
        draft_to_go_on(site, person, shown),
        measured=shown.measured,
        version_number=shown.judged.version_number,
        blind=standing.blind,
        known=standing.known,
        claim=standing.others_claim,
        problem=problem,
    )


def problem_of(code: str, standing: Standing) -> Problem | None:
    """What stood in the way, if it still does: an old address is no news."""
    others = [item for item in standing.submissions if item is not standing.own]
    if code == "claimed" and standing.others_claim is not None:
        return Problem(code, standing.others_claim.name)
    if code == "submitted" and others:
        return Problem(code, others[0].name)
    return Problem(code) if code in ("missing", "newer_version") else None


def sound_of(places: tuple[Place, ...]) -> Sound:
    if find_recording(places) is not None:
        return "playable"
    if removed_days(places) is not None:
        return "removed"
    return "missing" if places else "none"


def removed_days(places: tuple[Place, ...]) -> int | None:
    """After how many days retention removed the recording; None where it did not."""
    return next((place.removed_days for place in places if place.removed_days is not None), None)
