"""Charts as data for static/charts.js: what is drawn, in plain numbers; each also stands as a table on its page."""

import math
from collections.abc import Sequence
from typing import Any

from review.intervals import Interval

Chart = dict[str, Any]
DIGITS = 2


def points_chart(
    description: str,
    categories: Sequence[str],
    series: Sequence[Chart],
    *,
    lowest: float | None = None,
    highest: float | None = None,
    mark: float | None = None,
    mark_name: str = "",
    axis: str = "",
    is_horizontal: bool = False,
) -> Chart:
    """Points with their intervals by category. `mark`: a line across, as of the threshold; `axis`: what is measured."""
    return {
        "kind": "points",
        "description": description,
        "categories": list(categories),
        "series": list(series),
        "lowest": lowest,
        "highest": highest,
        "mark": mark,
        "markName": mark_name,
        "axis": axis,
        "horizontal": is_horizontal,
    }


def interval_series(name: str, values: Sequence[Interval], *, is_joined: bool = True) -> Chart:
    """A series of points, joined by a line or not, each with its interval."""
    return {
        "name": name,
        "joined": is_joined,
        "values": [rounded(item.value) for item in values],
        "low": [rounded(item.low) for item in values],
        "high": [rounded(item.high) for item in values],
    }


def bounds(values: Sequence[Interval], *held: float, step: float = 10.0) -> tuple[float, float]:
    """The ends of an axis, in whole steps, that holds every interval and the numbers `held`."""
    ends = [end for item in values for end in (item.value, item.low, item.high) if end is not None]
    known = [*held, *ends] or [0.0]
    return step * math.floor(min(known) / step), step * math.ceil(max(known) / step)


def line_series(name: str, values: Sequence[float | None]) -> Chart:
    """A faint line to compare with."""
    return {"name": name, "faint": True, "joined": True, "values": [rounded(value) for value in values]}


def bars_chart(
    description: str, categories: Sequence[str], series: Sequence[tuple[str, Sequence[float | None]]]
) -> Chart:
    """Bars beside each other, in percent."""
    bars = [{"name": name, "values": [rounded(value, 100) for value in values]} for name, values in series]
    return {"kind": "bars", "description": description, "categories": list(categories), "series": bars}


def calibration_chart(description: str, names: tuple[str, str], points: Sequence[tuple[float, Interval]]) -> Chart:
    """What was said against what came true, both in percent, beside the line where they are the same."""
    return {
        "kind": "calibration",
        "description": description,
        "names": list(names),
        "points": [
            {
                "said": rounded(said, 100),
                "right": rounded(right.value, 100),
                "low": rounded(right.low, 100),
                "high": rounded(right.high, 100),
                "count": right.count,
            }
            for said, right in points
        ],
    }


def rounded(value: float | None, factor: float = 1.0) -> float | None:
    return None if value is None else round(factor * value, DIGITS)
