"""The torture in its long form: `python -m tests.faults --kills 200 --seed 1`, which `make torture` runs.

Kills until there are so many, or the minutes are over, and writes its section of docs/reliability.md.
"""

import argparse
import os
import platform
import random
import shlex
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from pipeline.data_folder import DataFolder
from pipeline.settings import ROOT
from pipeline.store.lock import is_held
from tests.bench.pages import write_section
from tests.faults.night_kills import FLOW, FLOW_WORKER, SERVER, Server, prefect_server, torture_night
from tests.faults.page_kills import torture_page
from tests.faults.processes import wait_until
from tests.faults.run_kills import COMMAND, GROUP, SLOW, WORKER, Night, make_night, start, torture_run
from tests.faults.tally import Round, kind_of, table

PAGE = ROOT / "docs" / "reliability.md"
HEADING = "## The torture table"
CALLS = 8
PAGE_KILLS = 8


def main() -> int:
    options = parsed()
    rounds: list[Round] = []
    started_s = time.monotonic()
    with temporary_folder() as folder, prefect_server(folder / "prefect") as server:
        night = make_night(folder / "night", CALLS)
        until_s = undisturbed_s(night, folder / "undisturbed")
        print(f"seed {options.seed}; a run of {CALLS} calls holds its lock for {until_s:.1f} s", flush=True)
        try:
            for item in endless(night, folder, server, options.seed, until_s):
                rounds.append(item)
                minutes = (time.monotonic() - started_s) / 60
                print(f"{minutes:5.1f} min  {killed(rounds):3} kills  {told(item)}", flush=True)
                if killed(rounds) >= options.kills or minutes >= options.minutes:
                    break
        finally:  # hours of kills are not lost to an error of the last one
            if rounds:
                write_section(HEADING, section(rounds, options.seed, until_s, time.monotonic() - started_s), PAGE)
    print(table(rounds))
    return 1 if any(item.differing for item in rounds) else 0


@contextmanager
def temporary_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="prescore-torture-") as name:
        yield Path(name)


def killed(rounds: Sequence[Round]) -> int:
    return sum(len(item.kills) for item in rounds)


def told(item: Round) -> str:
    found = "\n  ".join(["", *item.differing]) or "equal"
    return f"{kind_of(item)}: {len(item.kills)} kills, {item.acknowledged} acknowledged verdicts: {found}"


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Kill, run again, compare.")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=600.0, help="stop after so long, whatever was killed")
    return parser.parse_args()


def endless(night: Night, folder: Path, server: Server, seed: int, until_s: float) -> Iterator[Round]:
    """Rounds in turn, each over a data folder of its own with chances of its own."""
    number = 0
    while True:
        for victims in ([], [WORKER], [COMMAND] * 3, [GROUP] * 3, [FLOW] * 2, [FLOW_WORKER], [SERVER]):
            chance = random.Random(f"{seed} {number}")
            data = folder / f"round-{number}"
            number += 1
            if not victims:
                yield torture_page(night.inbox.parent / "clean", data, PAGE_KILLS, chance, 1.0)
            elif victims[0] in (FLOW, FLOW_WORKER, SERVER):
                yield torture_night(night, data, server, victims, chance, until_s)
            else:
                yield torture_run(night, data, victims, chance, until_s)


def undisturbed_s(night: Night, folder: Path) -> float:
    """How long an undisturbed run holds its lock: the time in which kills fall."""
    data = DataFolder(folder)
    with start(*night.words(data, 2), **SLOW) as process:
        wait_until(lambda: is_held(data.run_lock), "the start of the run")
        started_s = time.monotonic()
        process.communicate()
    assert process.returncode == 0
    return time.monotonic() - started_s


def section(rounds: list[Round], seed: int, until_s: float, took_s: float) -> str:
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    lines = [
        HEADING,
        f"{date.today():%Y-%m-%d}, `python -m tests.faults {shlex.join(sys.argv[1:])}` (seed {seed}): "
        f"{killed(rounds)} kills in {took_s / 60:.0f} minutes. "
        f"{len(os.sched_getaffinity(0))} cores, {platform.system()} {platform.machine()}, Python "
        f"{sys.version.split()[0]}; load averages at the end {load}. A run held its lock for {until_s:.1f} s "
        "undisturbed, and kills fall evenly into that time; one that comes when the run is over is not counted.",
        "",
        table(rounds),
        "",
        *(f"- {line}" for item in rounds for line in item.differing[:5]),
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
