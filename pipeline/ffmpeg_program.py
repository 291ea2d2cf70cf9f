"""Which ffmpeg decodes: the configured one, else the system's, else the one inside the package imageio-ffmpeg."""

import os
import shutil
from pathlib import Path

from pipeline.errors import ConfigurationError

INSTALL = "sudo apt-get install ffmpeg"


def find_ffmpeg(configured: str | None = None) -> str:
    """The ffmpeg program to call. `configured` (PRESCORE_FFMPEG) wins and is never silently replaced.

    Raises ConfigurationError when the configured program does not run, or when there is none at all.
    """
    if configured:
        return configured_program(configured)
    found = shutil.which("ffmpeg") or packaged_program()
    if found is None:
        raise ConfigurationError(
            "ffmpeg: no such program on PATH, and none inside the package imageio-ffmpeg: "
            f"install it with `{INSTALL}`, or name one in PRESCORE_FFMPEG"
        )
    return found


def configured_program(configured: str) -> str:
    """The program that the user named, by path or by its name on PATH."""
    found = shutil.which(configured)
    if found is None:
        raise ConfigurationError(
            f"PRESCORE_FFMPEG: {configured} is no program that can be run: "
            f"correct it, or unset it and install one with `{INSTALL}`"
        )
    return found


def packaged_program() -> str | None:
    """The program that imageio-ffmpeg carries; None where its wheel has none for this machine."""
    try:
        import imageio_ffmpeg
    except ImportError:
        return None
    try:
        program = Path(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError:
        return None
    return str(program) if os.access(program, os.X_OK) else None
