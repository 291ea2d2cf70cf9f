"""Markdown tables and how numbers are written in them."""

import math
from collections.abc import Sequence

from tests.quality.measures import Interval
from tests.quality.metrics import Share

NOTHING = "-"


def table(header: Sequence[str], rows: Sequence[Sequence[str]], words: int = 1) -> str:
    """The first `words` columns to the left, the others, of numbers, to the right."""
    lines = [header, [*["---"] * words, *["---:"] * (len(header) - words)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def number(value: float, digits: int = 2) -> str:
    return NOTHING if math.isnan(value) else f"{value:.{digits}f}"


def interval(found: Interval) -> str:
    """`0.85 (0.80 to 0.89)`"""
    if math.isnan(found.low):
        return number(found.value)
    return f"{number(found.value)} ({number(found.low)} to {number(found.high)})"


def percent(found: Share, digits: int = 1) -> str:
    return f"{100 * found.value:.{digits}f} %" if found.whole else NOTHING


def of(found: Share) -> str:
    """`3 of 17`"""
    return f"{found.part:.0f} of {found.whole:.0f}" if found.whole else NOTHING


def percent_of(found: Share) -> str:
    """`17.6 % (3 of 17)`"""
    return f"{percent(found)} ({of(found)})" if found.whole else NOTHING


def yes_no(holds: bool) -> str:
    return "yes" if holds else "NO"
