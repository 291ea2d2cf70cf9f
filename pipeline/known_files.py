"""Removing a recording's files: only what the store knows, only where it still holds what the store knows of it."""

import hashlib
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipeline.data_folder import DataFolder
from pipeline.remote_files import is_remote, remote_facts


@dataclass(frozen=True, slots=True)
class KnownPlace:
    """A path whose newest known content is that recording."""

    path: Path
    size_bytes: int
    content_sha256: str


@dataclass(frozen=True, slots=True)
class LeftFile:
    """A file of a recording that was not removed, and why."""

    path: Path
    reason: str


class _Kept(Exception):
    """Why a file stays where it is."""


def removable(places: Sequence[KnownPlace]) -> tuple[list[KnownPlace], list[LeftFile]]:
    """The places whose files may go, and the files that stay with the reason. A path where nothing lies is neither."""
    found: list[KnownPlace] = []
    left: list[LeftFile] = []
    for place in places:
        if is_remote(place.path):
            left += _remote_left(place)
        elif os.path.lexists(place.path):
            with _keeping(place, left), _opened(place) as folder:
                _check(folder, place)
                found.append(place)
    return found, left


def remove_files(places: Sequence[KnownPlace]) -> tuple[list[KnownPlace], list[LeftFile]]:
    """Removes the files of those places; the same look again right before, for a file may change meanwhile."""
    gone: list[KnownPlace] = []
    left: list[LeftFile] = []
    for place in places:
        if os.path.lexists(place.path):
            with _keeping(place, left), _opened(place) as folder:
                _check(folder, place)
                os.unlink(place.path.name, dir_fd=folder)
                gone.append(place)
    return gone, left


def remove_copies(data: DataFolder, shas: Sequence[str], *, dry_run: bool = False) -> int:
    """Removes what the page made of the recordings, copies, outlines and swaps; returns how many files there were."""
    made = [path for sha in shas for path in (data.playable / f"{sha}.ogg", data.peaks / f"{sha}.json")]
    made += [data.sides / f"{sha}{ending}" for sha in shas for ending in (".json", ".log", ".settings.yaml")]
    found = [path for path in made if os.path.lexists(path)]
    if not dry_run:
        for path in found:
            path.unlink()
    return len(found)


def _remote_left(place: KnownPlace) -> tuple[LeftFile, ...]:
    """Nothing is removed from storage: its older versions and copies would stay, and only its owner reaches those."""
    if remote_facts(place.path) is None:
        return ()
    return (LeftFile(place.path, "lies in object storage; remove it there with all its versions, or let a rule do it"),)


@contextmanager
def _keeping(place: KnownPlace, left: list[LeftFile]) -> Iterator[None]:
    try:
        yield
    except _Kept as kept:
        left.append(LeftFile(place.path, str(kept)))
    except OSError as error:
        left.append(LeftFile(place.path, f"cannot be removed: {error.strerror}; check its rights, then repeat"))


@contextmanager
def _opened(place: KnownPlace) -> Iterator[int]:
    """The folder that holds the file, held open: whatever its path leads to later, the same folder is meant."""
    folder = os.open(place.path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield folder
    finally:
        os.close(folder)


def _check(folder: int, place: KnownPlace) -> None:
    """Raises _Kept unless the file is the known recording, whole and under this name alone."""
    name = place.path.name
    facts = os.stat(name, dir_fd=folder, follow_symlinks=False)
    if stat.S_ISLNK(facts.st_mode):
        raise _Kept("is a link; remove it, and what it leads to, by hand")
    if not stat.S_ISREG(facts.st_mode):
        raise _Kept("is no file any more; look at it")
    if facts.st_size != place.size_bytes:
        raise _Kept("has another size than the recording; it is not what was delivered, look at it")
    descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
    with os.fdopen(descriptor, "rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != place.content_sha256:
            raise _Kept("has another content than the recording; it is not what was delivered, look at it")
        if os.fstat(file.fileno()).st_nlink > 1:
            raise _Kept("has another name on this disk (a hard link); remove all its names by hand")
