"""Which heads were measured against people's answers: a criterion that none of them answers is untested.

One notion for all that depends on it: what is shown as untested is never confirmed automatically, and the other way
round.
"""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from pipeline.checklist import SCALES, Checklist, Criterion
from pipeline.checklist.scales import values_of
from pipeline.errors import WeightsError
from pipeline.prescoring.head_artefact import HEADS, load_artefact
from pipeline.prescoring.head_names import head_name, is_own

_MEASURED_ON = frozenset(values_of(SCALES["0/0.5/1"]))  # the heads of the rules


def is_tested(criterion: Criterion, measured: frozenset[str]) -> bool:
    """Whether the machine's answers to the criterion were ever measured against people's, on its scale.

    They were where a head answers it that is among `measured` (names of heads), and no condition of the checklist's own
    decides before. The head of a rule was measured on 0, 0.5 and 1, so also on yes and no, which is a coarser view of
    them; one that verdicts taught, on the scale that is part of its name.
    """
    name = head_name(criterion)
    if name is None or name not in measured or not isinstance(criterion.applies_when, str):
        return False
    return is_own(name) or set(criterion.values) <= _MEASURED_ON


def untested_criteria(checklist: Checklist, measured: frozenset[str]) -> frozenset[str]:
    """Ids of the criteria whose answers nobody has measured."""
    return frozenset(criterion.id for criterion in checklist.criteria if not is_tested(criterion, measured))


def trained_rules(path: Path = HEADS) -> frozenset[str]:
    """Names of the rules with a learned head that was measured; none where no heads can be read.

    Heads that verdicts taught answer the same rules: they learn from the same dialogues and more.
    """
    return _trained(path, path.stat().st_mtime_ns) if path.exists() else frozenset()


@lru_cache(maxsize=4)
def _trained(path: Path, changed_ns: int) -> frozenset[str]:  # noqa: ARG001  new heads have a new time
    try:
        facts = load_artefact(path).facts
    except WeightsError:
        return frozenset()
    return frozenset(name for name in facts.criteria if f"{name}.kappa" in facts.figures)


def measured_own(figures: Mapping[str, Any]) -> frozenset[str]:
    """Names of the heads of users' own criteria that verdicts taught, and that held-out verdicts have measured.

    `figures`: of the model that they belong to. A criterion with too few verdicts for a head may be compared, too: by
    the answers of the examples. It has no cross-validated figure.
    """
    compared = {item["name"] for item in figures.get("held_out", ()) if item["verdicts"]}
    taught = {key.removesuffix(".exact") for key in figures.get("cross_validated", ()) if key.endswith(".exact")}
    return frozenset(name for name in compared & taught if is_own(name))
