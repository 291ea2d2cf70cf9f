from dataclasses import replace
from pathlib import Path

from pipeline.records import Call
from pipeline.store import Store
from pipeline.store.calls import (
    KnownFile,
    read_calls,
    read_known_files,
    read_status_counts,
    register_journal,
    register_recordings,
)
from tests.store.builders import delivery, journal_call, sha_of


def register(store: Store, *, journal: tuple[Call, ...] = (), recordings: tuple = ()) -> dict[str, str]:
    with store.writing() as con:
        return register_journal(con, journal) | register_recordings(con, recordings)


def calls_of(store: Store) -> list[Call]:
    with store.reading() as con:
        return read_calls(con)


def test_a_missed_call_has_a_row_and_no_recording(store: Store) -> None:
    missed = journal_call(1, answered=False, duration_s=None)
    register(store, journal=(missed, journal_call(2)))
    assert calls_of(store) == [missed, journal_call(2)]
    with store.reading() as con:
        assert read_status_counts(con) == {"missed": 1, "no_recording": 1}


def test_a_recording_without_a_journal_is_a_call(store: Store) -> None:
    given = delivery("a.wav")
    assert register(store, recordings=(given,)) == {sha_of("a.wav"): given.call.call_id}
    assert calls_of(store) == [given.call]
    with store.reading() as con:
        assert read_calls(con, [sha_of("a.wav")]) == [given.call]
        assert read_calls(con, []) == []
        assert read_status_counts(con) == {"waiting": 1}


def test_the_same_again_adds_nothing(store: Store) -> None:
    for _ in range(3):
        register(store, journal=(journal_call(1, file_name="a.wav"),), recordings=(delivery("a.wav"),))
    with store.reading() as con:
        for table, count in (("call_facts", 2), ("recordings", 1), ("deliveries", 1)):
            assert con.execute(f"SELECT count(*) FROM base.{table}").fetchall() == [(count,)], table


def test_a_recording_joins_the_call_that_the_journal_named(store: Store) -> None:
    register(store, journal=(journal_call(1, file_name="a.wav"), journal_call(2)))
    ids = register(store, recordings=(delivery("a.wav"), delivery("b.wav", journal_call_id="2")))
    assert ids == {sha_of("a.wav"): "j1", sha_of("b.wav"): "j2"}
    assert [call.manager for call in calls_of(store)] == ["Manager A", "Manager A"]


def test_a_journal_row_joins_the_recording_that_came_first(store: Store) -> None:
    first = delivery("a.wav", manager="from the file name")
    register(store, recordings=(first,))
    ids = register(store, journal=(journal_call(1, file_name="a.wav"),))
    assert ids == {"j1": first.call.call_id}
    (call,) = calls_of(store)
    assert call == replace(
        journal_call(1, file_name="a.wav"), call_id=first.call.call_id, content_sha256=sha_of("a.wav")
    )


def test_the_journal_is_believed_whenever_it_came(store: Store) -> None:
    register(store, journal=(journal_call(1, file_name="a.wav"),))
    register(store, recordings=(delivery("a.wav", manager="from the file name", client_phone_last4="1234"),))
    (call,) = calls_of(store)
    assert (call.manager, call.client_phone_last4) == ("Manager A", "1234")


def test_a_corrected_journal_row_adds_its_facts(store: Store) -> None:
    register(store, journal=(journal_call(1),))
    register(store, journal=(journal_call(1, manager="Manager B", duration_s=None),))
    assert [(call.manager, call.duration_s) for call in calls_of(store)] == [("Manager B", 60.5)]


def test_the_same_content_under_another_name_is_one_call(store: Store) -> None:
    again = delivery("copy.wav", folder="/other", content="a.wav")
    register(store, recordings=(delivery("a.wav"), again))
    register(store, journal=(journal_call(1, file_name="copy.wav"),))
    (call,) = calls_of(store)
    assert call.journal_call_id == "1"
    with store.reading() as con:
        assert con.execute("SELECT file_name FROM base.recordings").fetchall() == [("a.wav",)]
        assert set(read_known_files(con)) == {Path("/inbox/a.wav"), Path("/other/copy.wav")}


def test_a_name_that_fits_two_calls_joins_none(store: Store) -> None:
    register(store, journal=(journal_call(1, file_name="rec.wav"), journal_call(2, file_name="rec.wav")))
    ids = register(store, recordings=(delivery("rec.wav"),))
    assert ids == {sha_of("rec.wav"): sha_of("rec.wav")[:16]}
    assert len(calls_of(store)) == 3


def test_two_recordings_of_one_journal_row_are_two_calls(store: Store) -> None:
    row = journal_call(1)
    one, two = delivery("a.wav"), delivery("b.wav")
    facts = {"call_id": "j1", "journal_call_id": "1"}
    pair = tuple(replace(item, call=replace(item.call, **facts)) for item in (one, two))
    ids = register(store, journal=(row,), recordings=pair)
    assert ids == {sha_of("a.wav"): "j1", sha_of("b.wav"): f"j1-{sha_of('b.wav')[:12]}", "j1": "j1"}
    assert register(store, recordings=pair) == {key: value for key, value in ids.items() if key != "j1"}


def test_one_journal_id_of_two_branches_is_two_calls(store: Store) -> None:
    ids = register(store, journal=(journal_call(1), journal_call(1, call_id="other", source="branch")))
    assert ids == {"j1": "j1", "other": "other"}


def test_a_changed_file_is_another_recording(store: Store) -> None:
    register(store, recordings=(delivery("a.wav"),))
    changed = replace(delivery("a.wav", content="new content"), mtime_ns=5)
    register(store, recordings=(changed,))
    with store.reading() as con:
        assert read_known_files(con) == {Path("/inbox/a.wav"): KnownFile(sha_of("new content"), 1000, 5)}
    assert len(calls_of(store)) == 2


def test_calls_of_some_recordings_are_those_of_all(store: Store) -> None:
    """They are chosen before facts are merged: journal before file, newest first."""
    register(store, journal=(journal_call(1, file_name="a.wav"), journal_call(2)))
    register(store, recordings=(delivery("a.wav", manager="File"), delivery("b.wav"), delivery("c.wav")))
    register(store, journal=(journal_call(1, file_name="a.wav", manager="Manager B"),))
    with store.reading() as con:
        everyone = {call.content_sha256: call for call in read_calls(con)}
        shas = [sha_of("a.wav"), sha_of("c.wav")]
        assert {call.content_sha256: call for call in read_calls(con, shas)} == {sha: everyone[sha] for sha in shas}
        assert everyone[sha_of("a.wav")].manager == "Manager B"


def test_of_paths_that_are_asked_for_the_newest_content_is_known(store: Store) -> None:
    register(store, recordings=(delivery("a.wav"), delivery("b.wav")))
    register(store, recordings=(delivery("a.wav", content="new content"),))
    with store.reading() as con:
        found = read_known_files(con, [Path("/inbox/a.wav"), Path("/inbox/never.wav")])
        assert {path: known.content_sha256 for path, known in found.items()} == {
            Path("/inbox/a.wav"): sha_of("new content")
        }
