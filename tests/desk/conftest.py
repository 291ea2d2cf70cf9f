import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from pipeline.data_folder import DataFolder
from pipeline.store import Store
from review.desk.database import Desk
from review.desk.people import Person, add_person
from tests.desk.judged import write_judged


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "desk.sqlite")


@pytest.fixture
def anna(desk: Desk) -> Person:
    return add_person(desk, Person("", "anna", "Анна", "supervisor"), None)


@pytest.fixture
def boris(desk: Desk) -> Person:
    return add_person(desk, Person("", "boris", "Борис", "supervisor"), None)


@pytest.fixture(scope="session")
def judged_folder(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """A store with three judged calls, made once."""
    path = DataFolder(tmp_path_factory.mktemp("judged")).store
    return SimpleNamespace(path=path, calls=write_judged(Store(path), ("a", "b", "c")))


@pytest.fixture
def store(tmp_path: Path, judged_folder: SimpleNamespace) -> Store:
    path = DataFolder(tmp_path).store
    shutil.copyfile(judged_folder.path, path)
    return Store(path, timeout_s=10)


@pytest.fixture
def calls(judged_folder: SimpleNamespace) -> SimpleNamespace:
    """`calls.a.call_id`, `calls.a.evaluation_id`; also b and c."""
    return SimpleNamespace(**judged_folder.calls)
