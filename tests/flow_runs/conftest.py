import os
from collections.abc import Callable
from pathlib import Path

import pytest

from flows.batch import RunSummary, run_batch
from flows.workshop import WorkOrder
from pipeline.data_folder import DataFolder
from pipeline.settings import Settings, load_settings
from tests.flow_runs.recordings import JOURNAL, bad_recordings, mono_call, stereo_call

FAKES = "tests.fakes:build_fake_models"
RunOn = Callable[..., RunSummary]


@pytest.fixture(autouse=True)
def _no_configuration_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("PRESCORE_")]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def settings() -> Settings:
    return load_settings()


@pytest.fixture
def order(settings: Settings, tmp_path: Path) -> WorkOrder:
    return WorkOrder(settings, DataFolder(tmp_path / "data"), FAKES)


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    """Two recordings, stereo and mono."""
    folder = tmp_path / "inbox"
    folder.mkdir()
    stereo_call(folder / "stereo-1.wav", 1)
    mono_call(folder / "mono-1.wav", 3)
    return folder


@pytest.fixture
def run(order: WorkOrder, inbox: Path) -> RunOn:
    """Runs on the inbox in this process, unless told otherwise."""

    def run(*, order: WorkOrder = order, journal: Path | None = None, workers: int = 0) -> RunSummary:
        return run_batch(order, [inbox], journal, b"key", workers)

    return run


@pytest.fixture(scope="session")
def whole_night(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, dict[str, str]]:
    """A folder with a bit of everything, its journal, and the code of the failure by file name."""
    folder = tmp_path_factory.mktemp("night") / "inbox"
    folder.mkdir()
    stereo_call(folder / "stereo-1.wav", 1)
    stereo_call(folder / "stereo-2.wav", 2)
    mono_call(folder / "mono-1.wav", 3)
    (folder / "copy.wav").write_bytes((folder / "stereo-1.wav").read_bytes())
    (folder / "notes.txt").write_text("no recording")
    codes = bad_recordings(folder)
    journal = folder.parent / "calls.csv"
    journal.write_text(JOURNAL, encoding="utf-8")
    return folder, journal, codes
