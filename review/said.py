"""In which of the listed calls some words were said. Of a large store only the rows of these calls are read."""

import threading
from dataclasses import dataclass

import duckdb

from pipeline.store import Store
from pipeline.store.rows import fetch
from review.listed import Listed
from review.store_file import FileIdentity, identity_of


@dataclass(frozen=True, slots=True)
class FirstRows:
    """From where on all utterances and dialogues of those recordings are in their tables, and later ones."""

    identity: FileIdentity
    shas: frozenset[str]
    utterance: int
    dialogue: int


class Said:
    """Finds words; remembers where the rows of the listed recordings begin, which is found once for each of them."""

    def __init__(self) -> None:
        self._first: FirstRows | None = None
        self._lock = threading.Lock()

    def find(self, store: Store, listed: Listed, words: str) -> frozenset[str]:
        """The ids of the listed calls in which that was said. Raises StoreError like the store."""
        calls = calls_of(listed)
        with store.reading() as con:
            first = self._find_first(con, store, listed)
            asked = {"first_utterance": first.utterance, "first_dialogue": first.dialogue}
            rows = fetch(con, "page_words", words=words, **asked)
        return frozenset(calls[row["content_sha256"]] for row in rows if row["content_sha256"] in calls)

    def prepare(self, store: Store, listed: Listed) -> None:
        """Finds out beside the pages where those rows begin, so that nobody who looks for words waits for it."""
        if listed.window.since is not None and self._missing(store, frozenset(calls_of(listed))):
            with store.reading() as con:
                self._find_first(con, store, listed)

    def _find_first(self, con: duckdb.DuckDBPyConnection, store: Store, listed: Listed) -> FirstRows:
        """A recording that is new among the listed ones may be an old one, so that its rows too are looked for."""
        identity, shas = identity_of(store.path), frozenset(calls_of(listed))
        if listed.window.since is None:
            return FirstRows(identity, shas, 0, 0)
        known, missing = self._known(store, shas), self._missing(store, shas)
        if known is None or missing:
            (row,) = fetch(con, "page_first_said", shas=sorted(missing))
            found = FirstRows(identity, shas, row["first_utterance"], row["first_dialogue"])
            known = found if known is None else earlier(known, found)
            with self._lock:
                self._first = known
        return known

    def _missing(self, store: Store, shas: frozenset[str]) -> frozenset[str]:
        known = self._known(store, shas)
        return shas if known is None else shas - known.shas

    def _known(self, store: Store, shas: frozenset[str]) -> FirstRows | None:
        """Nothing where it is of another file, or mostly of calls that are not listed any more."""
        with self._lock:
            first = self._first
        is_of_use = first is not None and first.identity == identity_of(store.path) and len(first.shas) <= 2 * len(shas)
        return first if is_of_use else None


def calls_of(listed: Listed) -> dict[str, str]:
    """Ids of the listed calls by recording."""
    return {call.content_sha256: call.call_id for call in listed.calls if call.content_sha256 is not None}


def earlier(one: FirstRows, two: FirstRows) -> FirstRows:
    """From where on the rows of both are."""
    return FirstRows(
        two.identity, one.shas | two.shas, min(one.utterance, two.utterance), min(one.dialogue, two.dialogue)
    )
