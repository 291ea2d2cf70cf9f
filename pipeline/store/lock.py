"""The sidecar lock beside the database: many readers or one writer, among all threads and processes of a machine.

Whoever asks first takes the turn, another lock on the same file, and gives it back when they have the lock or after
`TURN_S`. A writer that waits for a reader therefore lets no later reader pass, so that readers in turns cannot keep it
out; and a reader that takes long keeps other readers out no longer than that.
"""

import fcntl
import json
import os
import random
import re
import shlex
import struct
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from pipeline.errors import StoreError

POLL_S = 0.01
FIRST_POLL_S = 0.001  # most holders are done in a few milliseconds
TURN_S = 0.2
TURN_BYTE = 1 << 40  # far behind the note: a lock on a byte needs no byte there
# `prescore erase` leaves a client's number in no file; an option and its value may be quoted together.
WHOM = re.compile(r"(')?(--(?:phone|call)[ =])(?(1)[^']*'|(?:'[^']*'|\S+))")


@contextmanager
def locked(path: Path, *, exclusive: bool, timeout_s: float) -> Iterator[None]:
    """Holds `path` under flock, shared or exclusive.

    Every use opens the file anew, because flock belongs to the open file: threads exclude each other like processes.
    The kernel frees the lock of a process that dies.

    Raises StoreError that names the holder when the lock is not free within `timeout_s`, or the folder when the file
    cannot be made there.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise StoreError(
            f"{path}: cannot be opened for locking ({error.strerror}); free some space or mend the folder, then repeat"
        ) from error
    try:
        _take(descriptor, path, exclusive, time.monotonic() + timeout_s, timeout_s)
        try:
            _sign(descriptor, exclusive)
            yield
        finally:
            fcntl.flock(descriptor, fcntl.LOCK_UN)  # frees it for forked copies of the descriptor too
    finally:
        os.close(descriptor)


def is_held(path: Path) -> bool:
    """Whether somebody holds it now, alone; a glance that changes nothing and waits for nobody."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _take(descriptor: int, path: Path, exclusive: bool, deadline: float, timeout_s: float) -> None:
    """Waits for the turn, and with it for the lock. Raises StoreError when that takes too long."""
    try:
        if not _waited(descriptor, exclusive, deadline):
            raise StoreError(
                f"{path}: the store is busy: {_holder(descriptor)}, and it was not free within {timeout_s:g} s; "
                "wait for that program or end it, then repeat"
            )
    finally:
        _turn(descriptor, fcntl.F_UNLCK)


def _waited(descriptor: int, exclusive: bool, deadline: float) -> bool:
    """Whether the lock was free in time. The turn is kept for `TURN_S` and then left to others for as long."""
    operation = (fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH) | fcntl.LOCK_NB
    poll_s, has_turn, changes_s = FIRST_POLL_S, False, 0.0
    while True:
        now = time.monotonic()
        if has_turn and now >= changes_s:
            _turn(descriptor, fcntl.F_UNLCK)
            has_turn, changes_s = False, now + TURN_S
        elif not has_turn and now >= changes_s and _turn(descriptor, fcntl.F_WRLCK):
            has_turn, changes_s = True, now + TURN_S
        if has_turn and _tried(descriptor, operation):
            return True
        if now >= deadline:
            return False
        time.sleep(poll_s * random.uniform(0.5, 1.5))  # noqa: S311  pollers in step would starve each other
        poll_s = min(POLL_S, 1.5 * poll_s)


def _turn(descriptor: int, kind: int) -> bool:
    """Takes the turn (F_WRLCK) or gives it back (F_UNLCK); False while somebody else has it.

    A lock of the open file, as flock is: threads exclude each other, and the kernel frees that of one who dies.
    """
    asked = struct.pack("hhqqi4x", kind, os.SEEK_SET, TURN_BYTE, 1, 0)  # struct flock of 64-bit Linux
    try:
        fcntl.fcntl(descriptor, fcntl.F_OFD_SETLK, asked)
    except (BlockingIOError, PermissionError):
        return False
    return True


def _tried(descriptor: int, operation: int) -> bool:
    try:
        fcntl.flock(descriptor, operation)
    except BlockingIOError:
        return False
    return True


def _sign(descriptor: int, exclusive: bool) -> None:
    """Says who holds the lock. Readers share it, and the last of them has its name here."""
    note = {
        "pid": os.getpid(),
        "command": WHOM.sub(r"\2...", " ".join(shlex.join(sys.orig_argv).split()))[:200],
        "mode": "writing" if exclusive else "reading",
    }
    text = json.dumps(note).encode()
    with suppress(OSError):  # on a full disk the lock holds without a name
        os.pwrite(descriptor, text, 0)
        os.ftruncate(descriptor, len(text))


def _holder(descriptor: int) -> str:
    try:
        note: dict[str, Any] = json.loads(os.pread(descriptor, 4096, 0))
        return f"process {note['pid']} is {note['mode']} ({note['command']})"
    except (ValueError, KeyError, TypeError):  # the holder has the lock and has not signed yet
        return "another process holds it"
