"""The confidence from which the error among confirmed suggestions is at most the promised one.

A fixed sequence of thresholds, from the strictest down, is tested one by one and ends at the first that fails, so that
the chance of ever accepting a bad one is that of a single test (Bauer 1991, "Multiple testing in clinical trials";
Angelopoulos, Bates, Candes, Jordan and Lei 2021, "Learn then Test", arXiv:2110.01052). A test is the exact upper bound
of a share (Clopper and Pearson 1934). That a confident part can be answered with a promised error is selective
classification (Geifman and El-Yaniv 2017, arXiv:1705.08500).

Thresholds with too few verdicts to pass even without an error are stepped over. That leaves the promise whole as long
as the error does not fall when the threshold is loosened, which is what a confidence means.

Looking again at more verdicts is another test, so the allowed chance of a wrong start is shared out among the looks.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.settings import TrustSettings

Numbers = NDArray[np.float64]
Counts = NDArray[np.int64]

THRESHOLDS: Numbers = np.arange(99, 49, -1) / 100  # strictest first; fixed before any verdict is seen
GROWTH = 2  # the next look comes when there are so many times the verdicts of the last one
ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Threshold:
    """A threshold that holds, and the verdicts at or above it."""

    threshold: float
    verdict_count: int
    error_count: int


def upper_bound(errors: Counts | int, counts: Counts | int, chance: float) -> Numbers:
    """Clopper-Pearson: the true share of errors is larger with a probability of at most `chance`; 1 without verdicts.

    0 errors of 59 give 0.0495 at a chance of 0.05: that is why 59 clean verdicts are the least for a promise of 5 %.
    """
    from scipy.special import betaincinv  # 30 ms that only whoever asks for a bound waits for

    wrong, right = np.asarray(errors, float), np.asarray(counts, float) - np.asarray(errors, float)
    bound = betaincinv(wrong + 1, np.maximum(right, ROUNDING), 1 - chance)
    return np.asarray(np.where(right > 0, bound, 1.0))


def least_clean(promised_error: float, chance: float) -> int:
    """How many verdicts without an error the bound needs to reach the promise."""
    return math.ceil(math.log(chance) / math.log(1 - promised_error) - ROUNDING)


def chance_of_look(trust: TrustSettings, look: int) -> float:
    """The chance of a wrong start that look 0, 1, 2... may spend; all looks together spend what the confidence leaves.

    The first may spend what `min_verdicts` clean ones need, 4.85 % for 59; each later one half of what is left. So
    59 clean verdicts are enough at the first look, and promises hold over all looks; a larger `min_verdicts` makes the
    later looks stronger.
    """
    first = (1 - trust.promised_error) ** trust.min_verdicts
    return first if look == 0 else (1 - trust.confidence - first) / 2**look


def next_look(first_look: int, looked_at: int | None) -> int:
    """How many verdicts there must be for the next look; `looked_at`: how many there were at the last one."""
    return first_look if looked_at is None else max(first_look, GROWTH * looked_at)


def tally(confidences: Numbers, errors: NDArray[np.bool_]) -> tuple[Counts, Counts]:
    """Verdicts, and errors among them, at or above each threshold. shapes: (..., verdicts) -> (..., thresholds)"""
    above = confidences[..., None] >= THRESHOLDS - ROUNDING
    return above.sum(axis=-2), (above & errors[..., None]).sum(axis=-2)


def loosest_holding(counts: Counts, errors: Counts, promised_error: float, chance: float) -> Counts:
    """Place in THRESHOLDS of the last one before the first that fails; -1 where none holds.

    Of thresholds with the same verdicts the strictest is taken: below it nobody has looked at anything.
    shapes: (..., thresholds) -> (...)
    """
    tested = counts >= least_clean(promised_error, chance)
    holds = upper_bound(errors, counts, chance) <= promised_error + ROUNDING
    unbroken = np.logical_and.accumulate(holds | ~tested, axis=-1) & tested
    places = np.arange(len(THRESHOLDS))
    last = np.where(unbroken, places, -1).max(axis=-1)
    seen = np.take_along_axis(counts, np.maximum(last, 0)[..., None], axis=-1)
    return np.asarray(np.where(last < 0, -1, (counts == seen).argmax(axis=-1)))


def choose_threshold(
    confidences: Numbers, errors: NDArray[np.bool_], promised_error: float, chance: float
) -> Threshold | None:
    """The loosest threshold that the verdicts bear out; None when they bear out none. shapes: (verdicts,)"""
    counts, wrong = tally(confidences, errors)
    place = int(loosest_holding(counts, wrong, promised_error, chance))
    return None if place < 0 else Threshold(float(THRESHOLDS[place]), int(counts[place]), int(wrong[place]))
