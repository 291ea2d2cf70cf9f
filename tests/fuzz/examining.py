"""Each file decoded in a process of its own pool, with the time and memory that it took."""

import resource
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from pipeline.audio import decode
from pipeline.errors import RecordingError
from pipeline.ffmpeg_program import find_ffmpeg
from pipeline.settings import Settings

SELF = Path("/proc/self")
MOST_CPU_S, MOST_MEMORY_MB, MOST_FFMPEG_MB = 5.0, 150.0, 400.0


@dataclass(frozen=True)
class Outcome:
    """What became of one file. `code` and `reason` are empty where it was decoded; then `duration_s` says how much.

    `cpu_s`: of this process and its ffmpeg; `memory_mb`: how far this process grew over what it held before;
    `ffmpeg_mb`: the largest ffmpeg so far.
    """

    name: str
    code: str
    reason: str
    damaged: bool
    duration_s: float
    seconds: float
    cpu_s: float
    memory_mb: float
    ffmpeg_mb: float


def exceeds(outcome: Outcome) -> str:
    """What of the file was too much; empty where nothing was."""
    taken = {
        f"{MOST_CPU_S:.0f} s of processor": outcome.cpu_s > MOST_CPU_S,
        f"{MOST_MEMORY_MB:.0f} MB": outcome.memory_mb > MOST_MEMORY_MB,
        f"{MOST_FFMPEG_MB:.0f} MB in ffmpeg (or a file before it)": outcome.ffmpeg_mb > MOST_FFMPEG_MB,
    }
    return ", ".join(name for name, is_more in taken.items() if is_more)


def examine_all(paths: Sequence[Path], settings: Settings, scratch: Path, workers: int) -> Iterator[Outcome]:
    """In order. A file that ends its process raises BrokenProcessPool: no file may."""
    program = find_ffmpeg()
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        examine_one = partial(examine, settings=settings, scratch=scratch, program=program)
        yield from pool.map(examine_one, paths, chunksize=4)


def examine(path: Path, settings: Settings, scratch: Path, program: str) -> Outcome:
    """Decode the file as a worker would. Any other error than RecordingError comes out: it is a defect."""
    before_mb = forget_peak()
    started_s, cpu_before_s = time.perf_counter(), cpu_s()
    code, reason, damaged, duration_s = "", "", False, 0.0
    try:
        with decode(path, settings.audio, settings.ingest.raw_formats, scratch, program) as recording:
            for channel in recording.channels:
                channel.read()
            damaged, duration_s = recording.facts.damaged, recording.facts.duration_s
    except RecordingError as error:
        code, reason = error.code, str(error)
    seconds = time.perf_counter() - started_s
    ffmpeg_mb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return Outcome(
        path.name,
        code,
        reason,
        damaged,
        duration_s,
        seconds,
        cpu_s() - cpu_before_s,
        peak_mb() - before_mb,
        ffmpeg_mb,
    )


def cpu_s() -> float:
    """What this process and its ended children have used: unlike time on the clock, the same on a busy machine."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def forget_peak() -> float:
    """Starts the count of this process's largest memory anew; returns what it holds now, in MB."""
    (SELF / "clear_refs").write_text("5")
    return peak_mb()


def peak_mb() -> float:
    lines = (SELF / "status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def disk_left(folder: Path) -> bool:
    """Whether a decoder left something in its scratch folder."""
    return folder.exists() and any(folder.iterdir())
