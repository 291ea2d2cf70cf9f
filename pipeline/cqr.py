"""The call quality rate: one number from 0 to 100 for a call, and whether the call passed."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rated:
    """One criterion as it counts: `value` is 0..1, None when nobody could tell; `weight` > 0."""

    value: float | None
    weight: float
    critical: bool = False


@dataclass(frozen=True, slots=True)
class Rate:
    """`cqr` is None when nothing was rated. `coverage` is the share of the applicable weight that has a value."""

    cqr: float | None
    passed: bool | None
    coverage: float


def cqr(rated: Iterable[Rated], threshold: float) -> Rate:
    """100 * sum(value * weight) / sum(weight) over the applicable criteria, given as `rated`, that have a value.

    A critical criterion at 0 fails the call whatever the sum. A criterion without a value leaves both sums; the
    coverage then says how much of the checklist the number rests on.
    """
    applicable = tuple(rated)
    known = [(item.value, item.weight, item.critical) for item in applicable if item.value is not None]
    known_weight = sum(weight for _, weight, _ in known)
    if known_weight <= 0:
        return Rate(None, None, 0.0)
    rate = 100 * sum(value * weight for value, weight, _ in known) / known_weight
    failed = any(critical and value == 0 for value, _, critical in known)
    return Rate(rate, rate >= threshold and not failed, known_weight / sum(item.weight for item in applicable))
