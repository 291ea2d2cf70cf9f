"""The calls that somebody will take next, read into memory before anybody takes them.

Their pages then need no look at the store, for which a click would have to wait while a night or a verdict is written.
"""

import time
from dataclasses import dataclass

import duckdb

from pipeline.errors import StoreError
from review.call_facts import CallFacts
from review.desk_work import read_listed_call, timezone_of
from review.pages.asked_evaluation import AskedEvaluation, keep_asked
from review.pages.call_reading import FoundCall, ShownEvaluation, choose_judged, read_facts, read_found, read_shown
from review.site import Site
from review.store_file import Stamp, stamp_of

AHEAD = 20  # calls at the head of the queue: each reviewer takes the first that fits their filters
AT_ONCE = 4  # in one look at the store, which keeps writers out meanwhile
QUICK_S = 0.1
OLD_S = 15.0  # the list says not everything: what was read before something was written counts so long


@dataclass(frozen=True)
class ReadCall:
    """What the store says of a call and its current evaluation.

    `listed`: what the list said of it then; `stamp`: of the store then.
    """

    listed: CallFacts
    found: FoundCall
    shown: ShownEvaluation
    stamp: Stamp
    read_s: float  # on the monotonic clock

    def is_fresh(self, stamp: Stamp, old_s: float) -> bool:
        """Whether nothing was written since, or it is younger than that."""
        return self.stamp == stamp or time.monotonic() - self.read_s < old_s


class ReadingAhead:
    """To be called now and then, after the list was brought up to date."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._tried: dict[str, CallFacts] = {}  # some cannot be kept: they are not tried again until the list changes

    def __call__(self) -> None:
        self._find_rows()
        self._find_first_words()
        first = self._first_calls()
        missing = [call for call in first if self._is_due(call)][:AT_ONCE]
        if not missing:
            return
        try:
            with self._site.store.reading(timeout_s=QUICK_S) as con:
                for call in missing:
                    read_ahead(con, self._site, call)
        except StoreError:  # busy: whoever takes the call reads it
            return
        known = {**self._tried, **{call.call_id: call for call in missing}}
        self._tried = {call.call_id: known[call.call_id] for call in first if call.call_id in known}

    def _find_rows(self) -> None:
        try:
            self._site.records.rows.prepare(self._site.store)
        except StoreError:  # busy: until it is not, a page looks through all rows
            return

    def _find_first_words(self) -> None:
        site = self._site
        try:
            site.said.prepare(site.store, site.listing.read(site.store, timezone_of(site)))
        except StoreError:  # whoever looks for words finds it out
            return

    def _is_due(self, call: CallFacts) -> bool:
        """Never read, or no longer as the list says it, or getting old."""
        kept = kept_call(self._site, call, OLD_S / 2)
        return kept is None and (
            self._tried.get(call.call_id) != call or self._site.ahead.find(call.call_id) is not None
        )

    def _first_calls(self) -> list[CallFacts]:
        site = self._site
        if not site.store.path.exists():
            return []
        listed = site.listing.read(site.store, timezone_of(site))
        return [item.call for item in listed.waiting(site.settings.review, blind=False)[:AHEAD]]


def read_ahead(con: duckdb.DuckDBPyConnection, site: Site, listed: CallFacts) -> None:
    """Keeps the call, unless the store already says something else of it than the list."""
    stamp, read_s = stamp_of(site.store.path), time.monotonic()
    call = read_facts(con, listed.call_id, site.records.rows)
    found = None if call is None else read_found(con, site.records, call)
    judged = None if found is None else choose_judged(found.judged)
    if found is None or judged is None or all(judged.evaluation_id != item.evaluation_id for item in listed.scores):
        return
    shown = read_shown(con, site.records, judged)
    if shown.checklist is not None:
        site.ahead.keep(listed.call_id, ReadCall(listed, found, shown, stamp, read_s))
        made = shown.evaluation, found.places, shown.measured
        keep_asked(site, AskedEvaluation(listed.call_id, judged, shown.checklist, *made))


def find_read_ahead(site: Site, call_id: str) -> ReadCall | None:
    """The call as it was read, while the list still says the same of it; None: the store has to be asked."""
    listed = read_listed_call(site, call_id)
    return None if listed is None else kept_call(site, listed, OLD_S)


def kept_call(site: Site, listed: CallFacts, old_s: float) -> ReadCall | None:
    kept = site.ahead.find(listed.call_id)
    if not isinstance(kept, ReadCall) or kept.listed != listed:
        return None
    return kept if kept.is_fresh(stamp_of(site.store.path), old_s) else None
