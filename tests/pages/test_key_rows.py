"""Where the rows of a call stand: whatever was written or put in the store's place, no row is missed."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from pipeline.store import Store
from review.key_rows import COLUMNS, NO_ROW, KeyRows


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(tmp_path / "calls.duckdb")
    write(store, "a", "b", "a")
    return store


def write(store: Store, *call_ids: str) -> None:
    with store.writing() as con:
        for call_id in call_ids:
            con.execute(
                "INSERT INTO base.call_facts (call_id, from_journal, registered_at) VALUES (?, true, '2026-11-01')",
                [call_id],
            )


@pytest.fixture
def known(store: Store) -> KeyRows:
    known = KeyRows(store.path)
    known.prepare(store)
    return known


def find(store: Store, known: KeyRows, *call_ids: str) -> list[int] | None:
    with store.reading() as con:
        return known.find(con, "call_facts.call_id", *call_ids)


def test_nothing_is_known_before_it_is_prepared(store: Store) -> None:
    assert find(store, KeyRows(store.path), "a") is None


def test_every_column_is_there(store: Store, known: KeyRows) -> None:
    with store.reading() as con:
        assert [known.find(con, column, "x") for column in COLUMNS] == [[NO_ROW]] * len(COLUMNS)


def test_the_rows_of_one_key_and_of_several(store: Store, known: KeyRows) -> None:
    assert find(store, known, "a") == [0, 2]
    assert find(store, known, "b", "a") == [0, 1, 2]
    assert find(store, known) == find(store, known, "c") == [NO_ROW]


def test_what_was_written_since_is_found(store: Store, known: KeyRows) -> None:
    write(store, "c", "a")
    assert find(store, known, "a") == [0, 2, 4]
    assert find(store, known, "c") == [3]


def test_another_file_in_the_place_is_not_mixed_up(store: Store, known: KeyRows) -> None:
    other = Store(store.path.with_name("other.duckdb"))
    write(other, "b", "a", "a", "a")
    other.path.replace(store.path)
    assert find(store, known, "a") is None
    known.prepare(store)
    assert find(store, known, "a") == [1, 2, 3]


@pytest.fixture
def changed(store: Store, known: KeyRows) -> Iterator[duckdb.DuckDBPyConnection]:
    """Rows that stand elsewhere than before: no program of ours does that without a new file."""
    with store.writing() as con:
        con.execute("TRUNCATE base.call_facts")
    write(store, "b", "b", "b", "a")
    with store.reading() as con:
        yield con


def test_rows_that_moved_are_read_anew(changed: duckdb.DuckDBPyConnection, known: KeyRows) -> None:
    found = known.find(changed, "call_facts.call_id", "a")
    assert found == [
        row for (row,) in changed.execute("SELECT rowid FROM base.call_facts WHERE call_id = 'a'").fetchall()
    ]
