"""What a night over several machines needs beside it, on this one: Prefect's server, Dask's scheduler and workers."""

import contextlib
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from pipeline.settings import ROOT
from tests.bench.measuring import tree_cpu_s
from tests.faults.processes import wait_until

PREFECT, SCHEDULER, WORKERS = "Prefect's server", "Dask's scheduler", "workers"
STOPS_S = 30.0
DASK = str(Path(sys.executable).with_name("dask"))


@dataclass(frozen=True)
class Service:
    """A process that runs while nights come and go, with all that it started."""

    name: str
    process: subprocess.Popen[bytes]

    @property
    def cpu_s(self) -> float:
        return tree_cpu_s(self.process.pid)


@dataclass(frozen=True)
class PrefectServer:
    """`home` holds its database; `environment` is that of flows and workers."""

    service: Service
    home: Path
    environment: Mapping[str, str]

    @property
    def stored_bytes(self) -> int:
        """Pages of its database that are in use, those that are only in the log of writes among them."""
        pages, free, size = (self._ask(f"PRAGMA {name}") for name in ("page_count", "freelist_count", "page_size"))
        return (pages - free) * size

    @property
    def completed_shards(self) -> int:
        """By tasks: a shard whose worker was lost is computed by the flow itself, and is no task that completed."""
        return self._ask("SELECT count(*) FROM task_run WHERE state_type = 'COMPLETED' AND name LIKE 'process shard-%'")

    def _ask(self, query: str) -> int:
        with contextlib.closing(sqlite3.connect(self.home / "prefect.db", timeout=STOPS_S)) as con:
            return int(con.execute(query).fetchone()[0])


@contextlib.contextmanager
def running(
    name: str, command: Sequence[str], environment: Mapping[str, str], log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """The command in a process group of its own; nothing of it is left in the end."""
    with log.open("ab") as out:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True
        )
    try:
        yield process
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOPS_S)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@contextlib.contextmanager
def prefect_server(home: Path, environment: Mapping[str, str]) -> Iterator[PrefectServer]:
    """Once it answers."""
    home.mkdir(parents=True)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}/api"
    told = {
        **environment,
        "PREFECT_HOME": str(home),
        "PREFECT_API_URL": address,
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
    }
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    with running(PREFECT, command, told, home / "server.log") as process:
        _wait_for(process, lambda: _answers(f"{address}/health"), PREFECT)
        yield PrefectServer(Service(PREFECT, process), home, told)


@contextlib.contextmanager
def dask_cluster(folder: Path, workers: int, environment: Mapping[str, str]) -> Iterator[tuple[str, list[Service]]]:
    """The scheduler's address, once its workers are there; started as docs/scale.md says."""
    folder.mkdir(parents=True)
    file = folder / "scheduler.json"
    common = ["--host", "127.0.0.1", "--no-dashboard", "--scheduler-file", str(file)]
    threads = ["--nthreads", "1", "--nworkers", str(workers), "--local-directory", str(folder)]
    with (
        running(SCHEDULER, [DASK, "scheduler", "--port", "0", *common], environment, folder / "scheduler.log") as head,
        running(WORKERS, [DASK, "worker", *common, *threads], environment, folder / "workers.log") as hands,
    ):
        _wait_for(head, lambda: bool(_address(file)), SCHEDULER)
        address = _address(file)
        with _client(address) as client:
            _wait_for(hands, lambda: len(client.nthreads()) == workers, WORKERS)
        yield address, [Service(SCHEDULER, head), Service(WORKERS, hands)]


def _wait_for(process: subprocess.Popen[bytes], is_ready: Callable[[], bool], name: str) -> None:
    """Raises RuntimeError where it ends instead, TimeoutError where it never is."""
    wait_until(lambda: process.poll() is not None or is_ready(), name)
    if process.returncode is not None:
        raise RuntimeError(f"{name} ended with {process.returncode} at its start")


def _address(file: Path) -> str:
    """What the scheduler wrote; empty until it has."""
    with contextlib.suppress(FileNotFoundError, json.JSONDecodeError):
        return str(json.loads(file.read_text(encoding="utf-8"))["address"])
    return ""


def _client(address: str) -> Any:
    from distributed import Client

    return Client(address, timeout=STOPS_S, set_as_default=False)  # type: ignore[no-untyped-call]


def _answers(address: str) -> bool:
    with contextlib.suppress(httpx.HTTPError):
        return httpx.get(address, timeout=10).is_success
    return False
