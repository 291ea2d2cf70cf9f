"""Everything of some calls, to be erased: which rows are theirs, where their files lie, and what was said in them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from pipeline.known_files import KnownPlace
from pipeline.store.rows import fetch

NATIONAL_DIGITS = 10  # of a number, whatever code stands before them
SEARCHED_DIGITS = 7  # fewer are found anywhere


@dataclass(frozen=True, slots=True)
class ErasedCall:
    """One call as the person who erases sees it."""

    call_id: str
    started_at: datetime | None
    manager: str | None
    recording_count: int


@dataclass(frozen=True, slots=True)
class CallTraces:
    """`keys`: by the name of a column, the values that mark a row as theirs. `texts`: what was said and written."""

    calls: tuple[ErasedCall, ...]
    keys: Mapping[str, tuple[str, ...]]
    places: tuple[KnownPlace, ...]
    lines: tuple[str, ...]  # of the newest dialogues, in order
    texts: tuple[str, ...]
    language: str

    @property
    def sizes(self) -> Mapping[int, frozenset[str]]:
        """Contents of the recordings by size."""
        found: dict[int, set[str]] = {}
        for place in self.places:
            found.setdefault(place.size_bytes, set()).add(place.content_sha256)
        return {size: frozenset(shas) for size, shas in found.items()}


KEYS = ("call_id", "content_sha256", "evaluation_id", "submission_id", "failure_id")


def find_calls_of_phone(con: duckdb.DuckDBPyConnection, phone_hash: str, digits: str) -> tuple[str, ...]:
    """Ids of the calls with that hash, and of those with the number in the name of a file."""
    pattern = number_pattern(digits)
    rows = fetch(con, "calls_of_phone", phone_hash=phone_hash, pattern=pattern or "$^")
    return tuple(row["call_id"] for row in rows)


def read_erasure_ids(con: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """The erasures that this store has had."""
    return frozenset(row["erasure_id"] for row in fetch(con, "erasure_ids"))


def read_recorded_calls(
    con: duckdb.DuckDBPyConnection, call_ids: Sequence[str], shas: Sequence[str]
) -> tuple[str, ...]:
    """Which of those calls are there, under their ids or with one of those recordings."""
    rows = fetch(con, "recorded_calls", call_ids=list(call_ids), shas=list(shas))
    return tuple(row["call_id"] for row in rows)


def count_alike(con: duckdb.DuckDBPyConnection, last4: str, call_ids: Sequence[str]) -> int:
    """Other calls with the same last four digits and no hash: nobody can tell whose they are."""
    (row,) = fetch(con, "calls_alike", last4=last4, call_ids=list(call_ids))
    return int(row["call_count"])


def number_pattern(digits: str) -> str | None:
    """A regular expression of the number with whatever stands between its digits; None for too short a one."""
    national = digits[-NATIONAL_DIGITS:]
    if len(national) < SEARCHED_DIGITS:
        return None
    return r"[ ().\x2d]{0,2}".join(re.escape(digit) for digit in national)


def read_traces(con: duckdb.DuckDBPyConnection, call_ids: Sequence[str]) -> CallTraces:
    """Everything of the calls."""
    ids = list(call_ids)
    calls = tuple(ErasedCall(**row) for row in fetch(con, "erased_calls", call_ids=ids))
    keys: dict[str, set[str]] = {name: set() for name in KEYS}
    keys["call_id"].update(ids)
    for row in fetch(con, "erased_keys", call_ids=ids):
        keys[row["name"]].add(row["value"])
    shas = sorted(keys["content_sha256"])
    places = tuple(
        KnownPlace(Path(row["path"]), row["size_bytes"], row["content_sha256"])
        for row in fetch(con, "erased_places", shas=shas)
    )
    lines = fetch(con, "erased_lines", shas=shas)
    return CallTraces(
        calls=calls,
        keys={name: tuple(sorted(values)) for name, values in keys.items()},
        places=places,
        lines=tuple(row["text"] for row in lines),
        texts=tuple(row["text"] for row in fetch(con, "erased_texts", shas=shas)),
        language=lines[0]["language"] if lines else "ru",
    )


def only_of_them(con: duckdb.DuckDBPyConnection, texts: Sequence[str], shas: Sequence[str]) -> tuple[str, ...]:
    """Those texts that are said in no other call: finding one of them anywhere means that something was left."""
    if not texts:
        return ()
    said = {row["text"] for row in fetch(con, "said_elsewhere", texts=list(texts), shas=list(shas))}
    return tuple(text for text in texts if text not in said)
