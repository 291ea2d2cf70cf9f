"""The installed command `prescore` as a process of its own, on fakes."""

import os
import subprocess
import sys
from pathlib import Path

from pipeline.settings import ROOT
from tests.flow_runs.conftest import FAKES

PROGRAM = Path(sys.executable).parent / "prescore"


def environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PRESCORE_")}
    return kept | {"PRESCORE_MODELS": FAKES, "PYTHONPATH": str(ROOT), "COLUMNS": "200"} | more


def start(*words: str | Path, **more: str) -> subprocess.Popen[str]:
    """In a process group of its own, as a terminal starts it."""
    return subprocess.Popen(
        [str(PROGRAM), *map(str, words)],
        env=environment(**more),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def finish(*words: str | Path, **more: str) -> tuple[int, str, str]:
    """Exit code, output, errors."""
    with start(*words, **more) as process:
        out, errors = process.communicate(timeout=120)
    return process.returncode, out, errors
