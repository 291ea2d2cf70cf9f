"""Stored calls judged again by a new version of a checklist: `make bench-rescore`.

The store holds calls made from the corpus, no two alike, with their vectors; the command is a process of its own,
start-up included. The full run beside it is `prescore run` on the sample recordings, in the same session.
"""

import os
import platform
import re
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import yaml

from models.build import build_models
from models.remembering_encoder import RememberingEncoder
from pipeline.settings import CONFIGS, ROOT, load_settings
from pipeline.store import Store
from tests.bench.measuring import Measured, measure
from tests.bench.pages import write_section
from tests.bench.rescore_store import build_store, load_sources

CALLS = 10_000
WORKERS = 2
HEADING = "## Re-scoring"
SAMPLES = ROOT / "data" / "samples"
RECORDINGS = sum(path.suffix in (".wav", ".mp3", ".ogg") for path in SAMPLES.iterdir())


@dataclass(frozen=True)
class Rescored:
    """Two measured re-scores: `first`, of calls that nobody had judged, and the `command` by a changed version.

    `inside_s`: the latter without the process's start and the publishing of the result. `kept`: the share of its
    answers that were taken over from the first.
    """

    calls: int
    first: Measured
    command: Measured
    inside_s: float
    kept: float
    store_mb: float


def prescore(data: Path, *words: str | Path) -> Measured:
    command = str(Path(sys.executable).with_name("prescore"))
    return measure([command, "--data", str(data), *map(str, words)])


def changed_checklist(folder: Path) -> Path:
    """The checklist cqr with one weight and the text of one level changed: a new version."""
    content = yaml.safe_load((CONFIGS / "checklists" / "cqr.yaml").read_text(encoding="utf-8"))
    greeting = content["criteria"][0]
    greeting["weights"]["qualification"] += 1
    greeting["levels"]["0"]["ru"] += " Молчание тоже."
    path = folder / "cqr-changed.yaml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return path


def rescore_twice(data: Path, calls: int) -> Rescored:
    """Builds the store, judges it by the checklist as it is, then by the changed one."""
    models = build_models(load_settings().active)
    store = Store(data / "calls.duckdb")
    build_store(store, load_sources(RememberingEncoder(models.encoder)), calls, models.encoder.dialogue_identity)
    first = prescore(data, "rescore", "--checklist", "cqr", "--workers", str(WORKERS))
    print(f"first version: {first.wall_s:.1f} s, {first.cpu_s:.1f} s of CPU, {first.peak_mb:.0f} MB", flush=True)
    command = prescore(data, "rescore", "--checklist", changed_checklist(data), "--workers", str(WORKERS))
    print(command.output, flush=True)
    inside = re.search(r"time +([\d.]+) s", command.output)
    if inside is None or f"judged now               {calls}" not in " ".join(command.output.split("\n")):
        print("the command did not judge every call again", file=sys.stderr)
    inside_s = float(inside[1]) if inside else command.wall_s
    kept = re.search(r"answers kept +(\d+) of (\d+)", command.output)
    share = int(kept[1]) / int(kept[2]) if kept else 0.0
    return Rescored(calls, first, command, inside_s, share, store.path.stat().st_size / 1e6)


def full_run(data: Path) -> float:
    """Seconds a call of the whole pipeline on the sample recordings, with as many workers."""
    return prescore(data, "run", SAMPLES, "--workers", str(WORKERS)).wall_s / RECORDINGS


def render(found: Rescored, full_call_s: float) -> str:
    """The section of docs/performance.md."""
    command = found.command
    call_s = command.wall_s / found.calls
    return "\n".join(
        [
            HEADING,
            "",
            f"Written by `make bench-rescore` on {datetime.now(UTC):%Y-%m-%d}: {len(os.sched_getaffinity(0))} cores "
            f"({platform.machine()}), {WORKERS} workers. {found.calls:,} calls made from the corpus, no two alike, "
            f"each with word times and stored vectors; a new version of cqr (one weight, one text). The command "
            f"starts, reads from and writes to DuckDB ({found.store_mb:.0f} MB at the end), compares and publishes.",
            "",
            f"The checklist as it was had judged them just before, for the first time, by the same judge: "
            f"{found.kept:.0%} of its answers stand and are kept. Where all must be given anew, by another judge, a "
            "re-score costs what that one did.",
            "",
            "| | |",
            "|---|---|",
            f"| judged for the first time: the whole command | {found.first.wall_s:.1f} s |",
            f"| its CPU | {found.first.cpu_s:.1f} s, {1000 * found.first.cpu_s / found.calls:.1f} ms a call |",
            f"| by the new version: the whole command | {command.wall_s:.1f} s |",
            f"| without its start and the publishing | {found.inside_s:.1f} s |",
            f"| calls a second (whole command) | {found.calls / command.wall_s:.0f} |",
            f"| CPU of all its processes | {command.cpu_s:.1f} s, {1000 * command.cpu_s / found.calls:.1f} ms a call |",
            f"| peak memory of all its processes | {command.peak_mb:.0f} MB |",
            f"| a call in the full run (`prescore run`, the samples, {WORKERS} workers) | {full_call_s:.2f} s |",
            f"| full run / re-score, a call | {full_call_s / call_s:,.0f} |",
            "",
        ]
    )


def main(calls: int = CALLS) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        found = rescore_twice(Path(scratch) / "store", calls)
        full_call_s = full_run(Path(scratch) / "run")
    section = render(found, full_call_s)
    print(section)
    if calls == CALLS:
        write_section(HEADING, section)


if __name__ == "__main__":
    main(*(int(text.replace("_", "")) for text in sys.argv[1:]))
