"""Small file systems for tests: a tmpfs, which only root may mount."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def tmpfs(folder: Path, size: str) -> Iterator[Path]:
    """`folder` as a file system of that size, e.g. "20m". Skips the test where it cannot be mounted."""
    folder.mkdir(parents=True, exist_ok=True)
    done = mount("-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder)
    if done.returncode != 0:
        pytest.skip(f"no file system can be mounted here: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def room_left(folder: Path, room: int) -> None:
    """So many bytes are free from now on, in whole pages."""
    remount(folder, f"size={max(shutil.disk_usage(folder).used + room, 4096)}")  # 0 would be no limit


def remount(folder: Path, options: str) -> None:
    """With other options, e.g. "size=40m" or "ro"."""
    mount("-o", f"remount,{options}", folder).check_returncode()


def mount(*words: str | Path) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(["mount", *map(str, words)], capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        pytest.skip(f"no program to mount with: {error}")
