"""Calls: the list, and everything that is known of one of them."""

from typing import Annotated

import duckdb
from fastapi import APIRouter, Depends, Query, Request
from pydantic import Field

from pipeline.errors import InputError
from pipeline.frozen import Frozen
from pipeline.records import Call
from pipeline.store.show import find_call
from review.access import may, refuse_foreign_call
from review.api.asked import PagedQuery, usable_filters
from review.api.call_details import CallDetails, Shown, details_of
from review.api.problems import ProblemRoute, may_answer
from review.api.schemas import CallSummary, Told, summary_of
from review.desk.audit import record
from review.desk.claims import standing_claims
from review.desk.people import Person, read_people
from review.desk_work import is_masked, read_fitting, read_listed
from review.kept_records import KeptRecords
from review.masked import read_lines
from review.pages.call import Asked, sound_of, standing_of
from review.pages.call_list import own_calls
from review.pages.call_reading import FoundCall, Judged, choose_judged, read_facts, read_found, read_shown
from review.pages.call_rows import RowMaker
from review.pages.standing import SEEN
from review.refusals import Refusal
from review.site import ThisSite, address_of

router = APIRouter(route_class=ProblemRoute, tags=["calls"])
Reader = Annotated[Person, Depends(may("see_calls"))]


class CallList(Told):
    """A part of the list, the newest first."""

    total: int = Field(description="How many fit the filters.", examples=[1043])
    calls: list[CallSummary] = Field(description="Those between `offset` and `offset + limit`.")


class CallQuery(Frozen):
    """What of the call is told, and by which checklist."""

    transcript: bool = Field(False, description="Whether its words are told, for those who may see them.")
    checklist: str = Field("", max_length=200, description="By which checklist; else by the default one.")
    version: int | None = Field(None, ge=1, description="By which version of it; else by the newest that judged it.")
    evaluation: str = Field("", max_length=200, description="An `evaluation_id` instead of the two.")


@router.get("/calls", summary="List calls", responses=may_answer(422))
def list_calls(request: Request, site: ThisSite, person: Reader, asked: Annotated[PagedQuery, Query()]) -> CallList:
    """All calls that fit, the newest first. A manager gets their own and nothing of others."""
    filters = usable_filters(site, person, asked)
    listed = own_calls(read_listed(site, filters), person)
    calls = read_fitting(site, person, listed, filters, listed.checklist(filters.checklist))
    names = {item.login: item.name for item in read_people(site.desk)}
    maker = RowMaker(person, names, standing_claims(site.desk), filters.checklist, "")
    shown = [summary_of(maker.row(call), request, filters.checklist) for call in calls[asked.rows]]
    return CallList(total=len(calls), calls=shown)


@router.get("/calls/{call_id}", summary="Show a call", responses=may_answer(404, 422))
def tell_call(
    request: Request, site: ThisSite, person: Reader, call_id: str, asked: Annotated[CallQuery, Query()]
) -> CallDetails:
    """One call with its score, and each criterion with suggestion, verdicts and evidence. The audit log notes it.

    `call_id` may also be the whole id of the call in the journal of the telephone system. Who works blind is told no
    suggestion and nobody's verdict until they have submitted. Who sees masked transcripts is told numbers, names and
    addresses as hidden.
    """
    if not site.store.path.exists():
        raise Refusal(404, "no_such_call")
    with site.store.reading() as con:
        found = find_exactly(con, site.records, person, call_id)
        judged = choose(found, asked)
        shown = None if judged is None else read_shown(con, site.records, judged)
    standing = standing_of(site, person, found, shown, Asked())
    record(
        site.desk, person, SEEN, found.call.call_id, address_of(request),
        suggestions=shown is not None and not standing.blind, transcript=asked.transcript, via="api",
    )  # fmt: skip
    masked = read_lines(found.analysed) if is_masked(site, person) else None
    told = Shown(found, shown, standing, sound_of(found.places), site.words(request), masked)
    return details_of(told, request, person, with_transcript=asked.transcript)


def find_exactly(con: duckdb.DuckDBPyConnection, records: KeptRecords, person: Person, name: str) -> FoundCall:
    """By its call id or journal id. A beginning is no name here: a program would take another call for the asked one.

    Raises Refusal 404 when there is none, several have that journal id, or it is somebody else's.
    """
    call = read_facts(con, name, records.rows) or journalled(con, records, name)
    if call is None or name not in (call.call_id, call.journal_call_id):
        raise Refusal(404, "no_such_call")
    refuse_foreign_call(person, call.manager)
    return read_found(con, records, call)


def journalled(con: duckdb.DuckDBPyConnection, records: KeptRecords, name: str) -> Call | None:
    try:
        return read_facts(con, find_call(con, name), records.rows)
    except InputError:
        return None


def choose(found: FoundCall, asked: CallQuery) -> Judged | None:
    """Raises Refusal 404 for a checklist, version or evaluation that has not judged the call."""
    version = "" if asked.version is None else str(asked.version)
    judged = choose_judged(found.judged, asked.checklist, version, asked.evaluation) if found.judged else None
    wanted = (asked.checklist, version, asked.evaluation)
    given = (judged.checklist_id, str(judged.version_number), judged.evaluation_id) if judged else ("", "", "")
    if any(want and want != got for want, got in zip(wanted, given, strict=True)):
        raise Refusal(404, "no_such_evaluation")
    return judged
