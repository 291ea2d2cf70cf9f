"""Hosts for a test: network namespaces of this machine with an address each, one file system, and cables to pull.

What runs on a host sees no other network and is seen by none: tests beside each other use the same addresses.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from pipeline.settings import ROOT
from tests.command.real_command import environment

NETWORK = "10.77.0"
PREFECT_PORT, DASK_PORT = 4200, 8786
DEADLINE_S = 600.0  # Prefect's server takes 12 s of a core to start, and others may keep the cores busy
_WAIT_FOR = """
import socket, sys, time
while socket.socket().connect_ex((sys.argv[1], int(sys.argv[2]))):
    time.sleep(0.2)
"""


class NoNamespacesError(Exception):
    """This machine lets nobody make network namespaces or a switch in them."""


@dataclass
class Host:
    """A namespace. `cable` is the end of its link that is plugged into the switch."""

    namespace: str
    address: str
    switch: str
    cable: str
    folder: Path
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, *words: str | Path, log: str, **more: str) -> subprocess.Popen[bytes]:
        """Python with these words; `told` gives what it prints."""
        with self._log(log).open("ab") as out:
            process = subprocess.Popen(
                self._command(*words),
                cwd=ROOT,
                env=self.environment(**more),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        self.started.append(process)
        return process

    def finish(self, *words: str | Path) -> str:
        """What Python with these words printed, when it has ended well."""
        done = subprocess.run(
            self._command(*words),
            cwd=ROOT,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=DEADLINE_S,
            check=False,
        )
        assert done.returncode == 0, f"{words}: {done.stdout}\n{done.stderr}"
        return done.stdout

    def prefect(self, *words: str | Path) -> str:
        """The command `prefect`, as a person types it there."""
        return self.finish("-m", "prefect", "--no-prompt", *words)

    def told(self, log: str) -> str:
        """All that was printed until now."""
        return self._log(log).read_text(encoding="utf-8", errors="replace")

    def environment(self, **more: str) -> dict[str, str]:
        return environment(
            PREFECT_HOME=str(self.folder / "prefect"),
            PREFECT_API_URL=f"http://{NETWORK}.1:{PREFECT_PORT}/api",
            PREFECT_SERVER_ANALYTICS_ENABLED="false",
            DO_NOT_TRACK="1",
            **more,
        )

    def unplug(self) -> None:
        """Its programs live on and hear nothing more: no end of a connection, no refusal."""
        ip("-n", self.switch, "link", "set", self.cable, "down")

    def plug_in(self) -> None:
        ip("-n", self.switch, "link", "set", self.cable, "up")

    def lose_power(self) -> None:
        """Everything that runs on it ends at once."""
        for process in self.started:
            process.kill()
        while pids := ip("netns", "pids", self.namespace).split():
            for pid in pids:
                with suppress(ProcessLookupError):
                    os.kill(int(pid), signal.SIGKILL)
        for process in self.started:
            process.wait(DEADLINE_S)

    def _command(self, *words: str | Path) -> list[str]:
        return ["ip", "netns", "exec", self.namespace, sys.executable, *map(str, words)]

    def _log(self, name: str) -> Path:
        return self.folder / f"{name}.log"


@contextmanager
def network(folder: Path, *names: str) -> Iterator[list[Host]]:
    """Hosts on one switch; at the end they lose power and are removed. The first has Prefect's and Dask's address.

    Raises NoNamespacesError.
    """
    prefix = f"prescore-{os.getpid()}-{uuid4().hex[:6]}"
    switch = f"{prefix}-switch"
    with ExitStack() as made:
        _make_switch(switch, made)
        hosts = []
        for number, name in enumerate(names, start=1):
            host = Host(f"{prefix}-{name}", f"{NETWORK}.{number}", switch, name, folder / name)
            host.folder.mkdir(parents=True)
            _make_namespace(host.namespace, made)
            made.callback(host.lose_power)
            _connect(host)
            hosts.append(host)
        yield hosts


def start_prefect(head: Host) -> None:
    """Its server, on an address that other hosts reach."""
    words = ["-m", "prefect", "server", "start", "--host", head.address, "--port", str(PREFECT_PORT)]
    # a run that waits for its slot looks again after that time; by default after 30 s
    head.start(*words, log="server", PREFECT_SERVER_DEPLOYMENTS_CONCURRENCY_SLOT_WAIT_SECONDS="5")
    head.finish("-ISc", _WAIT_FOR, head.address, str(PREFECT_PORT))


def wait_until(holds: Callable[[], bool], what: str) -> None:
    """Looks five times a second: each look opens a store or starts a program."""
    last_s = time.monotonic() + DEADLINE_S
    while not holds():
        assert time.monotonic() < last_s, f"{what}: not within {DEADLINE_S:.0f} s"
        time.sleep(0.2)


def ip(*words: str) -> str:
    """What the program says. Raises CalledProcessError."""
    return subprocess.run(["ip", *words], check=True, capture_output=True, text=True).stdout


def _make_switch(namespace: str, made: ExitStack) -> None:
    try:
        _make_namespace(namespace, made)
        ip("-n", namespace, "link", "add", "bridge", "type", "bridge")
    except subprocess.CalledProcessError as error:
        raise NoNamespacesError(error.stderr.strip()) from None
    ip("-n", namespace, "link", "set", "bridge", "up")


def _make_namespace(name: str, made: ExitStack) -> None:
    ip("netns", "add", name)
    made.callback(ip, "netns", "delete", name)


def _connect(host: Host) -> None:
    far_end = ("peer", "name", "eth0", "netns", host.namespace)
    ip("-n", host.switch, "link", "add", host.cable, "type", "veth", *far_end)
    ip("-n", host.switch, "link", "set", host.cable, "master", "bridge", "up")
    ip("-n", host.namespace, "address", "add", f"{host.address}/24", "dev", "eth0")
    ip("-n", host.namespace, "link", "set", "eth0", "up")
    ip("-n", host.namespace, "link", "set", "lo", "up")
