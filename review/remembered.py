"""Figures that take long to work out, kept while the store is the same, and for a while after it has changed.

Ten people submit a verdict every few seconds, and each changes the store. Figures over thousands of calls that cost a
second of a core each time would leave none for the clicks of others. Nobody waits for figures that were right five
minutes ago: they are shown, and worked out anew behind the page. Other figures are waited for by nobody. Who has
written something in those minutes sees figures of half a minute ago at most, and so their own change.
"""

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar, cast

from review.store_file import FileIdentity, Stamp, identity_of, stamp_of

log = logging.getLogger(__name__)
OLD_S = 30.0  # as old may be what took longer than QUICK_S; and while it is worked out anew behind the page:
PATIENCE = 10  # times as old
QUICK_S = 0.1
KEPT = 64  # views
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Kept:
    """`took_s`: to work it out; `right_s`: when it was last known to be what the store says."""

    value: Any
    stamp: Stamp
    identity: FileIdentity
    took_s: float
    right_s: float


class Remembered:
    """The memory of one application. Threads share it; one of them works a figure out."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, Kept] = OrderedDict()
        self._lock = threading.Lock()  # held for moments only
        self._at_work: dict[Hashable, threading.Lock] = {}
        self._renewed: set[Hashable] = set()  # that are, or will be, worked out behind the pages
        self._renewer: ThreadPoolExecutor | None = None
        self._wrote_s: dict[str, float] = {}  # by person
        self._forgotten = 0  # times

    def read(
        self,
        store: Path,
        key: Hashable,
        make: Callable[[], Made],
        person_id: str = "",
        *,
        is_own_seen_at_once: bool = False,
    ) -> Made:
        """What `make` gives. Another file in the store's place, as after `prescore erase`, makes it anew at once.

        `is_own_seen_at_once`: a person who has just written something sees nothing that is older than that.
        """
        with self._lock:
            at_work = self._at_work.setdefault(key, threading.Lock())
        has_written = self._has_written(person_id)
        old_s = 0.0 if has_written and is_own_seen_at_once else OLD_S
        kept = self._find(store, key, old_s)
        if kept is None and old_s and (not has_written or at_work.locked()):
            kept = self._find(store, key, PATIENCE * OLD_S)
            if kept is not None:
                self._renew_behind(store, key, make)
        if kept is None:
            with at_work:
                kept = self._find(store, key, old_s) or self._make(store, key, make)
        return cast("Made", kept.value)

    def wrote(self, person_id: str) -> None:
        """That person changes something: for some minutes they are shown no figures from before that."""
        now_s = time.monotonic()
        with self._lock:
            self._wrote_s = {who: at_s for who, at_s in self._wrote_s.items() if now_s - at_s < PATIENCE * OLD_S}
            self._wrote_s[person_id] = now_s

    def look(self, store: Path) -> None:
        """Notes which figures are still what the store says, so that their age counts from the first change on."""
        stamp, now_s = stamp_of(store), time.monotonic()
        with self._lock:
            for key, kept in self._kept.items():
                if kept.stamp == stamp:
                    self._kept[key] = replace(kept, right_s=now_s)

    def forget(self) -> None:
        """After a click that shall be seen at once."""
        with self._lock:
            self._kept.clear()
            self._forgotten += 1

    def close(self) -> None:
        """Waits for what is being worked out behind the pages."""
        with self._lock:
            renewer, self._renewer = self._renewer, None
        if renewer is not None:
            renewer.shutdown(cancel_futures=True)
        with self._lock:
            self._renewed.clear()

    def _has_written(self, person_id: str) -> bool:
        with self._lock:
            wrote_s = self._wrote_s.get(person_id)
        return wrote_s is not None and time.monotonic() - wrote_s < PATIENCE * OLD_S

    def _find(self, store: Path, key: Hashable, old_s: float) -> Kept | None:
        stamp, now_s = stamp_of(store), time.monotonic()
        with self._lock:
            kept = self._kept.get(key)
            if kept is None or not still_holds(kept, stamp, identity_of(store), old_s):
                return None
            if kept.stamp == stamp:
                kept = self._kept[key] = replace(kept, right_s=now_s)
            self._kept.move_to_end(key)
            return kept

    def _renew_behind(self, store: Path, key: Hashable, make: Callable[[], Any]) -> None:
        """One figure after another: most of the machine is left to the clicks."""
        with self._lock:
            if key in self._renewed:
                return
            self._renewed.add(key)
            if self._renewer is None:
                self._renewer = ThreadPoolExecutor(1, thread_name_prefix="figures")
            self._renewer.submit(self._renew, store, key, make)

    def _renew(self, store: Path, key: Hashable, make: Callable[[], Any]) -> None:
        with self._lock:
            at_work = self._at_work.setdefault(key, threading.Lock())
        try:
            with at_work:
                if self._find(store, key, OLD_S) is None:
                    self._make(store, key, make)
        except Exception as error:  # whoever asks when the last ones are too old is told
            log.info("figures could not be worked out anew: %s", error)
        finally:
            with self._lock:
                self._renewed.discard(key)

    def _make(self, store: Path, key: Hashable, make: Callable[[], Any]) -> Kept:
        """The files are looked at before: what is written meanwhile makes it old, though it may be in it."""
        stamp, identity, started_s = stamp_of(store), identity_of(store), time.monotonic()
        forgotten = self._forgotten
        value = make()
        ended_s = time.monotonic()
        kept = Kept(value, stamp, identity, ended_s - started_s, ended_s)
        with self._lock:
            if forgotten != self._forgotten:  # it may be from before the click that shall be seen
                return kept
            self._kept[key] = kept
            self._kept.move_to_end(key)
            while len(self._kept) > KEPT:
                gone, _ = self._kept.popitem(last=False)
                self._at_work.pop(gone, None)
        return kept


def still_holds(kept: Kept, stamp: Stamp, identity: FileIdentity, old_s: float) -> bool:
    """Whether it is what the store says, or took long and was so at most that long ago, in the same file."""
    if kept.stamp == stamp:
        return True
    is_recent = kept.took_s > QUICK_S and time.monotonic() - kept.right_s < old_s
    return is_recent and kept.identity == identity
