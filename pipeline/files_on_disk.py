"""Files as the disk has them: their sha256, and what is written safe from a power cut."""

import hashlib
import os
from pathlib import Path


def sha256_of(path: Path) -> str:
    """64 hexadecimal digits, read piece by piece."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def flush(folder: Path) -> None:
    """Every file and folder in it on the disk, before a name says that they are there.

    Else a power cut could leave new names with nothing behind them.
    """
    for place, _, names in os.walk(folder):
        for name in names:
            with Path(place, name).open("rb") as file:
                os.fsync(file.fileno())
        sync_folder(Path(place))


def sync_folder(folder: Path) -> None:
    """The folder's names on the disk: renames in it outlive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
