"""A data folder from a backup: checked first, brought up to date, and without those who were erased since."""

import dataclasses
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from flows.backup import (
    AUDIO,
    DESK,
    ERASURES,
    HEADS,
    LOCK_S,
    PEAKS,
    SETTINGS,
    STORE,
    check_backup,
    copy_files,
    refuse_full_disk,
)
from flows.erasing import erase_from_copy
from pipeline.backup_manifest import BackedUpFile, Manifest
from pipeline.data_folder import DataFolder
from pipeline.erasure_list import ErasedCalls, add_erasures, read_erasures
from pipeline.errors import InputError
from pipeline.files_on_disk import flush, sync_folder
from pipeline.store import Store
from pipeline.store.clients import read_erasure_ids
from pipeline.store.lock import locked
from pipeline.store.migrations import load_migrations
from pipeline.store.rows import append, utc_now
from review.desk.audit import record
from review.desk.copying import end_all_sessions
from review.desk.database import Desk

WORK, ASIDE, RESTORED_SETTINGS = ".restoring-", "before-restore-", "restored-settings"


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back. `aside`: where what was in the data folder lies now; None where there was nothing."""

    manifest: Manifest
    migrations: int
    erased_calls: int
    audio: int
    sessions: int
    aside: Path | None


def restore(backup: Path, data: DataFolder, *, replace: bool = False) -> Restored:
    """Puts the backup into the data folder, migrated, with every erasure that is known here or beside the backup.

    Everything is made ready in a work folder; then files change places by renames, and what was there is moved aside.
    Raises InputError for a damaged backup, or a data folder that holds something while `replace` is not said.
    """
    manifest = check_backup(backup)
    there = [path for path in belongings(data) if path.exists()]
    if there and not replace:
        raise InputError(
            f"{data.root}: is not empty ({', '.join(path.name for path in there)}); restore into another folder with "
            "--data, or say --replace: what is there is moved aside"
        )
    data.root.mkdir(parents=True, exist_ok=True)
    with locked(data.run_lock, exclusive=True, timeout_s=LOCK_S):
        for left in data.root.glob(f"{WORK}*"):
            shutil.rmtree(left)
        work = DataFolder(data.root / f"{WORK}{uuid4().hex}")
        work.root.mkdir(mode=0o700)
        refuse_full_disk(work.root, manifest.size_bytes)
        restored = _prepare(backup, manifest, work, data)
        flush(work.root)
        aside = _change_places(work, data, there)
    return dataclasses.replace(restored, aside=aside)


def belongings(data: DataFolder) -> tuple[Path, ...]:
    """What a restored data folder has of its own, or would be wrong beside a restored store."""
    store, desk = data.store, data.desk
    logs = (store.with_name(f"{store.name}.wal"), *(desk.with_name(f"{desk.name}-{end}") for end in ("wal", "shm")))
    return (store, desk, *logs, data.heads, data.peaks, data.playable, data.restored_audio, data.published)


def _prepare(backup: Path, manifest: Manifest, work: DataFolder, data: DataFolder) -> Restored:
    for name in (STORE, DESK):
        copy_files([backup / name], work.root)
    for name, folder in ((HEADS, work.heads), (PEAKS, work.peaks)):
        copy_files((backup / file.path for file in manifest.below(name)), folder)
    for file in manifest.below(SETTINGS):
        target = work.root / RESTORED_SETTINGS / file.path.removeprefix(f"{SETTINGS}/")
        copy_files([backup / file.path], target.parent)
    erasures = {
        item.erasure_id: item
        for path in (backup / ERASURES, backup.parent / ERASURES, data.erasures)
        for item in read_erasures(path)
    }
    erased = _bring_up_to_date(work, manifest, list(erasures.values()))
    add_erasures(work.erasures, erasures.values())
    sessions, audio = _mend_desk(work, manifest), _put_audio(backup, manifest, work, data)
    migrations = 0 if manifest.store_version is None else len(load_migrations()) - manifest.store_version
    return Restored(manifest, migrations, erased, audio, sessions, None)


def _bring_up_to_date(work: DataFolder, manifest: Manifest, erasures: Sequence[ErasedCalls]) -> int:
    """Migrates the store; then nobody is in it who was erased since. Returns how many calls that were."""
    if manifest.store_version is None:
        return 0
    with Store(work.store).reading() as con:
        done = read_erasure_ids(con)
    waiting = [item for item in erasures if item.erasure_id not in done]
    return sum(erase_from_copy(Store(work.store), work, item) for item in waiting)


def _mend_desk(work: DataFolder, manifest: Manifest) -> int:
    if manifest.desk_version is None:
        return 0
    desk = Desk(work.desk)
    sessions = end_all_sessions(desk)
    record(desk, None, "backup.restored", calls=manifest.calls)
    return sessions


def _put_audio(backup: Path, manifest: Manifest, work: DataFolder, data: DataFolder) -> int:
    """Recordings that the store still has come back under a path of their own, which the store learns."""
    if manifest.store_version is None or not manifest.below(AUDIO):
        return 0
    with Store(work.store).writing() as con:
        rows = con.execute("SELECT content_sha256 FROM base.recordings").fetchall()
        kept = {sha for (sha,) in rows}
        files = [file for file in manifest.below(AUDIO) if Path(file.path).stem in kept]
        copy_files((backup / file.path for file in files), work.restored_audio)
        append(con, "deliveries", [_delivery(file, work, data) for file in files])
    return len(files)


def _delivery(file: BackedUpFile, work: DataFolder, data: DataFolder) -> dict[str, object]:
    name = Path(file.path).name
    return {
        "path": str(data.restored_audio / name),
        "size_bytes": file.size_bytes,
        "mtime_ns": (work.restored_audio / name).stat().st_mtime_ns,
        "content_sha256": Path(file.path).stem,
        "seen": utc_now(),
    }


def _change_places(work: DataFolder, data: DataFolder, there: Sequence[Path]) -> Path | None:
    """What was there goes aside, and the new comes, the store last; nobody reads or writes the store meanwhile."""
    aside = data.root / f"{ASIDE}{datetime.now(UTC):%Y%m%dT%H%M%SZ}" if there else None
    with locked(data.store.with_name(f"{data.store.name}.lock"), exclusive=True, timeout_s=Store(data.store).timeout_s):
        for path in there:
            _move(path, data.root, aside)
        for path in sorted(work.root.iterdir(), key=lambda path: path.name == STORE):
            _bring(path, data.root)
    shutil.rmtree(work.root)
    sync_folder(data.root)
    return aside


def _move(path: Path, root: Path, aside: Path | None) -> None:
    if aside is not None and path.exists():
        target = aside / path.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.rename(target)


def _bring(path: Path, root: Path) -> None:
    """A folder that is there already, as `cache` may be, takes in what comes; locks and logs stay behind."""
    target = root / path.name
    if path.name.endswith((".lock", "-wal", "-shm")):
        return
    if path.is_dir() and target.is_dir():
        for inside in path.iterdir():
            _bring(inside, target)
    else:
        path.replace(target)
