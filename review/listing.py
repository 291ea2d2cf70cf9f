"""The newest calls as lists show them, kept in memory and brought up to date when the store has changed.

Opening the store and planning a query cost more than the rows of a page. What is kept stays right, because

- every view looks at the size and time of the store's two files; a writer changes them before it lets the lock go, and
  the reader that fills this memory looks at them under the same lock;
- rows are only ever added, so that the calls beyond the counted rows are read anew, and no others; a table that became
  shorter (`prescore erase`), another default checklist, or ten minutes since everything was read: everything is;
- while a run writes, what was known at most `STALE_S` ago is shown rather than nothing. Nothing is lost by that: claims
  and what was handed in come from the desk, each time.

So many calls at most are held (`review.listed_calls`), the newest or the newest of asked days (`review/window.py`):
a view of a large store costs what a view of a small one does. `review/listing_keeper.py` keeps the newest up to date.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

import duckdb

from pipeline.errors import StoreError
from pipeline.review_settings import ReviewSettings
from pipeline.store import Store
from review.call_facts import CallFacts
from review.listed import Listed
from review.listing_rows import (
    Marks,
    read_before,
    read_calls,
    read_changed,
    read_default,
    read_disputed,
    read_first_suggestion,
    read_marks,
    read_newest_checklists,
)
from review.store_file import FileIdentity, Stamp, identity_of, stamp_of
from review.waiting import NOTHING_BEFORE, Before
from review.window import Span, Window, read_window

QUICK_S = 0.1  # a view waits no longer for a store that it knows already
STALE_S = 300.0
WHOLE_EVERY_S = 600.0
MANY = 500  # changed calls: then it is as quick to read all of them
MOST = ReviewSettings().listed_calls
SPANS = 3  # that are kept: the newest calls, and days that somebody has asked for
NEWEST = Span()


@dataclass(frozen=True, slots=True)
class Kept:
    """What is in memory, of which state of which file, and when it was last known to be right.

    `whole_s`: when everything was read; `first_suggestion`: as `read_first_suggestion` gives it.
    """

    listed: Listed
    stamp: Stamp
    identity: FileIdentity
    marks: Marks
    first_suggestion: int
    read_s: float
    whole_s: float

    @property
    def age_s(self) -> float:
        return time.monotonic() - self.read_s


class Listing:
    """The memory of one application. Threads share it; one of them refreshes it while the others wait, or do not.

    `most`: calls of a span that are held. `old_s`: as old may be what a view shows; more than 0 only while somebody
    calls `refresh` in shorter intervals.
    """

    def __init__(self, most: int = MOST) -> None:
        self.most = most
        self.old_s = 0.0
        self._lock = threading.Lock()
        self._kept: OrderedDict[Span, Kept] = OrderedDict()

    def read(self, store: Store, zone: tzinfo, old_s: float = 0.0, span: Span = NEWEST) -> Listed:
        """The calls as they are now, or were at most `old_s` ago. `span`: days that are asked for.

        Raises StoreError like `Store.reading` when nothing recent is known.
        """
        if not store.path.exists():
            return Listed(has_store=False)
        newest = self._read(store, zone, old_s, NEWEST)
        return newest if newest.window.covers(span) else self._read(store, zone, old_s, span)

    def refresh(self, store: Store, zone: tzinfo, review: ReviewSettings) -> None:
        """Brings the newest calls and the order of the queue up to date. Raises StoreError when the store is busy."""
        with self._lock:
            self._current(store, zone, NEWEST, None, review)

    def has_read(self, store: Store) -> bool:
        """Whether the newest calls of that very file were read."""
        kept = self._kept.get(NEWEST)
        return kept is not None and store.path.exists() and kept.identity == identity_of(store.path)

    def is_as_stored(self, store: Store) -> bool:
        """Whether nothing was written since the newest calls were read."""
        kept = self._kept.get(NEWEST)
        return kept is not None and kept.stamp == stamp_of(store.path)

    def _read(self, store: Store, zone: tzinfo, old_s: float, span: Span) -> Listed:
        kept = self._kept.get(span)
        is_same = kept is not None and kept.identity == identity_of(store.path)
        if kept is not None and is_same and kept.age_s < max(old_s, self.old_s):
            return kept.listed
        recent = kept if kept is not None and is_same and kept.age_s < STALE_S else None
        if recent is not None and self.old_s and self._lock.locked():
            return recent.listed  # somebody is at it
        with self._lock:
            try:
                return self._current(store, zone, span, QUICK_S if recent else None).listed
            except StoreError:
                if recent is None or recent.age_s >= STALE_S:
                    raise
                return recent.listed

    def _current(
        self, store: Store, zone: tzinfo, span: Span, timeout_s: float | None, review: ReviewSettings | None = None
    ) -> Kept:
        """Under the lock. `review`: the queue's order is worked out before anybody sees the calls."""
        kept, stamp = self._kept.get(span), stamp_of(store.path)
        if kept is not None and kept.stamp == stamp:
            kept = replace(kept, read_s=time.monotonic())
        else:
            with store.reading(timeout_s=timeout_s) as con:
                kept = refresh(con, kept, store, zone, span, self.most)
        if review is not None:
            kept.listed.waiting(review, blind=False)
        self._kept[span] = kept
        if span != NEWEST:
            self._kept.move_to_end(span)
        while len(self._kept) > SPANS:
            del self._kept[next(item for item in self._kept if item != NEWEST)]
        return kept


