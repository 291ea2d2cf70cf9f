"""Every manager's figures in a period, with what so few calls are worth."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import RedirectResponse, Response

from pipeline.store.rows import utc_now
from review.access import may
from review.catalogue import Catalogue
from review.desk.people import Person
from review.exports import Column, export_table, refuse_export
from review.pages.checklist_choice import ChecklistChoice, choose_checklist
from review.pages.manager_figures import Standing, TeamStanding
from review.pages.period import KINDS, Period, choose_period, day_of
from review.pages.team_figures import find_team
from review.site import ThisSite

router = APIRouter()
From = Annotated[str, Query(alias="from")]
SORTS: dict[str, Callable[[Standing], float | None]] = {
    "calls": lambda item: item.now.call_count,
    "scored": lambda item: item.now.scored_count,
    "heard": lambda item: item.now.heard_share,
    "cqr": lambda item: item.now.cqr.value,
    "change": lambda item: item.change.value,
    "passed": lambda item: item.now.passed.value,
    "talk": lambda item: item.now.talk_share,
}
BY_NAME = "manager"


@dataclass(frozen=True, slots=True)
class ManagersPage:
    """`plan`: which share of the calls is to be heard; `sort`: a column, with "-" before it the largest first."""

    checklists: ChecklistChoice
    period: Period
    team: TeamStanding
    plan: float
    sort: str = BY_NAME
    threshold: float | None = None
    may_export: bool = False
    has_store: bool = True
    kinds: tuple[str, ...] = KINDS

    def address(self, period: Period | None = None, sort: str | None = None, **more: str) -> str:
        """This page for another period, in another order or as a file."""
        order = self.sort if sort is None else sort
        named = [("sort", order)] * (order != BY_NAME)
        return "?" + urlencode([*(period or self.period).query, *self.checklists.query, *named, *more.items()])

    @property
    def scale_from(self) -> float:
        """Where the bars of the intervals begin: low enough for each of them, in tens."""
        cqrs = [item.now.cqr for item in (*self.team.managers, self.team.everybody)]
        ends = [end for item in cqrs for end in (item.low, item.value) if end is not None]
        return 10 * math.floor(min([80.0 if self.threshold is None else self.threshold - 10, *ends]) / 10)

    def order(self, column: str) -> str:
        """The address's word to sort by that column: numbers from the largest, the next time from the smallest."""
        first, second = (column, f"-{column}") if column == BY_NAME else (f"-{column}", column)
        return second if self.sort == first else first

    def sorted_as(self, column: str) -> str:
        """For a screen reader: how the table is sorted by that column."""
        if self.sort.removeprefix("-") != column:
            return "none"
        return "descending" if self.sort.startswith("-") else "ascending"


@router.get("/managers")
def show_managers(
    request: Request,
    site: ThisSite,
    person: Annotated[Person, Depends(may("see_managers"))],
    period: str = "",
    first: From = "",
    to: str = "",
    sort: str = BY_NAME,
    checklist: str = "",
    format: str = "",
) -> Response:
    """A sort, period or checklist that is none is left out. `format`: the same table as a file."""
    refuse_export(person, format)
    words, plan = site.words(request), site.settings.review.listened_share
    zone, choice = words.timezone, choose_checklist(site, checklist)
    if not site.store.path.exists():
        chosen = choose_period(period, first, to, day_of(utc_now(), zone))
        page = ManagersPage(choice, chosen, TeamStanding(), plan, has_store=False)
        return site.respond(request, "managers.html", page)
    asked = (period, first, to)
    found = find_team(site, person, choice, asked, zone)
    chosen, team, threshold = found.period, found.team, found.checklist.threshold if found.checklist else None
    sort = sort if sort.removeprefix("-") in (*SORTS, BY_NAME) else BY_NAME
    team = TeamStanding(sort_standings(team.managers, sort), team.everybody)
    if format:
        name = "-".join(["managers", *(value for _, value in choice.query), f"{chosen.first}-{chosen.last}"])
        return export_table(request, site, person, name, columns(words), rows(team, plan), format)
    page = ManagersPage(choice, chosen, team, plan, sort, threshold, person.may("export"))
    return site.respond(request, "managers.html", page)


@router.get("/my-figures")
def show_own_figures(person: Annotated[Person, Depends(may("see_calls"))]) -> Response:
    """A manager's way to their own page; everybody else's to all managers."""
    return RedirectResponse(manager_address(person.manager) if person.manager else "/managers", 303)


def manager_address(manager: str) -> str:
    return f"/managers/{quote(manager, safe='')}"


def sort_standings(standings: Sequence[Standing], sort: str) -> tuple[Standing, ...]:
    """Those without such a figure, or without a name, come last either way."""
    column, falls = sort.removeprefix("-"), sort.startswith("-")
    named = sorted(standings, key=lambda item: item.manager or "", reverse=falls and column == BY_NAME)
    named.sort(key=lambda item: item.manager is None)
    if column == BY_NAME:
        return tuple(named)
    known = [item for item in named if SORTS[column](item) is not None]
    rest = [item for item in named if SORTS[column](item) is None]
    return (*sorted(known, key=lambda item: SORTS[column](item) or 0.0, reverse=falls), *rest)


def columns(words: Catalogue) -> tuple[Column, ...]:
    keys = (
        *("manager", "calls", "conversations", "scored", "heard", "heard_share", "planned", "sample_size"),
        *("cqr", "cqr_low", "cqr_high", "change", "change_low", "change_high"),
        *("passed", "passed_low", "passed_high", "talk"),
    )
    return tuple(words(f"managers.columns.{key}") for key in keys)


def rows(team: TeamStanding, plan: float) -> list[tuple[object, ...]]:
    """What the table shows; shares are of 0..1."""
    return [row_of(item, plan) for item in team.managers]


def row_of(item: Standing, plan: float) -> tuple[object, ...]:
    now, cqr, change, passed = item.now, item.now.cqr, item.change, item.now.passed
    heard = (now.heard_count, now.heard_share, now.planned(plan), now.sample_size)
    return (
        *(item.manager, now.call_count, now.conversation_count, now.scored_count, *heard),
        *(cqr.value, cqr.low, cqr.high, change.value, change.low, change.high),
        *(passed.value, passed.low, passed.high, now.talk_share),
    )
