"""One store of some size: how long its pages, its queries, a night's calls and publishing take.

`python -m tests.bench.growth_measures FOLDER` measures the store in that data folder, adds the calls of a night to it
and prints what it measured as JSON. A process of its own, so that its memory is that of one page server.
"""

import json
import resource
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from fastapi.testclient import TestClient

from flows.batch import store_shard
from flows.shards import ShardResult
from pipeline.data_folder import DataFolder
from pipeline.processing import CallResult
from pipeline.settings import load_settings
from pipeline.store import Store
from pipeline.store.calls import read_known_files, register_recordings
from pipeline.store.publish import publish
from review.app import create_app
from tests.bench.page_store import MadeCall, make_calls
from tests.pages.people import logged_in

NIGHT, SHARD = 100, 10  # calls
FIRST_NUMBER = 20_000_000  # of a night's calls: far from those of any store
OPENINGS = 20
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


def newest_call(store: Store) -> tuple[str, str]:
    """The id of a call that has everything, and its manager."""
    sql = "SELECT call_id, manager FROM base.call_facts SEMI JOIN base.recordings USING (call_id)"
    sql += " SEMI JOIN (FROM base.evaluations JOIN base.recordings USING (content_sha256)) AS judged USING (call_id)"
    with store.reading() as con:
        row = con.execute(f"{sql} ORDER BY started_at DESC LIMIT 1").fetchone()
    assert row is not None
    return str(row[0]), str(row[1])


def pages_of(call_id: str, manager: str) -> dict[str, str]:
    """What people open, by its name in the table."""
    return {
        "queue": "/",
        "list of calls": "/calls",
        "list, one manager's": f"/calls?manager={manager}",
        "list, with a word": f"/calls?words={A_WORD}",
        "call": f"/calls/{call_id}",
        "managers, a month": "/managers?period=month",
        "one manager": f"/managers/{manager}",
        "trust": "/trust",
        "nights": "/nights",
        "checklists": "/checklists",
    }


def open_pages(browser: TestClient, pages: Mapping[str, str], when: str) -> Iterator[Timed]:
    for name, address in pages.items():
        yield timed(f"{name}, {when}", lambda address=address: look(browser, address))  # type: ignore[misc]


def look(browser: TestClient, address: str) -> None:
    """Raises HTTPStatusError where the page does not open: one that fails quickly is not quick."""
    browser.get(address).raise_for_status()


def known_files(store: Store) -> None:
    """As a run asks before it looks at any file."""
    with store.reading() as con:
        read_known_files(con)


def store_night(store: Store, made: list[MadeCall]) -> None:
    """As a run stores them, shard by shard."""
    with store.writing() as con:
        register_recordings(con, [item.delivery for item in made])
    for first in range(0, len(made), SHARD):
        calls = tuple(
            CallResult(item.delivery.recording.content_sha256, item.results) for item in made[first : first + SHARD]
        )
        store_shard(store, ShardResult(first // SHARD, calls, 0.0), "bench-night")


def resident_mb() -> float:
    """The largest so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure_store(data: DataFolder) -> Iterator[Timed]:
    """Everything, in the order in which a day would do it; the store has a night more in the end."""
    store, settings = Store(data.store), load_settings()
    open_and_close(store, writing=True)  # folds in what was written when the store was made
    yield usual("open to read", lambda: open_and_close(store, writing=False), OPENINGS)
    yield usual("open to write", lambda: open_and_close(store, writing=True), OPENINGS)
    pages = pages_of(*newest_call(store))
    app = create_app(data, settings)
    browser = logged_in(app)
    yield from open_pages(browser, pages, "first")
    yield from open_pages(browser, pages, "again")
    made = list(make_calls(range(FIRST_NUMBER, FIRST_NUMBER + NIGHT)))
    yield timed("a night: which files are known", lambda: known_files(store))
    yield timed(f"a night: storing {NIGHT} calls", lambda: store_night(store, made))
    app.state.site.figures.forget()  # else it shows figures of before the night for half a minute
    yield from open_pages(browser, pages, "after the night")
    yield timed("publish, first", lambda: publish(store, data.published))
    with store.writing() as con:
        con.execute("INSERT INTO base.retries VALUES ('bench', now()::TIMESTAMP)")
    yield timed("publish, again", lambda: publish(store, data.published))


def main(folder: Path) -> None:
    data = DataFolder(folder)
    found = [asdict(item) for item in measure_store(data)]
    sizes = {"store_mb": data.store.stat().st_size / 1e6, "memory_mb": resident_mb()}
    print(json.dumps({"timed": found, **sizes}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
