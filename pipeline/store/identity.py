"""Which stored call a journal row or a recording tells about."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace

import duckdb

from pipeline.records import Call
from pipeline.store.rows import fetch

FACTS = tuple(item.name for item in fields(Call) if item.name not in {"call_id", "content_sha256", "agent_at_s"})


@dataclass(slots=True)
class KnownCalls:
    """The calls known so far, this batch's among them, by all that a new one may share with them."""

    by_id: dict[str, Call] = field(default_factory=dict)
    id_by_sha: dict[str, str] = field(default_factory=dict)
    ids_by_journal_id: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    ids_by_file_name: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    told: dict[tuple[str, bool], Call] = field(default_factory=dict)  # facts by call id and whether from the journal

    def identify(self, new: Call) -> str:
        """The id of the stored call that `new` tells about, else its own, made longer where another call has it."""
        if new.content_sha256 in self.id_by_sha:
            return self.id_by_sha[new.content_sha256]
        same_journal_id = self.ids_by_journal_id.get(new.journal_call_id or "", set())
        same_file_name = self.ids_by_file_name.get(new.file_name or "", set())
        for candidates in ({new.call_id} & self.by_id.keys(), same_journal_id, same_file_name):
            fitting = [call_id for call_id in candidates if _may_be_one(self.by_id[call_id], new)]
            if len(fitting) == 1:  # two calls with one file name: nobody knows which, so it stays a call of its own
                return fitting[0]
        if new.call_id not in self.by_id:
            return new.call_id
        return f"{new.call_id}-{(new.content_sha256 or new.journal_call_id or 'journal')[:12]}"

    def is_news(self, call: Call, from_journal: bool) -> bool:
        """Whether the call says anything that its journal, or its files, have not said yet."""
        told = self.told.get((call.call_id, from_journal))
        return told is None or any(
            getattr(call, name) is not None and getattr(call, name) != getattr(told, name) for name in FACTS
        )

    def keep(self, call: Call, from_journal: bool) -> None:
        """Remembers a call, or more about it, under its stored id."""
        known = self.by_id.get(call.call_id, call)
        self.by_id[call.call_id] = _merged(known, call)
        key = (call.call_id, from_journal)
        self.told[key] = _merged(self.told.get(key, call), call)
        if call.content_sha256 is not None:
            self.id_by_sha[call.content_sha256] = call.call_id
        if call.journal_call_id is not None:
            self.ids_by_journal_id[call.journal_call_id].add(call.call_id)
        if call.file_name is not None:
            self.ids_by_file_name[call.file_name].add(call.call_id)


def known_calls(con: duckdb.DuckDBPyConnection, calls: Sequence[Call]) -> KnownCalls:
    """The stored calls that one of `calls` may tell about."""
    known = KnownCalls()
    rows = fetch(
        con,
        "candidate_calls",
        call_ids=[call.call_id for call in calls],
        shas=[call.content_sha256 for call in calls if call.content_sha256 is not None],
        journal_call_ids=[call.journal_call_id for call in calls if call.journal_call_id is not None],
        file_names=[call.file_name for call in calls if call.file_name is not None],
    )
    for row in rows:
        names, from_journal = row.pop("file_names"), row.pop("from_journal")
        call = Call(**row)
        known.keep(call, from_journal)
        for name in names:
            known.ids_by_file_name[name].add(call.call_id)
    return known


def _may_be_one(known: Call, new: Call) -> bool:
    """Two recordings are two calls, and so are two journal ids and two sources."""
    pairs = (
        (known.content_sha256, new.content_sha256),
        (known.journal_call_id, new.journal_call_id),
        (known.source, new.source),
    )
    return all(before is None or now is None or before == now for before, now in pairs)


def _merged(known: Call, new: Call) -> Call:
    facts = {name: getattr(new, name) for name in (*FACTS, "content_sha256") if getattr(new, name) is not None}
    return replace(known, **facts)
