"""The whole pipeline beside its peers on the same recordings in one go: `make bench`, `make bench-peers`.

`python -m tests.bench [--sets stereo,mono] [--rounds 3] [--peers] [--long] [--limit N]`: every command is a process of
its own, start-up and loading included, in turns, so that a drifting machine drifts for all. The tables go to the
terminal, and to docs/performance.md unless `--limit` made the sets smaller than they are.
"""

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pipeline.store import Store
from tests.bench import profile, rescoring
from tests.bench.pages import keep_sections, write_section
from tests.bench.plain_whisper import BATCH_SIZE, BEAM_SIZE
from tests.bench.recordings import make_set
from tests.bench.speed import TITLES, SetResult, section
from tests.bench.ways import OURS, PEERS, WAYS, Run, Task, run_way, ways_for

SETS = ("stereo", "mono", "8khz", "16khz", "short", "long")
ROUNDS = 3
PAGE = """# Performance

Each section is written by the command that it names, with its date and machine. Times of a shared machine are noisy:
the ratios count, and CPU seconds. `make bench` writes those on speed, `make bench-peers` the one with WhisperX in it.
"""


@dataclass(frozen=True)
class Asked:
    """The command line."""

    sets: tuple[str, ...]
    rounds: int
    peers: bool
    limit: int | None
    everything: bool


def read_arguments(arguments: Sequence[str] | None) -> Asked:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--sets", help=f"of {', '.join(TITLES)}; without it {', '.join(SETS)} and the other sections")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--peers", action="store_true", help="WhisperX too, on stereo: `make bench-peers` sets it up")
    parser.add_argument("--long", action="store_true", help="a call of three hours too")
    parser.add_argument("--limit", type=int, help="so few samples of a set, to try it; nothing is written")
    found = parser.parse_args(arguments)
    sets = tuple(found.sets.split(",")) if found.sets else SETS
    if unknown := [name for name in sets if name not in TITLES]:
        parser.error(f"--sets {found.sets}: no set is called {unknown[0]}; there are {', '.join(TITLES)}")
    if found.peers and not PEERS.exists():
        parser.error(f"--peers: {PEERS} is not there; `make bench-peers` makes it")
    if found.rounds < 1:
        parser.error(f"--rounds {found.rounds}: must be at least 1")
    more = ("longest",) if found.long and "longest" not in sets else ()
    return Asked((*sets, *more), found.rounds, found.peers, found.limit, not found.sets and not found.limit)


def measure_set(name: str, asked: Asked, scratch: Path) -> tuple[SetResult, list[str]]:
    """Every way on one set, in turns; and the stages of our last run, as a table's lines."""
    recordings = scratch / name
    recordings.mkdir()
    paths = tuple(make_set(name, recordings, asked.limit))
    ways = ways_for(name, asked.peers)
    runs: dict[str, list[Run]] = {way: [] for way in ways}
    for number in range(asked.rounds):
        for way in ways:
            data = scratch / f"data-{name}-{number}-{ways.index(way)}"
            runs[way].append(run_way(WAYS[way], Task(paths, recordings, data, thread_count())))
            print(f"{name}, round {number + 1}, {way}: {runs[way][-1].measured.wall_s:.1f} s", file=sys.stderr)
    audio_s, stages = stage_lines(scratch / f"data-{name}-{asked.rounds - 1}-{ways.index(OURS)}")
    return SetResult(name, len(paths), audio_s, runs), stages


def stage_lines(data: Path) -> tuple[float, list[str]]:
    """The seconds of sound in our run's store, and its stages as a table's lines."""
    with Store(data / "calls.duckdb").reading() as con:
        ((audio_s,),) = con.execute(
            "SELECT sum(audio_s) FROM base.stage_results WHERE stage = 'transcription'"
        ).fetchall()
        found = con.execute("SELECT stage, processing_s FROM main.stage_times ORDER BY processing_s DESC").fetchall()
    total_s = sum(float(seconds) for _, seconds in found) or 1.0
    lines = ["| stage of ours | seconds of work | share | real-time factor |", "|---|---|---|---|"]
    for stage, seconds in found:
        lines.append(f"| {stage} | {seconds:.1f} | {seconds / total_s:.1%} | {seconds / audio_s:.4f} |")
    return float(audio_s), lines


def thread_count() -> int:
    return len(os.sched_getaffinity(0))


def intro() -> str:
    return (
        f"Written by `python -m tests.bench` on {datetime.now(UTC):%Y-%m-%d}: {thread_count()} cores "
        f"({platform.machine()}), no GPU, Whisper base int8, beam {BEAM_SIZE}; peers in one process of "
        f"{thread_count()} threads, batches of {BATCH_SIZE}, each channel, the language told; medians, largest peaks."
    )


def main(arguments: Sequence[str] | None = None) -> int:
    asked = read_arguments(arguments)
    if not asked.limit:
        keep_sections(PAGE)
    before: dict[str, SetResult] = {}
    for name in asked.sets:
        with tempfile.TemporaryDirectory() as scratch:
            found, stages = measure_set(name, asked, Path(scratch))
        before[name] = found
        heading, text = section(found, before, intro())
        text += "\n".join(["", *stages, ""])
        print(text, flush=True)
        if not asked.limit:
            write_section(heading, text)
    if asked.everything:
        profile.main([])
        rescoring.main()
    return 0


if __name__ == "__main__":
    sys.exit(main())
