"""What the API tells of calls in lists, and what several answers share."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TypeAlias
from urllib.parse import quote

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field

from review.intervals import Interval
from review.pages.call_rows import ShownRow

Title: TypeAlias = dict[str, str]


class Told(BaseModel):
    """What the API answers with. Fields may be added within v1: programs pass over those that they do not know."""

    model_config = ConfigDict(frozen=True)


class MeasuredValue(Told):
    """A figure with its 95 % interval; null: nothing to measure, or too few calls for an interval."""

    value: float | None = Field(description="The figure itself.", examples=[81.5])
    low: float | None = Field(description="Lower end of the interval.", examples=[74.0])
    high: float | None = Field(description="Upper end of the interval.", examples=[89.0])
    count: int = Field(description="Over how many calls.", examples=[24])


class CallSummary(Told):
    """A call as lists show it. Its score: verdicts where people gave them, suggestions elsewhere."""

    call_id: str = Field(description="Stays the same for ever.", examples=["9f2c4e01aa7b53d8"])
    manager: str | None = Field(description="Whose call it is.", examples=["Olga"])
    direction: str | None = Field(description="incoming or outgoing.", examples=["incoming"])
    started_at: datetime | None = Field(description="UTC.", examples=["2026-10-05T07:12:00Z"])
    duration_s: float | None = Field(description="Seconds.", examples=[184.0])
    language: str | None = Field(description="ISO 639-1.", examples=["ru"])
    status: str = Field(
        description="done, not_scored (too short), no_speech, failed, missed, no_recording or waiting.",
        examples=["done"],
    )
    failure_code: str | None = Field(description="Why its recording failed.", examples=["truncated"])
    checklist_id: str | None = Field(description="Whose score it is.", examples=["cqr"])
    call_type: str | None = Field(description="The call type that counts.", examples=["objection"])
    call_type_confidence: float | None = Field(description="The machine's, 0..1.", examples=[0.91])
    cqr: float | None = Field(description="0..100.", examples=[77.3])
    passed: bool | None = Field(description="Whether the call is good by the checklist's threshold.")
    hidden: bool = Field(description="The person works blind: type and score are hidden until they submit.")
    reviewed: bool = Field(description="Whether a person has submitted it.")
    reviewers: list[str] = Field(description="Who did, the newest first; managers are not told.")
    flags: list[str] = Field(description="rescue, good_example, conflict, mystery; managers are not told.")
    held_by: str | None = Field(description="Who else works on it now.", examples=["Anna"])
    held_by_me: bool = Field(description="Whether the person of the token works on it.")
    url: str = Field(description="The page of the call.", examples=["https://calls.example.com/calls/9f2c4e01aa7b53d8"])


def summary_of(row: ShownRow, request: Request, checklist_id: str | None) -> CallSummary:
    """As the list's page shows the row, with the same things hidden."""
    call, score = row.call, row.call.score(checklist_id)
    return CallSummary(
        call_id=call.call_id,
        manager=call.manager,
        direction=call.direction,
        started_at=aware(call.started_at),
        duration_s=call.duration_s,
        language=call.language,
        status=call.status,
        failure_code=call.failure_code,
        checklist_id=score.checklist_id if score else None,
        call_type=row.call_type,
        call_type_confidence=row.confidence,
        cqr=row.cqr,
        passed=row.passed,
        hidden=row.is_hidden,
        reviewed=bool(call.reviewers),
        reviewers=list(row.reviewers),
        flags=list(row.flags),
        held_by=row.holder,
        held_by_me=row.is_own,
        url=page_url(request, call.call_id),
    )


def measured(interval: Interval) -> MeasuredValue:
    return MeasuredValue(value=interval.value, low=interval.low, high=interval.high, count=interval.count)


def page_url(request: Request, call_id: str) -> str:
    """Where a person opens the call."""
    return call_address(str(request.base_url), call_id)


def call_address(site: str, call_id: str) -> str:
    return f"{site.rstrip('/')}/calls/{quote(call_id, safe='')}"


def aware(moment: datetime | None) -> datetime | None:
    """A time of the store, which is UTC without saying so."""
    return None if moment is None else moment.replace(tzinfo=UTC)


def aware_s(seconds: float) -> datetime:
    """A time of the desk."""
    return datetime.fromtimestamp(seconds, UTC)


def texts_of(texts: Mapping[str, str]) -> Title:
    """By language."""
    return dict(texts)
