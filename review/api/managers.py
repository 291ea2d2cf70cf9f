"""Managers: the figures of the page, with how much so few calls are worth."""

from datetime import date
from typing import Annotated, Literal, Self

from fastapi import APIRouter, Depends, Query, Request
from pydantic import Field, model_validator

from pipeline.frozen import Frozen
from pipeline.store.rows import utc_now
from review.access import may
from review.api.asked import FIRST_DAY, LAST_DAY
from review.api.manager_figures import FiguresTold, ManagerDetailsTold, ManagerTold, PeriodTold, details_of, standing_of
from review.api.problems import ProblemRoute, may_answer
from review.api.schemas import Told
from review.desk.people import Person
from review.pages.checklist_choice import ChecklistChoice
from review.pages.manager import read_page, refuse_foreign_figures
from review.pages.manager_figures import TeamStanding
from review.pages.period import Period, choose_period, day_of
from review.pages.team_figures import find_team
from review.site import Site, ThisSite

router = APIRouter(route_class=ProblemRoute, tags=["managers"])


class PeriodQuery(Frozen):
    """Which days. Without any: the month of the newest call."""

    period: Literal["week", "month", "quarter"] | None = Field(
        None, description="The one around `from`, or around the newest call."
    )
    from_: date | None = Field(None, alias="from", ge=FIRST_DAY, le=LAST_DAY, description="A day like 2026-10-05.")
    to: date | None = Field(None, ge=FIRST_DAY, le=LAST_DAY, description="With `from` and without `period`.")

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if self.to is not None and (self.from_ is None or self.period is not None):
            raise ValueError("give `to` with `from`, and without `period`")
        return self

    @property
    def texts(self) -> tuple[str, str, str]:
        """As the page's address says it."""
        first, last = (day.isoformat() if day else "" for day in (self.from_, self.to))
        return self.period or "", first, last


class ManagerList(Told):
    """Everybody with a call in the period or the one before it."""

    period: PeriodTold
    checklist_id: str = Field(description="Whose CQR it is.", examples=["cqr"])
    listened_plan: float = Field(description="Which share of the calls people are to hear, 0..1.", examples=[0.3])
    managers: list[ManagerTold] = Field(description="By name; calls of nobody come last, without a name.")
    everybody: FiguresTold


@router.get("/managers", summary="Every manager's figures", responses=may_answer(422))
def list_managers(
    site: ThisSite, person: Annotated[Person, Depends(may("see_managers"))], asked: Annotated[PeriodQuery, Query()]
) -> ManagerList:
    """Mean CQR, passed and heard shares of a period, each with its interval, and the change since the period before."""
    plan = site.settings.review.listened_share
    period, team = read_figures(site, person, asked)
    named = sorted(team.managers, key=lambda item: (item.manager is None, item.manager or ""))
    return ManagerList(
        period=PeriodTold.of(period),
        checklist_id=site.settings.checklist,
        listened_plan=plan,
        managers=[standing_of(item, plan) for item in named],
        everybody=FiguresTold.of(team.everybody.now, plan),
    )


@router.get("/managers/{name:path}", summary="One manager's figures", responses=may_answer(404, 422))
def tell_manager(
    request: Request,
    site: ThisSite,
    person: Annotated[Person, Depends(may("see_calls"))],
    name: str,
    asked: Annotated[PeriodQuery, Query()],
) -> ManagerDetailsTold:
    """Over the weeks, by criterion and by call type against the others, and calls to listen to. Managers: their own."""
    refuse_foreign_figures(person, name)
    page = read_page(site, person, site.words(request), name, asked.texts)
    return details_of(page, request)


def read_figures(site: Site, person: Person, asked: PeriodQuery) -> tuple[Period, TeamStanding]:
    """Nothing before the first night."""
    zone = next(iter(site.catalogues.values())).timezone
    if not site.store.path.exists():
        return choose_period(*asked.texts, day_of(utc_now(), zone)), TeamStanding()
    configured = ChecklistChoice(site.settings.checklist, site.settings.checklist)
    found = find_team(site, person, configured, asked.texts, zone)
    return found.period, found.team
