"""Words are looked for in the listed calls: from the first row of these on, and in no other call."""

from datetime import UTC, timedelta

import duckdb
import pytest

from pipeline.data_folder import DataFolder
from pipeline.store import Store
from review.listed import Listed
from review.listing import Listing
from review.said import FirstRows, Said
from tests.pages.calls import START
from tests.pages.scored_calls import add_call

WORDS = "понимаю вас"
LISTED = 4


@pytest.fixture
def store(data: DataFolder) -> Store:
    """Two calls on each of three days, every one with the same words."""
    made = Store(data.store, timeout_s=5)
    for number in range(6):
        add_call(made, str(number), days=number // 2 + 0.01 * (number % 2))
    return made


def listed(store: Store) -> Listed:
    return Listing(LISTED).read(store, UTC)


def first_rows(said: Said) -> FirstRows:
    assert said._first is not None
    return said._first


def test_only_the_rows_of_listed_calls_are_read(store: Store) -> None:
    said, calls = Said(), listed(store)
    assert calls.window.since is not None
    assert said.find(store, calls, WORDS) == frozenset(calls.by_id)
    assert len(calls.by_id) == LISTED
    with store.reading() as con:
        (per_call,) = con.execute("SELECT count(*) / 6 FROM base.utterances").fetchone() or (0,)
    assert (first_rows(said).utterance, first_rows(said).dialogue) == (2 * per_call, 2)
    assert said.find(store, calls, WORDS.upper()) == frozenset(calls.by_id)
    assert said.find(store, calls, "so said nobody") == frozenset()


def test_an_old_call_that_becomes_a_listed_one_is_found(store: Store) -> None:
    said = Said()
    said.find(store, listed(store), WORDS)
    with store.reading() as con:
        (oldest,) = con.execute("SELECT arg_min(call_id, started_at) FROM base.call_facts").fetchone() or ("",)
    with store.writing() as con:  # as the journal says later
        con.execute(
            "INSERT INTO base.call_facts (call_id, started_at, from_journal, registered_at) VALUES (?, ?, true, now())",
            [oldest, START + timedelta(days=2, hours=1)],
        )
    calls = listed(store)
    assert oldest in calls.by_id
    assert oldest in said.find(store, calls, WORDS)
    assert first_rows(said).utterance == 0


def test_what_was_prepared_is_not_looked_for_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    said, calls = Said(), listed(store)
    said.prepare(store, calls)
    known = first_rows(said)
    said.prepare(store, calls)
    assert first_rows(said) is known
    add_call(store, "new", days=2.5)
    calls = listed(store)
    said.prepare(store, calls)
    assert first_rows(said).utterance == known.utterance
    monkeypatch.setattr("review.said.fetch", only_words)
    assert said.find(store, calls, WORDS) == frozenset(calls.by_id)


def only_words(con: duckdb.DuckDBPyConnection, name: str, **parameters: object) -> list[dict[str, object]]:
    from pipeline.store.rows import fetch

    assert name == "page_words"
    return fetch(con, name, **parameters)


def test_another_file_in_the_stores_place_has_rows_of_its_own(store: Store) -> None:
    said = Said()
    said.find(store, listed(store), WORDS)
    known = first_rows(said)
    fresh = store.path.with_suffix(".new")
    fresh.write_bytes(store.path.read_bytes())
    fresh.replace(store.path)
    said.find(store, listed(store), WORDS)
    assert first_rows(said) is not known
    assert first_rows(said).identity != known.identity
