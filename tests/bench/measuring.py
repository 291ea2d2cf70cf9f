"""Time and memory of a whole command with all its child processes."""

import contextlib
import os
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

POLL_S = 0.05
PARTS = 5  # of a run's time: memory that grows is seen between them
POLLING_SHARE = 0.02  # of a core, at most: asking for the memory of gigabytes takes tens of milliseconds
PROC = Path("/proc")
TICK_S = 1 / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Measured:
    """One run of a command. `peak_mb`: largest sum of resident memory over its processes at one moment.

    `peaks_mb`: the same in each fifth of its time. `own_cpu_s`: of its first process alone.
    """

    wall_s: float
    cpu_s: float
    peak_mb: float
    output: str
    peaks_mb: tuple[float, ...] = ()
    own_cpu_s: float = 0.0


def measure(
    command: Sequence[str], environment: Mapping[str, str] | None = None, beside: Sequence[int] = ()
) -> Measured:
    """Run the command. Raises CalledProcessError when it fails.

    `beside`: processes that run already and work for it; their memory counts, with that of all that they started.
    """
    before_s = _children_cpu_s()
    started_s = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    seen: list[tuple[float, float]] = []
    ended = threading.Event()
    watcher = threading.Thread(target=_watch, args=((process.pid, *beside), ended, seen))
    watcher.start()
    try:
        output, own_cpu_s = _followed(process)
    finally:
        ended.set()
    wall_s = time.perf_counter() - started_s
    watcher.join()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command, output)
    peak_mb = max((resident_mb for _, resident_mb in seen), default=0.0)
    moments = [(at_s - started_s, resident_mb) for at_s, resident_mb in seen]
    peaks_mb = peaks_by_part(moments, wall_s)
    return Measured(wall_s, _children_cpu_s() - before_s, peak_mb, output, peaks_mb, own_cpu_s)


def _followed(process: subprocess.Popen[str]) -> tuple[str, float]:
    """Until it has ended: what it printed, and its CPU seconds."""
    assert process.stdout is not None
    with process.stdout as printed:
        output = printed.read()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # its time can be read until it is waited for
    own_cpu_s = _cpu_s(process.pid)
    process.wait()
    return output, own_cpu_s


def tree_cpu_s(root: int) -> float:
    """Of a process that runs and all that it started, those that ended and were waited for among them."""
    return sum(_cpu_s(pid, and_ended=True) for pid in _tree(root))


def peaks_by_part(moments: Sequence[tuple[float, float]], wall_s: float) -> tuple[float, ...]:
    """The largest in each fifth of the time, of moments with their seconds; without any, that of the fifth before."""
    peaks: list[float] = []
    for part in range(PARTS):
        begins_s, ends_s = part * wall_s / PARTS, (part + 1) * wall_s / PARTS
        inside = [resident_mb for at_s, resident_mb in moments if begins_s <= at_s < ends_s]
        peaks.append(max(inside, default=peaks[-1] if peaks else 0.0))
    return tuple(peaks)


def _watch(roots: Sequence[int], ended: threading.Event, seen: list[tuple[float, float]]) -> None:
    pause_s = 0.0
    while not ended.wait(pause_s):
        asked_s = time.perf_counter()
        seen.append((asked_s, sum(_resident_mb(pid) for root in roots for pid in _tree(root))))
        pause_s = max(POLL_S, (time.perf_counter() - asked_s) / POLLING_SHARE)


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


def _cpu_s(pid: int, *, and_ended: bool = False) -> float:
    """Of one process; `and_ended`: with its children that ended. Zero when it is gone."""
    try:
        after_name = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return TICK_S * sum(int(ticks) for ticks in after_name[11 : 15 if and_ended else 13])


def _children_cpu_s() -> float:
    import resource

    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
