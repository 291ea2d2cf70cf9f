"""What a run of 10, of 100 and of 1,000 calls costs, a call: `python -m tests.bench.counts [--counts 10,100,1000]`.

The calls are short: their number is what counts. Its section of docs/performance.md is written unless counts are asked.
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

from tests.bench.measuring import Measured, measure
from tests.bench.pages import write_section
from tests.bench.recordings import MANY_S, cuts, samples
from tests.bench.ways import OURS, WAYS, Task
from tests.quality.tables import table, yes_no

COUNTS = (10, 100, 1000)
HEADING = "## Cost by the number of calls"
COST_RATIO = 1.1  # of a call's CPU in the largest run, beside that in the one before: the smallest mostly loads models
MEMORY_RATIO = 1.1  # of the last fifth of the largest run's time, beside the second, when all is loaded


@dataclass(frozen=True)
class Cost:
    """One run of so many calls."""

    calls: int
    measured: Measured

    @property
    def cpu_s(self) -> float:
        """Of one call."""
        return self.measured.cpu_s / self.calls

    @property
    def growth(self) -> float:
        _, second_mb, *_, last_mb = self.measured.peaks_mb
        return last_mb / second_mb


def measure_count(count: int, scratch: Path) -> Cost:
    recordings = scratch / f"calls-{count}"
    recordings.mkdir()
    paths = tuple(cuts(samples(2), recordings, count, MANY_S))
    task = Task(paths, recordings, scratch / f"data-{count}", len(os.sched_getaffinity(0)))
    found = Cost(count, measure(WAYS[OURS].command(task)))
    print(f"{count} calls: {found.measured.wall_s:.1f} s", file=sys.stderr, flush=True)
    return found


def render(costs: Sequence[Cost]) -> str:
    """The section of docs/performance.md."""
    rows = []
    for cost in costs:
        peaks = ", ".join(f"{peak_mb:.0f}" for peak_mb in cost.measured.peaks_mb)
        rows.append([f"{cost.calls:,}", f"{cost.measured.wall_s:.1f}", f"{cost.cpu_s:.2f}", peaks])
    intro = (
        f"Written by `python -m tests.bench.counts` on {datetime.now(UTC):%Y-%m-%d}: {len(os.sched_getaffinity(0))} "
        f"cores ({platform.machine()}), no GPU, Whisper base int8. `prescore run` on stereo calls of "
        f"{MANY_S[0]:.0f} to {MANY_S[1]:.0f} s, cut from the samples; memory is that of all its processes."
    )
    header = ["calls", "wall, s", "CPU of a call, s", "peak memory in each fifth of the time, MB"]
    *_, before, last = costs
    ratio = last.cpu_s / before.cpu_s
    aims = [
        [
            f"CPU of a call, {last.calls:,} calls to {before.calls:,}",
            f"at most {COST_RATIO:g}",
            f"{ratio:.2f}",
            yes_no(ratio <= COST_RATIO),
        ],
        [
            "memory in the last fifth of the time, to the second",
            f"at most {MEMORY_RATIO:g}",
            f"{last.growth:.2f}",
            yes_no(last.growth <= MEMORY_RATIO),
        ],
    ]
    parts = [HEADING, intro, table(header, rows), table(["", "aim", "measured", "holds"], aims, words=4)]
    return "\n\n".join(parts) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.counts", description=__doc__)
    parser.add_argument("--counts", default=",".join(map(str, COUNTS)), help="at least two, the largest last")
    counts = tuple(int(count) for count in parser.parse_args(arguments).counts.split(","))
    with tempfile.TemporaryDirectory() as scratch:
        section = render([measure_count(count, Path(scratch)) for count in counts])
    print(section)
    if counts == COUNTS:
        write_section(HEADING, section)
    return 0


if __name__ == "__main__":
    sys.exit(main())
