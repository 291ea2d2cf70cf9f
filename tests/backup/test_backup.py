"""A backup holds everything that cannot be made again, and says so itself when it no longer does."""

import os
import sqlite3
import stat
from pathlib import Path

import duckdb
import pytest

from flows.backup import WORK, backups_in, check_backup, make_backup
from pipeline.backup_manifest import MANIFEST, load_manifest
from pipeline.errors import InputError, StoreError
from pipeline.store import Store
from pipeline.store.lock import locked
from pipeline.store.migrations import load_migrations
from review.desk.copying import known_desk_version
from tests.backup.conftest import CONFIG
from tests.flow_runs.rows import rows_of
from tests.privacy.store import BuiltStore


def test_it_holds_store_desk_outlines_and_settings(built: BuiltStore, backups: Path) -> None:
    made = make_backup(built.data, built.store, CONFIG, backups)
    names = {file.path for file in made.manifest.files}
    assert {"calls.duckdb", "desk.sqlite", "settings/pipeline.yaml", "settings/checklists/cqr.yaml"} <= names
    assert len(made.manifest.below("peaks")) == len(list(built.data.peaks.glob("*.json"))) > 0
    assert not made.manifest.below("audio")
    assert (made.manifest.calls, made.manifest.recordings) == (4, 4)
    assert made.manifest.store_version == len(load_migrations())
    assert made.manifest.desk_version == known_desk_version()
    assert rows_of(made.folder / "calls.duckdb") == rows_of(built.data.store)
    assert desk_rows(made.folder / "desk.sqlite") == desk_rows(built.data.desk)
    assert check_backup(made.folder) == made.manifest
    assert not list(made.folder.glob("*.wal"))


def desk_rows(path: Path) -> dict[str, list[tuple[object, ...]]]:
    with sqlite3.connect(path) as con:
        names = [name for (name,) in con.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: con.execute(f"SELECT * FROM {name}").fetchall() for name in names}


def test_nobody_else_may_read_it(built: BuiltStore, backups: Path) -> None:
    made = make_backup(built.data, built.store, CONFIG, backups)
    assert stat.S_IMODE(made.folder.stat().st_mode) == 0o700
    for name in ("calls.duckdb", "desk.sqlite", "erasures.jsonl"):
        if (made.folder / name).exists():
            assert stat.S_IMODE((made.folder / name).stat().st_mode) == 0o600


def test_what_was_erased_in_the_desk_is_not_in_its_free_pages(built: BuiltStore, backups: Path) -> None:
    with sqlite3.connect(built.data.desk) as con:
        con.execute("CREATE TABLE gone (words TEXT)")
        con.execute("INSERT INTO gone VALUES ('words of somebody')")
        con.commit()
        con.execute("DROP TABLE gone")
    assert b"words of somebody" in b"".join(path.read_bytes() for path in built.data.root.glob("desk.sqlite*"))
    made = make_backup(built.data, built.store, CONFIG, backups)
    assert b"words of somebody" not in (made.folder / "desk.sqlite").read_bytes()


def test_what_is_still_in_the_log_of_the_store_is_in_it(built: BuiltStore, backups: Path) -> None:
    with built.store.writing(checkpoint=False) as con:
        con.execute("INSERT INTO base.run_events VALUES ('run-9', 'started', now()::TIMESTAMP, '{}')")
    assert built.data.store.with_name("calls.duckdb.wal").exists()
    made = make_backup(built.data, built.store, CONFIG, backups)
    with duckdb.connect(str(made.folder / "calls.duckdb"), read_only=True) as con:
        assert con.execute("SELECT count(*) FROM base.run_events WHERE run_id = 'run-9'").fetchall() == [(1,)]


def test_sound_is_kept_once_and_linked_the_next_time(built: BuiltStore, backups: Path) -> None:
    first = make_backup(built.data, built.store, CONFIG, backups, audio=True)
    second = make_backup(built.data, built.store, CONFIG, backups, audio=True)
    files = second.manifest.below("audio")
    assert len(files) == 4 and second.missing_audio == 0
    assert {Path(file.path).stem for file in files} == {file.sha256 for file in files}
    for file in files:
        assert (first.folder / file.path).samefile(second.folder / file.path)


