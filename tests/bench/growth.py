"""What a growing store costs, at three sizes: pages, opening a connection, a night, publishing: `make bench-growth`.

`python -m tests.bench.growth [--calls N] [--scratch FOLDER]`; the default's table goes to docs/performance.md.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pipeline.data_folder import DataFolder
from tests.bench.growth_measures import BEHIND, NIGHT, READY, Timed
from tests.bench.growth_store import ANOTHER, BY_ANOTHER, CALLS_A_DAY, MADE, build_grown, build_template
from tests.bench.page_store import CHECKLIST
from tests.bench.pages import write_section

CALLS = 100_000
STEP = 10  # from one size to the next
HEADING = "## A growing store"
PAGE_S, OPEN_S, PUBLISH_S = 0.5, 0.05, 10.0
NIGHT_RISE = 1.5  # of a night's time in the largest store, against the smallest


@dataclass(frozen=True)
class Size:
    """One store, measured."""

    calls: int
    timed: tuple[Timed, ...]
    store_mb: float
    memory_mb: float

    def seconds(self, name: str) -> float:
        return next(item.wall_s for item in self.timed if item.name == name)

    def cpu_s(self, name: str) -> float:
        return next(item.cpu_s for item in self.timed if item.name == name)


def measure_size(template: Path, calls: int, scratch: Path) -> Size:
    """Grows a store from the template and measures it in a process of its own; nothing is left on the disk."""
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        data = DataFolder(Path(folder) / "data")
        data.prepare()
        build_grown(template, data.store, calls)
        print(f"{calls:,} calls: {data.store.stat().st_size / 1e6:.0f} MB", file=sys.stderr, flush=True)
        command = [sys.executable, "-m", "tests.bench.growth_measures", str(data.root)]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    found = json.loads(done.stdout.splitlines()[-1])
    timed = tuple(Timed(**item) for item in found.pop("timed"))
    return Size(max(1, calls // MADE) * MADE, timed, **found)


def aim_of(name: str) -> tuple[str, float | None]:
    """How it is written, and the seconds; None where only the rise counts, or nobody waits for it."""
    if is_unseen(name):
        return "", None
    if name.startswith("open"):
        return f"{1000 * OPEN_S:.0f} ms", OPEN_S
    if name.startswith("publish"):
        return f"{PUBLISH_S:g} s", PUBLISH_S
    if name.startswith("a night"):
        return f"flat: at most {NIGHT_RISE:g} times the smallest", None
    return f"{PAGE_S:g} s", PAGE_S


def is_unseen(name: str) -> bool:
    """Whether threads beside the pages do it, and no person waits for its end."""
    return name == READY or name.startswith(BEHIND)


def holds(name: str, sizes: Sequence[Size]) -> bool:
    bound = aim_of(name)[1] or NIGHT_RISE * sizes[0].seconds(name)
    return sizes[-1].seconds(name) <= bound


def verdict_of(name: str, sizes: Sequence[Size]) -> str:
    """The last column."""
    if is_unseen(name):
        return ""
    return "yes" if holds(name, sizes) else "NO"


def render(sizes: Sequence[Size]) -> str:
    """The section of docs/performance.md."""
    largest = sizes[-1]
    heads = "".join(f" {size.calls:,} calls |" for size in sizes)
    cores = len(os.sched_getaffinity(0))
    intro = (
        f"Written by `make bench-growth CALLS={largest.calls}` on {datetime.now(UTC):%Y-%m-%d}: {cores} cores "
        f"({platform.machine()}). {MADE} calls made through the run's own doors, copied inside DuckDB with ids, times, "
        f"managers and words of their own: {CALLS_A_DAY:,} calls a day, {len(CHECKLIST.criteria)} suggestions each, "
        f"one in {BY_ANOTHER} judged by {len(ANOTHER.criteria)} criteria of another checklist, too, a fifth with "
        "verdicts. Payloads, word times and vectors are there of the newest calls alone, so that "
        "a real store is several times as large on the disk. Seconds on the wall; in brackets of CPU, which a busy "
        f'machine hardly changes. "{READY}": from its start until threads beside the pages have read the list of calls '
        'and the figures that people open first; "first": each page opened once after that; "again": nothing was '
        f'written meanwhile; "after the night": {NIGHT} calls were, half a minute ago, so that list and figures are as '
        "decisions 21, 23 and 32 allow, and are worked out anew while the pages open. "
        f'"{BEHIND}": how long that takes, with nobody else at work.'
    )
    lines = [HEADING, "", intro, "", f"| |{heads} aim | holds |", f"|---|{'---:|' * len(sizes)}---|---|"]
    for name in (item.name for item in largest.timed):
        cells = "".join(f" {size.seconds(name):.3f} ({size.cpu_s(name):.3f}) |" for size in sizes)
        lines.append(f"| {name} |{cells} {aim_of(name)[0]} | {verdict_of(name, sizes)} |")
    lines.append(f"| store, MB |{''.join(f' {size.store_mb:.0f} |' for size in sizes)} | |")
    lines.append(f"| peak memory of the process, MB |{''.join(f' {size.memory_mb:.0f} |' for size in sizes)} | |")
    return "\n".join([*lines, ""])


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.growth", description=__doc__)
    parser.add_argument("--calls", type=int, default=CALLS, help="of the largest store; two smaller ones come before")
    parser.add_argument(
        "--scratch", type=Path, help="where the stores are made (about 10 kB a call, and as much again)"
    )
    parser.add_argument("--out", action="store_true", help="write the section whatever the size")
    asked = parser.parse_args(arguments)
    counts = [asked.calls // STEP**2, asked.calls // STEP, asked.calls]
    with tempfile.TemporaryDirectory(dir=asked.scratch) as folder:
        template = Path(folder) / "template.duckdb"
        build_template(template)
        section = render([measure_size(template, count, Path(folder)) for count in counts])
    print(section)
    if asked.out or asked.calls == CALLS:
        write_section(HEADING, section)
    return 0


if __name__ == "__main__":
    sys.exit(main())
