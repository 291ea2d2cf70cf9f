import os
import subprocess
from datetime import datetime
from pathlib import Path

import pytest

from pipeline.data_folder import DataFolder
from pipeline.settings import ROOT
from pipeline.store import Store
from pipeline.store.calls import register_recordings
from pipeline.store.publish import publish
from review.desk.database import Desk
from review.desk.people import Person, add_person
from tests.desk.judged import answered, hand_in, write_judged
from tests.store.builders import delivery

TOOLS = ROOT / ".venv-data-team" / "bin"
FILES = ROOT / "docs" / "data_team"


@pytest.fixture(scope="session")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Published: three calls of two managers in two months, one of them reviewed and changed."""
    data = DataFolder(tmp_path_factory.mktemp("data-team"))
    store, desk = Store(data.store), Desk(data.desk)
    told = {"a": ("Anna", 10), "b": ("Anna", 11), "c": ("Boris", 11)}
    with store.writing() as con:
        register_recordings(
            con,
            [
                delivery(f"{name}.wav", manager=manager, started_at=datetime(2026, month, 5, 10))
                for name, (manager, month) in told.items()
            ],
        )
    calls = write_judged(store, tuple(told))
    person = add_person(desk, Person("", "kate", "Kate", "supervisor"), None)
    hand_in(desk, store, person, calls["a"], answered(needs="0"))
    publish(store, data.published)
    return data.published / "snapshot.duckdb"


def run_tool(snapshot: Path, *words: str | Path, cwd: Path, **more: str) -> str:
    """What a program of the data team's environment prints; it has to succeed."""
    environment = {**os.environ, "PRESCORE_SNAPSHOT": str(snapshot), "DO_NOT_TRACK": "1"} | more
    done = subprocess.run(
        [str(word) for word in words], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
