import sys
from pathlib import Path

import pytest

from pipeline.store.lock import locked
from review.desk.audit import read_audit
from tests.command.in_process import Prescore, prescore_on
from tests.privacy.store import CLIENT, KEY, NOW, BuiltStore, rows


@pytest.fixture
def prescore(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], built: BuiltStore) -> Prescore:
    """The command's own entry, on the built store, on the day of its calls; nobody sits at the terminal."""
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("PRESCORE_PHONE_KEY", KEY.decode())
    monkeypatch.setattr("flows.cli.privacy.utc_now", lambda: NOW)
    return prescore_on(built.data.root, monkeypatch, capsys)


def test_retention_says_what_it_removed(prescore: Prescore, built: BuiltStore) -> None:
    before = read_audit(built.desk)
    would = prescore("retention", "--audio-days", "90", "--dry-run")
    assert (would.code, would.out.startswith("would be removed: 2 recordings (2 files")) == (0, True)
    assert read_audit(built.desk) == before
    done = prescore("retention", "--audio-days", "90")
    assert (done.code, done.out.startswith("removed: 2 recordings (2 files")) == (0, True)
    entry = read_audit(built.desk)[0]
    assert (entry.action, entry.detail) == ("recordings.removed", {"days": 90, "recordings": 2})
    assert prescore("retention", "--audio-days", "90").out.startswith("removed: 0 recordings")


def test_retention_names_what_it_left(prescore: Prescore, built: BuiltStore) -> None:
    (built.inbox / "call-0.wav").write_bytes(b"changed")
    with built.store.writing() as con:
        con.execute("DELETE FROM base.evaluations")
    said = prescore("retention", "--audio-days", "90")
    assert said.code == 2
    assert "1 of them were never pre-scored" in said.out
    assert "call-0.wav: has another size" in said.out


@pytest.mark.parametrize("days", ["0", "-1", "x"])
def test_retention_wants_a_number_of_days(prescore: Prescore, days: str) -> None:
    assert prescore("retention", "--audio-days", days).code == 2


def test_retention_waits_for_no_run(prescore: Prescore, built: BuiltStore) -> None:
    with locked(built.data.run_lock, exclusive=True, timeout_s=1):
        said = prescore("retention", "--audio-days", "90")
    assert said.code == 3
    assert "busy" in said.errors
    assert (built.inbox / "call-0.wav").exists()


def test_retention_without_a_store(prescore: Prescore, built: BuiltStore) -> None:
    built.data.store.unlink()
    assert "no store yet" in prescore("retention", "--audio-days", "90").errors


def test_erase_shows_erases_and_proves(prescore: Prescore, built: BuiltStore) -> None:
    said = prescore("erase", "--phone", CLIENT, "--yes")
    assert said.code == 0
    assert "2 calls to be erased" in said.out
    assert all(call_id in said.out for call_id in built.erased)
    assert "erased: 2 calls, 2 recordings (2 files)" in said.out
    assert "nothing was found" in said.out
    assert "0101" not in said.out
    again = prescore("erase", "--phone", CLIENT, "--yes")
    assert (again.code, "no call of this client" in again.out) == (0, True)


def test_erase_names_what_it_found(prescore: Prescore, built: BuiltStore) -> None:
    (built.data.root / "calls.csv").write_text(CLIENT)
    (built.data.root / "old.zip").write_bytes(b"PK")
    (built.data.root / "broken.duckdb").write_bytes(b"x")
    (built.inbox / "call-1.wav").write_bytes(b"changed")
    said = prescore("erase", "--phone", CLIENT, "--yes")
    assert said.code == 2
    for text in ("left behind in:", "calls.csv", "not looked into:", "old.zip", "not searched:", "broken.duckdb"):
        assert text in said.out
    assert "call-1.wav: has another size" in said.out


def test_erase_says_who_cannot_be_told_apart(prescore: Prescore, built: BuiltStore) -> None:
    with built.store.writing() as con:
        con.execute("UPDATE base.call_facts SET client_phone_hash = NULL WHERE call_id = ?", [built.erased[1]])
    assert "1 calls have the same last four digits" in prescore("erase", "--phone", CLIENT, "--yes").out


def test_nothing_is_erased_unasked(prescore: Prescore, built: BuiltStore, monkeypatch: pytest.MonkeyPatch) -> None:
    said = prescore("erase", "--call", built.erased[0])
    assert (said.code, "repeat with --yes" in said.errors) == (2, True)
    monkeypatch.setattr("flows.cli.privacy.sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("flows.cli.privacy.typer.confirm", lambda _: False)
    said = prescore("erase", "--call", built.erased[0])
    assert (said.code, "nothing was erased" in said.out) == (0, True)
    assert rows(built.store, "SELECT count(*) FROM main.calls") == [(4,)]


def test_the_number_may_be_typed(prescore: Prescore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flows.cli.privacy.typer.prompt", lambda _text, hide_input: CLIENT)
    assert "erased: 2 calls" in prescore("erase", "--phone", "-", "--yes").out


@pytest.mark.parametrize("words", [[], ["--phone", CLIENT, "--call", "x"]])
def test_erase_wants_one_client(prescore: Prescore, words: list[str]) -> None:
    said = prescore("erase", *words)
    assert (said.code, "either --phone NUMBER or --call ID" in said.errors) == (2, True)


def test_many_calls_are_counted(prescore: Prescore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flows.cli.privacy.SHOWN_CALLS", 1)
    monkeypatch.setattr("flows.cli.privacy.confirmed", lambda: False)
    assert "and 1 more" in prescore("erase", "--phone", CLIENT).out


@pytest.mark.parametrize(
    "words", [["--phone", "+79160000101"], ["--phone=8 (916) 000-01-01"], ["--call", "8916 000.wav"]]
)
def test_who_holds_a_lock_is_said_without_the_client(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "orig_argv", ["prescore", "erase", *words, "--yes"])
    with locked(tmp_path / "lock", exclusive=True, timeout_s=1):
        said = (tmp_path / "lock").read_text()
    assert "prescore erase" in said
    assert "--yes" in said
    assert "000" not in said
