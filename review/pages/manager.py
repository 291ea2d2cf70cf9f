"""One manager's figures: over the weeks, by criterion against the team, by call type, and calls to listen to."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from pipeline.store.rows import fetch, utc_now
from review.access import may
from review.catalogue import Catalogue
from review.charts import Chart, bars_chart, bounds, interval_series, line_series, points_chart
from review.desk.people import Person
from review.exports import export_table, refuse_export
from review.pages.checklist_choice import ChecklistChoice, choose_checklist
from review.pages.manager_figures import Figures, Standing
from review.pages.manager_tables import TABLES
from review.pages.manager_view import Chosen, ManagerDetails
from review.pages.managers import From
from review.pages.period import KINDS, Period, choose_period, day_of
from review.pages.team_figures import find_team
from review.refusals import Refusal
from review.site import Site, ThisSite

router = APIRouter()
Reader = Annotated[Person, Depends(may("see_calls"))]


@dataclass(frozen=True, slots=True)
class ManagerPage:
    """`is_own`: the reader is the manager; `may_export`: the tables come as files too."""

    manager: str
    checklists: ChecklistChoice
    period: Period
    standing: Standing
    everybody: Standing
    details: ManagerDetails
    plan: float
    is_own: bool
    may_export: bool
    has_store: bool = True
    kinds: tuple[str, ...] = KINDS

    @property
    def now(self) -> Figures:
        return self.standing.now

    def address(self, period: Period | None = None, **more: str) -> str:
        """This page for another period, or one of its tables as a file."""
        return "?" + urlencode([*(period or self.period).query, *self.checklists.query, *more.items()])

    @property
    def calls_query(self) -> str:
        """The filter of the list of calls that shows this manager's."""
        return urlencode([("manager", self.manager), *self.checklists.query])

    def weeks_chart(self, words: Catalogue) -> Chart:
        weeks = self.details.weeks
        return points_chart(
            words("manager.weeks_chart", manager=self.manager),
            [week.shown(words) for week in weeks],
            [
                interval_series(self.manager, [week.figures.cqr for week in weeks]),
                line_series(words("manager.everybody"), [week.team_cqr for week in weeks]),
            ],
            lowest=0,
            highest=100,
            mark=self.details.threshold,
            mark_name=words("manager.threshold"),
            axis=words("managers.cqr"),
        )

    def criteria_chart(self, words: Catalogue) -> Chart:
        """Horizontal, so that the first criterion stands at the top."""
        shown = tuple(reversed(self.details.criteria))
        lowest, highest = bounds([item.apart for item in shown], 0.0)
        return points_chart(
            words("manager.criteria_chart", manager=self.manager),
            [words.of(item.title) for item in shown],
            [interval_series(words("manager.apart"), [item.apart for item in shown], is_joined=False)],
            lowest=lowest,
            highest=highest,
            mark=0,
            mark_name=words("manager.everybody_else"),
            axis=words("manager.criteria_axis"),
            is_horizontal=True,
        )

    def types_chart(self, words: Catalogue) -> Chart:
        types = self.details.types
        return bars_chart(
            words("manager.types_chart", manager=self.manager),
            [words.call_type(item.call_type) for item in types],
            [
                (self.manager, [item.share.value for item in types]),
                (words("manager.everybody_else"), [item.others_share for item in types]),
            ],
        )


@router.get("/managers/{name:path}")
def show_manager(
    request: Request,
    site: ThisSite,
    person: Reader,
    name: str,
    period: str = "",
    first: From = "",
    to: str = "",
    checklist: str = "",
    table: str = "",
    format: str = "",
) -> Response:
    """A manager's page; `format` and `table`: one of its tables as a file."""
    refuse_foreign_figures(person, name)
    refuse_export(person, format)
    words = site.words(request)
    page = read_page(site, person, words, name, (period, first, to), checklist)
    if not format:
        return site.respond(request, "manager.html", page)
    if table not in TABLES:
        raise Refusal(404, "no_such_page")
    columns, rows = TABLES[table](page.details, words)
    chosen = [value for _, value in page.checklists.query]
    file_name = "-".join([table, name, *chosen, f"{page.period.first}-{page.period.last}"])
    return export_table(request, site, person, file_name, columns, rows, format)


def refuse_foreign_figures(person: Person, manager: str) -> None:
    """Raises Refusal 404 when a manager asks for somebody else's, whoever that is; 403 for those who may see none."""
    if person.role == "manager" and person.manager != manager:
        raise Refusal(404, "no_such_manager")
    if person.role != "manager" and not person.may("see_managers"):
        raise Refusal(403, "not_allowed")


def read_page(
    site: Site, person: Person, words: Catalogue, manager: str, asked: tuple[str, str, str], checklist: str = ""
) -> ManagerPage:
    """`asked`, `checklist`: days and checklist as the address says them.

    Raises Refusal 404 for a name that no call has; a manager without calls gets an empty page of their own.
    """
    zone, choice = words.timezone, choose_checklist(site, checklist)
    is_own = person.role == "manager"
    if not site.store.path.exists():
        nothing = Chosen(manager, choice, choose_period(*asked, day_of(utc_now(), zone)), (), zone)
        return page_of(site, person, nothing, (Standing(manager), Standing(None)), ManagerDetails(), has_store=False)
    found = find_team(site, person, choice, asked, zone)
    if not is_own and not found.has(manager) and not is_known(site, manager):
        raise Refusal(404, "no_such_manager")
    standings = (found.team.of(manager), found.team.everybody)
    return page_of(site, person, found.chosen(manager), standings, found.details(manager))


def page_of(
    site: Site,
    person: Person,
    chosen: Chosen,
    standings: tuple[Standing, Standing],
    details: ManagerDetails,
    *,
    has_store: bool = True,
) -> ManagerPage:
    return ManagerPage(
        manager=chosen.manager,
        checklists=chosen.checklists,
        period=chosen.period,
        standing=standings[0],
        everybody=standings[1],
        details=details,
        plan=site.settings.review.listened_share,
        is_own=person.role == "manager",
        may_export=person.may("export"),
        has_store=has_store,
    )


def is_known(site: Site, manager: str) -> bool:
    """Whether any call is theirs, of whatever day."""
    with site.store.reading() as con:
        return bool(fetch(con, "page_manager_known", manager=manager)[0]["is_known"])
