import os
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from uuid import uuid4

import duckdb
import hypothesis
import pytest

from pipeline.store import Store

hypothesis.settings.register_profile("without deadline", deadline=None)  # a loaded machine is no failure
hypothesis.settings.load_profile("without deadline")

ready = Store.writing


@pytest.fixture(scope="session", autouse=True)
def _ready_schema(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A store that is not there yet starts as a copy of an empty one: making the schema costs 0.7 s, every time.

    tests/store/test_migrations.py makes it in earnest, and so does every process of its own.
    """
    template = tmp_path_factory.mktemp("schema") / "calls.duckdb"
    with Store(template).writing():
        pass

    def writing(
        self: Store, *, checkpoint: bool = True, **more: float
    ) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
        if not self.path.exists():
            with suppress(OSError):  # the real one says what is wrong with the folder
                copy_once(template, self.path)
        return ready(self, checkpoint=checkpoint, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Store, "writing", writing)
        yield


def copy_once(template: Path, path: Path) -> None:
    """Threads that come at once find a whole file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    made = path.with_name(f"{path.name}.{uuid4().hex}")
    shutil.copyfile(template, made)
    with suppress(FileExistsError):
        os.link(made, path)
    made.unlink()
