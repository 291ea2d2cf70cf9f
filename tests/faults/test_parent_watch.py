"""A worker whose parent was killed ends by itself, whatever it waits for."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from pipeline.settings import ROOT
from tests.faults.processes import command_of, group_is_alive, wait_until, workers_of

pytestmark = pytest.mark.kill
PARENT = """
import multiprocessing, sys, time
from concurrent.futures import ProcessPoolExecutor
from flows.parent_watch import end_with_parent
if __name__ == "__main__":
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn, initializer=end_with_parent) as pool:
        pool.submit(time.sleep, 0).result()
        if sys.argv[1] == "busy":
            pool.submit(time.sleep, 600)
        print("ready", flush=True)
        time.sleep(600)
"""


@contextmanager
def parent(kind: str) -> Iterator[subprocess.Popen[str]]:
    """A process with a worker that waits for work, or sleeps in the middle of it."""
    words = [sys.executable, "-c", PARENT, kind]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        try:
            assert process.stdout is not None and process.stdout.readline() == "ready\n"
            yield process
        finally:
            if group_is_alive(process.pid):
                os.killpg(process.pid, signal.SIGKILL)


@pytest.mark.parametrize("kind", ["idle", "busy"])
def test_a_worker_ends_when_its_parent_is_killed(kind: str) -> None:
    with parent(kind) as process:
        (worker,) = workers_of(process.pid)
        process.kill()
        process.wait()
        wait_until(lambda: not command_of(worker), "the end of the worker", 30)
        wait_until(lambda: not group_is_alive(process.pid), "the end of all", 30)


def test_a_worker_stays_while_its_parent_lives() -> None:
    with parent("idle") as process:
        (worker,) = workers_of(process.pid)
        time.sleep(0.5)
        assert command_of(worker)
