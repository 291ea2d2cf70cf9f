import shutil
from pathlib import Path

import pytest

from pipeline.store import Store


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store without rows: made once, for the schema takes 0.3 s."""
    path = tmp_path_factory.mktemp("template") / "calls.duckdb"
    with Store(path).writing():
        pass
    return path


@pytest.fixture
def new_store(tmp_path: Path) -> Store:
    """The place of a store, with nothing there yet."""
    return Store(tmp_path / "data" / "calls.duckdb", timeout_s=10)


@pytest.fixture
def store(new_store: Store, migrated: Path) -> Store:
    new_store.path.parent.mkdir()
    shutil.copyfile(migrated, new_store.path)
    return new_store
