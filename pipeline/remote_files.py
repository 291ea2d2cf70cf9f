"""Recordings that lie in object storage: listed, identified and fetched through fsspec.

Such a place is a path like any other, `s3://bucket/folder/call.wav`, so that names, journals and the store treat both
alike; only here, and where this module is asked, does it make a difference.
"""

import hashlib
import math
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pipeline.errors import InputError, RecordingError
from pipeline.object_storage import said, storage, storage_errors
from pipeline.recording_size import refuse_size
from pipeline.records import Recording

REMOTE = "s3:"  # what is left of s3:// in a Path; a local folder of that name is written ./s3:
SCRATCH_PREFIX = "fetching-"
BLOCK_BYTES = 8 * 2**20
LONGEST_NAME_BYTES = 255  # of a file on this disk, where each is fetched to
NS_PER_S = 1_000_000_000


@dataclass(frozen=True, slots=True)
class FileFacts:
    """Size and time of a file or an object.

    Storage tells whole seconds: the rest of `mtime_ns` is made of the ETag, so that an object that was replaced within
    the second differs too.
    """

    size_bytes: int
    mtime_ns: int


def is_remote(path: Path) -> bool:
    return not path.is_absolute() and path.parts[:1] == (REMOTE,)


def place_text(path: Path) -> str:
    """The path as people and the store write it; `Path` of it is the same path again."""
    return "s3://" + "/".join(path.parts[1:]) if is_remote(path) else str(path)


def absolute(path: Path) -> Path:
    return path if is_remote(path) else path.absolute()


def list_remote(folder: Path) -> Iterator[tuple[str, Path, FileFacts]]:
    """Every object under the folder, or that object, in the order of their names: its name there, its path, its facts.

    Raises InputError when nothing is there or storage does not answer, ConfigurationError without the extra.
    """
    place = place_text(folder)
    try:
        found: Mapping[str, Mapping[str, Any]] = storage().find(place, detail=True)
    except storage_errors() as error:
        raise InputError(f"{place}: cannot be listed: {said(error)}; check address and credentials") from error
    for name, facts in sorted(found.items()):
        if not name.endswith("/"):  # an object that some tools make to stand for a folder
            yield f"s3://{name}", Path(f"s3://{name}"), _facts(facts)


def name_refusal(name: str, path: Path) -> str | None:
    """Why an object of that name cannot be taken; None where it can."""
    if place_text(path) != name:
        return "has an empty or dotted folder in its name, which no path can say; rename the object"
    if len(path.name.encode()) > LONGEST_NAME_BYTES:
        return f"has a name of more than {LONGEST_NAME_BYTES} bytes; rename the object"
    return None


def remote_facts(path: Path) -> FileFacts | None:
    """What storage says of the object now; None where there is none, or storage does not answer."""
    try:
        return _facts(storage().info(place_text(path)))
    except storage_errors():
        return None


def identify_remote(path: Path, max_bytes: float = math.inf) -> Recording:
    """The recording, hashed piece by piece without being kept. Raises RecordingError as `ingest.identify` does."""
    sha256, size_bytes = _read(path, None, max_bytes)
    return Recording(sha256, path, size_bytes)


@contextmanager
def at_hand(recording: Recording, scratch: Path) -> Iterator[Recording]:
    """The recording as a file on this disk for as long as the `with` block lasts; a local one as it is.

    What a killed process leaves is named `fetching-*` and may be deleted.
    Raises RecordingError when storage does not give it, or gives another content than was identified.
    """
    if not is_remote(recording.path):
        yield recording
        return
    scratch.mkdir(parents=True, exist_ok=True)
    place = place_text(recording.path)
    if shutil.disk_usage(scratch).free < recording.size_bytes:
        raise RecordingError("no_space", f"{place}: no space left in {scratch} to fetch it; free some and retry it")
    found = remote_facts(recording.path)
    if found is not None and found.size_bytes != recording.size_bytes:  # nothing of it is fetched
        raise _other_content(place)
    with tempfile.TemporaryDirectory(prefix=SCRATCH_PREFIX, dir=scratch) as folder:
        copy = Path(folder) / recording.path.name
        sha256, _ = _read(recording.path, copy, math.inf)
        if sha256 != recording.content_sha256:
            raise _other_content(place)
        yield replace(recording, path=copy)


def _read(path: Path, copy: Path | None, max_bytes: float) -> tuple[str, int]:
    """Sha256 and size of the object's content, which goes into `copy` too, if one is asked for."""
    place = place_text(path)
    try:
        before = _facts(storage().info(place))
        refuse_size(place, before.size_bytes, max_bytes)
        digest = hashlib.sha256()
        with storage().open(place, "rb", cache_type="none", block_size=BLOCK_BYTES) as source:
            for block in iter(lambda: source.read(BLOCK_BYTES), b""):
                digest.update(block)
                if copy is not None:
                    _append(copy, block)
        after = _facts(storage().info(place))
    except FileNotFoundError as error:
        raise RecordingError("no_such_file", f"{place}: no such object; was it moved during the run?") from error
    except storage_errors() as error:
        if type(error).__name__ == "FileExpired":  # s3fs asks for the ETag that it opened
            raise _replaced(place) from error
        raise RecordingError("not_fetched", f"{place}: {said(error)}; `prescore retry` when storage answers") from error
    if before != after:
        raise _replaced(place)
    return digest.hexdigest(), after.size_bytes


def _replaced(place: str) -> RecordingError:
    return RecordingError("still_being_written", f"{place}: was replaced while it was read; retry it")


def _other_content(place: str) -> RecordingError:
    found = f"{place}: holds another content than when it was identified"
    return RecordingError("still_being_written", f"{found}; the next run takes it up")


def _append(copy: Path, block: bytes) -> None:
    try:
        with copy.open("ab") as file:
            file.write(block)
    except OSError as error:
        found = f"{copy.parent}: cannot be written: {error.strerror}"
        raise RecordingError("no_space", f"{found}; free some space and retry it") from error


def _facts(told: Mapping[str, Any]) -> FileFacts:
    mark = int.from_bytes(hashlib.sha256(str(told.get("ETag")).encode()).digest()[:8], "big") % NS_PER_S
    changed = told["LastModified"]
    return FileFacts(int(told["size"]), int(changed.timestamp()) * NS_PER_S + mark)
