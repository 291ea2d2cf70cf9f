"""What the pages of the next calls show, read into memory before anybody takes them: a quarter of such a page."""

from pipeline.errors import StoreError
from review.call_facts import CallFacts
from review.desk_work import timezone_of
from review.pages.call_reading import read_facts, read_found
from review.site import Site

AHEAD = 20  # calls at the head of the queue: each reviewer takes the first that fits their filters
AT_ONCE = 4  # in one look at the store, which keeps writers out meanwhile
QUICK_S = 0.1


class ReadingAhead:
    """To be called now and then. Call by call what never changes is kept (`KeptRecords`); facts are read anew."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._known: frozenset[str] = frozenset()  # of the head of the queue, those that were read

    def __call__(self) -> None:
        first = self._first_calls()
        missing = [call.call_id for call in first if call.call_id not in self._known][:AT_ONCE]
        self._known &= {call.call_id for call in first}
        if not missing:
            return
        try:
            with self._site.store.reading(timeout_s=QUICK_S) as con:
                for call_id in missing:
                    if (facts := read_facts(con, call_id)) is not None:
                        read_found(con, self._site.records, facts)
        except StoreError:  # busy: whoever takes the call reads it
            return
        self._known |= set(missing)

    def _first_calls(self) -> list[CallFacts]:
        site = self._site
        if not site.store.path.exists():
            return []
        listed = site.listing.read(site.store, timezone_of(site))
        return [item.call for item in listed.waiting(site.settings.review, blind=False)[:AHEAD]]
