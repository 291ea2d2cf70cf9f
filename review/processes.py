"""Work in processes of its own, which outlive the page: a restart of the page finds them again."""

import os
import signal
import subprocess
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import InputError

BEHIND_THE_PAGE = 10  # niceness: pages are answered first


@dataclass(frozen=True, slots=True)
class Process:
    """`identity` says when it was started: the same id is given to another process one day."""

    pid: int
    identity: str

    @property
    def is_running(self) -> bool:
        return identity_of(self.pid) == self.identity


def identity_of(pid: int) -> str | None:
    """Since when the process with this id has run, on this start of the machine; None when it has ended."""
    try:
        facts = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return None
    words = facts.rpartition(")")[2].split()  # from the third of `man 5 proc_pid_stat` on: a name may hold anything
    state, start = words[0], words[19]
    return None if state in ("Z", "X") else f"{boot} {start}"


def start_process(command: Sequence[str], log: Path) -> Process:
    """Starts the command in a session of its own; what it prints goes to the log.

    Raises InputError when there is no such program, or the log cannot be written.
    """
    try:
        with log.open("wb") as output:
            started = subprocess.Popen(  # noqa: S603  our own command; each word is one argument, no shell reads it
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
            )
    except OSError as error:
        raise InputError(f"{error.filename}: {error.strerror}; `make setup` installs the command `prescore`") from error
    identity = identity_of(started.pid) or ""
    threading.Thread(target=started.wait, daemon=True).start()  # its end is taken note of, so that no zombie stays
    _stand_back(started.pid)
    return Process(started.pid, identity)


def interrupt(process: Process) -> bool:
    """Asks the process to end in good order, as Ctrl-C does; False when it has ended already."""
    if not process.is_running:
        return False
    try:
        os.kill(process.pid, signal.SIGINT)
    except ProcessLookupError:
        return False
    return True


def _stand_back(pid: int) -> None:
    try:
        own = os.getpriority(os.PRIO_PROCESS, pid)  # of a page server that stands back itself
        os.setpriority(os.PRIO_PROCESS, pid, max(own, BEHIND_THE_PAGE))
    except OSError:  # it has ended already
        return
