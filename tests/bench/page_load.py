"""The page under load: ten supervisors, a night that writes, two readers, one DuckDB file: `make bench-page`.

The server is `prescore review`, a process of its own. In the end each acknowledged verdict is looked for in the store.
"""

import argparse
import contextlib
import os
import platform
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import httpx

from pipeline.data_folder import DataFolder
from pipeline.settings import load_settings
from pipeline.store import Store
from pipeline.store.publish import SNAPSHOT, publish
from review.desk.applying import apply_waiting
from review.desk.database import Desk
from review.desk.people import Person, add_person
from review.desk.tokens import create_token
from tests.bench.page_night import EVERY_S, SHARD
from tests.bench.page_proof import Proof, prove
from tests.bench.page_store import build_store
from tests.bench.page_supervisor import PASSWORD, THINK_S, Click, Supervisor
from tests.bench.pages import write_section

CALLS, SUPERVISORS, HEADS, SECONDS = 5_000, 8, 2, 240.0
HEADING = "## The page under load"
READER_EVERY_S = 5.0
LIMIT_S, AIM = 0.2, 0.95
TICK_S = 1 / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Loaded:
    """What was measured. `busy`: share of all cores that any process of the machine used; `server_cpu_s`: of ours."""

    clicks: tuple[Click, ...]
    seconds: float
    night_calls: int
    server_cpu_s: float
    server_mb: float
    busy: float
    proof: Proof
    reads: Counter[str]
    store_mb: float


@contextlib.contextmanager
def serving(data: DataFolder, log: Path) -> Iterator[tuple[str, int]]:
    """The real server's address and process id, once it answers."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [str(Path(sys.executable).with_name("prescore")), "--data", str(data.root), "review", "--port", str(port)]
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"{address}/log-in").is_success:
                    break
            time.sleep(0.1)
        yield address, process.pid
    finally:
        process.terminate()
        process.wait(30)


def add_people(data: DataFolder) -> tuple[list[tuple[str, bool]], str]:
    """Everybody's login and whether they are a head; and a token for the reader of the queue."""
    desk = Desk(data.desk)
    people = [(f"supervisor-{number}", False) for number in range(SUPERVISORS)]
    people += [(f"head-{number}", True) for number in range(HEADS)]
    for login, is_head in people:
        person = add_person(desk, Person("", login, login.title(), "head" if is_head else "supervisor"), PASSWORD)
    return people, create_token(desk, person, "bench")


def read_snapshot(data: DataFolder, stop: threading.Event, reads: Counter[str]) -> None:
    """What the data team does: the published file, opened anew each time."""
    sql = "SELECT manager, date_trunc('week', started_at) AS week, avg(cqr), count(*) FROM main.calls GROUP BY ALL"
    while not stop.wait(READER_EVERY_S):
        with duckdb.connect(str(data.published / SNAPSHOT), read_only=True) as con:
            rows = con.execute(sql).fetchall()
        reads["snapshot" if rows else "snapshot, empty"] += 1


def read_queue(address: str, token: str, stop: threading.Event, reads: Counter[str]) -> None:
    """What a CRM does."""
    with httpx.Client(base_url=address, headers={"authorization": f"Bearer {token}"}, timeout=60) as client:
        while not stop.wait(READER_EVERY_S):
            reads[f"queue {client.get('/api/v1/queue').status_code}"] += 1


def run_load(data: DataFolder, seconds: float) -> Loaded:
    people, token = add_people(data)
    publish(Store(data.store), data.published)
    stop, reads = threading.Event(), Counter[str]()
    with serving(data, data.root / "server.log") as (address, pid):
        workers = [
            Supervisor(address, login, is_head=is_head, seed=number) for number, (login, is_head) in enumerate(people)
        ]
        threads = [
            threading.Thread(target=worker.work, args=(stop, 0.3 * number)) for number, worker in enumerate(workers)
        ]
        threads.append(threading.Thread(target=read_snapshot, args=(data, stop, reads)))
        threads.append(threading.Thread(target=read_queue, args=(address, token, stop, reads)))
        with contextlib.ExitStack() as stack:
            night = stack.enter_context(night_beside(data, seconds * 0.8))
            before_s, machine_s = cpu_s(pid), machine_busy_s()
            started_s = time.monotonic()
            for thread in threads:
                thread.start()
            time.sleep(seconds)
            stop.set()
            for thread in threads:
                thread.join()
            took_s = time.monotonic() - started_s
            busy = (machine_busy_s() - machine_s) / took_s / (os.cpu_count() or 1)
            used_s, memory_mb = cpu_s(pid) - before_s, resident_mb(pid)
            output, _ = night.communicate()
    store = Store(data.store)
    apply_waiting(Desk(data.desk), store)
    return Loaded(
        clicks=tuple(click for worker in workers for click in worker.day.clicks),
        seconds=took_s,
        night_calls=int(output or 0),
        server_cpu_s=used_s,
        server_mb=memory_mb,
        busy=busy,
        proof=prove(store, [worker.day for worker in workers]),
        reads=reads,
        store_mb=data.store.stat().st_size / 1e6,
    )


