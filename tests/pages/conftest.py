from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from fastapi.testclient import TestClient

from pipeline.data_folder import DataFolder
from pipeline.settings import Settings, load_settings
from review.app import create_app
from tests.pages.calls import build_store


@pytest.fixture(scope="session")
def settings() -> Settings:
    return load_settings()


@pytest.fixture
def data(tmp_path: Path) -> DataFolder:
    return DataFolder(tmp_path / "data")


@pytest.fixture
def client(data: DataFolder, settings: Settings) -> Iterator[TestClient]:
    """A reader whose browser asks for English, of a data folder without a store."""
    with TestClient(create_app(data, settings), headers={"accept-language": "en"}) as client:
        yield client


@pytest.fixture
def calls(data: DataFolder, tmp_path: Path) -> SimpleNamespace:
    """The named calls: `calls.done` is a call id, `calls.inbox` where the recordings lie."""
    inbox = tmp_path / "inbox"
    return SimpleNamespace(inbox=inbox, **build_store(data, inbox))
