"""Held-back trades that sell what a trade in development sells: the main figures with and without their dialogues.

The split goes by the name of a trade, and a name does not know that a bike shop is a bicycle store: a list does,
`data/corpus/twins.yaml`.
"""

import math
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Self, TypeVar

from pydantic import Field, model_validator

from pipeline.checklist import Checklist
from pipeline.corpus import CORPUS, Splits, validate
from pipeline.errors import ConfigurationError
from pipeline.frozen import Frozen
from pipeline.settings import load_yaml
from tests.quality.figures import overview, type_cells
from tests.quality.judging import Judged
from tests.quality.measures import Interval, macro_f1s, share_of, with_interval
from tests.quality.metrics import Share
from tests.quality.tables import interval, number, percent_of, table
from tests.quality.type_only_calls import Answered, answered_cells

HEADER = ["", "lines of business", "dialogues", "macro-F1", "type right", "mean kappa", "applicability wrong"]
NAMES = ("all", "without twins", "twins only")
NO_INTERVAL = Interval(math.nan, math.nan, math.nan)
NO_SHARE = Share(0, 0)
Item = TypeVar("Item", Judged, Answered)


class Twins(Frozen):
    """Groups of trades that sell the same thing."""

    groups: tuple[Annotated[tuple[str, ...], Field(min_length=2)], ...]

    @model_validator(mode="after")
    def _each_name_once(self) -> Self:
        counts = Counter(name for group in self.groups for name in group)
        twice = [name for name, count in counts.items() if count > 1]
        if twice:
            raise ValueError(f'"{twice[0]}" stands twice; give it one group')
        return self


@dataclass(frozen=True, slots=True)
class MainFigures:
    """Of some dialogues. Short calls have no criteria: `mean_kappa` is nan, `wrong_applicability` of nothing."""

    lines: int  # of business, by language
    dialogues: int
    macro_f1: Interval
    right: Share
    mean_kappa: Interval = NO_INTERVAL
    wrong_applicability: Share = NO_SHARE


def load_twins(trades: Collection[str], splits: Splits, folder: Path = CORPUS) -> frozenset[str]:
    """The held-back trades that have a twin in development. `trades`: every name in the corpus.

    Raises ConfigurationError that names file and group where a name is not in the corpus, or where a group lies in one
    split and so says nothing.
    """
    path = folder / "twins.yaml"
    twins = validate(Twins, load_yaml(path), f"{path}")
    for group in twins.groups:
        where = f"{path}: group {list(group)}"
        unknown = [name for name in group if name not in trades]
        if unknown:
            raise ConfigurationError(f'{where}: no dialogue is of "{unknown[0]}"; remove or correct the name')
        if len({splits.of(name) for name in group}) == 1:
            raise ConfigurationError(f"{where}: all lie in one split; remove the group")
    return frozenset(name for group in twins.groups for name in group if splits.of(name) == "test")


def whole_figures(judged: Sequence[Judged], checklist: Checklist) -> MainFigures:
    found, counts = overview(judged, checklist), type_cells(judged).sum(axis=0)
    return MainFigures(
        len({(item.labelled.language, item.labelled.trade) for item in judged}),
        len(judged),
        found.macro_f1,
        Share(float(counts.trace()), float(counts.sum())),
        found.mean_kappa,
        found.wrong_applicability,
    )


def short_figures(answered: Sequence[Answered]) -> MainFigures:
    cells = answered_cells(answered)
    return MainFigures(
        len({(each.call.language, each.call.trade) for each in answered}),
        len(answered),
        with_interval(macro_f1s, cells),
        share_of([each.call.call_type == each.answer.call_type for each in answered]),
    )


def section(
    judged: Sequence[Judged], short: Sequence[Answered], with_twin: Collection[str], checklist: Checklist
) -> list[str]:
    """`with_twin`: held-back trades that have one."""
    whole = [whole_figures(part, checklist) for part in _parts(judged, lambda item: item.labelled.trade, with_twin)]
    calls = [short_figures(part) for part in _parts(short, lambda each: each.call.trade, with_twin)]
    rows = [
        _row(f"{kind}, {name}", figures)
        for kind, found in (("whole dialogues", whole), ("calls for the type", calls))
        for name, figures in zip(NAMES, found, strict=True)
    ]
    return [
        "A line of business was held back by its name. A twin is a line in development that sells the same thing",
        f"under another name or in another language (data/corpus/twins.yaml). {whole[2].lines} of the {whole[0].lines}",
        f"lines of the whole dialogues have one, and {calls[2].lines} of the {calls[0].lines} of the calls that were",
        "written for the type alone: none of their own dialogues was trained on, but others about the same goods were.",
        "",
        table(HEADER, rows),
        "",
        f"Without them the call type's macro-F1 is {_change(whole[1].macro_f1, whole[0].macro_f1)}",
        f"and the mean kappa {_change(whole[1].mean_kappa, whole[0].mean_kappa)} in whole dialogues;",
        f"in calls for the type macro-F1 is {_change(calls[1].macro_f1, calls[0].macro_f1)}.",
    ]


def _parts(
    items: Sequence[Item], trade_of: Callable[[Item], str], with_twin: Collection[str]
) -> tuple[Sequence[Item], Sequence[Item], Sequence[Item]]:
    """All, those without a twin, those with one."""
    return (
        items,
        [item for item in items if trade_of(item) not in with_twin],
        [item for item in items if trade_of(item) in with_twin],
    )


def _row(name: str, found: MainFigures) -> list[str]:
    return [
        name,
        str(found.lines),
        str(found.dialogues),
        interval(found.macro_f1),
        percent_of(found.right),
        interval(found.mean_kappa),
        percent_of(found.wrong_applicability),
    ]


def _change(without: Interval, everything: Interval) -> str:
    """As the rounded figures have it, which stand beside it."""
    if math.isnan(without.value) or math.isnan(everything.value):
        return "not measured"
    difference = round(without.value, 2) - round(everything.value, 2)
    if abs(difference) < 0.005:
        return "the same"
    return f"{number(abs(difference))} {'higher' if difference > 0 else 'lower'}"
