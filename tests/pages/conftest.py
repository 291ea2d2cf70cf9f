import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from fastapi.testclient import TestClient

from pipeline.data_folder import DataFolder
from pipeline.settings import Settings, load_settings
from pipeline.store import Store
from pipeline.store.rows import fetch
from review.app import create_app
from review.catalogue import load_catalogues
from review.pages.call_reading import read_facts
from review.site import load_templates
from tests.pages.answering import AskedCall
from tests.pages.calls import build_store
from tests.pages.people import logged_in
from tests.pages.runs import build_nights


@pytest.fixture(autouse=True)
def _cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2 that takes no time; `test_passwords.py` looks at the real one."""
    monkeypatch.setattr("review.remembered.OLD_S", 0.0)  # figures are those of this moment
    monkeypatch.setattr("review.desk.passwords.hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture(scope="session", autouse=True)
def _read_once() -> Iterator[None]:
    """Catalogues and templates are the same for every application of a test run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("review.app.load_catalogues", cache(load_catalogues))
        patch.setattr("review.app.load_templates", cache(load_templates))
        yield


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
def calls(built_calls: tuple[DataFolder, SimpleNamespace], data: DataFolder, tmp_path: Path) -> SimpleNamespace:
    """The named calls: `calls.done` is a call id, `calls.inbox` where the recordings lie, of the test's own."""
    built, named = built_calls
    inbox = Path(shutil.copytree(named.inbox, tmp_path / "inbox"))
    shutil.copytree(built.root, data.root, dirs_exist_ok=True)
    with Store(data.store).writing() as con:
        con.execute("UPDATE base.deliveries SET path = replace(path, ?, ?)", [str(named.inbox), str(inbox)])
    return SimpleNamespace(**vars(named) | {"inbox": inbox})


@pytest.fixture(scope="session")
def built_calls(tmp_path_factory: pytest.TempPathFactory) -> tuple[DataFolder, SimpleNamespace]:
    """The named calls once, for tests that leave the recordings alone; for copying."""
    folder = tmp_path_factory.mktemp("calls")
    data = DataFolder(folder / "data")
    return data, SimpleNamespace(inbox=folder / "inbox", **build_store(data, folder / "inbox"))


@pytest.fixture
def asked(built_calls: tuple[DataFolder, SimpleNamespace], data: DataFolder, settings: Settings) -> AskedCall:
    """A call that waits for an answer, in a data folder of the test's own."""
    built, named = built_calls
    shutil.copytree(built.root, data.root)
    app = create_app(data, settings)
    with app.state.site.store.reading() as con:
        call = read_facts(con, named.done)
        assert call is not None and call.content_sha256 is not None
        (judged,) = fetch(con, "page_call_judged", sha=call.content_sha256, rows=None)
    return AskedCall(app, named, judged["evaluation_id"], logged_in(app, "supervisor", "anna"))


@pytest.fixture(scope="session")
def built_nights(tmp_path_factory: pytest.TempPathFactory, settings: Settings) -> DataFolder:
    """What some nights left behind; for copying."""
    return build_nights(tmp_path_factory.mktemp("nights"), settings)


@pytest.fixture
def nights(built_nights: DataFolder, data: DataFolder) -> DataFolder:
    """The test's own data folder after those nights; their recordings lie where they were found."""
    shutil.copytree(built_nights.root, data.root, symlinks=True, dirs_exist_ok=True)
    return data
