"""The context of the page about trust, and how it is read."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar
from urllib.parse import urlencode

import duckdb

from pipeline.agreement import RECENT
from pipeline.checklist import Text
from pipeline.settings import TrustSettings
from pipeline.store import Store
from pipeline.store.heads import read_history
from pipeline.store.rows import fetch
from pipeline.store.trust_pairs import read_newest_rows
from review.catalogue import Catalogue
from review.charts import Chart, bounds, calibration_chart, interval_series, points_chart
from review.desk.people import Person
from review.intervals import Interval, share_interval
from review.pages.checklist_choice import ChecklistChoice
from review.pages.trust_agreement import (
    ALL,
    GROUPINGS,
    NEWEST,
    AgreementRow,
    Change,
    ChangedRow,
    Grouping,
    interval_of,
    measure,
    measure_change,
    read_state,
)
from review.pages.trust_rules import RuleLine, read_rule_lines
from review.site import Site

DECIDERS = ("head", "administrator")
HISTORY = 12  # events
RowKind = TypeVar("RowKind", AgreementRow, ChangedRow)


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers whose said confidence begins with the same tenth; `right`: the share with the same verdict."""

    said: float
    right: Interval


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """What happened to models or checklist. `event`: a key under `trust.events` of the catalogues."""

    occurred_at: datetime | None
    event: str
    subject: str
    actor: str


@dataclass(frozen=True, slots=True)
class Found:
    """What the store says at one moment; `criterion` None where it is none."""

    criterion: str | None
    rules: tuple[RuleLine, ...]
    bins: tuple[Bin, ...]
    history: tuple[HistoryLine, ...]
    agreement: tuple[AgreementRow, ...]
    change: Change | None
    verdict_count: int


@dataclass(frozen=True, slots=True)
class TrustPage:
    """`by`: what a row of the agreement stands for; `criterion`: whose reliability is shown, None for all.

    `newest`: so many verdicts and calls are measured; `is_cut`: there are more.
    """

    checklists: ChecklistChoice
    trust: TrustSettings
    may_decide: bool
    may_export: bool
    by: Grouping = "criterion"
    criterion: str | None = None
    agreement: tuple[AgreementRow, ...] = ()
    change: Change | None = None
    bins: tuple[Bin, ...] = ()
    rules: tuple[RuleLine, ...] = ()
    history: tuple[HistoryLine, ...] = ()
    groupings: tuple[str, ...] = GROUPINGS
    recent: int = RECENT
    newest: int = NEWEST
    is_cut: bool = False

    @property
    def checklist_id(self) -> str:
        return self.checklists.checklist_id

    def address(self, **more: str) -> str:
        """This page by another grouping or criterion, or one of its tables as a file."""
        own = {"by": self.by if self.by != "criterion" else "", "criterion": self.criterion or ""}
        own |= {"verdicts": "all"} if self.newest == ALL else {}
        kept = dict(self.checklists.query) | own | more
        return "?" + urlencode([(name, value) for name, value in kept.items() if value])

    @property
    def titles(self) -> dict[str, Text]:
        return {line.criterion_id: line.title for line in self.rules}

    def title(self, words: Catalogue, key: str) -> str:
        """Of a row of the agreement: the criterion's or call type's name; a person's is their login."""
        if self.by == "call_type":
            return words.call_type(key)
        return self.criterion_title(words, key) if self.by != "supervisor" else key

    def criterion_title(self, words: Catalogue, criterion_id: str) -> str:
        return words.of(self.titles.get(criterion_id, {"": criterion_id}))

    def agreement_chart(self, words: Catalogue) -> Chart:
        shown = tuple(reversed(self.agreement))
        shares = [interval_of(row.whole.near).times(100) for row in shown]
        return points_chart(
            words("trust.agreement_chart"),
            [self.title(words, row.key) for row in shown],
            [interval_series(words("trust.columns.near"), shares, is_joined=False)],
            lowest=bounds(shares, 80.0)[0],
            highest=100,
            axis=words("trust.agreement_axis"),
            is_horizontal=True,
        )

    def reliability_chart(self, words: Catalogue) -> Chart:
        names = (words("trust.columns.said"), words("trust.columns.right"))
        return calibration_chart(
            words("trust.reliability_chart"), names, [(item.said, item.right) for item in self.bins]
        )


