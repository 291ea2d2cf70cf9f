"""A backup: everything that cannot be made again, in one dated folder, while the night runs and the page serves."""

import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from uuid import uuid4

from pipeline.backup_manifest import MANIFEST, Manifest, list_files, load_manifest, refuse_damage
from pipeline.data_folder import DataFolder
from pipeline.erasure_list import add_erasures, read_erasures
from pipeline.errors import InputError, StoreError
from pipeline.files_on_disk import flush, sync_folder
from pipeline.settings import CONFIGS
from pipeline.store import Store
from pipeline.store.copying import FoundRecording, copy_store, read_facts, read_found_recordings
from pipeline.store.lock import locked
from pipeline.store.migrations import load_migrations
from review.desk.copying import copy_desk, known_desk_version, read_desk_version
from review.desk.database import Desk

PREFIX, WORK = "prescore-", ".unfinished-"
STORE, DESK, HEADS, PEAKS, AUDIO, SETTINGS = "calls.duckdb", "desk.sqlite", "heads", "peaks", "audio", "settings"
ERASURES = "erasures.jsonl"
LOCK_S = 1.0  # another backup is told of, not waited for
SPARE = 1.1
MIB = 2**20


@dataclass(frozen=True, slots=True)
class Backup:
    """A finished backup. `missing_audio`: recordings whose files are gone, where audio was asked for."""

    folder: Path
    manifest: Manifest
    missing_audio: int = 0
    removed: tuple[Path, ...] = ()


def make_backup(
    data: DataFolder, store: Store, config: Path, root: Path, *, audio: bool = False, keep: int | None = None
) -> Backup:
    """Makes a dated folder under `root`; it has its name only when it is whole and on the disk.

    The store comes first and the desk second: what somebody hands in between is in the desk, from where a restored page
    brings it into the store. `keep`: how many backups stay, this one among them.

    Raises InputError for a folder inside the data folder, StoreError when a file is busy or the disk too full.
    """
    refuse_inside(root, data)
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    with locked(root / ".backup.lock", exclusive=True, timeout_s=LOCK_S):
        for left in root.glob(f"{WORK}*"):
            shutil.rmtree(left)
        now = datetime.now(UTC)
        work = root / f"{WORK}{uuid4().hex}"
        work.mkdir(mode=0o700)
        missing = _fill(work, data, store, config, audio=audio, earlier=backups_in(root))
        manifest = _manifest(work, now, audio=audio)
        (work / MANIFEST).write_text(manifest.model_dump_json(indent=1), encoding="utf-8")
        flush(work)
        folder = work.replace(root / f"{PREFIX}{now:%Y%m%dT%H%M%S%f}Z")
        sync_folder(root)
        add_erasures(root / ERASURES, read_erasures(folder / ERASURES))
        _remember(data, now, manifest)
        return Backup(folder, manifest, missing, tuple(_remove_oldest(root, keep)))


def keep_erasures(data: DataFolder, root: str | None) -> None:
    """Beside the backups too, so that one from before an erasure does not bring it back even if this disk is lost."""
    if root and Path(root).is_dir():
        add_erasures(Path(root) / ERASURES, read_erasures(data.erasures))


def refuse_inside(root: Path, data: DataFolder) -> None:
    """Raises InputError: a backup in the data folder is lost with it, and keeps what is erased there."""
    if root.resolve().is_relative_to(data.root.resolve()):
        raise InputError(f"{root}: lies in the data folder {data.root}; name a folder on another disk")


def backups_in(root: Path) -> list[Path]:
    """The finished ones, the oldest first."""
    return sorted(path for path in root.glob(f"{PREFIX}*Z") if (path / MANIFEST).is_file())


def check_backup(folder: Path) -> Manifest:
    """Reads every file of the backup and opens both databases.

    Raises InputError where anything is not as it was made, StoreError where this program is too old for it.
    """
    manifest = load_manifest(folder)
    refuse_damage(folder, manifest)
    for name, found, known in (
        (STORE, manifest.store_version, len(load_migrations())),
        (DESK, manifest.desk_version, known_desk_version()),
    ):
        if found is not None and found > known:
            raise StoreError(
                f"{folder / name}: its schema has version {found}, this program knows {known}; "
                f"use Prescore {manifest.program} or newer"
            )
    if manifest.store_version is not None and read_facts(folder / STORE).calls != manifest.calls:
        raise InputError(f"{folder / STORE}: does not hold the {manifest.calls} calls that it had; take another backup")
    if manifest.desk_version is not None:
        read_desk_version(folder / DESK)
    return manifest


