"""Which criteria the machine has learned from people: what is not among them is shown as untested."""

from functools import lru_cache
from pathlib import Path

from pipeline.errors import WeightsError
from pipeline.prescoring.head_artefact import HEADS, load_artefact


def trained_rules(path: Path = HEADS) -> frozenset[str]:
    """Names of the rules that have a learned head; none where no heads can be read."""
    return _trained(path, path.stat().st_mtime_ns) if path.exists() else frozenset()


@lru_cache(maxsize=4)
def _trained(path: Path, changed_ns: int) -> frozenset[str]:  # noqa: ARG001  new heads have a new time
    try:
        return frozenset(load_artefact(path).facts.criteria)
    except WeightsError:
        return frozenset()
