"""Where the shards of a night are computed: processes of this machine, or workers on other machines through Dask.

The flow stays the one writer of the store whichever it is; only recordings and the data folder must be found under the
same paths on every machine (docs/scale.md).
"""

from concurrent.futures.process import BrokenProcessPool
from typing import Any

from prefect.task_runners import ProcessPoolTaskRunner

from flows.parent_watch import end_with_parent
from pipeline.errors import ConfigurationError
from pipeline.settings import ClusterSettings

REACH_S = 10


def task_runner(cluster: ClusterSettings | None, workers: int) -> Any:
    """Prefect's task runner. Raises ConfigurationError when the cluster's packages are missing or nobody answers."""
    if cluster is None:
        return ProcessPoolTaskRunner(max_workers=workers, initializer=end_with_parent)
    try:
        from prefect_dask.task_runners import DaskTaskRunner
    except ImportError:
        raise ConfigurationError(
            "run.cluster: the packages of Dask are not installed; on every machine: "
            ".venv/bin/pip install -e '.[dask]' -c constraints.txt"
        ) from None
    _reach(cluster.address)
    return DaskTaskRunner(address=cluster.address)


def lost_worker_errors(cluster: ClusterSettings | None) -> tuple[type[Exception], ...]:
    """What a shard's future raises when its worker died, and whoever took the shard after it."""
    if cluster is None:
        return (BrokenProcessPool,)
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
