"""What several machines cost beside one: `python -m tests.bench.cluster [--calls 60] [--fakes 300]`.

The same calls locally, as the Prefect flow `nightly`, and by it over Dask, whose scheduler and workers are processes of
this machine. Its section of docs/scale.md is written unless other numbers of calls are asked.
"""

import argparse
import os
import platform
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import yaml

from flows.shards import cut_shards
from flows.workshop import REAL_MODELS
from pipeline.settings import CONFIGS, ROOT
from pipeline.store import Store
from tests.bench.cluster_services import PREFECT, SCHEDULER, WORKERS, PrefectServer, dask_cluster, prefect_server
from tests.bench.measuring import Measured, measure
from tests.bench.pages import SCALE, write_section
from tests.bench.recordings import MANY_S, cuts, samples
from tests.faults.processes import wait_until
from tests.flow_runs.conftest import FAKES
from tests.flow_runs.recordings import stereo_call
from tests.quality.tables import table

CALLS, FAKE_CALLS = 60, 300
SHARD_SIZE = 8  # as configs/pipeline.yaml has it
HEADING = "## What several machines cost"
FLOW = "the command or flow itself"
WRITTEN_S = 180.0
QUIET_S = 6.0  # Prefect's server writes what it was told at the latest after five


@dataclass(frozen=True)
class Way:
    """How a night is run: the plain command, or the flow, and that by workers of this machine or over Dask."""

    title: str
    workers: int
    is_flow: bool = True
    is_over_dask: bool = False


@dataclass(frozen=True)
class Calls:
    """Recordings of a folder, and which models hear them."""

    folder: Path
    count: int
    models: str = REAL_MODELS
    shard_size: int = SHARD_SIZE


@dataclass(frozen=True)
class Night:
    """A measured one. `services`: CPU seconds of what ran beside it, from its start until all of it was written.

    `judged`: calls with an evaluation in the store.
    """

    way: Way
    calls: int
    shards: int
    judged: int
    measured: Measured
    store_bytes: int
    prefect_bytes: int = 0
    services: Mapping[str, float] = field(default_factory=dict)

    @property
    def cpu_s(self) -> float:
        return self.measured.cpu_s + sum(self.services.values())

    def part_s(self, name: str) -> float:
        """CPU of the flow, of the workers, or of a service."""
        if name == FLOW:
            return self.measured.own_cpu_s
        beside_s = self.services.get(name, 0.0)
        return beside_s + self.measured.cpu_s - self.measured.own_cpu_s if name == WORKERS else beside_s


PARTS: Mapping[str, Callable[[Night], float]] = {
    f"{FLOW}, ms": lambda night: 1000 * night.part_s(FLOW),
    "its workers, ms": lambda night: 1000 * night.part_s(WORKERS),
    f"{SCHEDULER}, ms": lambda night: 1000 * night.part_s(SCHEDULER),
    f"{PREFECT}, ms": lambda night: 1000 * night.part_s(PREFECT),
    "store, kB": lambda night: night.store_bytes / 1000,
    "Prefect's database, kB": lambda night: night.prefect_bytes / 1000,
}  # what a call, or a shard, costs; CPU and bytes


def ways(workers: int) -> tuple[Way, ...]:
    here, each = f"{workers} workers" if workers > 1 else "one worker", "one a core"
    return (
        Way(f"`prescore run`, {here} of this machine, {each}", workers, is_flow=False),
        Way(f"the flow `nightly`, {here} of this machine", workers),
        Way(f"`nightly` over Dask, {here}", workers, is_over_dask=True),
    )


def make_fake_calls(folder: Path, number: int) -> None:
    """Tones of which only the last sample differs: so quiet that nobody hears it."""
    whole = stereo_call(folder / "fake-0.wav", 0).read_bytes()
    for place in range(1, number):
        (folder / f"fake-{place}.wav").write_bytes(whole[:-2] + place.to_bytes(2, "little"))


