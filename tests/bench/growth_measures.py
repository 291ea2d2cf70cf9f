"""One store of some size: how long its pages, its queries, a night's calls and publishing take.

`python -m tests.bench.growth_measures FOLDER` measures the store in that data folder, adds the calls of a night to it
and prints what it measured as JSON. A process of its own, so that its memory is that of one page server.
"""

import json
import resource
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

from fastapi import FastAPI
from fastapi.testclient import TestClient

from flows.batch import store_shard
from flows.shards import ShardResult
from pipeline.checklist import Checklist, load_checklist
from pipeline.data_folder import DataFolder
from pipeline.processing import CallResult
from pipeline.settings import load_settings
from pipeline.store import Store
from pipeline.store.calls import read_known_files, register_recordings
from pipeline.store.evaluations import write_checklist
from pipeline.store.publish import publish
from pipeline.store.rows import utc_now
from pipeline.store.runs import write_run_event
from review.app import create_app
from review.desk_work import timezone_of
from review.pages.checklist_choice import choose_checklist
from review.pages.checklists import find_counts
from review.pages.nights import find_mendable
from review.pages.team_figures import find_team
from review.pages.trust_view import find_trust
from review.remembered import OLD_S
from review.site import Site
from tests.bench.page_store import SPAN, MadeCall, make_calls
from tests.pages.people import logged_in

NIGHT, SHARD = 100, 10  # calls
RUN = "bench-night"
INBOX = 1000  # files that lie before a run, delivered on earlier nights
FIRST_NUMBER = 20_000_000  # of a night's calls: far from those of any store
OPENINGS = 20
PASSED_OVER = 300  # calls
READY = "the page server is ready"
READY_WITHIN_S = 600.0
BEHIND = "behind the pages"
A_WORD = "полчаса"  # said in some dialogues of the corpus


@dataclass(frozen=True)
class Timed:
    """`cpu_s`: of all threads of the process; a busy machine makes `wall_s` longer, and this hardly."""

    name: str
    wall_s: float
    cpu_s: float


def timed(name: str, work: Callable[[], object]) -> Timed:
    wall_s, cpu_s = time.perf_counter(), time.process_time()
    work()
    return Timed(name, time.perf_counter() - wall_s, time.process_time() - cpu_s)


