"""The context of a manager's page: weeks, criteria, call types and examples, and how they are read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any

import duckdb

from pipeline.checklist import Checklist, Text
from pipeline.store.evaluations import read_checklist
from pipeline.store.rows import fetch
from review.catalogue import Catalogue
from review.intervals import Interval, Sample, difference, mean_interval, share_interval
from review.pages.checklist_choice import ChecklistChoice
from review.pages.manager_figures import Figures, figures_of
from review.pages.period import WEEK, Period, day_of, midnight, show_day

EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Week:
    """`monday`: on the clock that the page shows."""

    monday: date
    figures: Figures
    team_cqr: float | None

    def shown(self, words: Catalogue) -> str:
        return show_day(words, self.monday)


@dataclass(frozen=True, slots=True)
class CriterionFigures:
    """Means in points of 100; `apart`: own less the others'."""

    criterion_id: str
    title: Text
    own: Interval
    others: Interval
    apart: Interval


@dataclass(frozen=True, slots=True)
class TypeFigures:
    """Shares of a call type in own and in the others' calls, and how well those calls go."""

    call_type: str
    count: int
    share: Interval
    others_share: float | None
    cqr: Interval
    others_cqr: float | None


@dataclass(frozen=True, slots=True)
class Example:
    """A call to listen to. `is_heard`: a person has answered it, so what it shows is no mere suggestion."""

    call_id: str
    started_at: datetime
    call_type: str
    cqr: float
    passed: bool | None
    is_heard: bool
    is_good_example: bool


@dataclass(frozen=True, slots=True)
class ManagerDetails:
    """Everything below the first figures; empty while there is no store."""

    weeks: tuple[Week, ...] = ()
    criteria: tuple[CriterionFigures, ...] = ()
    types: tuple[TypeFigures, ...] = ()
    best: tuple[Example, ...] = ()
    worst: tuple[Example, ...] = ()
    threshold: float | None = None


@dataclass(frozen=True, slots=True)
class Chosen:
    """Whose figures are asked for, over which days, by which checklist; `mondays`: of the weeks that are shown."""

    manager: str
    checklists: ChecklistChoice
    period: Period
    mondays: Sequence[date]
    zone: tzinfo

    @property
    def checklist_id(self) -> str:
        return self.checklists.checklist_id

    @property
    def moments(self) -> dict[str, datetime]:
        return {"starts": self.period.starts(self.zone), "ends": self.period.ends(self.zone)}

    @property
    def span(self) -> tuple[datetime, datetime]:
        """From the earliest moment that the page shows, or compares with, to the end of the last."""
        earliest = min(self.period.before().first, self.mondays[0])
        return midnight(earliest, self.zone), midnight(self.mondays[-1] + WEEK, self.zone)


def read_details(con: duckdb.DuckDBPyConnection, chosen: Chosen, checklist: Checklist | None) -> ManagerDetails:
    """Reads what the page shows of calls that were gathered (`team_figures.gather_apart`)."""
    own = {"manager": chosen.manager} | chosen.moments
    return ManagerDetails(
        weeks=read_weeks(con, chosen),
        criteria=read_criteria(con, chosen, checklist),
        types=types_of(fetch(con, "page_manager_types", **own)),
        best=read_examples(con, chosen, is_best=True),
        worst=read_examples(con, chosen, is_best=False),
        threshold=checklist.threshold if checklist else None,
    )


def read_newest_checklist(con: duckdb.DuckDBPyConnection, checklist_id: str) -> Checklist | None:
    """The newest version that has judged anything; None before the first."""
    rows = fetch(con, "page_newest_version", checklist_id=checklist_id)
    return read_checklist(con, checklist_id, rows[0]["version"]) if rows else None


def read_weeks(con: duckdb.DuckDBPyConnection, chosen: Chosen) -> tuple[Week, ...]:
    days = [*chosen.mondays, chosen.mondays[-1] + WEEK]
    begins = "[" + ",".join(f'"{midnight(day, chosen.zone).isoformat()}"' for day in days) + "]"
    rows = fetch(con, "page_manager_weeks", manager=chosen.manager, weeks=begins)
    return tuple(Week(day_of(row["begins"], chosen.zone), figures_of(row), row["team_cqr"]) for row in rows)


def read_criteria(
    con: duckdb.DuckDBPyConnection, chosen: Chosen, checklist: Checklist | None
) -> tuple[CriterionFigures, ...]:
    rows = fetch(con, "page_manager_criteria", manager=chosen.manager)
    titles = {criterion.id: criterion.title for criterion in checklist.criteria} if checklist else {}
    return tuple(criterion_of(row, titles) for row in rows if row["own_count"])


def criterion_of(row: Mapping[str, Any], titles: Mapping[str, Text]) -> CriterionFigures:
    """A criterion that the newest version lacks keeps the title under which it was stored."""
    own = Sample(row["own_count"], row["own_mean"], row["own_deviation"])
    others = Sample(row["others_count"], row["others_mean"], row["others_deviation"])
    title = titles.get(row["criterion_id"]) or {"": row["title"]}
    return CriterionFigures(
        row["criterion_id"], title, mean_interval(own), mean_interval(others), difference(own, others)
    )


def types_of(rows: Sequence[Mapping[str, Any]]) -> tuple[TypeFigures, ...]:
    own = sum(row["own_count"] for row in rows)
    others = sum(row["others_count"] for row in rows)
    return tuple(
        TypeFigures(
            call_type=row["call_type"],
            count=row["own_count"],
            share=share_interval(row["own_count"], own),
            others_share=row["others_count"] / others if others else None,
            cqr=mean_interval(Sample(row["scored_count"], row["cqr"], row["cqr_deviation"])),
            others_cqr=row["others_cqr"],
        )
        for row in rows
    )


def read_examples(con: duckdb.DuckDBPyConnection, chosen: Chosen, *, is_best: bool) -> tuple[Example, ...]:
    rows = fetch(
        con,
        "page_manager_examples",
        manager=chosen.manager,
        is_best=is_best,
        limit=EXAMPLES,
        **chosen.moments,
    )
    return tuple(Example(**row) for row in rows)
