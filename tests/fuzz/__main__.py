"""A thousand damaged recordings: `python -m tests.fuzz --count 1000 --seed 1`, which `make fuzz` runs.

Each is decoded by itself, with its time and memory; then all lie in the inbox of one night, among whole recordings.
Writes its section of docs/reliability.md; ends with 1 when something did not hold.
"""

import argparse
import os
import platform
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pipeline.settings import ROOT, Settings, load_settings
from tests.bench.pages import write_section
from tests.fuzz.examining import Outcome, examine_all, exceeds
from tests.fuzz.mutations import mutated_files
from tests.fuzz.night import MENDED, Night, NightEnd, broken_promises, counted_codes, make_night, run_night
from tests.fuzz.reasons import lacking
from tests.fuzz.whole_files import ENCODINGS, SAMPLE_NAMES, MadeFile, make_whole_files

PAGE = ROOT / "docs" / "reliability.md"
HEADING = "## Damaged recordings"
NEIGHBOURS = 30


@dataclass(frozen=True)
class Tried:
    """What was found. `broken`: promises that were not kept, a line each."""

    outcomes: list[Outcome]
    end: NightEnd
    night: Night
    broken: list[str]


def main() -> int:
    options = parsed()
    os.environ[MENDED] = "1"
    with tempfile.TemporaryDirectory(prefix="prescore-fuzz-") as name:
        tried = try_all(Path(name), load_settings(), options)
    write_section(HEADING, section(tried, options), PAGE)
    print(table(tried.outcomes))
    print("\n".join(tried.broken) or "every promise was kept")
    return 1 if tried.broken else 0


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    return parser.parse_args()


def try_all(folder: Path, settings: Settings, options: argparse.Namespace) -> Tried:
    (folder / "whole").mkdir()
    whole = make_whole_files(folder / "whole")
    outcomes = try_each(folder / "each", mutated_files(whole, options.count, options.seed), settings, options.workers)
    night = make_night(folder / "night", whole, options.count, NEIGHBOURS, options.seed)
    started_s = time.monotonic()
    end = run_night(night, settings, folder / "data", options.workers)
    print(f"the night ended after {(time.monotonic() - started_s) / 60:.1f} min", flush=True)
    alone = [text for item in outcomes if item.code and (text := lacking(item.code, item.reason, item.name))]
    greedy = [f"{item.name} took more than {text}" for item in outcomes if (text := exceeds(item))]
    return Tried(outcomes, end, night, [*alone, *greedy, *broken_promises(night, end)])


def try_each(folder: Path, files: Sequence[MadeFile], settings: Settings, workers: int) -> list[Outcome]:
    folder.mkdir()
    paths = []
    for file in files:
        paths.append(folder / file.name)
        paths[-1].write_bytes(file.content)
    outcomes = []
    for outcome in examine_all(paths, settings, folder / "scratch", workers):
        outcomes.append(outcome)
        if len(outcomes) % 50 == 0:
            print(f"{len(outcomes)} of {len(files)} decoded or refused", flush=True)
    return outcomes


def section(tried: Tried, options: argparse.Namespace) -> str:
    """The section of the page."""
    outcomes, night, end = tried.outcomes, tried.night, tried.end
    codes = ", ".join(f"{count} {code}" for code, count in counted_codes(end).most_common())
    done = sum(end.statuses.get(name) == "done" for name in night.whole)
    machine = (
        f"{options.workers} workers, {os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    )
    most_s = max(item.cpu_s for item in outcomes)
    most_mb, most_ffmpeg_mb = max(item.memory_mb for item in outcomes), max(item.ffmpeg_mb for item in outcomes)
    return f"""{HEADING}
{date.today()}, `make fuzz COUNT={options.count} SEED={options.seed}`, {machine}.

Recordings in {len(ENCODINGS) + 1} encodings, made here, and {len(SAMPLE_NAMES)} sample calls, mutated in
{len(by_mutation(outcomes))} ways; names, links, pipes and sockets of `tests/fuzz/paths.py`; a journal whose file
names lead elsewhere. Recognition, diarization and vectors are fakes; intake, decoding, judge and store are real.

- {len(outcomes)} mutated recordings and {len(night.refused)} paths that nobody can take lay in one night among
  {len(night.whole)} whole recordings, of which {done} were scored. Promises broken: {len(tried.broken)}.
- Failures of that night: {codes}.
- The most that one file took, decoded by itself: {most_s:.1f} s of processor, {most_mb:.0f} MB in the worker,
  {most_ffmpeg_mb:.0f} MB in ffmpeg.
- Every failure is stored with a reason that names the file and the remedy (`tests/fuzz/reasons.py`); `prescore failed`
  lists them.

{table(outcomes)}"""


def table(outcomes: Sequence[Outcome]) -> str:
    lines = [
        "| mutation | files | used whole | used, flagged as damaged | failed | most processor s | most MB |",
        "|---|---|---|---|---|---|---|",
    ]
    for mutation, found in sorted(by_mutation(outcomes).items()):
        failed = Counter(item.code for item in found if item.code)
        codes = ", ".join(f"{count} {code}" for code, count in failed.most_common()) or "-"
        used, damaged = sum(not item.code for item in found), sum(item.damaged for item in found)
        lines.append(
            f"| {mutation.replace('_', ' ')} | {len(found)} | {used - damaged} | {damaged} | {codes} "
            f"| {max(item.cpu_s for item in found):.1f} | {max(item.memory_mb for item in found):.0f} |"
        )
    return "\n".join(lines) + "\n"


def by_mutation(outcomes: Sequence[Outcome]) -> dict[str, list[Outcome]]:
    found: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        found[outcome.name.split("-")[1]].append(outcome)
    return found


if __name__ == "__main__":
    sys.exit(main())
