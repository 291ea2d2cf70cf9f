"""Every call of the store as lists show it, kept in memory and brought up to date when the store has changed.

Opening the store and planning a query cost more than the rows of a page. What is kept stays right, because

- every view looks at the size and time of the store's two files; a writer changes them before it lets the lock go, and
  the reader that fills this memory looks at them under the same lock;
- rows are only ever added, so that the calls beyond the counted rows are read anew, and no others; a table that became
  shorter (`prescore erase`), another default checklist, or ten minutes since everything was read: everything is;
- while a run writes, what was known at most `STALE_S` ago is shown rather than nothing. Nothing is lost by that: claims
  and what was handed in come from the desk, each time.
"""

import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo

import duckdb

from pipeline.checklist import Checklist
from pipeline.errors import StoreError
from pipeline.review_settings import ReviewSettings
from pipeline.store import Store
from review.call_facts import CallFacts
from review.listing_rows import (
    Marks,
    read_calls,
    read_changed,
    read_default,
    read_disputed,
    read_marks,
    read_newest_checklists,
)
from review.store_file import Stamp, stamp_of
from review.waiting import WaitingCall, in_order

QUICK_S = 0.1  # a view waits no longer for a store that it knows already
STALE_S = 60.0
WHOLE_EVERY_S = 600.0
MANY = 500  # changed calls: then it is as quick to read all of them


@dataclass(frozen=True)
class Listed:
    """The calls at one moment, newest first.

    `checklists`: those that have judged a call, in their newest version; None where that is not stored. `disputed`:
    (checklist, criterion) with little agreement so far. `read_s`: when it was read, on the clock of the desk.
    """

    calls: tuple[CallFacts, ...] = ()
    checklists: Mapping[str, Checklist | None] = field(default_factory=dict)
    default_checklist: str | None = None
    disputed: frozenset[tuple[str, str]] = frozenset()
    has_store: bool = True
    read_s: float = 0.0
    _orders: dict[bool, tuple[WaitingCall, ...]] = field(default_factory=dict)
    _earlier: Mapping[bool, tuple[WaitingCall, ...]] = field(default_factory=dict)

    def checklist(self, checklist_id: str | None) -> Checklist | None:
        """The asked one; without a name, or where it has judged nothing, the default one, or else the first."""
        for name in (checklist_id, self.default_checklist, *self.checklists):
            if name is not None and name in self.checklists:
                return self.checklists[name]
        return None

    def waiting(self, review: ReviewSettings, *, blind: bool) -> tuple[WaitingCall, ...]:
        """Those that wait for a person, in the order of the queue; worked out once."""
        if blind not in self._orders:
            self._orders[blind] = in_order(
                self.calls,
                self.disputed,
                review.listened_share,
                review.newcomer_days,
                blind=blind,
                known=self._earlier.get(blind, ()),
            )
        return self._orders[blind]

    def after(self, earlier: "Listed") -> "Listed":
        """The same, with the orders that were worked out before where they still help."""
        known = {**earlier._earlier, **earlier._orders}
        return replace(self, _earlier=known) if self.disputed == earlier.disputed else self


@dataclass(frozen=True, slots=True)
class Kept:
    """What is in memory, of which state of the files, and when it was read."""

    listed: Listed
    stamp: Stamp
    marks: Marks
    read_s: float
    whole_s: float  # when everything was read


class Listing:
    """The memory of one application. Threads share it; one of them refreshes it while the others wait."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: Kept | None = None

    def read(self, store: Store, zone: tzinfo, old_s: float = 0.0) -> Listed:
        """The calls as they are now, or were at most `old_s` ago.

        Raises StoreError like `Store.reading` when nothing recent is known.
        """
        if not store.path.exists():
            return Listed(has_store=False)
        with self._lock:
            kept = self._kept
            if kept is not None and time.monotonic() - kept.read_s < old_s:
                return kept.listed
            if kept is None or kept.stamp != stamp_of(store.path):
                self._kept = kept = self._refreshed(store, kept, zone)
            return kept.listed

    def _refreshed(self, store: Store, kept: Kept | None, zone: tzinfo) -> Kept:
        recent = kept if kept is not None and time.monotonic() - kept.read_s < STALE_S else None
        try:
            with store.reading(timeout_s=QUICK_S if recent else None) as con:
                return refresh(con, kept, stamp_of(store.path), zone)
        except StoreError:
            if recent is None:
                raise
            return recent


def refresh(con: duckdb.DuckDBPyConnection, kept: Kept | None, stamp: Stamp, zone: tzinfo) -> Kept:
    """What is to be kept from now on: with the changed calls read anew, or with all of them."""
    clock_s, now_s = time.time(), time.monotonic()
    marks = read_marks(con)
    if kept is None or now_s - kept.whole_s > WHOLE_EVERY_S or is_beyond(kept.marks, marks):
        return read_whole(con, stamp, marks, zone, clock_s, now_s)
    if marks == kept.marks:
        return replace(kept, stamp=stamp, read_s=now_s)
    changed = read_changed(con, kept.marks)
    if len(changed) > MANY:
        return read_whole(con, stamp, marks, zone, clock_s, now_s)
    calls = [call for call in kept.listed.calls if call.call_id not in changed]
    calls += read_calls(con, sorted(changed), zone, marks) if changed else []
    listed = listed_of(con, calls, kept.listed.disputed, clock_s).after(kept.listed)
    return Kept(listed, stamp, marks, now_s, kept.whole_s)


def read_whole(
    con: duckdb.DuckDBPyConnection, stamp: Stamp, marks: Marks, zone: tzinfo, clock_s: float, now_s: float
) -> Kept:
    """Everything, and the statistic of disputed criteria, which may be as old as the last such reading."""
    calls = read_calls(con, None, zone, marks)
    listed = listed_of(con, calls, read_disputed(con) if marks["verdicts"] else frozenset(), clock_s)
    return Kept(listed, stamp, marks, now_s, now_s)


def is_beyond(known: Marks, marks: Marks) -> bool:
    """Whether more happened than rows being added: then all calls have to be read."""
    shrunk = any(marks[name] < known[name] for name in known)
    return shrunk or marks["default_checklists"] != known["default_checklists"]


def listed_of(
    con: duckdb.DuckDBPyConnection, calls: Iterable[CallFacts], disputed: frozenset[tuple[str, str]], read_s: float
) -> Listed:
    ordered = sorted(calls, key=lambda call: call.call_id)
    ordered.sort(key=lambda call: call.started_at or datetime.min, reverse=True)
    names = sorted({score.checklist_id for call in ordered for score in call.scores})
    checklists = read_newest_checklists(con, names)
    return Listed(tuple(ordered), checklists, read_default(con), disputed, read_s=read_s)
