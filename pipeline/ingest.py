"""Which recordings there are, and who each of them is: the sha256 of its content, whatever its name."""

import hashlib
import math
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.errors import InputError, RecordingError
from pipeline.recording_size import refuse_size
from pipeline.records import Recording
from pipeline.remote_files import (
    FileFacts,
    absolute,
    identify_remote,
    is_remote,
    list_remote,
    name_refusal,
    place_text,
    remote_facts,
)
from pipeline.settings import IngestSettings
from pipeline.shown_text import shown_path

PARTIAL_ENDINGS = (".tmp", ".part", ".partial", ".filepart", ".crdownload", "~")  # somebody is still copying it
CALL_ID_LENGTH = 16


@dataclass(frozen=True, slots=True)
class RefusedPath:
    """A path that was named or found and cannot be taken, with the reason and what to do."""

    path: Path
    reason: str
    is_folder: bool = False


@dataclass(frozen=True, slots=True)
class Discovery:
    """What lies there: `candidates` in order, without repetition, and how many other files were passed over."""

    candidates: tuple[Path, ...]
    refused: tuple[RefusedPath, ...]
    ignored_count: int
    remote: Mapping[Path, FileFacts] = field(default_factory=dict)  # what storage said of those that lie there


def discover(paths: Sequence[Path], settings: IngestSettings) -> Discovery:
    """Recordings in folders, whole and by extension, and files, whatever their extension; on disk or in storage.

    Hidden and half-copied files and hidden folders are passed over without being counted.

    Raises InputError when a path does not exist.
    """
    extensions = {extension.lower().removeprefix(".") for extension in settings.audio_extensions}
    extensions |= {extension.lower().removeprefix(".") for extension in settings.raw_formats}
    candidates: dict[str, Path] = {}
    refused: list[RefusedPath] = []
    remote: dict[Path, FileFacts] = {}
    ignored_count = 0
    for path in paths:
        files = files_in(path, refused, remote)
        for file in files:
            if file != path and file.suffix.lower().removeprefix(".") not in extensions:
                ignored_count += 1
            elif (reason := refusal(file)) is not None:
                refused.append(RefusedPath(file, reason))
            else:
                candidates.setdefault(os.path.normpath(absolute(file)), file)
    return Discovery(tuple(candidates.values()), tuple(refused), ignored_count, remote)


def files_in(path: Path, refused: list[RefusedPath], remote: dict[Path, FileFacts]) -> Iterator[Path]:
    """The files of a folder, or the file itself. Raises InputError where nothing is."""
    if is_remote(path):
        return walk_remote(path, refused, remote)
    return walk(path, refused) if existing(path).is_dir() else iter((path,))


def walk_remote(folder: Path, refused: list[RefusedPath], remote: dict[Path, FileFacts]) -> Iterator[Path]:
    """Recordings under `folder` in object storage, by the rules of `walk`. What it says of them goes into `remote`."""
    is_empty = True  # which a misspelt folder is too: storage knows no folders
    for name, path, facts in list_remote(folder):
        is_empty = False
        below = path.parts[len(folder.parts) :]
        if any(part.startswith(".") for part in below) or is_passed_over(path.name):
            continue
        if (reason := name_refusal(name, path)) is not None:
            refused.append(RefusedPath(path, reason))
            continue
        remote[path] = facts
        yield path
    if is_empty:
        refused.append(RefusedPath(folder, "no object's name begins so; check the spelling", is_folder=True))


def existing(path: Path) -> Path:
    """`path`, if something is there. Raises InputError."""
    if not os.path.lexists(path):
        raise InputError(f"{path}: no such file or folder; check the spelling, and that its disk is mounted")
    return path


def walk(folder: Path, refused: list[RefusedPath]) -> Iterator[Path]:
    """Files under `folder` in the order of their names; links to folders are followed, each folder once."""

    def refuse(error: OSError) -> None:
        refused.append(
            RefusedPath(Path(error.filename), f"folder cannot be read: {error.strerror}; check its rights", True)
        )

    seen: set[str] = set()
    for place, folders, files in os.walk(folder, onerror=refuse, followlinks=True):
        real = os.path.realpath(place)
        if real in seen:
            folders.clear()
            continue
        seen.add(real)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(place, name) for name in sorted(files) if not is_passed_over(name))


def is_passed_over(name: str) -> bool:
    return name.startswith(".") or name.lower().endswith(PARTIAL_ENDINGS)


def refusal(path: Path) -> str | None:
    """Why this path is no file that can be taken; None when it is one."""
    try:
        str(path).encode()
        mode = stat.S_IFREG if is_remote(path) else path.stat().st_mode
    except UnicodeEncodeError:
        return "the name is not valid UTF-8; rename the file"
    except OSError as error:
        return f"cannot be read: {error.strerror}; a link whose target is gone, or no rights: mend it, or take it out"
    if shown_path(path) != place_text(path):
        return "the name holds a line break or another control character; rename the file"
    return None if stat.S_ISREG(mode) else "is no regular file; take it out of the folder"


def identify(path: Path, max_bytes: float = math.inf) -> Recording:
    """The recording that lies at `path`, hashed piece by piece.

    Raises RecordingError with the code empty_file, too_long, unreadable, no_such_file, not_fetched or
    still_being_written.
    """
    if is_remote(path):
        return identify_remote(path, max_bytes)
    try:
        with path.open("rb") as file:
            before = os.fstat(file.fileno())
            refuse_size(path, before.st_size, max_bytes)
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            after = path.stat()
    except FileNotFoundError as error:
        raise RecordingError("no_such_file", f"{path}: no such file; was it moved during the run?") from error
    except OSError as error:
        raise RecordingError("unreadable", f"{path}: cannot be read: {error.strerror}; check its rights") from error
    if version(before) != version(after):
        raise RecordingError("still_being_written", f"{path}: changed while it was read; retry it when it is complete")
    return Recording(sha256, path, after.st_size)


def refuse_changed(recording: Recording) -> None:
    """What was decoded must be what was hashed, or one content's words would be stored under another's identity.

    Raises RecordingError with the code still_being_written or no_such_file.
    """
    path = recording.path
    try:
        size_bytes = path.stat().st_size
    except OSError as error:
        raise RecordingError("no_such_file", f"{path}: was taken away during the run; deliver it again") from error
    if size_bytes != recording.size_bytes:
        found = f"{path}: grew or shrank after it was identified"
        raise RecordingError("still_being_written", f"{found}; the next run takes it up when it is complete")


def seen_facts(path: Path) -> FileFacts | None:
    """Size and time of what lies there now; None where nothing does."""
    if is_remote(path):
        return remote_facts(path)
    try:
        facts = path.stat()
    except OSError:
        return None
    return FileFacts(facts.st_size, facts.st_mtime_ns) if stat.S_ISREG(facts.st_mode) else None


def version(facts: os.stat_result) -> tuple[int, int, int]:
    """What differs between two states of a file."""
    return facts.st_ino, facts.st_size, facts.st_mtime_ns


def call_id_of_recording(content_sha256: str) -> str:
    """The id of a call that no journal knows."""
    return content_sha256[:CALL_ID_LENGTH]
