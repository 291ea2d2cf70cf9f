"""Which ffmpeg is taken, and what is said when there is none."""

import os
import subprocess
import sys
from pathlib import Path

import imageio_ffmpeg
import pytest

from pipeline.errors import ConfigurationError
from pipeline.ffmpeg_program import find_ffmpeg, packaged_program


@pytest.fixture
def empty_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH with one folder in which nothing lies yet."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def executable(path: Path) -> Path:
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def test_system_program_comes_first(empty_path: Path) -> None:
    system = executable(empty_path / "ffmpeg")
    assert find_ffmpeg() == str(system)


def test_package_serves_a_machine_without_one(empty_path: Path) -> None:
    program = find_ffmpeg()
    assert program == packaged_program()
    assert b"ffmpeg version" in subprocess.run([program, "-version"], capture_output=True, check=True).stdout


@pytest.mark.parametrize("configured", ["own", "path"])
def test_configured_program_wins(configured: str, empty_path: Path) -> None:
    executable(empty_path / "ffmpeg")
    own = executable(empty_path / "own-ffmpeg")
    assert find_ffmpeg(own.name if configured == "own" else str(own)) == str(own)


def test_wrong_configured_program_is_not_replaced(empty_path: Path) -> None:
    executable(empty_path / "ffmpeg")
    with pytest.raises(ConfigurationError, match="PRESCORE_FFMPEG: /no/such/ffmpeg"):
        find_ffmpeg("/no/such/ffmpeg")


def missing_wheel(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)


def wheel_without_program(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", os.fspath(tmp_path / "gone"))


def wheel_that_refuses(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def refuse() -> str:
        raise RuntimeError("No ffmpeg exe could be found")

    monkeypatch.setattr(imageio_ffmpeg, "get_ffmpeg_exe", refuse)


@pytest.mark.parametrize("lack", [missing_wheel, wheel_without_program, wheel_that_refuses])
def test_none_at_all_names_the_command(
    lack: object, empty_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert callable(lack)
    lack(monkeypatch, tmp_path)
    with pytest.raises(ConfigurationError, match="sudo apt-get install ffmpeg"):
        find_ffmpeg()
