"""The runs, newest first, and an alarm when the nights do not go as they should."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Annotated, Any, Literal

import duckdb
from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from pipeline.store import Store
from pipeline.store.failures import request_retries
from pipeline.store.lock import is_held
from pipeline.store.retrying import OpenFailures, choose_retries, read_mendable
from pipeline.store.rows import fetch, utc_now
from review.access import may
from review.desk.audit import record
from review.desk.people import Person
from review.schedule import next_night
from review.site import Site, ThisSite, address_of

router = APIRouter()
RUNS_ON_A_PAGE = 30
LONGEST_COUNT = 7  # digits
OVERDUE = timedelta(hours=26)  # a night that begins at one and is two hours late is no alarm
Alarm = Literal["broken_off", "all_failed", "overdue"]
RunState = Literal["running", "finished", "broken_off"]


@dataclass(frozen=True, slots=True)
class Run:
    """One run. `planned_count`: recordings found, or calls to judge again; `done_count` None before it finished.

    `judged_count`: evaluations that it has stored so far; `audio_s`: of what it worked on.
    """

    run_id: str
    started_at: datetime | None
    finished_at: datetime | None
    is_rescore: bool
    planned_count: int | None
    done_count: int | None
    silent_count: int | None
    failed_count: int
    judged_count: int
    audio_s: float
    state: RunState = "finished"

    @property
    def kind(self) -> str:
        return "rescore" if self.is_rescore else "night"

    @property
    def wall_s(self) -> float | None:
        """How long it took; None before it finished."""
        if self.started_at is None or self.finished_at is None:
            return None
        return (self.finished_at - self.started_at).total_seconds()

    @property
    def real_time_factor(self) -> float | None:
        """Seconds of the clock for each second of audio, all workers together; None for a re-score: it hears none."""
        return self.wall_s / self.audio_s if self.wall_s is not None and self.audio_s and not self.is_rescore else None


@dataclass(frozen=True, slots=True)
class NightsPage:
    """`newest`: the newest processing of recordings, which `alarms` are about.

    `open_count`: failures that can be tried again; `gone_count`: those whose recording is not there any more.
    `next_night`: by the schedule, None without one.
    """

    runs: tuple[Run, ...] = ()
    newest: Run | None = None
    alarms: tuple[Alarm, ...] = ()
    open_count: int = 0
    gone_count: int = 0
    page: int = 1
    page_count: int = 1
    retried: int | None = None
    next_night: datetime | None = None


@router.get("/nights")
def show_nights(
    request: Request,
    site: ThisSite,
    person: Annotated[Person, Depends(may("see_nights"))],
    page: str = "1",
    retried: str = "",
) -> Response:
    """`retried`: how many failures the page has just asked to be tried again."""
    shown = NightsPage(retried=count_of(retried), next_night=next_night(utc_now()))
    if site.store.path.exists():
        is_running = is_held(site.recordings.data.run_lock)
        open_count, gone_count = find_open_counts(site, person)
        with site.store.reading() as con:
            shown = replace(
                shown,
                open_count=open_count,
                gone_count=gone_count,
                **read_nights(con, is_running, max(count_of(page) or 1, 1)),
            )
    return site.respond(request, "nights.html", shown)


def find_open_counts(site: Site, person: Person) -> tuple[int, int]:
    """How many failures can be tried again, and of how many the recording is gone: each is looked for, each time."""
    retries = find_mendable(site, person).retries()
    return len(retries.failures), len(retries.gone)


def find_mendable(site: Site, person: Person | None) -> OpenFailures:
    """As old as `review/remembered.py` says; a retry of one's own is in them at once.

    Raises StoreError like the store.
    """
    person_id = person.person_id if person else ""
    make = partial(read_open, site.store)
    return site.figures.read(site.store.path, ("open failures",), make, person_id, is_own_seen_at_once=True)


def read_open(store: Store) -> OpenFailures:
    with store.reading() as con:
        return read_mendable(con)


def read_nights(con: duckdb.DuckDBPyConnection, is_running: bool, page: int) -> dict[str, Any]:
    """What the page shows of the runs; the last page where there are not so many."""
    page_count = max(1, -(-fetch(con, "page_run_count")[0]["run_count"] // RUNS_ON_A_PAGE))
    page = min(page, page_count)
    newest = read_newest(con, is_running)
    return {
        "runs": read_runs(con, is_running, offset=(page - 1) * RUNS_ON_A_PAGE),
        "newest": newest,
        "alarms": alarms_of(newest, utc_now()),
        "page": page,
        "page_count": page_count,
    }


def count_of(text: str) -> int | None:
    """A number in an address; None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < LONGEST_COUNT else None


@router.post("/nights/retry")
def retry_all(request: Request, site: ThisSite, person: Annotated[Person, Depends(may("retry"))]) -> Response:
    """Every failure that stands open and whose recording is there: the next run tries them again."""
    count = retry(request, site, person)
    return RedirectResponse(f"/nights?retried={count}", 303)


def retry(request: Request, site: Site, person: Person, run_id: str | None = None, failure_id: str = "") -> int:
    """Asks for another attempt at what fits; returns how many failures that are. Safe to repeat."""
    if not site.store.path.exists():
        return 0
    with site.store.writing() as con:
        retries = choose_retries(con, [failure_id] if failure_id else (), run_id)
        request_retries(con, retries.failures)
    if retries.failures:
        subject = failure_id or run_id or "all"
        record(site.desk, person, "retry.requested", subject, address_of(request), count=len(retries.failures))
    return len(retries.failures)


def read_runs(
    con: duckdb.DuckDBPyConnection, is_running: bool, *, run_id: str | None = None, offset: int = 0
) -> tuple[Run, ...]:
    """The runs with their state: only the newest that has not finished can be the one that works now."""
    rows = fetch(con, "page_runs", run_id=run_id, limit=RUNS_ON_A_PAGE, offset=offset)
    unfinished = fetch(con, "page_run_unfinished")
    working = unfinished[0]["run_id"] if unfinished and is_running else None
    return tuple(Run(**row, state=state_of(row["run_id"], row["finished_at"], working)) for row in rows)


def read_newest(con: duckdb.DuckDBPyConnection, is_running: bool) -> Run | None:
    """The newest processing of recordings."""
    rows = fetch(con, "page_run_newest")
    return read_runs(con, is_running, run_id=rows[0]["run_id"])[0] if rows else None


def state_of(run_id: str, finished_at: datetime | None, working: str | None) -> RunState:
    if finished_at is not None:
        return "finished"
    return "running" if run_id == working else "broken_off"


def alarms_of(newest: Run | None, now: datetime) -> tuple[Alarm, ...]:
    """What is wrong with the nights, by the newest one."""
    if newest is None or newest.state == "running":
        return ()
    alarms: list[Alarm] = []
    if newest.state == "broken_off":
        alarms.append("broken_off")
    elif newest.failed_count and not newest.done_count and not newest.silent_count:
        alarms.append("all_failed")
    if newest.started_at is not None and now - newest.started_at > OVERDUE:
        alarms.append("overdue")
    return tuple(alarms)
