"""A manager's figures, as the API tells them."""

from datetime import UTC, date, datetime
from typing import Self

from fastapi import Request
from pydantic import Field

from review.api.schemas import MeasuredValue, Title, Told, measured, page_url, texts_of
from review.pages.manager import ManagerPage
from review.pages.manager_figures import Figures, Standing
from review.pages.manager_view import CriterionFigures, Example, TypeFigures, Week
from review.pages.period import Period


class PeriodTold(Told):
    """From the first day to the last, both in it."""

    first: date = Field(examples=["2026-10-01"])
    last: date = Field(examples=["2026-10-31"])

    @classmethod
    def of(cls, period: Period) -> Self:
        return cls(first=period.first, last=period.last)


class FiguresTold(Told):
    """Figures over some calls; mystery calls are in none."""

    calls: int = Field(examples=[120])
    conversations: int = Field(description="Those that were evaluated.", examples=[104])
    scored: int = Field(description="Those with a CQR.", examples=[98])
    heard: int = Field(description="Those that a person has reviewed.", examples=[31])
    heard_share: float | None = Field(description="Of the conversations, 0..1.", examples=[0.3])
    planned: int = Field(description="How many the plan asks to be heard.", examples=[32])
    cqr: MeasuredValue = Field(description="Mean, in points of 100.")
    passed: MeasuredValue = Field(description="Share of good calls, 0..1.")
    talk_share: float | None = Field(description="The manager's part of the speech, 0..1.", examples=[0.58])

    @classmethod
    def of(cls, figures: Figures, plan: float) -> Self:
        return cls(
            calls=figures.call_count,
            conversations=figures.conversation_count,
            scored=figures.scored_count,
            heard=figures.heard_count,
            heard_share=figures.heard_share,
            planned=figures.planned(plan),
            cqr=measured(figures.cqr),
            passed=measured(figures.passed),
            talk_share=figures.talk_share,
        )


class ManagerTold(Told):
    """A manager's period beside the one before."""

    manager: str | None = Field(description="Null: calls of nobody who is named.", examples=["Olga"])
    now: FiguresTold
    before: FiguresTold
    change: MeasuredValue = Field(description="Of the mean CQR; more than chance when its interval leaves 0 out.")


class WeekTold(Told):
    """A week that begins on that Monday."""

    monday: date
    figures: FiguresTold
    team_cqr: float | None = Field(description="Everybody's mean CQR in that week.")


class CriterionFiguresTold(Told):
    """Means in points of 100."""

    criterion_id: str = Field(examples=["closing"])
    title: Title = Field(description="By language.")
    own: MeasuredValue
    others: MeasuredValue
    apart: MeasuredValue = Field(description="Own less the others'.")


class TypeFiguresTold(Told):
    """How often that call type comes, and how well those calls go."""

    call_type: str = Field(examples=["objection"])
    share: MeasuredValue = Field(description="Of the calls, 0..1.")
    others_share: float | None
    cqr: MeasuredValue
    others_cqr: float | None


class ExampleTold(Told):
    """A call to listen to."""

    call_id: str
    started_at: datetime
    call_type: str
    cqr: float
    passed: bool | None
    heard: bool = Field(description="Whether a person has answered it.")
    good_example: bool = Field(description="Whether a supervisor has flagged it so.")
    url: str


class ManagerDetailsTold(Told):
    """Everything that the manager's page shows."""

    manager: str = Field(examples=["Olga"])
    period: PeriodTold
    threshold: float | None = Field(description="The CQR from which a call is good.", examples=[80.0])
    figures: ManagerTold
    everybody: FiguresTold
    weeks: list[WeekTold] = Field(description="At least ten, up to the newest of the period.")
    criteria: list[CriterionFiguresTold]
    call_types: list[TypeFiguresTold]
    best: list[ExampleTold]
    worst: list[ExampleTold]


def standing_of(standing: Standing, plan: float) -> ManagerTold:
    return ManagerTold(
        manager=standing.manager,
        now=FiguresTold.of(standing.now, plan),
        before=FiguresTold.of(standing.before, plan),
        change=measured(standing.change),
    )


def details_of(page: ManagerPage, request: Request) -> ManagerDetailsTold:
    details, plan = page.details, page.plan
    return ManagerDetailsTold(
        manager=page.manager,
        period=PeriodTold.of(page.period),
        threshold=details.threshold,
        figures=standing_of(page.standing, plan),
        everybody=FiguresTold.of(page.everybody.now, plan),
        weeks=[week_told(week, plan) for week in details.weeks],
        criteria=[criterion_told(item) for item in details.criteria],
        call_types=[type_told(item) for item in details.types],
        best=[example_told(item, request) for item in details.best],
        worst=[example_told(item, request) for item in details.worst],
    )


def week_told(week: Week, plan: float) -> WeekTold:
    return WeekTold(monday=week.monday, figures=FiguresTold.of(week.figures, plan), team_cqr=week.team_cqr)


def criterion_told(item: CriterionFigures) -> CriterionFiguresTold:
    return CriterionFiguresTold(
        criterion_id=item.criterion_id,
        title=texts_of(item.title),
        own=measured(item.own),
        others=measured(item.others),
        apart=measured(item.apart),
    )


def type_told(item: TypeFigures) -> TypeFiguresTold:
    return TypeFiguresTold(
        call_type=item.call_type,
        share=measured(item.share),
        others_share=item.others_share,
        cqr=measured(item.cqr),
        others_cqr=item.others_cqr,
    )


def example_told(item: Example, request: Request) -> ExampleTold:
    return ExampleTold(
        call_id=item.call_id,
        started_at=item.started_at.replace(tzinfo=UTC),
        call_type=item.call_type,
        cqr=item.cqr,
        passed=item.passed,
        heard=item.is_heard,
        good_example=item.is_good_example,
        url=page_url(request, item.call_id),
    )