def refresh(
    con: duckdb.DuckDBPyConnection, kept: Kept | None, store: Store, zone: tzinfo, span: Span, most: int
) -> Kept:
    """What is to be kept from now on: with the changed calls read anew, or with all of them."""
    stamp, identity, marks = stamp_of(store.path), identity_of(store.path), read_marks(con)
    clock_s, now_s = time.time(), time.monotonic()
    if (
        kept is None
        or now_s - kept.whole_s > WHOLE_EVERY_S
        or kept.identity != identity
        or is_beyond(kept.marks, marks)
    ):
        changed = None
    elif marks == kept.marks:
        return replace(kept, stamp=stamp, read_s=now_s)
    else:
        changed = read_changed(con, kept.marks)
    if kept is None or changed is None or len(changed) > MANY:
        listed, first_suggestion = read_whole(con, marks, zone, read_window(con, span, most, zone), clock_s)
        return Kept(listed, stamp, identity, marks, first_suggestion, now_s, now_s)
    before = kept.listed
    calls = [call for call in before.calls if call.call_id not in changed]
    calls += read_calls(con, sorted(changed), zone, marks, before.window, kept.first_suggestion) if changed else []
    listed = listed_of(con, calls, before.disputed, clock_s, before.window, before.before).after(before)
    return Kept(listed, stamp, identity, marks, kept.first_suggestion, now_s, kept.whole_s)


def read_whole(
    con: duckdb.DuckDBPyConnection, marks: Marks, zone: tzinfo, window: Window, clock_s: float
) -> tuple[Listed, int]:
    """Everything, and the statistic of disputed criteria, which may be as old as the last such reading."""
    calls = read_calls(con, None, zone, marks, window)
    first_suggestion = read_first_suggestion(con, window, calls)
    disputed = read_disputed(con, calls, first_suggestion) if marks["verdicts"] else frozenset()
    before = NOTHING_BEFORE if window.cut_day is None else read_before(con, zone)
    return listed_of(con, calls, disputed, clock_s, window, before), first_suggestion


def is_beyond(known: Marks, marks: Marks) -> bool:
    """Whether more happened than rows being added: then all calls have to be read."""
    shrunk = any(marks[name] < known[name] for name in known)
    return shrunk or marks["default_checklists"] != known["default_checklists"]


def listed_of(
    con: duckdb.DuckDBPyConnection,
    calls: Iterable[CallFacts],
    disputed: frozenset[tuple[str, str]],
    read_s: float,
    window: Window,
    before: Before,
) -> Listed:
    ordered = sorted(calls, key=lambda call: call.call_id)
    ordered.sort(key=lambda call: call.started_at or datetime.min, reverse=True)
    names = sorted({score.checklist_id for call in ordered for score in call.scores})
    checklists = read_newest_checklists(con, names)
    return Listed(tuple(ordered), checklists, read_default(con), disputed, True, read_s, window, before)
