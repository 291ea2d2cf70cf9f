"""Figures that take long to work out, kept while the store is the same, and for a while after it has changed.

Ten people submit a verdict every few seconds, and each changes the store. Figures over thousands of calls that cost a
second of a core each time would leave none for the clicks of others. Who asks for figures that somebody is just working
out anew sees the last ones; other figures are waited for by nobody.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

from review.store_file import FileIdentity, Stamp, identity_of, stamp_of

OLD_S = 30.0  # as old may be what took longer than QUICK_S; and while it is worked out anew:
PATIENCE = 10  # times as old
QUICK_S = 0.1
KEPT = 64  # views
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Kept:
    """`took_s`: to work it out; `made_s`: when."""

    value: Any
    stamp: Stamp
    identity: FileIdentity
    took_s: float
    made_s: float


class Remembered:
    """The memory of one application. Threads share it; one of them works a figure out."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, Kept] = OrderedDict()
        self._lock = threading.Lock()  # held for moments only
        self._at_work: dict[Hashable, threading.Lock] = {}

    def read(self, store: Path, key: Hashable, make: Callable[[], Made]) -> Made:
        """What `make` gives. Another file in the store's place, as after `prescore erase`, makes it anew at once."""
        with self._lock:
            at_work = self._at_work.setdefault(key, threading.Lock())
        kept = self._find(store, key)
        if kept is None and at_work.locked():
            kept = self._find(store, key, PATIENCE)
        if kept is None:
            with at_work:
                kept = self._find(store, key) or self._make(store, key, make)
        return cast("Made", kept.value)

    def forget(self) -> None:
        """After a click that shall be seen at once."""
        with self._lock:
            self._kept.clear()

    def _find(self, store: Path, key: Hashable, patience: int = 1) -> Kept | None:
        with self._lock:
            kept = self._kept.get(key)
            if kept is None or not still_holds(kept, stamp_of(store), identity_of(store), patience):
                return None
            self._kept.move_to_end(key)
            return kept

    def _make(self, store: Path, key: Hashable, make: Callable[[], Any]) -> Kept:
        """The files are looked at before: what is written meanwhile makes it old, though it may be in it."""
        stamp, identity, started_s = stamp_of(store), identity_of(store), time.monotonic()
        value = make()
        ended_s = time.monotonic()
        kept = Kept(value, stamp, identity, ended_s - started_s, ended_s)
        with self._lock:
            self._kept[key] = kept
            while len(self._kept) > KEPT:
                gone, _ = self._kept.popitem(last=False)
                self._at_work.pop(gone, None)
        return kept


def still_holds(kept: Kept, stamp: Stamp, identity: FileIdentity, patience: int = 1) -> bool:
    if kept.stamp == stamp:
        return True
    is_recent = kept.took_s > QUICK_S and time.monotonic() - kept.made_s < patience * OLD_S
    return is_recent and kept.identity == identity