def usual(name: str, work: Callable[[], object], times: int) -> Timed:
    """The go that took the median time."""
    return sorted((timed(name, work) for _ in range(times)), key=lambda item: item.wall_s)[times // 2]


def open_and_close(store: Store, *, writing: bool) -> None:
    with store.writing(checkpoint=False) if writing else store.reading() as con:
        con.execute("SELECT 1").fetchall()


def failed_call(store: Store) -> str:
    """The id of one that nothing has judged."""
    sql = "SELECT call_id FROM base.recordings SEMI JOIN base.failures USING (content_sha256) LIMIT 1"
    with store.reading() as con:
        ((call_id,),) = con.execute(sql).fetchall()
    return str(call_id)


def journal_number(store: Store, call_id: str) -> str:
    sql = "SELECT journal_call_id FROM base.call_facts WHERE call_id = $call_id LIMIT 1"
    with store.reading() as con:
        ((number,),) = con.execute(sql, {"call_id": call_id}).fetchall()
    return str(number)


def newest_call(store: Store) -> tuple[str, str]:
    """The id of a call that has everything, and its manager: behind those that are read before somebody takes them."""
    sql = "SELECT call_id, manager FROM base.call_facts SEMI JOIN (FROM base.recordings SEMI JOIN base.evaluations "
    sql += "USING (content_sha256) SEMI JOIN (FROM base.stage_results WHERE payload IS NOT NULL) AS whole "
    sql += "USING (content_sha256)) AS judged USING (call_id)"
    with store.reading() as con:
        rows = con.execute(f"{sql} ORDER BY started_at DESC LIMIT {PASSED_OVER}").fetchall()
    call_id, manager = rows[-1]
    return str(call_id), str(manager)


def pages_of(store: Store) -> dict[str, str]:
    """What people open, by its name in the table."""
    call_id, manager = newest_call(store)
    return {
        "queue": "/",
        "list of calls": "/calls",
        "list, one manager's": f"/calls?manager={manager}",
        "list, with a word": f"/calls?words={A_WORD}",
        "call": f"/calls/{call_id}",
        "call, by its number in the journal": f"/calls/{quote(journal_number(store, call_id), safe='')}",
        "call that failed": f"/calls/{failed_call(store)}",
        "managers, a month": "/managers?period=month",
        "one manager": f"/managers/{manager}",
        "trust": "/trust",
        "nights": "/nights",
        "one night": f"/nights/{RUN}",
        "checklists": "/checklists",
        "re-score, its form": "/rescores",
        "re-score, its count": "/rescores?checklist=cqr@1",
        "audit": "/audit",
    }


def open_pages(browser: TestClient, pages: Mapping[str, str], when: str) -> Iterator[Timed]:
    for name, address in pages.items():
        yield timed(f"{name}, {when}", lambda address=address: look(browser, address))  # type: ignore[misc]


def look(browser: TestClient, address: str) -> None:
    """Raises HTTPStatusError where the page does not open: one that fails quickly is not quick."""
    browser.get(address).raise_for_status()


def newest_files(store: Store) -> list[Path]:
    """An inbox: the files that were delivered last."""
    with store.reading() as con:
        rows = con.execute("SELECT path FROM base.deliveries ORDER BY rowid DESC LIMIT $count", {"count": INBOX})
        return [Path(path) for (path,) in rows.fetchall()]


def known_files(store: Store, inbox: list[Path]) -> None:
    """As a run asks before it reads any of the files that it found."""
    with store.reading() as con:
        read_known_files(con, inbox)


def make_night(first_number: int) -> list[MadeCall]:
    """The calls of one night: all of the last day, and not of eight weeks as the others are."""
    made = []
    for item in make_calls(range(first_number, first_number + NIGHT)):
        call = item.delivery.call
        assert call.started_at is not None
        started_at = utc_now() - (utc_now() - call.started_at) * (timedelta(days=1) / SPAN)
        made.append(replace(item, delivery=replace(item.delivery, call=replace(call, started_at=started_at))))
    return made


def store_night(store: Store, made: list[MadeCall]) -> None:
    """As a run stores them, shard by shard."""
    with store.writing() as con:
        register_recordings(con, [item.delivery for item in made])
    for first in range(0, len(made), SHARD):
        calls = tuple(
            CallResult(item.delivery.recording.content_sha256, item.results) for item in made[first : first + SHARD]
        )
        store_shard(store, ShardResult(first // SHARD, calls, 0.0), RUN)


def resident_mb() -> float:
    """The largest so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def add_checklist_version(store: Store) -> None:
    """As a run does that finds its checklist changed."""
    today = load_checklist("cqr")
    changed = Checklist.model_validate(today.model_dump() | {"threshold": today.threshold + 1})
    with store.writing() as con:
        write_checklist(con, changed)


def add_runs(store: Store) -> None:
    """A run for every run id of the store, so that the page of nights has something to show."""
    with store.writing() as con:
        for (run_id,) in con.execute("SELECT DISTINCT run_id FROM base.stage_results").fetchall():
            write_run_event(con, run_id, "started", {"recordings": NIGHT})
            write_run_event(con, run_id, "finished", {"done": NIGHT})


def wait_until_ready(app: FastAPI) -> None:
    """Until the threads beside the pages have read the list of calls and the figures that people open first."""
    ready: threading.Event = app.state.figures_are_ready
    if not ready.wait(READY_WITHIN_S):
        raise TimeoutError(f"the page server was not ready within {READY_WITHIN_S:.0f} s")


def behind_the_pages(site: Site) -> Iterator[Timed]:
    """How long the threads beside the pages take for what is shown meanwhile as it was; here nobody else works."""
    zone, choice = timezone_of(site), choose_checklist(site, "")
    site.figures.forget()
    yield timed(f"{BEHIND}: managers, a month", lambda: find_team(site, None, choice, ("", "", ""), zone))
    yield timed(f"{BEHIND}: trust", lambda: find_trust(site, None, choice.checklist_id))
    yield timed(f"{BEHIND}: checklists", lambda: find_counts(site, None))
    yield timed(f"{BEHIND}: open failures", lambda: find_mendable(site, None))
    yield timed(f"{BEHIND}: queue after a night", lambda: site.listing.refresh(site.store, zone, site.settings.review))


def measure_store(data: DataFolder, waited_s: float) -> Iterator[Timed]:
    """Everything, in the order in which a day would do it; the store has five nights more in the end.

    `waited_s`: after a night, before the pages are opened.
    """
    store, settings = Store(data.store), load_settings()
    open_and_close(store, writing=True)  # folds in what was written when the store was made
    yield usual("open to read", lambda: open_and_close(store, writing=False), OPENINGS)
    yield usual("open to write", lambda: open_and_close(store, writing=True), OPENINGS)
    nights = [make_night(FIRST_NUMBER + NIGHT * place) for place in range(5)]
    inbox = newest_files(store)
    yield timed(f"a night: which of {INBOX:,} files are known", lambda: known_files(store, inbox))
    yield timed(f"a night: storing {NIGHT} calls", lambda: store_night(store, nights[0]))
    add_runs(store)
    pages = pages_of(store)
    app = create_app(data, settings)
    site: Site = app.state.site
    started_s, started_cpu_s = time.perf_counter(), time.process_time()
    with logged_in(app) as browser:
        wait_until_ready(app)
        yield Timed(READY, time.perf_counter() - started_s, time.process_time() - started_cpu_s)
        yield from open_pages(browser, pages, "first")
        yield from open_pages(browser, pages, "again")
        store_night(store, nights[1])
        time.sleep(waited_s)
        yield from open_pages(browser, pages, "after the night")
    store_night(store, nights[2])
    yield from behind_the_pages(site)
    yield timed("publish, first", lambda: publish(store, data.published))
    store_night(store, nights[3])
    yield timed(f"publish, again: {NIGHT} calls more", lambda: publish(store, data.published))
    add_checklist_version(store)
    store_night(store, nights[4])
    yield timed(f"publish, a new checklist version, {NIGHT} calls more", lambda: publish(store, data.published))


def main(folder: Path, waited_s: float = OLD_S + 1) -> None:
    """By default figures of before a night are so old then that they are worked out anew while the pages open."""
    data = DataFolder(folder)
    found = [asdict(item) for item in measure_store(data, waited_s)]
    sizes = {"store_mb": data.store.stat().st_size / 1e6, "memory_mb": resident_mb()}
    print(json.dumps({"timed": found, **sizes}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(float, sys.argv[2:]))