def may_decide_trust(person: Person) -> bool:
    """Who reads how far the machine is trusted need not be who decides it."""
    return person.role in DECIDERS


def read_page(
    site: Site,
    person: Person,
    by: Grouping,
    criterion: str | None,
    choice: ChecklistChoice,
    newest: int = NEWEST,
) -> TrustPage:
    checklist_id, trust = choice.checklist_id, site.settings.trust
    may_decide, may_export = may_decide_trust(person), person.may("export")
    if not site.store.path.exists():
        return TrustPage(choice, trust, may_decide, may_export, by)
    found = find_trust(site, person, checklist_id, criterion, by, newest)
    return TrustPage(
        choice,
        trust,
        may_decide,
        may_export,
        by,
        found.criterion,
        agreement=found.agreement,
        change=found.change,
        bins=found.bins,
        rules=found.rules,
        history=found.history,
        newest=newest,
        is_cut=found.verdict_count > newest,
    )


def find_trust(
    site: Site,
    person: Person | None,
    checklist_id: str,
    criterion: str | None = None,
    by: Grouping = "criterion",
    newest: int = NEWEST,
) -> Found:
    """The figures, as old as `review/remembered.py` says. Raises StoreError like the store."""
    return site.figures.read(
        site.store.path,
        ("trust", checklist_id, criterion, by, newest),
        lambda: read_found(site.store, checklist_id, criterion, site.settings.trust, by, newest),
        person.person_id if person else "",
    )


def read_found(
    store: Store, checklist_id: str, criterion: str | None, trust: TrustSettings, by: Grouping, newest: int
) -> Found:
    """What the store says, and then, the store being free again, what follows from it."""
    with store.reading() as con:
        rules = read_rule_lines(con, checklist_id, trust, newest)
        known = criterion if criterion in {line.criterion_id for line in rules} else None
        bins, history = read_bins(con, checklist_id, known, newest), read_changes(con, checklist_id)
        (row_counts,) = fetch(con, "page_trust_counts")
        state = read_state(con)
    change = measure_change(store, state, checklist_id, newest)
    return Found(
        known,
        rules,
        bins,
        history,
        agreement=in_order(measure(store, state, checklist_id, by, newest), rules),
        change=None if change is None else replace(change, rows=in_order(change.rows, rules)),
        verdict_count=max(row_counts.values()),
    )


def in_order(rows: Sequence[RowKind], rules: Sequence[RuleLine]) -> tuple[RowKind, ...]:
    """Criteria as the checklist has them; whatever is no criterion of it stays as it was, after them."""
    places = {line.criterion_id: place for place, line in enumerate(rules)}
    return tuple(sorted(rows, key=lambda row: places.get(row.key, len(places))))


def read_bins(con: duckdb.DuckDBPyConnection, checklist_id: str, criterion: str | None, newest: int) -> tuple[Bin, ...]:
    asked = {"checklist_id": checklist_id, "criterion_id": criterion}
    since = read_newest_rows(con, newest)["last_old_verdict"]
    rows = fetch(con, "page_trust_reliability", **asked, last_old_verdict=since)
    return tuple(Bin(row["said"], share_interval(row["right_count"], row["answer_count"])) for row in rows)


def read_changes(con: duckdb.DuckDBPyConnection, checklist_id: str) -> tuple[HistoryLine, ...]:
    """The newest events of models and checklist versions, newest first."""
    models = [
        HistoryLine(event.occurred_at, event.event, event.version[:12], event.actor)
        for event in read_history(con).events
    ]
    versions = [
        HistoryLine(row["published_at"], "published", str(row["version_number"]), "")
        for row in fetch(con, "page_trust_versions", checklist_id=checklist_id)
    ]
    dated = [line for line in (*models, *versions) if line.occurred_at is not None]
    return tuple(sorted(dated, key=lambda line: line.occurred_at or datetime.min, reverse=True)[:HISTORY])
