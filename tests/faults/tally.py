"""What a torture counts, and its table."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Kill:
    """One `kill -9`. `after_s`: since the run's start or the last kill; `gone_s`: until all of it was over."""

    victim: str
    after_s: float
    gone_s: float = 0.0


@dataclass(frozen=True)
class Round:
    """Kills over one data folder and the way back: what differs from a clean run afterwards, in words."""

    kills: tuple[Kill, ...]
    runs: int
    recovered_s: float
    differing: tuple[str, ...] = ()
    acknowledged: int = 0


HEAD = (
    "| killed | kills | runs | acknowledged verdicts | rows lost, doubled or half stored "
    "| s until its run was over: median, worst | s of the next run to the end: median, worst |\n"
    "|---|---|---|---|---|---|---|"
)


def table(rounds: Sequence[Round]) -> str:
    """A row for each kind of round, which is named by its victims, and a sum."""
    kinds = dict.fromkeys(kind_of(item) for item in rounds)
    lines = [row(kind, [item for item in rounds if kind_of(item) == kind]) for kind in kinds]
    return "\n".join([HEAD, *lines, row("**all**", rounds)])


def kind_of(item: Round) -> str:
    return " or ".join(sorted({kill.victim for kill in item.kills})) or "(over before the kill)"


def row(kind: str, rounds: Sequence[Round]) -> str:
    kills = [kill for item in rounds for kill in item.kills]
    gone, recovered = [kill.gone_s for kill in kills], [item.recovered_s for item in rounds]
    cells = (
        kind,
        len(kills),
        sum(item.runs for item in rounds),
        sum(item.acknowledged for item in rounds),
        sum(len(item.differing) for item in rounds),
        f"{median(gone):.1f}, {max(gone):.1f}" if gone else "",
        f"{median(recovered):.1f}, {max(recovered):.1f}" if recovered else "",
    )
    return "| " + " | ".join(map(str, cells)) + " |"
