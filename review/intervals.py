"""How much a few calls are worth: intervals of means, shares and differences, and how many calls are enough."""

import math
from dataclasses import dataclass
from functools import lru_cache

CONFIDENCE = 0.95
Z = 1.959964
WORST_SHARE = 0.5  # the share whose sample has to be largest
MARGIN = 0.05  # of a share, that a sample is to have
INFINITE_SAMPLE = round(Z**2 * WORST_SHARE * (1 - WORST_SHARE) / MARGIN**2)  # 384, whatever the number of calls
TOO_WIDE = 10.0  # points: a mean known no better is not compared
FEWEST = 5  # calls: fewer may agree by chance, and then their interval is narrow


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with its 95 % interval over `count` calls; None: nothing to measure, or too few for an interval."""

    value: float | None = None
    low: float | None = None
    high: float | None = None
    count: int = 0

    @property
    def half_width(self) -> float | None:
        return None if self.low is None or self.high is None else (self.high - self.low) / 2

    def times(self, factor: float) -> "Interval":
        """In another unit, as shares in percent."""
        value, low, high = (None if end is None else factor * end for end in (self.value, self.low, self.high))
        return Interval(value, low, high, self.count)

    @property
    def is_too_wide(self) -> bool:
        """Whether a mean of points is known too badly to be compared."""
        half = self.half_width
        return self.value is not None and (half is None or half > TOO_WIDE or self.count < FEWEST)

    @property
    def is_clear(self) -> bool:
        """Of a difference: whether it is more than chance explains."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)


@dataclass(frozen=True, slots=True)
class Sample:
    """Count, mean and standard deviation of some numbers; None where there are too few."""

    count: int = 0
    mean: float | None = None
    deviation: float | None = None


def mean_interval(sample: Sample, lowest: float = 0.0, highest: float = 100.0) -> Interval:
    """The mean, by Student's t; no interval from a single number."""
    if sample.mean is None or sample.deviation is None or sample.count < 2:
        return Interval(sample.mean, count=sample.count)
    half = student(sample.count - 1) * sample.deviation / math.sqrt(sample.count)
    return Interval(sample.mean, max(lowest, sample.mean - half), min(highest, sample.mean + half), sample.count)


def difference(one: Sample, two: Sample) -> Interval:
    """The first mean less the second, by Welch's t (1947), which supposes no equal spread."""
    if one.mean is None or two.mean is None:
        return Interval()
    apart, count = one.mean - two.mean, min(one.count, two.count)
    if one.deviation is None or two.deviation is None or count < 2:
        return Interval(apart, count=count)
    first, second = one.deviation**2 / one.count, two.deviation**2 / two.count
    if first + second == 0:
        return Interval(apart, apart, apart, count)
    freedom = (first + second) ** 2 / (first**2 / (one.count - 1) + second**2 / (two.count - 1))
    half = student(freedom) * math.sqrt(first + second)
    return Interval(apart, apart - half, apart + half, count)


def share_interval(part: int, whole: int) -> Interval:
    """A share of 0..1 by Wilson (1927), which holds for few calls too."""
    if whole == 0:
        return Interval()
    share = part / whole
    middle = (share + Z**2 / (2 * whole)) / (1 + Z**2 / whole)
    half = Z / (1 + Z**2 / whole) * math.sqrt(share * (1 - share) / whole + Z**2 / (4 * whole**2))
    low, high = max(0.0, middle - half), min(1.0, middle + half)
    return Interval(share, min(low, share), max(high, share), whole)  # rounding must not leave the share outside


def apart(one: Interval, two: Interval) -> Interval:
    """The second figure less the first from their own intervals (Zou and Donner 2008, "MOVER")."""
    if one.value is None or two.value is None:
        return Interval()
    value = two.value - one.value
    if one.low is None or one.high is None or two.low is None or two.high is None:
        return Interval(value)
    low = value - math.hypot(two.value - two.low, one.high - one.value)
    high = value + math.hypot(two.high - two.value, one.value - one.low)
    return Interval(value, low, high)


def sample_size(calls: int) -> int:
    """How many of so many calls tell a share to +-5 points at 95 %: n0 / (1 + (n0 - 1) / N)."""
    return 0 if calls <= 0 else round(INFINITE_SAMPLE / (1 + (INFINITE_SAMPLE - 1) / calls))


def margin_of(heard: int, calls: int) -> float | None:
    """To how much, +-, so many heard calls out of all tell a share at worst, 0..1; None before any was heard."""
    if heard <= 0:
        return None
    left = max(0, calls - heard) / max(1, calls - 1)
    return Z * math.sqrt(WORST_SHARE * (1 - WORST_SHARE) / heard * left)


@lru_cache(maxsize=1024)
def student(freedom: float) -> float:
    """The 97.5 percentile of Student's t."""
    from scipy.special import stdtrit  # a tenth of a second that only these pages wait for

    return float(stdtrit(freedom, (1 + CONFIDENCE) / 2))
