"""A copy of the desk as it is at one moment, and a desk that came back from one."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from pipeline.errors import StoreError
from review.desk.database import Desk, load_migrations


def copy_desk(desk: Desk, target: Path) -> None:
    """Copies the desk, of whatever version, to `target`, while people work at it; nobody waits.

    Row by row into a new file: what was erased stays in the free pages of the old one. Raises StoreError
    when it cannot be.
    """
    try:
        with closing(sqlite3.connect(f"{desk.path.absolute().as_uri()}?mode=rw", uri=True)) as con:
            con.execute("PRAGMA busy_timeout = 5000")
            con.execute("VACUUM INTO ?", [str(target)])
    except sqlite3.Error as error:
        raise StoreError(f"{desk.path}: cannot be copied ({error}); free some space or mend the file") from error
    os.chmod(target, 0o600)  # noqa: PTH101  hashes of passwords are in it


def read_desk_version(path: Path) -> int:
    """The number of its newest migration, of a file that nobody uses. Raises StoreError when it is damaged."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as con:
            (found,) = con.execute("PRAGMA quick_check").fetchone()
            (version,) = con.execute("PRAGMA user_version").fetchone()
    except sqlite3.Error as error:
        raise StoreError(f"{path}: damaged ({error}); take another backup") from error
    if found != "ok":
        raise StoreError(f"{path}: damaged ({found}); take another backup")
    return int(version)


def known_desk_version() -> int:
    """The newest that this program knows."""
    return len(load_migrations())


def end_all_sessions(desk: Desk) -> int:
    """Nobody stays logged in by a session of the past; returns how many there were."""
    with desk.writing() as con:
        return con.execute("DELETE FROM sessions").rowcount
