"""The flow `nightly` under a Prefect server of its own; flow, worker or server are killed at random moments.

Or while the night is held in its middle, where the kill must come and the machine may be fast or slow.
"""

import random
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import httpx

from pipeline.data_folder import DataFolder
from pipeline.settings import ROOT
from pipeline.store.lock import is_held
from tests.command.real_command import environment
from tests.faults.processes import LONGEST_S, group_is_alive, kill_group, kill_one_of, wait_until, workers_of
from tests.faults.run_kills import SLOW, Night, assert_free, compared, half_stored, wait_at_most
from tests.faults.tally import Kill, Round
from tests.held import Hold

FLOW, FLOW_WORKER, SERVER = "the flow's process", "a worker of the flow", "Prefect's server"


@dataclass
class Server:
    """Prefect's server with its database in `home`; a killed one is started again on the same port."""

    home: Path
    port: int
    process: subprocess.Popen[str] | None = None

    @property
    def environment(self) -> dict[str, str]:
        return environment(
            PREFECT_HOME=str(self.home),
            PREFECT_API_URL=f"http://127.0.0.1:{self.port}/api",
            PREFECT_SERVER_ANALYTICS_ENABLED="false",
            PREFECT_LOGGING_LEVEL="WARNING",
            DO_NOT_TRACK="1",
            **SLOW,
        )

    def start(self) -> float:
        """Seconds until it answers."""
        words = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(self.port)]
        with (self.home / "server.log").open("a", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                words, env=self.environment, stdout=log, stderr=log, text=True, start_new_session=True
            )
        return wait_until(self.answers, "Prefect's server")

    def kill(self) -> bool:
        return self.process is not None and kill_group(self.process)

    def answers(self) -> bool:
        with suppress(httpx.HTTPError):
            return httpx.get(f"http://127.0.0.1:{self.port}/api/health", timeout=10).status_code == 200
        return False


@contextmanager
def prefect_server(home: Path) -> Iterator[Server]:
    """Started by the first night that needs it."""
    home.mkdir(parents=True)
    with socket.create_server(("127.0.0.1", 0)) as free:
        server = Server(home, free.getsockname()[1])
    try:
        yield server
    finally:
        server.kill()


def torture_night(
    night: Night,
    folder: Path,
    server: Server,
    victims: list[str],
    chance: random.Random,
    until_s: float,
    holds: Sequence[Hold] = (),
) -> Round:
    """A night for each kill, over the same data, then one to the end. `holds`: in which of them, one per victim."""
    if server.process is None:
        server.start()
    data = DataFolder(folder)
    kills: list[Kill] = []
    found: list[str] = []
    for victim, hold in zip_longest(victims, holds):
        kills += killed_night(night, data, server, victim, chance, until_s, hold)
        found += half_stored(night.clean, data)
    started_s = time.monotonic()
    with started_night(night, data, server) as process:
        _, errors = process.communicate(timeout=LONGEST_S)
    recovered_s = time.monotonic() - started_s
    found += [f"exit code {process.returncode}: {errors[-500:]}"] if process.returncode else []
    return Round(tuple(kills), len(victims) + 1, recovered_s, (*found, *compared(night.clean, data)))


def killed_night(
    night: Night,
    data: DataFolder,
    server: Server,
    victim: str,
    chance: random.Random,
    until_s: float,
    hold: Hold | None = None,
) -> list[Kill]:
    """The kill, where the night was not over before it. A server that was killed is started again at once."""
    with started_night(night, data, server, hold) as process:
        wait_until(lambda: is_held(data.run_lock) or process.poll() is not None, "the start of the night")
        if hold is not None:
            wait_until(lambda: hold.is_reached() or process.poll() is not None, "the middle of the night")
        after_s = wait_at_most(process, chance.uniform(0, until_s))
        killed, killed_s = kill(victim, process, server, chance), time.monotonic()
        if victim == SERVER and killed:
            server.start()
        if hold is not None:
            hold.let_go()
        process.communicate(timeout=LONGEST_S)
        wait_until(lambda: not group_is_alive(process.pid), "the end of the workers")
    assert_free(data)
    return [Kill(victim, after_s, time.monotonic() - killed_s)] if killed else []


def kill(victim: str, process: subprocess.Popen[str], server: Server, chance: random.Random) -> bool:
    if process.poll() is not None:
        return False
    if victim == SERVER:
        return server.kill()
    if victim == FLOW:
        return kill_one_of([process.pid], chance)
    wait_until(lambda: bool(workers_of(process.pid)) or process.poll() is not None, "a worker of the flow")
    return kill_one_of(workers_of(process.pid), chance)


@contextmanager
def started_night(
    night: Night, data: DataFolder, server: Server, hold: Hold | None = None
) -> Iterator[subprocess.Popen[str]]:
    """Whatever comes of it, it is over in the end: a held night would never be."""
    words = [sys.executable, "-m", "tests.faults.night", str(night.inbox), str(night.journal), str(data.root)]
    with subprocess.Popen(
        words,
        cwd=ROOT,
        env=server.environment | (hold.environment if hold else {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            kill_group(process)
