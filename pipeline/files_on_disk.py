"""Files as the disk has them: their sha256, copies, and what is written safe from a power cut."""

import fcntl
import hashlib
import os
import shutil
from pathlib import Path

FICLONE = 0x40049409  # ioctl_ficlone(2); Python 3.14 knows it, and then `shutil.copyfile` does this itself


def sha256_of(path: Path) -> str:
    """64 hexadecimal digits, read piece by piece."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def copy_file(source: Path, target: Path) -> None:
    """The bytes of the file, or where the file system can (XFS, btrfs) its blocks in common until one is changed.

    Then gigabytes take milliseconds and no room. Raises OSError, as when the disk is full.
    """
    with source.open("rb") as read, target.open("wb") as written:
        try:
            fcntl.ioctl(written.fileno(), FICLONE, read.fileno())
        except OSError:
            is_cloned = False
        else:
            is_cloned = True
    if not is_cloned:
        shutil.copyfile(source, target)


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
