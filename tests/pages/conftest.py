from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from pipeline.data_folder import DataFolder
from pipeline.settings import Settings, load_settings
from review.app import create_app
from tests.pages.calls import build_store
from tests.pages.people import logged_in


@pytest.fixture(scope="session")
def settings() -> Settings:
    return load_settings()


@pytest.fixture
def data(tmp_path: Path) -> DataFolder:
    return DataFolder(tmp_path / "data")


@pytest.fixture
def app(data: DataFolder, settings: Settings) -> FastAPI:
    """The page over a data folder without a store."""
    return create_app(data, settings)


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    """An administrator whose browser asks for English."""
    with logged_in(app, "administrator") as client:
        yield client


@pytest.fixture
def calls(data: DataFolder, tmp_path: Path) -> SimpleNamespace:
    """The named calls: `calls.done` is a call id, `calls.inbox` where the recordings lie."""
    inbox = tmp_path / "inbox"
    return SimpleNamespace(inbox=inbox, **build_store(data, inbox))
