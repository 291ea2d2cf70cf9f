"""Figures that take long to work out, kept while the store is the same, and for a while after it has changed.

Ten people submit a verdict every few seconds, and each changes the store. Figures over thousands of calls that cost a
second of a core each time would leave none for the clicks of others.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

from review.store_file import FileIdentity, Stamp, identity_of, stamp_of

OLD_S = 30.0  # as old may be what took longer than this:
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
    """The memory of one application. Threads share it; what one works out, others wait for."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, Kept] = OrderedDict()
        self._lock = threading.Lock()

    def read(self, store: Path, key: Hashable, make: Callable[[], Made]) -> Made:
        """What `make` gives. Another file in the store's place, as after `prescore erase`, makes it anew at once."""
        with self._lock:
            kept = self._kept.get(key)
            stamp, identity = stamp_of(store), identity_of(store)
            if kept is None or not still_holds(kept, stamp, identity):
                started_s = time.monotonic()
                value = make()
                ended_s = time.monotonic()
                self._kept[key] = kept = Kept(value, stamp, identity, ended_s - started_s, ended_s)
            self._kept.move_to_end(key)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
            return cast("Made", kept.value)

    def forget(self) -> None:
        """After a click that shall be seen at once."""
        with self._lock:
            self._kept.clear()


def still_holds(kept: Kept, stamp: Stamp, identity: FileIdentity) -> bool:
    if kept.stamp == stamp:
        return True
    is_recent = kept.took_s > QUICK_S and time.monotonic() - kept.made_s < OLD_S
    return is_recent and kept.identity == identity
