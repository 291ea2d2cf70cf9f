"""Agreement between the judge and the labels; nothing here knows a dialogue's words.

Everything is counted per dialogue first, as an array whose first axis is the dialogue. A figure is a function of the
sum over that axis, so that each sample of the bootstrap (Efron 1979) is a row of a matrix product. Whole dialogues are
drawn: the answers to one call are not independent of each other.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tests.quality.metrics import Share

SAMPLES = 1000
SEED = 20_260
RARE = 0.1  # share of samples without a figure from which an interval says nothing
Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with its 95 % bootstrap interval; nan where there is nothing to measure."""

    value: float
    low: float
    high: float


def confusion(gold: Sequence[Hashable], answers: Sequence[Hashable], classes: Sequence[Hashable]) -> Numbers:
    """1 at (gold, answer) of each dialogue; zeros where either is None. shape: (dialogues, classes, classes)"""
    place = {name: index for index, name in enumerate(classes)}
    cells = np.zeros((len(gold), len(classes), len(classes)))
    for row, (truth, answer) in enumerate(zip(gold, answers, strict=True)):
        if truth is not None and answer is not None:
            cells[row, place[truth], place[answer]] = 1
    return cells


def kappas(tables: Numbers) -> Numbers:
    """Cohen's kappa with quadratic weights (Cohen 1968); nan where both sides are constant. (..., k, k) -> (...)"""
    size = tables.shape[-1]
    cost = np.square(np.subtract.outer(np.arange(size), np.arange(size))) / max(1, size - 1) ** 2
    total = tables.sum(axis=(-2, -1))
    with np.errstate(divide="ignore", invalid="ignore"):
        expected = tables.sum(axis=-1)[..., :, None] * tables.sum(axis=-2)[..., None, :] / total[..., None, None]
        by_chance = (cost * expected).sum(axis=(-2, -1))
        return np.where(by_chance > 0, 1 - (cost * tables).sum(axis=(-2, -1)) / by_chance, np.nan)


def mean_kappas(tables: Numbers) -> Numbers:
    """Mean over the criteria that have a kappa. shape: (..., criteria, k, k) -> (...)"""
    return _mean_of_known(kappas(tables))


def f1s(tables: Numbers) -> Numbers:
    """F1 of each class; nan for those that the labels do not hold. shape: (..., k, k) -> (..., k)"""
    hits = np.diagonal(tables, axis1=-2, axis2=-1)
    gold, answered = tables.sum(axis=-1), tables.sum(axis=-2)
    return np.asarray(np.where(gold > 0, 2 * hits / np.maximum(gold + answered, 1), np.nan))


def macro_f1s(tables: Numbers) -> Numbers:
    """Mean F1 over the classes that the labels hold. shape: (..., k, k) -> (...)"""
    return _mean_of_known(f1s(tables))


def _mean_of_known(found: Numbers) -> Numbers:
    """Over the last axis; nan where there is no figure at all."""
    known = ~np.isnan(found)
    return np.asarray(np.where(known, found, 0).sum(axis=-1) / np.where(known.any(-1), known.sum(-1), np.nan))


def exact_shares(tables: Numbers) -> Numbers:
    """Share of the same answer. shape: (..., k, k) -> (...)"""
    with np.errstate(invalid="ignore"):
        return np.asarray(np.trace(tables, axis1=-2, axis2=-1) / tables.sum(axis=(-2, -1)))


def with_interval(
    figure: Callable[[Numbers], Numbers], cells: Numbers, samples: int = SAMPLES, seed: int = SEED
) -> Interval:
    """The figure over all dialogues, and the 2.5 and 97.5 percentiles over drawn ones; the same each time."""
    count = len(cells)
    value = float(figure(cells.sum(axis=0)))
    if count < 2:
        return Interval(value, np.nan, np.nan)
    drawn = np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), size=samples)
    found = figure(np.tensordot(drawn.astype(float), cells, axes=1))
    if np.isnan(value) or np.isnan(found).mean() > RARE:
        return Interval(value, np.nan, np.nan)
    low, high = np.nanpercentile(found, [2.5, 97.5])
    return Interval(value, float(low), float(high))


def share_of(answers: Sequence[bool]) -> Share:
    """How many of the answers are true."""
    return Share(sum(answers), len(answers))
