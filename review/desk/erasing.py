"""What the desk holds of erased calls is deleted and overwritten; the audit log keeps its ids."""

import json
import sqlite3
import time
from collections.abc import Sequence

from pipeline.errors import StoreError
from review.desk.database import Desk, query

STATEMENTS = ("erase_claims", "erase_drafts", "erase_submissions", "erase_webhook_deliveries")
POLL_S = 0.05


def erase_calls(desk: Desk, call_ids: Sequence[str], evaluation_ids: Sequence[str]) -> int:
    """Deletes claims, drafts, submissions and messages of the calls; returns how many rows. Safe to repeat.

    The file is written anew, so that nothing is left in its free pages or its write-ahead log. Raises StoreError when
    the desk is busy.
    """
    if not desk.path.exists():
        return 0
    with desk.reading():
        pass  # the schema is there from now on
    con = sqlite3.connect(desk.path, timeout=desk.timeout_s, isolation_level=None)
    try:
        con.execute("PRAGMA secure_delete = ON")
        count = _delete(
            con, {"call_ids": json.dumps(list(call_ids)), "evaluation_ids": json.dumps(list(evaluation_ids))}
        )
        con.execute("VACUUM")
        _empty_log(con, desk)
    except sqlite3.OperationalError as error:
        raise StoreError(f"{desk.path}: {error}; end the program that holds it, then repeat") from error
    finally:
        con.close()
    return count


def _delete(con: sqlite3.Connection, keys: dict[str, str]) -> int:
    con.execute("BEGIN IMMEDIATE")
    try:
        count = sum(con.execute(query(name), keys).rowcount for name in STATEMENTS)
        con.execute("COMMIT")
    except BaseException:
        con.rollback()
        raise
    return count


def _empty_log(con: sqlite3.Connection, desk: Desk) -> None:
    """Folds the write-ahead log in and cuts it to nothing; waits for those who read meanwhile."""
    deadline = time.monotonic() + desk.timeout_s
    while con.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
        if time.monotonic() >= deadline:
            raise StoreError(f"{desk.path}: somebody reads it all the time; end the review page, then repeat")
        time.sleep(POLL_S)
