"""One run: how long its stages took, what failed and what to do about it, which calls it judged."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Annotated

import duckdb
from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from pipeline.stages import STAGES
from pipeline.store.failures import read_open_failures
from pipeline.store.lock import is_held
from pipeline.store.retrying import PERMANENT_CODES, read_mendable
from pipeline.store.rows import fetch
from review.access import may
from review.call_facts import CallFacts
from review.desk.people import Person
from review.desk_work import is_masked, read_listed, timezone_of
from review.listing_rows import read_calls, read_marks
from review.pages.nights import Run, count_of, read_runs, retry
from review.refusals import Refusal
from review.site import ThisSite

router = APIRouter()
CALLS_ON_A_PAGE = 50
SHOWN_FAILURES = 200


@dataclass(frozen=True, slots=True)
class StageTime:
    """Work of one stage; the real-time factor is seconds of work for each second of audio."""

    stage: str
    recording_count: int
    processing_s: float
    audio_s: float
    real_time_factor: float | None


@dataclass(frozen=True, slots=True)
class RunFailure:
    """`state`: open, requested (waits for the next run) or settled; `is_gone`: its recording is not there any more."""

    failure_id: str
    call_id: str | None
    file_name: str | None
    started_at: datetime | None
    manager: str | None
    stage: str
    code: str
    reason: str
    state: str
    is_gone: bool = False

    @property
    def can_retry(self) -> bool:
        return self.state == "open" and not self.is_gone and self.code not in PERMANENT_CODES


@dataclass(frozen=True, slots=True)
class NightPage:
    run: Run
    stages: tuple[StageTime, ...]
    failures: tuple[RunFailure, ...]
    calls: tuple[CallFacts, ...]
    page: int
    page_count: int
    retried: int | None
    masked: bool = False  # reasons may name a file, and its name may hold a number

    @property
    def can_retry_count(self) -> int:
        return sum(failure.can_retry for failure in self.failures)


@router.get("/nights/{run_id}")
def show_night(
    request: Request,
    site: ThisSite,
    person: Annotated[Person, Depends(may("see_nights"))],
    run_id: str,
    page: str = "1",
    retried: str = "",
) -> Response:
    """`retried`: how many failures the page has just asked to be tried again."""
    if not site.store.path.exists():
        raise Refusal(404, "no_such_run")
    is_running = is_held(site.recordings.data.run_lock)
    listed = read_listed(site).by_id
    with site.store.reading() as con:
        runs = read_runs(con, is_running, run_id=run_id)
        if not runs:
            raise Refusal(404, "no_such_run")
        page_count = max(1, -(-runs[0].judged_count // CALLS_ON_A_PAGE))
        number = min(max(count_of(page) or 1, 1), page_count)
        shown = NightPage(
            run=runs[0],
            stages=read_stages(con, run_id),
            failures=read_failures(con, run_id),
            calls=find_calls(con, run_id, number, listed, timezone_of(site)),
            page=number,
            page_count=page_count,
            retried=count_of(retried),
            masked=is_masked(site, person),
        )
    return site.respond(request, "night.html", shown)


@router.post("/nights/{run_id}/retry")
def retry_run(
    request: Request,
    site: ThisSite,
    person: Annotated[Person, Depends(may("retry"))],
    run_id: str,
    failure: Annotated[str, Form()] = "",
) -> Response:
    """One failure of the run, or without one all of them: the next run tries them again."""
    count = retry(request, site, person, run_id, failure)
    return RedirectResponse(f"/nights/{run_id}?retried={count}#failures", 303)


def read_stages(con: duckdb.DuckDBPyConnection, run_id: str) -> tuple[StageTime, ...]:
    """In the order in which a call passes them."""
    stages = [StageTime(**row) for row in fetch(con, "page_run_stages", run_id=run_id)]
    order: tuple[str, ...] = STAGES
    return tuple(sorted(stages, key=lambda item: order.index(item.stage) if item.stage in order else len(order)))


def read_failures(con: duckdb.DuckDBPyConnection, run_id: str) -> tuple[RunFailure, ...]:
    """What can be tried again comes first."""
    standing = read_open_failures(con)
    gone = {item.failure_id for item in read_mendable(con, run_id=run_id, open_failures=standing).retries().gone}
    open_ids = [item.failure_id for item in standing if item.run_id == run_id]
    rows = fetch(con, "page_run_failures", run_id=run_id, open_ids=open_ids, limit=SHOWN_FAILURES)
    return tuple(RunFailure(**row, is_gone=row["failure_id"] in gone) for row in rows)


def find_calls(
    con: duckdb.DuckDBPyConnection, run_id: str, page: int, listed: Mapping[str, CallFacts], zone: tzinfo
) -> tuple[CallFacts, ...]:
    """The calls that the run has judged, with what stands for them now; only those that are not listed are read."""
    asked = {"run_id": run_id, "limit": CALLS_ON_A_PAGE, "offset": (page - 1) * CALLS_ON_A_PAGE}
    call_ids = [row["call_id"] for row in fetch(con, "page_run_calls", **asked)]
    if unlisted := [call_id for call_id in call_ids if call_id not in listed]:
        listed = {**listed, **{call.call_id: call for call in read_calls(con, unlisted, zone, read_marks(con))}}
    return tuple(listed[call_id] for call_id in call_ids)
