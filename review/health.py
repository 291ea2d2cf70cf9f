"""Whether the page can do its work: each part looked at, told in general terms alone."""

import os
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock

from pipeline.errors import StoreError
from pipeline.store.lock import is_held
from review.site import Site

LEAST_FREE_BYTES = 500_000_000
KEPT_S = 2.0  # whoever asks more often gets the same answer: anybody may ask
QUICK_S = 0.5  # for the store
Check = Callable[[], bool]


@dataclass
class Health:
    """`applier_is_alive`: whether the thread that brings submissions into the store works; asked each time."""

    site: Site
    applier_is_alive: Check = lambda: True
    _known: Mapping[str, bool] = field(default_factory=dict)
    _known_until_s: float = 0.0
    _lock: Lock = field(default_factory=Lock)

    def parts(self) -> Mapping[str, bool]:
        """Each part by its name, and whether it is well."""
        with self._lock:
            if time.monotonic() >= self._known_until_s:
                self._known = {
                    "store": self.store_is_readable(),
                    "desk": self.desk_is_writable(),
                    "disk": free_bytes(self.site) >= LEAST_FREE_BYTES,
                    "applier": self.applier_is_alive(),
                }
                self._known_until_s = time.monotonic() + KEPT_S
            return self._known

    def store_is_readable(self) -> bool:
        """Also where there is none yet, and while a night or a publication holds it: submissions wait in the desk."""
        store = self.site.store
        if not store.path.exists():
            return True
        try:
            with store.reading(timeout_s=QUICK_S) as con:
                con.execute("SELECT 1")
        except StoreError:
            return is_held(store.lock_path)
        return True

    def desk_is_writable(self) -> bool:
        try:
            with self.site.desk.writing():
                return os.access(self.site.desk.path, os.W_OK)
        except StoreError:
            return False


def free_bytes(site: Site) -> int:
    """What is free on the disk of the data folder."""
    return shutil.disk_usage(site.desk.path.parent).free
