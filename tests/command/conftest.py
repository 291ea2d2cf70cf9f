import os
from functools import partial
from pathlib import Path

import pytest

from pipeline.store import Store
from tests.command.in_process import Prescore, prescore_on
from tests.flow_runs.conftest import FAKES
from tests.flow_runs.recordings import JOURNAL, bad_recordings, mono_call, stereo_call


@pytest.fixture(autouse=True)
def _on_fakes(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("PRESCORE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PRESCORE_MODELS", FAKES)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr("flows.cli.options.Store", partial(Store, timeout_s=0.5))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def prescore(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], data: Path) -> Prescore:
    return prescore_on(data, monkeypatch, capsys)


@pytest.fixture(scope="package")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Good and bad recordings, and their journal beside them."""
    folder = tmp_path_factory.mktemp("command") / "inbox"
    folder.mkdir()
    stereo_call(folder / "stereo-1.wav", 1)
    mono_call(folder / "mono-1.wav", 3)
    bad_recordings(folder)
    (folder.parent / "calls.csv").write_text(JOURNAL, encoding="utf-8")
    return folder


@pytest.fixture(scope="package")
def filled(inbox: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder after a run; for reading alone."""
    from flows.batch import run_batch
    from flows.workshop import WorkOrder
    from pipeline.data_folder import DataFolder
    from pipeline.settings import load_settings

    data = DataFolder(tmp_path_factory.mktemp("filled"))
    run_batch(WorkOrder(load_settings(), data, FAKES), [inbox], inbox.parent / "calls.csv", b"key", 0)
    return data.root
