import shutil
from pathlib import Path

import pytest

from pipeline.ffmpeg_program import packaged_program

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture(params=["system", "packaged"])
def ffmpeg_program(request: pytest.FixtureRequest) -> str:
    program = shutil.which("ffmpeg") if request.param == "system" else packaged_program()
    if program is None:
        pytest.skip(f"no {request.param} ffmpeg on this machine")
    return program


@pytest.fixture
def any_ffmpeg() -> str:
    program = packaged_program()
    assert program is not None
    return program


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    return tmp_path / "scratch"


@pytest.fixture(scope="session")
def shared_formats() -> Path:
    """Real recordings that lie beside the clone, not in it."""
    folder = REPOSITORY.parent / "shared" / "data_dev" / "formats"
    if not folder.is_dir():
        pytest.skip("no ../shared/data_dev beside the repository")
    return folder
