"""From the desk into the store, by a thread of the page that tries until it succeeds; without it, at once or never.

A click does not wait for the store: what is acknowledged stands in the desk's database.
"""

import json
import logging
import threading
import time
from collections.abc import Sequence
from typing import Any

from pipeline import watching
from pipeline.errors import StoreError
from pipeline.store import Store
from pipeline.store.submissions import append_reviews, read_submission_ids
from review.desk.database import Desk, execute_many, fetch, now_s
from review.desk.submitted import review_of

log = logging.getLogger(__name__)
QUICK_S = 0.1  # a click waits no longer for the store
PATIENT_S = 2.0  # the thread does, and then tries again
EVERY_S = 1.0
AFTER_CLICK_S = (
    3.0  # the click that woke the thread reads the next call first; what others hand in meanwhile goes along
)
STUCK_S = 120.0  # since the thread last began: it waits for the store PATIENT_S at a time
AT_ONCE = 50  # submissions in one transaction of the store
SMALL_WAL = 1_000_000  # bytes; what people hand in on a day is less


def apply_waiting(desk: Desk, store: Store, timeout_s: float = PATIENT_S, call_id: str | None = None) -> int:
    """Brings what waits into the store, all of it or that of one call; returns how many still wait.

    They wait while the store is busy, or lacks the call. Safe at any moment, in many threads and processes at once, and
    after a `kill -9` anywhere in it: what the store has already is only marked. Raises StoreError only for the desk.
    """
    waiting = 0
    while rows := _waiting(desk, call_id, offset=waiting):
        taken = _take(store, rows, timeout_s)
        if taken is None:
            return waiting + len(rows)
        _mark(desk, [row for row in rows if row["submission_id"] in taken])
        waiting += sum(row["submission_id"] not in taken for row in rows)
    return waiting


def forget_lost(desk: Desk, store: Store) -> int:
    """Lets everything wait again that the store does not have: an older copy of it was brought back. Returns how many.

    Raises StoreError when the store cannot be read.
    """
    with store.reading(timeout_s=PATIENT_S) as con:
        known = read_submission_ids(con)
    with desk.writing() as con:
        rows = [row for row in fetch(con, "applied_submissions") if row["submission_id"] not in known]
        execute_many(con, "forget_applied", [{"submission_id": row["submission_id"]} for row in rows])
    return len(rows)


class Applier:
    """The thread; also takes up what a killed process has left. One in each process of the page does no harm."""

    def __init__(self, desk: Desk, store: Store, every_s: float = EVERY_S) -> None:
        self._desk = desk
        self._store = store
        self._every_s = every_s
        self._seen_s = time.monotonic()
        self._woken = threading.Event()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._work, name="applier", daemon=True)

    def start(self) -> None:
        self._desk.wake_applier = self._woken.set
        self._thread.start()

    def stop(self) -> None:
        """Waits for the transaction at hand."""
        self._desk.wake_applier = None
        self._stopped.set()
        self._woken.set()
        self._thread.join()

    def is_alive(self) -> bool:
        """Whether the thread works and has been at it lately."""
        return self._thread.is_alive() and time.monotonic() - self._seen_s < STUCK_S

    def _work(self) -> None:
        is_checked = False
        while not self._stopped.is_set():
            self._seen_s = time.monotonic()
            self._woken.clear()
            try:
                is_checked = is_checked or self._check()
                apply_waiting(self._desk, self._store)
            except StoreError as error:
                log.info("%s; the next attempt is in %g s", error, self._every_s)
            except Exception:  # the thread outlives whatever happens to either file
                log.exception("submissions wait for the store; the next attempt is in %g s", self._every_s)
            if self._woken.wait(self._every_s):
                self._stopped.wait(AFTER_CLICK_S)

    def _check(self) -> bool:
        """Once after the start; not before there is a store."""
        if not self._store.path.exists():
            return False
        if count := forget_lost(self._desk, self._store):
            log.warning("the store lacks %d submissions that it had; they are brought back", count)
        return True


def _waiting(desk: Desk, call_id: str | None, offset: int) -> list[dict[str, Any]]:
    with desk.reading() as con:
        return fetch(con, "waiting_submissions", call_id=call_id, limit=AT_ONCE, offset=offset)


def _take(store: Store, rows: Sequence[dict[str, Any]], timeout_s: float) -> frozenset[str] | None:
    """The ids that the store has now; None when it is busy. One that cannot be stored keeps no other from it."""
    try:
        with store.writing(checkpoint=_is_cheap(store), timeout_s=timeout_s) as con:
            return append_reviews(con, [review_of(row) for row in rows])
    except StoreError as error:
        log.info("%d submissions wait: %s", len(rows), error)
        return None
    except Exception:  # acknowledged is acknowledged: it stays with the desk, whatever is wrong with it
        if len(rows) == 1:
            log.exception("submission %s cannot be stored", rows[0]["submission_id"])
            return frozenset()
    return frozenset().union(*(_take(store, [row], timeout_s) or () for row in rows))


def _is_cheap(store: Store) -> bool:
    """Whether folding the write-ahead log in costs less than every reader's reading it: not what a run left there."""
    log_file = store.path.with_name(f"{store.path.name}.wal")
    return not log_file.exists() or log_file.stat().st_size < SMALL_WAL


def _mark(desk: Desk, rows: Sequence[dict[str, Any]]) -> None:
    if not rows:
        return
    marks = [{"submission_id": row["submission_id"], "undone_s": row["undone_s"], "now_s": now_s()} for row in rows]
    with desk.writing() as con:
        execute_many(con, "mark_applied", marks)
    new = [row for row in rows if row["applied_s"] is None and row["undone_s"] is None]
    watching.instruments().applied.add(sum(len(json.loads(row["content"])["verdicts"]) for row in new))
