"""How far people agree with the machine, measured once for each state of the verdicts: a bootstrap takes a second."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal, get_args

import duckdb

from pipeline.agreement import RECENT, Agreement, AnswerPair, Figure, agreement, newest
from pipeline.store import Store
from pipeline.store.rows import fetch
from pipeline.store.trust_pairs import read_newest_pairs, read_supervisor_pairs
from review.intervals import Interval, apart

Grouping = Literal["criterion", "supervisor", "call_type", "between"]
GROUPINGS: tuple[Grouping, ...] = get_args(Grouping)
KEYS: Mapping[Grouping, Callable[[AnswerPair], str]] = {
    "criterion": lambda pair: pair.criterion_id,
    "supervisor": lambda pair: pair.reviewer,
    "call_type": lambda pair: pair.call_type,
    "between": lambda pair: pair.criterion_id,
}
KEPT = 32  # measurements
NEWEST = 20_000  # verdicts that are measured: a figure of a few years ago says nothing of the machine of today
ALL = 1 << 40  # more than there are


@dataclass(frozen=True, slots=True)
class AgreementRow:
    """One criterion, person or call type: over all verdicts, and over the last 25 where there are more."""

    key: str
    whole: Agreement
    recent: Agreement | None


@dataclass(frozen=True, slots=True)
class Epoch:
    """A judge by a version of the checklist, and since when it has answered."""

    version_number: int | None
    judge: str
    since: datetime
    evaluation_count: int


@dataclass(frozen=True, slots=True)
class ChangedRow:
    """One criterion under the epoch before and under the newest with verdicts; `apart` of the near shares."""

    key: str
    before: Agreement
    after: Agreement

    @property
    def apart(self) -> Interval:
        return apart(interval_of(self.before.near), interval_of(self.after.near))


@dataclass(frozen=True, slots=True)
class Change:
    """What the last change of the judge or of the checklist has done to agreement."""

    before: Epoch
    after: Epoch
    rows: tuple[ChangedRow, ...]


def interval_of(figure: Figure) -> Interval:
    return Interval(figure.value, figure.low, figure.high)


def read_state(con: duckdb.DuckDBPyConnection) -> str:
    """Another one whenever agreement may be another."""
    return str(fetch(con, "page_trust_state")[0]["state"])


@lru_cache(maxsize=KEPT)
def measure(
    store: Store, state: str, checklist_id: str, by: Grouping, newest_count: int = NEWEST
) -> tuple[AgreementRow, ...]:
    """Agreement by group, over so many of the newest verdicts.

    `state`: as `read_state` gives it; the store is not held while it is computed.
    """
    return measure_groups(read_pairs(store, state, checklist_id, newest_count, is_between=by == "between"), by)


@lru_cache(maxsize=KEPT)
def measure_change(store: Store, state: str, checklist_id: str, newest_count: int = NEWEST) -> Change | None:
    """The newest epoch with verdicts beside the one before it; None where there are not two."""
    pairs = read_pairs(store, state, checklist_id, newest_count, is_between=False)
    with store.reading() as con:
        epochs = [Epoch(**row) for row in fetch(con, "page_trust_epochs", checklist_id=checklist_id)]
    return compare_epochs(pairs, epochs)


@lru_cache(maxsize=2)
def read_pairs(
    store: Store,
    state: str,  # noqa: ARG001
    checklist_id: str,
    newest_count: int,
    *,
    is_between: bool,
) -> tuple[AnswerPair, ...]:
    """Of two people each, or of machine and person. `state` only tells one moment from another."""
    with store.reading() as con:
        if is_between:
            return tuple(read_supervisor_pairs(con, checklist_id))
        return tuple(read_newest_pairs(con, checklist_id, newest_count))


def measure_groups(pairs: Sequence[AnswerPair], by: Grouping) -> tuple[AgreementRow, ...]:
    """In the order of the groups' names."""
    groups: dict[str, list[AnswerPair]] = {}
    for pair in pairs:
        groups.setdefault(KEYS[by](pair), []).append(pair)
    return tuple(
        AgreementRow(key, agreement(found), agreement(newest(found)) if len(found) > RECENT else None)
        for key, found in sorted(groups.items())
    )


def compare_epochs(pairs: Sequence[AnswerPair], epochs: Sequence[Epoch]) -> Change | None:
    """Criterion by criterion, where both epochs have verdicts."""
    found: dict[tuple[Any, str], dict[str, list[AnswerPair]]] = {}
    for pair in pairs:
        found.setdefault((pair.version_number, pair.judge), {}).setdefault(pair.criterion_id, []).append(pair)
    answered = [epoch for epoch in epochs if (epoch.version_number, epoch.judge) in found]
    if len(answered) < 2:
        return None
    before, after = answered[-2:]
    old, new = (found[epoch.version_number, epoch.judge] for epoch in (before, after))
    rows = tuple(ChangedRow(name, agreement(old[name]), agreement(new[name])) for name in sorted(new) if name in old)
    return Change(before, after, rows)
