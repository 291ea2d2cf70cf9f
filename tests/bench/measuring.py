"""Time and memory of a whole command with all its child processes."""

import contextlib
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

POLL_S = 0.05
PARTS = 5  # of a run's time: memory that grows is seen between them
POLLING_SHARE = 0.02  # of a core, at most: asking for the memory of gigabytes takes tens of milliseconds
PROC = Path("/proc")


@dataclass(frozen=True)
class Measured:
    """One run of a command. `peak_mb`: largest sum of resident memory over its processes at one moment.

    `peaks_mb`: the same in each fifth of its time.
    """

    wall_s: float
    cpu_s: float
    peak_mb: float
    output: str
    peaks_mb: tuple[float, ...] = ()


def measure(command: Sequence[str]) -> Measured:
    """Run the command. Raises CalledProcessError when it fails."""
    before_s = _children_cpu_s()
    started_s = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    seen: list[tuple[float, float]] = []
    watcher = threading.Thread(target=_watch, args=(process, seen))
    watcher.start()
    output, _ = process.communicate()
    wall_s = time.perf_counter() - started_s
    watcher.join()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command, output)
    peak_mb = max((resident_mb for _, resident_mb in seen), default=0.0)
    moments = [(at_s - started_s, resident_mb) for at_s, resident_mb in seen]
    return Measured(wall_s, _children_cpu_s() - before_s, peak_mb, output, peaks_by_part(moments, wall_s))


def peaks_by_part(moments: Sequence[tuple[float, float]], wall_s: float) -> tuple[float, ...]:
    """The largest in each fifth of the time, of moments with their seconds; without any, that of the fifth before."""
    peaks: list[float] = []
    for part in range(PARTS):
        begins_s, ends_s = part * wall_s / PARTS, (part + 1) * wall_s / PARTS
        inside = [resident_mb for at_s, resident_mb in moments if begins_s <= at_s < ends_s]
        peaks.append(max(inside, default=peaks[-1] if peaks else 0.0))
    return tuple(peaks)


def _watch(process: subprocess.Popen[str], seen: list[tuple[float, float]]) -> None:
    while process.poll() is None:
        asked_s = time.perf_counter()
        seen.append((asked_s, sum(_resident_mb(pid) for pid in _tree(process.pid))))
        time.sleep(max(POLL_S, (time.perf_counter() - asked_s) / POLLING_SHARE))


def _tree(root: int) -> list[int]:
    found, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        with contextlib.suppress(OSError):  # it, or one of its threads, ended meanwhile
            for task in sorted((PROC / str(pid) / "task").iterdir()):
                waiting += [int(child) for child in (task / "children").read_text().split()]
    return found


def _resident_mb(pid: int) -> float:
    """Proportional share, so that memory which processes share counts once; zero when the process has ended."""
    try:
        for line in (PROC / str(pid) / "smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    except OSError:
        return 0.0
    return 0.0


def _children_cpu_s() -> float:
    import resource

    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
