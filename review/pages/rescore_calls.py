"""Which calls a re-score would be about: gathered once for everybody, so that any choice among them is counted at once.

In a store of a million calls gathering takes a second or two beside the pages, and keeps 15 MB; a count some
hundredths of a second.
"""

from dataclasses import dataclass
from datetime import datetime

from pipeline.store import Store
from pipeline.store.rows import fetch
from review.gathered import GatheredCalls, open_apart
from review.site import Site


@dataclass(frozen=True, slots=True)
class RescoreCount:
    """Calls that fit, those of them with a transcript, and those that the version has judged already."""

    call_count: int = 0
    spoken_count: int = 0
    judged_count: int = 0

    @property
    def left_count(self) -> int:
        return self.spoken_count - self.judged_count


@dataclass(frozen=True)
class RescoreCalls:
    """`managers`: whose calls there are, by name."""

    managers: tuple[str, ...]
    calls: GatheredCalls

    def count(
        self, checklist_id: str, version: str, since: datetime | None, manager: str | None, call_type: str | None
    ) -> RescoreCount:
        """`since`: UTC, naive. None: no such condition."""
        asked = {"since": since, "manager": manager, "call_type": call_type}
        with self.calls.reading() as con:
            (row,) = fetch(con, "page_rescore_count", judged_by=f"{checklist_id}@{version}", **asked)
        return RescoreCount(**row)


def find_rescore_calls(site: Site) -> RescoreCalls:
    """As old as `review/remembered.py` says. Raises StoreError like the store."""
    return site.figures.read(site.store.path, ("re-score",), lambda: read_rescore_calls(site.store))


def read_rescore_calls(store: Store) -> RescoreCalls:
    with store.reading():
        memory = open_apart(store)
        memory.execute("ATTACH ':memory:' AS gathered (COMPRESS)")
        fetch(memory, "page_rescore_calls")
        memory.execute("USE gathered")
        memory.execute("DETACH stored")
    memory.execute("CHECKPOINT gathered")
    memory.execute("SET threads = 1")  # what is left to read is small
    managers = tuple(row["manager"] for row in fetch(memory, "page_rescore_managers"))
    return RescoreCalls(managers, GatheredCalls(memory))