def _fill(work: Path, data: DataFolder, store: Store, config: Path, *, audio: bool, earlier: list[Path]) -> int:
    """Copies everything; returns how many recordings could not be, because their files are gone."""
    refuse_full_disk(work, sum(path.stat().st_size for path in _large(data) if path.exists()))
    if data.store.exists():
        copy_store(store, work / STORE)
    if data.desk.exists():
        copy_desk(Desk(data.desk), work / DESK)
    copy_files(data.heads.glob("*.npz"), work / HEADS)
    copy_files(data.peaks.glob("*.json"), work / PEAKS)
    _copy_settings(config, work / SETTINGS)
    missing = _copy_audio(work, earlier) if audio and (work / STORE).exists() else 0
    add_erasures(work / ERASURES, read_erasures(data.erasures))  # last: what was erased meanwhile is in it
    return missing


def _large(data: DataFolder) -> Iterator[Path]:
    yield from (data.store, data.store.with_name(f"{data.store.name}.wal"), data.desk)


def _copy_settings(config: Path, folder: Path) -> None:
    """The configuration that the command was given, and every YAML file beside it; no secret is in them."""
    copy_files([config], folder)
    for path in CONFIGS.rglob("*.yaml"):
        if not (folder / path.relative_to(CONFIGS)).exists():
            copy_files([path], (folder / path.relative_to(CONFIGS)).parent)


def _copy_audio(work: Path, earlier: list[Path]) -> int:
    """Each recording once, by its content; a link to the last backup's file where that has it."""
    with Store(work / STORE).unchanged() as con:
        ((known,),) = con.execute("SELECT count(*) FROM base.recordings WHERE size_bytes > 0").fetchall()
        found = list(read_found_recordings(con))
    (work / f"{STORE}.lock").unlink(missing_ok=True)
    (work / AUDIO).mkdir(mode=0o700)
    refuse_full_disk(work, sum(item.size_bytes for item in found if not _has(earlier, item)))
    copied = sum(_copy_recording(item, work / AUDIO, earlier) for item in found)
    return int(known) - copied


def _has(earlier: list[Path], item: FoundRecording) -> bool:
    return bool(earlier) and audio_file(earlier[-1] / AUDIO, item).exists()


def audio_file(folder: Path, item: FoundRecording) -> Path:
    return folder / f"{item.content_sha256}{item.path.suffix.lower()}"


def _copy_recording(item: FoundRecording, folder: Path, earlier: list[Path]) -> bool:
    target = audio_file(folder, item)
    if _has(earlier, item):
        target.hardlink_to(audio_file(earlier[-1] / AUDIO, item))
        return True
    try:
        shutil.copyfile(item.path, target)
    except FileNotFoundError:  # retention removed it a moment ago
        return False
    return True


def copy_files(files: Iterable[Path], folder: Path) -> None:
    """Copies files that appear whole or not at all; one that is gone meanwhile is passed over."""
    for path in files:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            shutil.copyfile(path, folder / path.name)
        except FileNotFoundError:
            continue


def _manifest(work: Path, now: datetime, *, audio: bool) -> Manifest:
    facts = read_facts(work / STORE) if (work / STORE).exists() else None
    return Manifest(
        program=version("prescore"),
        made_at=now,
        store_version=facts.version if facts else None,
        desk_version=read_desk_version(work / DESK) if (work / DESK).exists() else None,
        calls=facts.calls if facts else 0,
        recordings=facts.recordings if facts else 0,
        has_audio=audio,
        files=tuple(list_files(work)),
    )


def _remember(data: DataFolder, now: datetime, manifest: Manifest) -> None:
    """For /metrics and `prescore doctor`."""
    work = data.last_backup.with_name(f".{data.last_backup.name}.{uuid4().hex}")
    work.write_text(f'{{"made_at": "{now.isoformat()}", "size_bytes": {manifest.size_bytes}}}\n', encoding="utf-8")
    work.replace(data.last_backup)


def _remove_oldest(root: Path, keep: int | None) -> Iterator[Path]:
    if keep is None:
        return
    for folder in backups_in(root)[:-keep]:
        shutil.rmtree(folder)
        yield folder


def refuse_full_disk(folder: Path, needed: int) -> None:
    """Raises StoreError unless so many bytes fit."""
    free = shutil.disk_usage(folder).free
    if free < needed * SPARE:
        raise StoreError(
            f"{folder.parent}: {int(needed * SPARE) // MIB + 1} MiB are needed and {free // MIB} MiB are free; "
            "free some, or name another folder"
        )
