"""The whole pipeline beside plain batched faster-whisper on the same stereo files in one run: `make bench`.

Every command is a process of its own, start-up and loading included, in turns, so that a drifting machine drifts for
both. The table goes to the terminal and to docs/performance.md.
"""

import os
import platform
import statistics
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from pipeline.ffmpeg_program import find_ffmpeg
from pipeline.settings import ROOT
from pipeline.store import Store
from tests.bench import rescoring
from tests.bench.measuring import Measured, measure
from tests.bench.pages import keep_sections

ROUNDS = 3
COPIES = 2  # of each sample: enough work that loading the models does not decide the ratio
STEREO = sorted(path for path in (ROOT / "data" / "samples").iterdir() if path.suffix in (".wav", ".mp3", ".ogg"))


def stereo_samples() -> list[Path]:
    """The samples with two channels that differ."""
    from tests.bench.plain_whisper import read_channels

    return [path for path in STEREO if len(read_channels(path)) == 2]


def copies_of(paths: list[Path], folder: Path) -> list[Path]:
    """Copies of the same sound with another comment, so that each has a content, and is a call, of its own."""
    made = []
    for number in range(COPIES):
        for path in paths:
            copy = folder / f"{path.stem}-{number}{path.suffix}"
            words = ["-v", "error", "-i", str(path), "-c", "copy", "-metadata", f"comment=copy {number}", str(copy)]
            subprocess.run([find_ffmpeg(), *words], check=True)
            made.append(copy)
    return made


def run_plain(paths: list[Path], threads: int) -> Measured:
    return measure([sys.executable, "-m", "tests.bench.plain_whisper", str(threads), *map(str, paths)])


def run_prescore(folder: Path, data: Path) -> Measured:
    return measure([str(Path(sys.executable).with_name("prescore")), "--data", str(data), "run", str(folder)])


def stage_rows(data: Path) -> list[tuple[str, float]]:
    with Store(data / "calls.duckdb").reading() as con:
        found = con.execute("SELECT stage, processing_s FROM main.stage_times ORDER BY processing_s DESC").fetchall()
    return [(str(stage), float(seconds)) for stage, seconds in found]


def main() -> None:
    threads = len(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory() as scratch:
        recordings = Path(scratch) / "recordings"
        recordings.mkdir()
        paths = copies_of(stereo_samples(), recordings)
        plain, ours = [], []
        for number in range(ROUNDS):
            plain.append(run_plain(paths, threads))
            ours.append(run_prescore(recordings, Path(scratch) / f"data-{number}"))
            print(f"round {number + 1}: plain {plain[-1].wall_s:.1f} s, prescore {ours[-1].wall_s:.1f} s", flush=True)
        stages = stage_rows(Path(scratch) / "data-0")
    audio_s = float(plain[0].output.split()[0])
    table = render(audio_s, len(paths), threads, plain, ours, stages)
    print(table)
    keep_sections(table)
    rescoring.main()


def render(
    audio_s: float,
    calls: int,
    threads: int,
    plain: list[Measured],
    ours: list[Measured],
    stages: list[tuple[str, float]],
) -> str:
    """The page docs/performance.md."""
    ratios = [mine.wall_s / theirs.wall_s for mine, theirs in zip(ours, plain, strict=True)]
    total_s = sum(seconds for _, seconds in stages) or 1.0
    lines = [
        "# Performance",
        "",
        f"Written by `make bench` on {datetime.now(UTC):%Y-%m-%d}: {threads} cores ({platform.machine()}), no GPU, "
        f"Whisper base int8, beam 5. {calls} stereo calls, {audio_s / 60:.1f} minutes; {len(ours)} rounds in turns, "
        "medians; start-up and loading of models included. Times of a shared machine are noisy: the ratio counts.",
        "",
        "| | wall, s | real-time factor | times real time | CPU, s | peak memory, MB |",
        "|---|---|---|---|---|---|",
        _row(f"plain faster-whisper, batched, both channels, {threads} threads", plain, audio_s),
        _row(f"prescore run (recognition, roles, judge, store, publish), {threads} workers", ours, audio_s),
        "",
        f"Ratio prescore / plain, round by round: {', '.join(f'{ratio:.2f}' for ratio in ratios)}; "
        f"median **{statistics.median(ratios):.2f}**.",
        "",
        "| stage | seconds of work | share | real-time factor |",
        "|---|---|---|---|",
    ]
    for stage, seconds in stages:
        lines.append(f"| {stage} | {seconds:.1f} | {seconds / total_s:.1%} | {seconds / audio_s:.4f} |")
    return "\n".join(lines) + "\n"


def _row(name: str, runs: list[Measured], audio_s: float) -> str:
    wall_s = statistics.median(run.wall_s for run in runs)
    cpu_s = statistics.median(run.cpu_s for run in runs)
    peak_mb = statistics.median(run.peak_mb for run in runs)
    return f"| {name} | {wall_s:.1f} | {wall_s / audio_s:.4f} | {audio_s / wall_s:.1f} | {cpu_s:.1f} | {peak_mb:.0f} |"


if __name__ == "__main__":
    main()
