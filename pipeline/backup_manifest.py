"""What a backup holds: a list of its files with their sha256, the versions of both schemas, and how much is in it."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Literal

from pydantic import AwareDatetime, Field, ValidationError, field_validator

from pipeline.errors import InputError
from pipeline.files_on_disk import sha256_of
from pipeline.frozen import Frozen

MANIFEST = "manifest.json"


class BackedUpFile(Frozen):
    """`path` is relative to the backup's folder."""

    path: str
    size_bytes: int = Field(ge=0)
    sha256: str = Field(pattern="^[0-9a-f]{64}$")

    @field_validator("path")
    @classmethod
    def _stays_inside(cls, path: str) -> str:
        parts = PurePosixPath(path)
        if parts.is_absolute() or ".." in parts.parts or not parts.parts:
            raise ValueError("a path inside the backup")
        return path


class Manifest(Frozen):
    """`store_version`, `desk_version`: number of the newest migration, None where the data folder had no such file."""

    format: Literal[1] = 1
    program: str
    made_at: AwareDatetime
    store_version: int | None
    desk_version: int | None
    calls: int
    recordings: int
    has_audio: bool
    files: tuple[BackedUpFile, ...]

    @property
    def size_bytes(self) -> int:
        return sum(file.size_bytes for file in self.files)

    def below(self, folder: str) -> tuple[BackedUpFile, ...]:
        """The files of one of its folders."""
        return tuple(file for file in self.files if file.path.startswith(f"{folder}/"))


def list_files(backup: Path) -> Iterator[BackedUpFile]:
    """Every file of a backup but the manifest, by name."""
    for path in sorted(_files(backup)):
        yield BackedUpFile(path=path, size_bytes=(backup / path).stat().st_size, sha256=sha256_of(backup / path))


def load_manifest(backup: Path) -> Manifest:
    """Raises InputError when the folder is no backup, or one of a newer program."""
    path = backup / MANIFEST
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except FileNotFoundError as error:
        raise InputError(
            f"{backup}: no backup, or one that was not finished (there is no {MANIFEST}); name a folder that "
            "`prescore backup` made, e.g. BACKUPS/prescore-20261122T030000Z"
        ) from error
    except (OSError, ValidationError) as error:
        kind = "cannot be read" if isinstance(error, OSError) else "is not as this program writes it"
        raise InputError(f"{path}: {kind}; take another backup, or the program that made it") from error


def find_damage(backup: Path, manifest: Manifest) -> list[str]:
    """What of the backup is not as it was made, a line each; nothing where all is well."""
    found = []
    for file in manifest.files:
        path = backup / file.path
        if path.is_symlink() or not path.is_file():
            found.append(f"{file.path}: is missing")
        elif path.stat().st_size != file.size_bytes:
            found.append(f"{file.path}: has {path.stat().st_size} bytes, had {file.size_bytes}")
        elif sha256_of(path) != file.sha256:
            found.append(f"{file.path}: was altered (its sha256 is another)")
    known = {file.path for file in manifest.files}
    return found + [f"{path}: was not in it when it was made" for path in sorted(_files(backup) - known)]


def refuse_damage(backup: Path, manifest: Manifest) -> None:
    """Raises InputError that names the files that are not as they were."""
    if damage := find_damage(backup, manifest):
        lines = "\n".join(f"  {line}" for line in damage)
        raise InputError(f"{backup}: damaged, nothing of it was used; take another backup\n{lines}")


def _files(backup: Path) -> set[str]:
    """Without the locks of whoever looked into it."""
    found: Sequence[Path] = [
        Path(place, name) for place, _, names in os.walk(backup) for name in names if not name.endswith(".lock")
    ]
    return {path.relative_to(backup).as_posix() for path in found} - {MANIFEST}
