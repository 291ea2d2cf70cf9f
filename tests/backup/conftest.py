from pathlib import Path

import pytest

from pipeline.settings import CONFIGS
from tests.command.conftest import _on_fakes, prescore  # noqa: F401
from tests.privacy.conftest import built, built_once  # noqa: F401

CONFIG = CONFIGS / "pipeline.yaml"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The data folder of the command: that of `built`."""
    return tmp_path / "data"


@pytest.fixture
def backups(tmp_path: Path) -> Path:
    return tmp_path / "backups"
