"""Processes by their kind, killed at a moment, and the wait until nothing of them is left."""

import os
import random
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

LONGEST_S = 600.0  # a machine that others keep busy
POLL_S = 0.02


def children_of(pid: int) -> list[int]:
    """Its children at this moment; none where it is gone."""
    with suppress(OSError):
        threads = list(Path(f"/proc/{pid}/task").iterdir())
        return [int(child) for thread in threads for child in (thread / "children").read_text().split()]
    return []


def command_of(pid: int) -> str:
    """Its words; empty for one that has ended."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    return ""


def workers_of(pid: int) -> list[int]:
    """Worker processes of a command or a flow: spawned by multiprocessing, but for its bookkeeper of semaphores."""
    return [child for child in children_of(pid) if "spawn_main" in command_of(child)]


def kill_one_of(pids: Sequence[int], chance: random.Random) -> bool:
    """kill -9 for one of them; False where there is none."""
    if not pids:
        return False
    with suppress(ProcessLookupError):
        os.kill(chance.choice(list(pids)), signal.SIGKILL)
        return True
    return False


def kill_group(process: subprocess.Popen[str]) -> bool:
    """kill -9 for the process and all that it started; False where it has ended."""
    if process.poll() is not None:
        return False
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return True


def group_is_alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def wait_until(holds: Callable[[], bool], what: str, longest_s: float = LONGEST_S) -> float:
    """Seconds until it holds. Raises TimeoutError that says what did not come."""
    started_s = time.monotonic()
    while not holds():
        waited_s = time.monotonic() - started_s
        if waited_s > longest_s:
            raise TimeoutError(f"{what}: not within {longest_s:.0f} s")
        time.sleep(POLL_S)
    return time.monotonic() - started_s