def configuration(path: Path, way: Way, shard_size: int, address: str | None) -> Path:
    settings = yaml.safe_load((CONFIGS / "pipeline.yaml").read_text(encoding="utf-8"))
    cluster = {"engine": "dask", "address": address, "workers": way.workers} if address else None
    settings["run"] |= {"workers": way.workers, "shard_size": shard_size, "cluster": cluster}
    path.write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
    return path


def command_of(way: Way, calls: Calls, data: Path, config: Path) -> list[str]:
    if way.is_flow:
        return [sys.executable, "-m", "tests.bench.cluster_night", str(calls.folder), str(data), str(config)]
    program = str(Path(sys.executable).with_name("prescore"))
    return [program, "--data", str(data), "--config", str(config), "run", str(calls.folder)]


def run_night(way: Way, calls: Calls, server: PrefectServer | None = None) -> Night:
    """One night in a data folder of its own, over a cluster of its own where the way needs one."""
    given = server.environment if server else os.environ
    environment = {**given, "PRESCORE_MODELS": calls.models, "PYTHONPATH": str(ROOT)}
    shards = len(cut_shards([None] * calls.count, calls.shard_size, way.workers))  # type: ignore[list-item]
    with tempfile.TemporaryDirectory() as scratch, ExitStack() as stack:
        folder, address = Path(scratch), None
        services = [server.service] if server else []
        if way.is_over_dask:
            address, cluster = stack.enter_context(dask_cluster(folder / "dask", way.workers, environment))
            services += cluster
        config = configuration(folder / "pipeline.yaml", way, calls.shard_size, address)
        completed, stored_bytes = (server.completed_shards, server.stored_bytes) if server else (0, 0)
        before_s = [service.cpu_s for service in services]
        measured = measure(
            command_of(way, calls, folder / "data", config), environment, [item.process.pid for item in services]
        )
        if server:
            wait_until_written(server, completed + shards)
        spent = {item.name: item.cpu_s - spent_s for item, spent_s in zip(services, before_s, strict=True)}
        store = Store(folder / "data" / "calls.duckdb")
        prefect_bytes = server.stored_bytes - stored_bytes if server else 0
        store_bytes = store.path.stat().st_size
        found = Night(way, calls.count, shards, judged(store), measured, store_bytes, prefect_bytes, spent)
    print(f"{way.title}, {calls.count} calls, {shards} shards: {measured.wall_s:.1f} s", file=sys.stderr, flush=True)
    return found


def wait_until_written(server: PrefectServer, shards: int) -> None:
    """What a flow tells Prefect's server is stored a while later. Raises TimeoutError where workers were lost."""
    wait_until(lambda: server.completed_shards >= shards, "every shard as a completed task of Prefect's", WRITTEN_S)
    before = -1
    while before != (now := server.stored_bytes):
        before = now
        time.sleep(QUIET_S)


def judged(store: Store) -> int:
    with store.reading() as con:
        ((count,),) = con.execute("SELECT count(*) FROM base.stage_results WHERE stage = 'evaluation'").fetchall()
    return int(count)


def check_same(nights: Sequence[Night]) -> None:
    """Raises ValueError where a night stored less than the first one: it would be quick for that."""
    for night in nights:
        if night.judged != nights[0].judged:
            raise ValueError(f"{night.way.title}: {night.judged} calls were judged, {nights[0].judged} at first")


def measure_all(calls: int, fakes: int, scratch: Path) -> tuple[list[Night], list[Night]]:
    """Nights of real models, and of fakes: those in shards as they are, then in shards of one call."""
    workers = len(os.sched_getaffinity(0))
    plain, flow, over_dask = ways(workers)
    alone = Way("`nightly` over Dask, one worker", 1, is_over_dask=True)
    real = Calls(scratch / "calls", calls)
    real.folder.mkdir()
    cuts(samples(2), real.folder, calls, MANY_S)
    in_shards = Calls(scratch / "fakes", fakes, FAKES)
    in_shards.folder.mkdir()
    make_fake_calls(in_shards.folder, fakes)
    one_by_one = Calls(in_shards.folder, fakes, FAKES, shard_size=1)
    with prefect_server(scratch / "prefect", os.environ) as server:
        faked = [
            run_night(way, some, server if way.is_flow else None)
            for way in (plain, flow, over_dask)
            for some in (in_shards, one_by_one)
        ]
        heard = [
            run_night(way, real, server if way.is_flow else None)
            for way in dict.fromkeys((plain, flow, over_dask, alone))
        ]
    check_same(heard)
    check_same(faked)
    return heard, faked


