"""Where the shards of a night are computed: processes of this machine, or workers on other machines through Dask.

The flow stays the one writer of the store whichever it is; only recordings and the data folder must be found under the
same paths on every machine (docs/scale.md).
"""

import atexit
import os
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import Any, Self, TypeVar

from prefect.task_runners import ProcessPoolTaskRunner

from flows.json_logs import logs_from_environment
from flows.parent_watch import end_with_parent
from pipeline.errors import ConfigurationError
from pipeline.settings import ClusterSettings

REACH_S = 10
ENDING_S = 0.2
Answer = TypeVar("Answer")


class TaskGivenUpError(Exception):
    """Prefect ended a task in its worker: its engine exits when a task is aborted or its server is gone."""


class AnsweringTaskRunner(ProcessPoolTaskRunner):
    """Worker processes of which every task is answered.

    Prefect 3.8 waits for ever after a task that ended by `SystemExit` or another `BaseException`: the thread that
    brings the workers' answers dies of it, and with it every later answer.
    """

    def __enter__(self) -> Self:
        super().__enter__()
        self._executor: Any = _AnsweringPool(self._executor)
        return self


@dataclass
class _AnsweringPool:
    """The two calls that the task runner makes of its pool.

    When a worker dies, the pool ends the others and waits for them. One that was being started at that moment is waited
    for too, and nobody has told it to end (seen on Python 3.11): `shutdown` tells it.
    """

    pool: ProcessPoolExecutor

    def submit(self, do: Callable[[], Answer]) -> Future[Answer]:
        return self.pool.submit(_answered, do)

    def shutdown(self, *, wait: bool, cancel_futures: bool) -> None:
        pool: Any = self.pool
        processes, manager = pool._processes, pool._executor_manager_thread
        pool.shutdown(wait=False, cancel_futures=cancel_futures)
        while wait and manager is not None and manager.is_alive():
            if pool._broken:
                for process in list((processes or {}).values()):
                    process.terminate()
            manager.join(ENDING_S)


def _answered(do: Callable[[], Answer]) -> Answer:
    """In the worker: what ends it becomes an error like any other."""
    try:
        return do()
    except Exception:
        raise
    except BaseException as ended:
        raise TaskGivenUpError(f"{type(ended).__name__}: {ended}") from None


def task_runner(cluster: ClusterSettings | None, workers: int) -> Any:
    """Prefect's task runner. Raises ConfigurationError when the cluster's packages are missing or nobody answers."""
    if cluster is None:
        return AnsweringTaskRunner(max_workers=workers, initializer=begin_worker)
    try:
        from prefect_dask.task_runners import DaskTaskRunner
    except ImportError:
        raise ConfigurationError(
            "run.cluster: the packages of Dask are not installed; on every machine: "
            ".venv/bin/pip install -e '.[dask]' -c constraints.txt"
        ) from None
    _reach(cluster.address)
    return DaskTaskRunner(address=cluster.address)


def begin_worker() -> None:
    """In a worker process, before anything else.

    It ends at once when all is said and sent: Prefect's threads hold on to DuckDB, which would print a page about
    leaked objects into the middle of the log.
    """
    end_with_parent()
    logs_from_environment()
    atexit.register(os._exit, 0)


def lost_worker_errors(cluster: ClusterSettings | None) -> tuple[type[Exception], ...]:
    """What a shard's future raises when its worker died, and whoever took the shard after it, or Prefect gave it up."""
    if cluster is None:
        return (BrokenProcessPool, TaskGivenUpError)
    from distributed import CancelledError, KilledWorker

    return (BrokenProcessPool, KilledWorker, CancelledError)


def _reach(address: str) -> None:
    from distributed import Client

    try:
        Client(address, timeout=REACH_S, set_as_default=False).close()  # type: ignore[no-untyped-call]
    except (OSError, TimeoutError, ValueError) as error:
        raise ConfigurationError(
            f"run.cluster.address {address}: no Dask scheduler answers there ({type(error).__name__}); "
            "start one with `dask scheduler`, or set run.cluster to null"
        ) from None