@contextlib.contextmanager
def night_beside(data: DataFolder, seconds: float) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.bench.page_night", str(data.root), str(CALLS + 1000), str(seconds)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.wait(600)


def cpu_s(pid: int) -> float:
    """User and system time of the process so far."""
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) * TICK_S


def machine_busy_s() -> float:
    """Seconds of all cores that were not idle."""
    words = [int(word) for word in Path("/proc/stat").read_text().splitlines()[0].split()[1:]]
    return (sum(words[:8]) - words[3] - words[4]) * TICK_S


def resident_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def percentile_ms(seconds: Sequence[float], share: float) -> float:
    ordered = sorted(seconds)
    return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def row(kind: str, clicks: Sequence[Click]) -> str:
    seconds = [click.seconds for click in clicks]
    quick = sum(item < LIMIT_S for item in seconds) / len(seconds)
    figures = (1000 * statistics.median(seconds), percentile_ms(seconds, 0.95), percentile_ms(seconds, 0.99))
    return f"| {kind} | {len(clicks)} | " + " | ".join(f"{figure:.0f}" for figure in figures) + f" | {quick:.1%} |"


def render(found: Loaded) -> str:
    """The section of docs/performance.md."""
    by_kind: dict[str, list[Click]] = {}
    for click in found.clicks:
        if click.kind != "log-in":  # argon2 is slow on purpose
            by_kind.setdefault(click.kind, []).append(click)
    every = [click for clicks in by_kind.values() for click in clicks]
    kinds = sorted(by_kind.items(), key=lambda item: -len(item[1]))
    wrong = Counter(click.status for click in found.clicks if click.status >= 400)
    reads = ", ".join(f"{name}: {count}" for name, count in sorted(found.reads.items()))
    server_ms = 1000 * found.server_cpu_s / max(1, len(every))
    server_share = found.server_cpu_s / found.seconds / (os.cpu_count() or 1)
    quick = sum(click.seconds < LIMIT_S for click in every) / max(1, len(every))
    aim = "reached" if quick >= AIM else "not reached"
    intro = (
        f"Written by `make bench-page` on {datetime.now(UTC):%Y-%m-%d}: {len(os.sched_getaffinity(0))} cores "
        f"({platform.machine()}), which were {found.busy:.0%} busy with all that the machine did. "
        f"{CALLS:,} calls made from the corpus ({found.store_mb:.0f} MB at the end), {SUPERVISORS} supervisors and "
        f"{HEADS} heads who review too, each thinking {THINK_S[0]:g}-{THINK_S[1]:g} s between two clicks, for "
        f"{found.seconds:.0f} s. Beside them a night stores {SHARD} calls every {EVERY_S:g} s ({found.night_calls} "
        "in all), then publishes; one reader queries the snapshot, one asks the API for the queue. A click lasts until "
        "the page is there whole, redirects included; the recordings' sound is not in it."
    )
    server = (
        f"The server used {server_ms:.0f} ms of CPU a click, background work and readers included, and "
        f"{found.server_mb:.0f} MB; that is {server_share:.0%} of all cores, whatever else kept them busy. "
        f"The aim, {AIM:.0%} of clicks under {1000 * LIMIT_S:.0f} ms, is {aim} here. "
        f"Answers with an error: {dict(wrong) or 'none'}. Reads: {reads}."
    )
    return "\n".join(
        [
            *(HEADING, "", intro, ""),
            "| click | count | median, ms | p95, ms | p99, ms | under 200 ms |",
            "|---|---|---|---|---|---|",
            *(row(kind, clicks) for kind, clicks in kinds),
            row("**all**", every),
            "",
            server,
            "",
            found.proof.told(),
            "",
        ]
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--store", type=Path, help="a built store to copy, or where to keep the built one")
    asked = parser.parse_args()
    load_settings()
    with tempfile.TemporaryDirectory() as scratch:
        data = DataFolder(Path(scratch) / "data")
        data.prepare()
        if asked.store is None or not asked.store.exists():
            build_store(Store(data.store), CALLS)
            if asked.store is not None:
                shutil.copyfile(data.store, asked.store)
        else:
            shutil.copyfile(asked.store, data.store)
        found = run_load(data, asked.seconds)
    section = render(found)
    print(section)
    if asked.seconds == SECONDS:
        write_section(HEADING, section)
    return 0 if found.proof.holds else 1


if __name__ == "__main__":
    sys.exit(main())
