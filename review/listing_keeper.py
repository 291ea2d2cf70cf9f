"""Keeps the list of the newest calls up to date beside the pages, so that hardly a click waits for the store."""

import logging
import threading
import time
from collections.abc import Callable
from datetime import tzinfo

from pipeline.errors import StoreError
from pipeline.review_settings import ReviewSettings
from pipeline.store import Store
from review.listing import Listing

log = logging.getLogger(__name__)
EVERY_S = 1.0
PART = 0.2  # of the time at most is spent on it: ten people change the store every other second
OLD_S = 15.0  # a view shows what is at most so old without a look at the store


class ListingKeeper:
    """The thread. While it works, a view takes the list as it was at most `OLD_S` ago. `then`: done after each time.

    Nothing wrong follows from that: who holds a call and what was handed in since comes from the desk, each time.
    """

    def __init__(
        self,
        listing: Listing,
        store: Store,
        zone: tzinfo,
        review: ReviewSettings,
        every_s: float = EVERY_S,
        then: Callable[[], None] = lambda: None,
    ) -> None:
        self._listing = listing
        self._store = store
        self._zone = zone
        self._review = review
        self._every_s = every_s
        self._then = then
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._work, name="listing", daemon=True)

    def start(self) -> None:
        self._listing.old_s = OLD_S
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()
        self._listing.old_s = 0.0

    def _work(self) -> None:
        took_s = 0.0
        while not self._stopped.wait(max(self._every_s, took_s / PART) if took_s else 0.0):
            started_s = time.monotonic()
            try:
                if self._store.path.exists():
                    self._listing.refresh(self._store, self._zone, self._review)
                    self._then()
            except StoreError as error:
                log.info("%s; the list of calls is refreshed later", error)
            except Exception:  # the thread outlives whatever happens to the file; a view reads for itself
                log.exception("the list of calls could not be refreshed")
            took_s = max(time.monotonic() - started_s, 1e-6)
