"""What the judge has to reach, what it reaches, and whether that holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from tests.quality.figures import Overview
from tests.quality.measures import Interval
from tests.quality.metrics import Share
from tests.quality.tables import NOTHING, interval, number, percent_of, table, yes_no
from tests.quality.text_to_audio import Loss


@dataclass(frozen=True, slots=True)
class Aim:
    """`value` is nan where nothing was measured; such an aim does not hold. `must`: not holding fails the command."""

    name: str
    value: float
    shown: str
    bound: float
    side: Literal["at least", "at most"]
    percent: bool = False
    must: bool = False

    @property
    def holds(self) -> bool:
        return self.value >= self.bound if self.side == "at least" else self.value <= self.bound

    @property
    def aim(self) -> str:
        return f"{self.side} {f'{100 * self.bound:g} %' if self.percent else number(self.bound)}"


ENOUGH_SPOKEN = 30  # dialogues; fewer say nothing about a loss of 0.05


def aims_of(text: Overview, loss: Loss | None) -> list[Aim]:
    """The aims of the judge; the loss over all that was spoken, where something was."""
    lost = {"macro-F1": loss.macro_f1, "mean kappa": loss.mean_kappa} if loss else {}
    spoken_count = loss.written.dialogue_count if loss else 0
    return [
        Aim("call type, macro-F1", text.macro_f1.value, interval(text.macro_f1), 0.95, "at least"),
        Aim("criteria, mean kappa", text.mean_kappa.value, interval(text.mean_kappa), 0.85, "at least"),
        _share("applicability wrong", text.wrong_applicability, 0.02, "at most"),
        _share("quotes that stand word for word", text.verbatim, 1.0, "at least", must=True),
        *(_lost(name, lost.get(name), spoken_count) for name in ("macro-F1", "mean kappa")),
        _share("quotes that stand word for word, audio", loss.heard.verbatim, 1.0, "at least", must=True)
        if loss
        else Aim("quotes that stand word for word, audio", float("nan"), "not measured", 1.0, "at least", percent=True),
    ]


def _lost(measure: str, found: Interval | None, spoken_count: int) -> Aim:
    """Not measured while too few dialogues were spoken, whatever they say."""
    name, value = f"lost from text to audio, {measure}", float("nan")
    shown = "not measured" if found is None else f"{interval(found)}, {spoken_count} dialogues"
    if found is not None and spoken_count >= ENOUGH_SPOKEN:
        value = found.value
    elif found is not None:
        shown += ": too few"
    return Aim(name, value, shown, 0.05, "at most")


def _share(name: str, found: Share, bound: float, side: Literal["at least", "at most"], must: bool = False) -> Aim:
    value = found.value if found.whole else float("nan")
    return Aim(name, value, percent_of(found), bound, side, percent=True, must=must)


def aims_table(aims: Sequence[Aim]) -> str:
    rows = [
        [aim.name, aim.aim, aim.shown if aim.shown != NOTHING else "not measured", yes_no(aim.holds)] for aim in aims
    ]
    return table(["", "aim", "measured", "holds"], rows, words=4)
