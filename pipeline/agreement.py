"""How far two answers agree: the machine's and a person's, or two people's. Agreement is the currency of trust.

Values are 0..1 whatever the scale. Kappa is Cohen's with quadratic weights (Cohen 1968) by the distance of the values:
1 - mean squared difference / the same if the two sides were independent. It needs only sums, so that each of the
bootstrap's samples is a row of a matrix product. Intervals are percentiles (Efron 1979) over samples of whole calls:
the answers to one call are not independent of each other.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

SAMPLES = 1000
SEED = 20_260
RECENT = 25  # verdicts; enough to notice a change, few enough to be of these days
SAME = 1e-9
Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class AnswerPair:
    """Two answers to one criterion of one call; the first is the machine's, where one is.

    A value of None while applicable is an abstention. `near`: the largest difference that is within half a step.
    """

    call_id: str
    criterion_id: str
    call_type: str
    reviewer: str
    version_number: int | None
    judge: str
    near: float
    first_applicable: bool
    first_value: float | None
    second_applicable: bool
    second_value: float | None
    submitted_at: datetime


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure with its 95 % interval. None: nothing to measure; no interval from fewer than two calls."""

    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Agreement:
    """Agreement over some pairs. `kappa`, `exact` and `near` are over the `value_count` pairs where both gave a value.

    `identical` is over all that were answered: same value, or the same "does not apply". `applicability`: the same
    opinion on whether the criterion applies. Abstentions are in no figure; they are counted.
    """

    pair_count: int
    call_count: int
    abstained_count: int
    value_count: int
    kappa: Figure  # None where all values are one and the same: there is no chance to agree beyond
    exact: Figure
    near: Figure
    identical: Figure
    applicability: Figure


def agreement(pairs: Sequence[AnswerPair], samples: int = SAMPLES, seed: int = SEED) -> Agreement:
    """Agreement over the pairs; the same pairs give the same intervals."""
    calls, owner = np.unique([pair.call_id for pair in pairs], return_inverse=True)
    cells = _cells(pairs)
    by_call = np.zeros((len(calls), cells.shape[1]))
    np.add.at(by_call, owner, cells)
    whole = _figures(by_call.sum(axis=0, keepdims=True))[0]
    lows, highs = _intervals(by_call, samples, seed)
    kappa, exact, near, identical, applicability = (
        Figure(_known(value), *(bounds if _known(value) is not None else (None, None)))
        for value, bounds in zip(whole, zip(map(_known, lows), map(_known, highs), strict=True), strict=True)
    )
    abstained = sum(_abstains(pair) for pair in pairs)
    return Agreement(
        len(pairs), len(calls), abstained, int(by_call[:, 0].sum()), kappa, exact, near, identical, applicability
    )


def agreement_by(
    pairs: Sequence[AnswerPair], key: Callable[[AnswerPair], Hashable], recent: int | None = None
) -> dict[Hashable, Agreement]:
    """Agreement of each group, in the order in which groups first come; with `recent`, over its newest pairs only."""
    groups: dict[Hashable, list[AnswerPair]] = {}
    for pair in pairs:
        groups.setdefault(key(pair), []).append(pair)
    return {name: agreement(found if recent is None else newest(found, recent)) for name, found in groups.items()}


def newest(pairs: Sequence[AnswerPair], count: int = RECENT) -> list[AnswerPair]:
    """The last `count` verdicts, by the time they were given."""
    return sorted(pairs, key=lambda pair: pair.submitted_at)[-count:]


def _abstains(pair: AnswerPair) -> bool:
    return (pair.first_applicable and pair.first_value is None) or (
        pair.second_applicable and pair.second_value is None
    )


def _cells(pairs: Sequence[AnswerPair]) -> Numbers:
    """What each pair adds to the sums. shape: (pairs, 11)"""
    rows = np.zeros((len(pairs), 11))
    for place, pair in enumerate(pairs):
        if _abstains(pair):
            continue
        same = pair.first_applicable == pair.second_applicable
        one, two = pair.first_value, pair.second_value
        rows[place, 8:] = 1, same and one is None, same
        if one is not None and two is not None:
            apart = abs(one - two)
            rows[place, :8] = 1, one, two, one**2, two**2, apart**2, apart <= SAME, apart <= pair.near + SAME
            rows[place, 9] = apart <= SAME
    return rows


def _figures(sums: Numbers) -> Numbers:
    """Kappa, exact, near, identical, applicability; nan where there is nothing to divide by. (n, 11) -> (n, 5)"""
    with np.errstate(divide="ignore", invalid="ignore"):
        one, two, square_one, square_two, apart, exact, near = (sums[:, 1:8] / sums[:, :1]).T
        by_chance = square_one + square_two - 2 * one * two
        kappa = np.where(by_chance > SAME, 1 - apart / by_chance, np.nan)
        return np.stack([kappa, exact, near, *(sums[:, 9:] / sums[:, 8:9]).T], axis=1)


def _intervals(by_call: Numbers, samples: int, seed: int) -> tuple[Numbers, Numbers]:
    """2.5 and 97.5 percentiles of each figure; nan where more than a tenth of the samples have none.

    Calls that add the same to the sums are drawn as one kind with their weight: the same samples by distribution, and
    of some dozen kinds instead of 20,000 calls.
    """
    count = len(by_call)
    if count < 2:
        return np.full(5, np.nan), np.full(5, np.nan)
    generator = np.random.default_rng(seed)
    kinds, sizes = np.unique(by_call, axis=0, return_counts=True)
    drawn = generator.multinomial(count, sizes / count, size=samples)
    figures = _figures(drawn @ kinds)
    rare = np.isnan(figures).mean(axis=0) > 0.1
    figures[:, rare] = 0.0  # only so that the percentile has numbers; overwritten below
    low, high = np.nanpercentile(figures, [2.5, 97.5], axis=0)
    return np.where(rare, np.nan, low), np.where(rare, np.nan, high)


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
