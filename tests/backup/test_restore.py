"""A restored data folder has the rows that were backed up, and nobody who was erased since."""

from pathlib import Path

import duckdb
import pytest

from flows.backup import make_backup
from flows.erasing import Client, client_of_phone, erase, read_target
from flows.restoring import WORK, restore
from pipeline.data_folder import DataFolder
from pipeline.erasure_list import ErasedCalls, add_erasures, begin_erasure, read_erasures
from pipeline.errors import InputError, StoreError
from pipeline.store import Store
from pipeline.store.lock import locked
from pipeline.store.show import find_call
from review.desk.audit import AuditFilter, read_audit
from review.desk.database import Desk
from review.desk.people import find_person
from review.desk.sessions import open_session
from tests.backup.conftest import CONFIG
from tests.flow_runs.rows import rows_of
from tests.privacy.store import CLIENT, KEY, SECRETS, BuiltStore, rows


@pytest.fixture
def fresh(tmp_path: Path) -> DataFolder:
    return DataFolder(tmp_path / "new" / "data")


def backed_up(built: BuiltStore, backups: Path, *, audio: bool = False) -> Path:
    return make_backup(built.data, built.store, CONFIG, backups, audio=audio).folder


def erase_client(built: BuiltStore) -> None:
    client = client_of_phone(CLIENT, KEY)
    assert erase(built.store, built.data, client, read_target(built.store, client)).is_proved


def test_everything_is_there_again(built: BuiltStore, backups: Path, fresh: DataFolder) -> None:
    restored = restore(backed_up(built, backups), fresh)
    assert rows_of(fresh.store) == rows_of(built.data.store)
    assert find_person(Desk(fresh.desk), "vera") is not None
    assert {path.name for path in fresh.peaks.iterdir()} == {path.name for path in built.data.peaks.iterdir()}
    assert (fresh.root / "restored-settings" / "checklists" / "cqr.yaml").exists()
    assert (restored.migrations, restored.erased_calls, restored.aside) == (0, 0, None)
    assert not list(fresh.root.glob(f"{WORK}*"))
    newest = read_audit(Desk(fresh.desk), AuditFilter(), limit=1)[0]
    assert (newest.action, newest.detail) == ("backup.restored", {"calls": 4})


def test_nobody_is_logged_in_by_an_old_session(built: BuiltStore, backups: Path, fresh: DataFolder) -> None:
    open_session(built.desk, built.person, "")
    assert restore(backed_up(built, backups), fresh).sessions == 1
    with Desk(fresh.desk).reading() as con:
        assert con.execute("SELECT count(*) FROM sessions").fetchone()[0] == 0


def test_sound_comes_back_under_a_path_that_the_store_knows(
    built: BuiltStore, backups: Path, fresh: DataFolder
) -> None:
    folder = backed_up(built, backups, audio=True)
    assert restore(folder, fresh).audio == 4
    for path, size, sha in rows(Store(fresh.store), "SELECT path, size_bytes, content_sha256 FROM base.deliveries"):
        if str(path).startswith(str(fresh.restored_audio)):
            assert Path(str(path)).stem == sha
            assert Path(str(path)).stat().st_size == size
    sql = "SELECT count(*) FROM base.deliveries WHERE starts_with(path, ?)"
    assert rows(Store(fresh.store), sql, str(fresh.restored_audio)) == [(4,)]


def test_a_folder_with_data_is_not_touched_unless_told(built: BuiltStore, backups: Path) -> None:
    folder = backed_up(built, backups)
    before = built.data.store.read_bytes()
    with pytest.raises(InputError, match=r"is not empty \(calls.duckdb, desk.sqlite.*--replace"):
        restore(folder, built.data)
    assert built.data.store.read_bytes() == before


