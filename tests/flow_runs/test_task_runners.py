"""Worker processes under Prefect's task runner: whatever dies when, the flow ends."""

import multiprocessing
import os
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from flows.task_runners import TaskGivenUpError, _AnsweringPool
from tests.faults.processes import wait_until

SPAWN = multiprocessing.get_context("spawn")
ENDS_S = 60.0


class SlowlyStarting(ProcessPoolExecutor):
    """Its second worker is still being started when the first one dies, and when that has been noticed."""

    def __init__(self, told: Path) -> None:
        super().__init__(2, mp_context=SPAWN)
        self.told = told
        self.started: list[Any] = []

    def _spawn_process(self) -> None:
        inside: Any = self
        known, inside._processes = inside._processes, {}
        super()._spawn_process()  # type: ignore[misc]
        if known:
            self.told.touch()
            wait_until(lambda: inside._call_queue._closed, "the pool's word to all workers that it knows", ENDS_S)
        self.started += inside._processes.values()
        known.update(inside._processes)
        inside._processes = known


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[SlowlyStarting]:
    slow = SlowlyStarting(tmp_path / "told")
    yield slow
    for process in slow.started:
        process.kill()
        process.join()


def ended(pool: _AnsweringPool) -> bool:
    """Whether the pool's end comes at all."""
    thread = threading.Thread(target=lambda: pool.shutdown(wait=True, cancel_futures=True), daemon=True)
    thread.start()
    thread.join(ENDS_S)
    return not thread.is_alive()


def test_a_worker_that_was_being_started_when_another_died_is_not_waited_for(
    slow: SlowlyStarting, tmp_path: Path
) -> None:
    pool = _AnsweringPool(slow)
    begun = tmp_path / "begun"
    dying: Future[Any] = pool.submit(partial(_die_when_told, begun, slow.told))
    wait_until(begun.exists, "the first worker's task", ENDS_S)  # else the second one might take it
    futures = [dying, pool.submit(os.getpid)]
    assert ended(pool)
    assert len(slow.started) == 2
    assert not any(process.is_alive() for process in slow.started)
    for future in futures:
        with pytest.raises(BrokenProcessPool):
            future.result()


def test_a_whole_pool_answers_and_ends() -> None:
    pool = _AnsweringPool(ProcessPoolExecutor(1, mp_context=SPAWN))
    answer, given_up = pool.submit(os.getpid), pool.submit(_exit)
    assert answer.result() != os.getpid()
    with pytest.raises(TaskGivenUpError, match="SystemExit: 3"):
        given_up.result()
    assert ended(pool)
    assert ended(pool)  # as often as Prefect likes


def test_a_pool_that_never_worked_ends() -> None:
    assert ended(_AnsweringPool(ProcessPoolExecutor(1, mp_context=SPAWN)))


def _die_when_told(begun: Path, told: Path) -> None:
    begun.touch()
    wait_until(told.exists, "the word to die", ENDS_S)
    os._exit(1)


def _exit() -> None:
    raise SystemExit(3)
