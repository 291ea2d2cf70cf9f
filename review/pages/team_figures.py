"""Everybody's calls of a period, gathered once: the table of all managers and each manager's page come from them.

Gathering takes a second or two of a store of a million calls; a page from what was gathered some hundredths. It lies in
a database of its own, in memory: ten thousands of calls, some megabytes, and how often a criterion has which value.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, tzinfo

import duckdb

from pipeline.checklist import Checklist
from pipeline.store import Store
from pipeline.store.rows import fetch
from review.desk.people import Person
from review.gathered import GatheredCalls, open_apart
from review.pages.checklist_choice import ChecklistChoice
from review.pages.manager_figures import TeamStanding, gather_calls, newest_day, read_team
from review.pages.manager_view import Chosen, ManagerDetails, read_details, read_newest_checklist
from review.pages.period import Period, choose_period, plainly, weeks_until
from review.site import Site

WEEKS_AT_LEAST, WEEKS_AT_MOST = 10, 53
KEPT = {"team_calls": "manager, started_at", "team_answers": "criterion_id, manager"}  # tables, and their order
Asked = tuple[str, str, str]  # kind of period, from, to: as the address says them


@dataclass(frozen=True)
class TeamFigures:
    """`team`: of the period and the one before; `checklist`: its newest version; `mondays`: of the weeks shown."""

    choice: ChecklistChoice
    period: Period
    mondays: Sequence[date]
    zone: tzinfo
    team: TeamStanding
    checklist: Checklist | None
    calls: GatheredCalls

    def chosen(self, manager: str) -> Chosen:
        return Chosen(manager, self.choice, self.period, self.mondays, self.zone)

    def details(self, manager: str) -> ManagerDetails:
        """What the page of one manager shows beside the first figures."""
        with self.calls.reading() as con:
            return read_details(con, self.chosen(manager), self.checklist)

    def has(self, manager: str) -> bool:
        """Whether the period, or the one before, has a call of theirs."""
        return any(item.manager == manager for item in self.team.managers)


def find_team(site: Site, person: Person | None, choice: ChecklistChoice, asked: Asked, zone: tzinfo) -> TeamFigures:
    """The figures, as old as `review/remembered.py` says. Raises StoreError like the store."""
    asked = plainly(*asked)
    return site.figures.read(
        site.store.path,
        ("team", choice.checklist_id, asked),
        lambda: read_team_figures(site.store, choice, asked, zone),
        person.person_id if person else "",
    )


def read_team_figures(store: Store, choice: ChecklistChoice, asked: Asked, zone: tzinfo) -> TeamFigures:
    with store.reading() as con:
        newest = newest_day(con, zone)
        period = choose_period(*asked, newest)
        mondays = weeks_until(period, newest, WEEKS_AT_LEAST, WEEKS_AT_MOST)
        chosen = Chosen("", choice, period, mondays, zone)
        checklist = read_newest_checklist(con, choice.checklist_id)
        memory = gather_apart(store, chosen)
    return TeamFigures(choice, period, mondays, zone, read_team(memory, period, zone), checklist, GatheredCalls(memory))


def gather_apart(store: Store, chosen: Chosen) -> duckdb.DuckDBPyConnection:
    """The calls of the weeks and of both periods in a database in memory. Only within `Store.reading`."""
    memory = open_apart(store)
    first, last = chosen.span
    span = (first, max(last, chosen.period.ends(chosen.zone)))
    gather_calls(memory, chosen.checklist_id, *span, ordinary=chosen.checklists.is_default)
    fetch(memory, "page_manager_answers", **chosen.moments)
    keep_compressed(memory)
    return memory


def keep_compressed(memory: duckdb.DuckDBPyConnection) -> None:
    """Keeps of what was gathered what the pages read, 2 MB for 55,000 calls, and lets go of the store."""
    memory.execute("ATTACH ':memory:' AS gathered (COMPRESS)")
    for table, order in KEPT.items():
        memory.execute(f"CREATE TABLE gathered.{table} AS FROM temp.{table} ORDER BY {order}")
    memory.execute("USE gathered")
    memory.execute("DETACH stored")
    for table in (*KEPT, "team_recordings", "team_scores"):
        memory.execute(f"DROP TABLE temp.{table}")
    memory.execute("CHECKPOINT gathered")
    memory.execute("SET threads = 1")  # of each of these databases: what is left to read is small
