"""What is known of a manager in a period: counts, means with their intervals, and how much of it people have heard."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from typing import Any, get_args

import duckdb

from pipeline.records import CallType
from pipeline.store.rows import fetch, utc_now
from review.intervals import Interval, Sample, difference, margin_of, mean_interval, sample_size, share_interval
from review.pages.period import Period, day_of

NOTHING = Sample()
CALL_TYPES: tuple[CallType, ...] = get_args(CallType)


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures over some calls. `conversations`: those that were evaluated, so that there is something to listen to."""

    call_count: int = 0
    conversation_count: int = 0
    heard_count: int = 0
    scored_count: int = 0
    passed_count: int = 0
    cqr_sample: Sample = NOTHING
    talk_share: float | None = None
    types: Mapping[str, int] = field(default_factory=dict)

    @property
    def cqr(self) -> Interval:
        return mean_interval(self.cqr_sample)

    @property
    def passed(self) -> Interval:
        return share_interval(self.passed_count, self.scored_count)

    @property
    def heard_share(self) -> float | None:
        return self.heard_count / self.conversation_count if self.conversation_count else None

    @property
    def sample_size(self) -> int:
        """How many calls would have to be heard to know a share of them to +-5 points."""
        return sample_size(self.conversation_count)

    @property
    def heard_margin(self) -> float | None:
        """How well a share is known from those that were heard, +-0..1."""
        return margin_of(self.heard_count, self.conversation_count)

    def planned(self, share: float) -> int:
        """How many calls the plan asks to be heard."""
        return math.ceil(share * self.conversation_count - 1e-9)


@dataclass(frozen=True, slots=True)
class Standing:
    """A manager's figures beside those of the period before; `manager` None: nobody is named, or it is everybody."""

    manager: str | None
    now: Figures = Figures()
    before: Figures = Figures()

    @property
    def change(self) -> Interval:
        """Of the mean CQR since the period before."""
        return difference(self.now.cqr_sample, self.before.cqr_sample)


@dataclass(frozen=True, slots=True)
class TeamStanding:
    managers: tuple[Standing, ...] = ()
    everybody: Standing = Standing(None)

    def of(self, manager: str) -> Standing:
        return next((item for item in self.managers if item.manager == manager), Standing(manager))


def newest_day(con: duckdb.DuckDBPyConnection, zone: tzinfo) -> date:
    """Of the newest call; today while no call has a time."""
    newest: datetime | None = fetch(con, "page_newest_call")[0]["started_at"]
    return day_of(newest or utc_now(), zone)


def gather_calls(
    con: duckdb.DuckDBPyConnection, checklist_id: str, first: object, last: object, *, ordinary: bool = True
) -> None:
    """Gathers the calls between two moments for the queries below, which read no other; for this connection only.

    `ordinary`: the checklist is the configured one, by which every call counts except mystery calls; of another one
    only what it has judged.
    """
    fetch(con, "page_manager_recordings", first=first, last=last)
    fetch(con, "page_manager_scores", checklist_id=checklist_id)
    fetch(con, "page_manager_calls", checklist_id=checklist_id, ordinary=ordinary)


def read_team(con: duckdb.DuckDBPyConnection, period: Period, zone: tzinfo) -> TeamStanding:
    """Everybody with a call in the period or the one before. Gather the calls of both first."""
    moments = {"before": period.before().starts(zone), "starts": period.starts(zone), "ends": period.ends(zone)}
    rows = fetch(con, "page_manager_figures", **moments)
    own = [row for row in rows if not row["is_team"]]
    return TeamStanding(
        managers=tuple(standing_of(own, name) for name in dict.fromkeys(row["manager"] for row in own)),
        everybody=standing_of([row for row in rows if row["is_team"]], None),
    )


def standing_of(rows: Sequence[Mapping[str, Any]], manager: str | None) -> Standing:
    found = {row["is_before"]: figures_of(row) for row in rows if row["manager"] == manager}
    return Standing(manager, found.get(False, Figures()), found.get(True, Figures()))


def figures_of(row: Mapping[str, Any]) -> Figures:
    return Figures(
        call_count=row["call_count"],
        conversation_count=row["conversation_count"],
        heard_count=row["heard_count"],
        scored_count=row["scored_count"],
        passed_count=row["passed_count"],
        cqr_sample=Sample(row["scored_count"], row["cqr"], row["cqr_deviation"]),
        talk_share=row["talk_share"],
        types={name: row[name] for name in CALL_TYPES if row.get(name)},
    )