def render(heard: Sequence[Night], faked: Sequence[Night], load: float) -> str:
    """The section of docs/scale.md. `faked`: of each way a night in few shards, then the same in many.

    `load`: of the machine before it was measured.
    """
    cores = len(os.sched_getaffinity(0))
    intro = (
        f"Written by `python -m tests.bench.cluster` on {datetime.now(UTC):%Y-%m-%d}: {cores} cores "
        f"({platform.machine()}), no GPU. Everything runs on this one machine: it is what the way costs, without what "
        "a network adds. `prescore run` knows no cluster: over Dask a night is the flow `nightly`. Prefect's server, "
        "the scheduler and its workers were started before; their CPU counts until the server had written everything, "
        "and their memory with that of the flow. Other work beside it makes times on the wall longer, and hardly CPU: "
        f"the machine's load was {load:.1f} when it began."
    )
    about = (
        f"Whisper base int8, {heard[0].calls} stereo calls of {MANY_S[0]:.0f} to {MANY_S[1]:.0f} s, cut from the "
        f"samples; {heard[0].judged} of them were judged. One round."
    )
    without = (
        f"Apart from models, {faked[0].calls} calls of 12 s by the fakes of tests/fakes.py, which recognise and embed "
        "nothing. CPU and bytes a call; start and end of a night are in them."
    )
    difference = (
        "What one shard more costs: the difference of the two nights, the same calls in few and in many shards, by the "
        "number of shards between them."
    )
    pairs = list(zip(faked[::2], faked[1::2], strict=True))
    parts = [HEADING, intro, about, real_table(heard), without, call_table(faked), difference, shard_table(pairs)]
    return "\n\n".join(parts) + "\n"


def real_table(nights: Sequence[Night]) -> str:
    local_s = nights[0].measured.wall_s
    rows = []
    for night in nights:
        wall_s, peak_mb = night.measured.wall_s, night.measured.peak_mb
        rows.append(
            [night.way.title, f"{wall_s:.1f}", f"{wall_s / local_s:.2f}", f"{night.cpu_s:.1f}", f"{peak_mb:.0f}"]
        )
    return table(["", "wall, s", "to the first", "CPU of all processes, s", "peak memory, MB"], rows)


def call_table(nights: Sequence[Night]) -> str:
    rows = []
    for night in nights:
        costs = [f"{cost(night) / night.calls:.1f}" for cost in PARTS.values()]
        rows.append([night.way.title, str(night.shards), f"{night.measured.wall_s:.1f}", *costs])
    return table(["a call", "shards", "wall, s", *PARTS], rows)


def shard_table(pairs: Sequence[tuple[Night, Night]]) -> str:
    rows = []
    for few, many in pairs:
        more = many.shards - few.shards
        costs = [f"{(cost(many) - cost(few)) / more:.1f}" if more else "-" for cost in PARTS.values()]
        rows.append([few.way.title, *costs])
    return table(["a shard more", *PARTS], rows)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.cluster", description=__doc__)
    parser.add_argument("--calls", type=int, default=CALLS, help="for the real models")
    parser.add_argument("--fakes", type=int, default=FAKE_CALLS, help="for the fakes")
    parser.add_argument("--out", action="store_true", help="write the section whatever the numbers")
    asked = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # services are ended then, too
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as scratch:
        section = render(*measure_all(asked.calls, asked.fakes, Path(scratch)), load)
    print(section)
    if asked.out or (asked.calls, asked.fakes) == (CALLS, FAKE_CALLS):
        write_section(HEADING, section, SCALE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