def test_what_was_there_is_moved_aside(built: BuiltStore, backups: Path) -> None:
    folder = backed_up(built, backups)
    wanted = rows_of(built.data.store)
    with built.store.writing() as con:
        con.execute("DELETE FROM base.verdicts")
    restored = restore(folder, built.data, replace=True)
    assert rows_of(built.data.store) == wanted
    assert restored.aside is not None
    assert rows_of(restored.aside / "calls.duckdb")["verdicts"] == []
    assert not built.data.published.exists()


def test_not_while_a_run_works_in_the_folder(built: BuiltStore, backups: Path) -> None:
    folder = backed_up(built, backups)
    with (
        locked(built.data.run_lock, exclusive=True, timeout_s=1),
        pytest.raises(StoreError, match=r"run.lock: the store is busy"),
    ):
        restore(folder, built.data, replace=True)
    assert built.data.store.exists()


def test_a_damaged_backup_changes_nothing(built: BuiltStore, backups: Path) -> None:
    folder = backed_up(built, backups)
    (folder / "desk.sqlite").write_bytes(b"no desk")
    before = built.data.desk.read_bytes()
    with pytest.raises(InputError, match="damaged, nothing of it was used"):
        restore(folder, built.data, replace=True)
    assert built.data.desk.read_bytes() == before


def test_an_erased_client_does_not_come_back(built: BuiltStore, backups: Path, fresh: DataFolder) -> None:
    """The list lies in the data folder; a newer backup carries it too."""
    old = backed_up(built, backups, audio=True)
    erase_client(built)
    backed_up(built, backups)  # takes the list along, and puts it beside all backups
    restored = restore(old, fresh)
    assert restored.erased_calls == 2
    assert restored.audio == 2
    assert rows(Store(fresh.store), "SELECT call_id FROM base.current_calls ORDER BY 1") == [
        (call_id,) for call_id in sorted(built.kept)
    ]
    everything = b"".join(path.read_bytes() for path in fresh.root.rglob("*") if path.is_file())
    assert all(secret.encode() not in everything for secret in SECRETS)
    with Desk(fresh.desk).reading() as con:
        held = {row[0] for row in con.execute("SELECT call_id FROM submissions")}
    assert held == {built.kept[0]}
    with pytest.raises(InputError), Store(fresh.store).reading() as con:
        find_call(con, built.erased[0])


def test_the_list_of_the_data_folder_is_enough(built: BuiltStore, backups: Path) -> None:
    old = backed_up(built, backups)
    erase_client(built)
    assert restore(old, built.data, replace=True).erased_calls == 2
    assert [item.call_ids for item in read_erasures(built.data.erasures)] == [tuple(sorted(built.erased))]


def test_one_that_the_backup_has_had_is_not_done_again(built: BuiltStore, backups: Path, fresh: DataFolder) -> None:
    """Whoever is delivered again after an erasure is processed again, and stays."""
    erase_client(built)
    sql = "INSERT INTO base.call_facts (call_id, from_journal, registered_at) VALUES (?, false, now()::TIMESTAMP)"
    with built.store.writing() as con:
        con.execute(sql, [built.erased[0]])
    assert restore(backed_up(built, backups), fresh).erased_calls == 0
    sql = "SELECT count(*) FROM base.call_facts WHERE call_id = ?"
    assert rows(Store(fresh.store), sql, built.erased[0]) == [(1,)]


def test_a_recording_that_was_delivered_anew_is_not_touched_by_a_drill(
    built: BuiltStore, backups: Path, fresh: DataFolder
) -> None:
    old = backed_up(built, backups)
    sound = (built.inbox / "call-0.wav").read_bytes()
    erase_client(built)
    (built.inbox / "call-0.wav").write_bytes(sound)
    add_erasures(fresh_list(fresh), read_erasures(built.data.erasures))
    assert restore(old, fresh).erased_calls == 2
    assert (built.inbox / "call-0.wav").exists()


def fresh_list(fresh: DataFolder) -> Path:
    fresh.root.mkdir(parents=True)
    return fresh.erasures