def test_a_recording_that_is_gone_is_counted(built: BuiltStore, backups: Path) -> None:
    (built.inbox / "call-0.wav").unlink()
    made = make_backup(built.data, built.store, CONFIG, backups, audio=True)
    assert (len(made.manifest.below("audio")), made.missing_audio) == (3, 1)


def test_only_the_newest_stay(built: BuiltStore, backups: Path) -> None:
    made = [make_backup(built.data, built.store, CONFIG, backups, keep=2) for _ in range(3)]
    assert backups_in(backups) == [made[1].folder, made[2].folder]
    assert made[2].removed == (made[0].folder,)


def test_what_a_killed_backup_left_is_no_backup_and_goes_away(built: BuiltStore, backups: Path) -> None:
    left = backups / f"{WORK}killed"
    left.mkdir(parents=True)
    (left / "calls.duckdb").write_bytes(b"half")
    with pytest.raises(InputError, match=r"was not finished \(there is no manifest.json\)"):
        check_backup(left)
    make_backup(built.data, built.store, CONFIG, backups)
    assert not left.exists()


def test_two_at_once_are_refused(built: BuiltStore, backups: Path) -> None:
    backups.mkdir()
    with (
        locked(backups / ".backup.lock", exclusive=True, timeout_s=1),
        pytest.raises(StoreError, match=r"\.backup\.lock.*busy"),
    ):
        make_backup(built.data, built.store, CONFIG, backups)


@pytest.mark.parametrize("inside", ["", "backups"])
def test_not_into_the_data_folder(built: BuiltStore, inside: str) -> None:
    with pytest.raises(InputError, match="name a folder on another disk"):
        make_backup(built.data, built.store, CONFIG, built.data.root / inside)


def test_a_full_disk_is_told_before(built: BuiltStore, backups: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: os.terminal_size((0, 0)) and _Usage())
    with pytest.raises(StoreError, match=r"MiB are needed and 0 MiB are free"):
        make_backup(built.data, built.store, CONFIG, backups)
    assert backups_in(backups) == []


class _Usage:
    free = 0


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda folder: (folder / "desk.sqlite").unlink(), r"desk.sqlite: is missing"),
        (lambda folder: flip(folder / "calls.duckdb"), r"calls.duckdb: was altered"),
        (lambda folder: (folder / "calls.duckdb").write_bytes(b"x"), r"calls.duckdb: has 1 bytes, had \d+"),
        (lambda folder: (folder / "more.txt").write_text("x"), r"more.txt: was not in it"),
    ],
)
def test_damage_is_named(built: BuiltStore, backups: Path, damage: object, said: str) -> None:
    folder = make_backup(built.data, built.store, CONFIG, backups).folder
    damage(folder)  # type: ignore[operator]
    with pytest.raises(InputError, match=rf"damaged, nothing of it was used; take another backup\n  {said}"):
        check_backup(folder)


def flip(path: Path) -> None:
    """One bit in the middle."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("path", ["../outside", "/etc/passwd", ""])
def test_a_manifest_leads_nowhere_else(built: BuiltStore, backups: Path, path: str) -> None:
    folder = make_backup(built.data, built.store, CONFIG, backups).folder
    text = (folder / MANIFEST).read_text()
    (folder / MANIFEST).write_text(text.replace('"desk.sqlite"', f'"{path}"'))
    with pytest.raises(InputError, match=r"manifest.json: is not as this program writes it"):
        load_manifest(folder)


def test_one_of_a_newer_program_is_refused(built: BuiltStore, backups: Path) -> None:
    folder = make_backup(built.data, built.store, CONFIG, backups).folder
    newer = load_manifest(folder).model_copy(update={"store_version": 99, "program": "9.9"})
    (folder / MANIFEST).write_text(newer.model_dump_json())
    with pytest.raises(StoreError, match=r"has version 99, this program knows \d+; use Prescore 9.9 or newer"):
        check_backup(folder)


def test_an_empty_data_folder_can_be_backed_up(tmp_path: Path, backups: Path) -> None:
    from pipeline.data_folder import DataFolder

    data = DataFolder(tmp_path / "data")
    data.prepare()
    made = make_backup(data, Store(data.store), CONFIG, backups, audio=True)
    assert (made.manifest.store_version, made.manifest.desk_version, made.manifest.calls) == (None, None, 0)
    assert check_backup(made.folder) == made.manifest
