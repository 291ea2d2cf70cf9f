"""A night whose Prefect server keeps its database in a real PostgreSQL, chosen by an environment variable alone."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from flows.batch import run_batch
from flows.workshop import WorkOrder
from pipeline.data_folder import DataFolder
from pipeline.settings import ROOT, Settings
from tests.faults.night_kills import Server
from tests.flow_runs.conftest import FAKES
from tests.flow_runs.rows import differences, rows_of

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"))  # where Debian keeps them
NIGHT_S = 300.0
pytestmark = pytest.mark.skipif(not PROGRAMS, reason="no PostgreSQL here: apt-get install postgresql")


@dataclass(frozen=True)
class Database:
    """A PostgreSQL of the test's own, reached through a socket in its folder; root may not run it, `nobody` may."""

    folder: Path

    def run(self, program: str, *words: str | Path) -> str:
        user = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.getuid() == 0 else {}
        done = subprocess.run(
            [PROGRAMS[-1] / program, *words], cwd="/", capture_output=True, text=True, check=False, **user
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self) -> None:
        self.run("initdb", "-D", self.folder / "data", "-U", "prefect", "-A", "trust", "--no-sync", "-E", "UTF8")
        options = f"-c listen_addresses='' -c unix_socket_directories='{self.folder}' -c fsync=off"
        log = self.folder / "log.txt"
        self.run("pg_ctl", "-D", self.folder / "data", "-w", "-o", options, "-l", log, "start")

    def stop(self) -> None:
        self.run("pg_ctl", "-D", self.folder / "data", "-m", "immediate", "stop")

    def ask(self, query: str) -> str:
        return self.run("psql", "-h", self.folder, "-U", "prefect", "-d", "postgres", "-At", "-c", query)

    @property
    def address(self) -> str:
        return f"postgresql+asyncpg://prefect@/postgres?host={self.folder}"


@dataclass
class ServerOnPostgres(Server):
    database: str = ""

    @property
    def environment(self) -> dict[str, str]:
        return super().environment | {"PREFECT_API_DATABASE_CONNECTION_URL": self.database}


@pytest.fixture
def database() -> Iterator[Database]:
    """Stops with the test. Its folder is one that `nobody` may reach, and short: a socket's path has 107 letters."""
    with tempfile.TemporaryDirectory(prefix="pg-") as folder:
        database = Database(Path(folder))
        if os.getuid() == 0:
            shutil.chown(folder, "nobody", "nogroup")
        database.start()
        yield database
        database.stop()


@pytest.fixture
def server(database: Database, tmp_path: Path) -> Iterator[Server]:
    home = tmp_path / "prefect"
    home.mkdir()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = ServerOnPostgres(home, port, database=database.address)
    try:
        server.start()
        yield server
    finally:
        server.kill()


def test_a_night_on_postgres(
    server: Server,
    database: Database,
    settings: Settings,
    whole_night: tuple[Path, Path, dict[str, str]],
    tmp_path: Path,
) -> None:
    inbox, journal, _codes = whole_night
    data, undisturbed = DataFolder(tmp_path / "data"), DataFolder(tmp_path / "batch")
    words = [sys.executable, "-m", "tests.faults.night", str(inbox), str(journal), str(data.root)]
    for _ in range(2):  # the second finds nothing to do
        night = subprocess.run(
            words, cwd=ROOT, env=server.environment, capture_output=True, text=True, timeout=NIGHT_S, check=False
        )
        assert night.returncode == 0, night.stderr[-2000:]
    phone_key = server.environment["PRESCORE_PHONE_KEY"].encode()
    run_batch(WorkOrder(settings, undisturbed, FAKES), [inbox], journal, phone_key, 0)
    assert differences(rows_of(undisturbed.store), rows_of(data.store)) == []
    states = database.ask("SELECT state_type, count(*) FROM flow_run GROUP BY 1")
    assert states == "COMPLETED|4\n"  # the night and the flow within it, twice
    assert "prescore-night" in database.ask("SELECT DISTINCT key FROM artifact")
    assert not list((tmp_path / "prefect").glob("*.db"))