def test_a_killed_erasure_keeps_its_id(built: BuiltStore, monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client(call=built.erased[0])
    target = read_target(built.store, client)
    with monkeypatch.context() as patch:
        patch.setattr("flows.erasing.rewrite_without", _killed)
        with pytest.raises(KeyboardInterrupt):
            erase(built.store, built.data, client, target)
    (begun,) = read_erasures(built.data.erasures)
    erase(built.store, built.data, client, read_target(built.store, client))
    assert read_erasures(built.data.erasures) == (begun,)
    assert rows(built.store, "SELECT erasure_id FROM base.erasures") == [(begun.erasure_id,)]


def _killed(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_a_list_that_is_none_is_named(tmp_path: Path) -> None:
    path = tmp_path / "erasures.jsonl"
    begun = begin_erasure(path, ["a"], ["s"], frozenset())
    add_erasures(path, [begun])
    assert read_erasures(path) == (begun,)
    assert ErasedCalls.model_validate_json(path.read_text()) == begun
    with path.open("a") as file:
        file.write("{half")
    with pytest.raises(StoreError, match=r"erasures.jsonl: line 2 is no erasure"):
        read_erasures(path)


def test_published_files_are_made_again_from_nothing(built: BuiltStore, prescore: object) -> None:
    """Delete them all, publish: the same tables with the same rows."""
    before = published(built.data.published)
    assert len(before) > 30 and ("calls", 4) in before.items()
    for path in sorted(built.data.published.rglob("*"), reverse=True):
        path.unlink() if path.is_file() or path.is_symlink() else path.rmdir()
    built.data.published.rmdir()
    assert prescore("publish").code == 0  # type: ignore[operator]
    assert published(built.data.published) == before


def published(folder: Path) -> dict[str, int]:
    """Rows of each Parquet file, which are those of the snapshot."""
    counts = {}
    with duckdb.connect(str(folder / "snapshot.duckdb"), read_only=True) as con:
        for path in sorted((folder / "parquet").iterdir()):
            if path.suffix == ".json":
                continue
            name = path.stem.replace("base_", "base.", 1) if path.stem.startswith("base_") else f"main.{path.stem}"
            files = f"{path}/*/*.parquet" if path.is_dir() else str(path)
            (counts[path.stem],) = con.execute("SELECT count(*) FROM read_parquet(?)", [files]).fetchall()[0]
            assert con.execute(f"SELECT count(*) FROM {name}").fetchall() == [(counts[path.stem],)]
    return counts


def test_the_commands(built: BuiltStore, prescore: object, backups: Path, tmp_path: Path) -> None:
    said = prescore("backup", backups, "--audio")  # type: ignore[operator]
    assert said.code == 0, said.errors
    assert "4 calls, 4 recordings, 4 with sound" in said.out
    folder = next(backups.glob("prescore-*"))
    checked = prescore("backup", "--check", folder)  # type: ignore[operator]
    assert (checked.code, f"{folder}: whole" in checked.out) == (0, True)
    restored = prescore("restore", folder, at=tmp_path / "new")  # type: ignore[operator]
    assert restored.code == 0, restored.errors
    assert "4 recordings lie in" in restored.out
    assert (tmp_path / "new" / "published" / "snapshot.duckdb").exists()
    again = prescore("restore", folder, at=tmp_path / "new")  # type: ignore[operator]
    assert (again.code, "is not empty" in again.errors) == (2, True)
    replaced = prescore("restore", folder, "--replace", at=tmp_path / "new")  # type: ignore[operator]
    assert (replaced.code, "what was there lies in" in replaced.out) == (0, True)
    assert prescore("backup").code == 2  # type: ignore[operator]


def test_an_erasure_is_kept_beside_the_backups_at_once(
    built: BuiltStore, prescore: object, backups: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRESCORE_BACKUPS", str(backups))
    assert prescore("backup").code == 0  # type: ignore[operator]
    said = prescore("erase", "--call", built.erased[0], "--yes")  # type: ignore[operator]
    assert said.code == 0, said.out
    assert [item.call_ids for item in read_erasures(backups / "erasures.jsonl")] == [(built.erased[0],)]
