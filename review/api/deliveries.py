"""What became of webhooks: sent, waiting, given up."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import Field

from pipeline.frozen import Frozen
from review.access import may
from review.api.asked import MOST_AT_ONCE
from review.api.problems import ProblemRoute, may_answer
from review.api.schemas import Told, aware_s
from review.desk.people import Person
from review.desk.webhooks import Delivery, read_deliveries
from review.site import ThisSite

router = APIRouter(route_class=ProblemRoute, tags=["webhooks"])


class PartQuery(Frozen):
    """Which part of the list."""

    limit: int = Field(50, ge=1, le=MOST_AT_ONCE, description="How many at most.")
    offset: int = Field(0, ge=0, le=1_000_000_000, description="How many to pass over.")


class DeliveryTold(Told):
    """A message to one address."""

    delivery_id: str = Field(description="As in the message and its header Prescore-Delivery.")
    event: str = Field(examples=["call.confirmed"])
    url: str = Field(description="Without user, password and query.", examples=["https://crm.example.com/prescore"])
    call_id: str
    state: Literal["waiting", "delivered", "given_up"]
    attempts: int = Field(examples=[1])
    created_at: datetime = Field(description="UTC.")
    next_attempt_at: datetime | None = Field(description="While it waits; UTC.")
    delivered_at: datetime | None = Field(description="UTC.")
    last_error: str | None = Field(
        description="http_STATUS, the kind of network error, undone (taken back before it was sent) or not_configured.",
        examples=["http_500"],
    )


class DeliveryList(Told):
    """The newest first; settled ones are kept for 30 days."""

    deliveries: list[DeliveryTold]


@router.get("/webhooks/deliveries", summary="What became of webhooks", responses=may_answer(422))
def list_deliveries(
    site: ThisSite, _: Annotated[Person, Depends(may("see_audit"))], asked: Annotated[PartQuery, Query()]
) -> DeliveryList:
    """For administrators: which messages arrived, which wait for the next attempt, which were given up."""
    found = read_deliveries(site.desk, asked.limit, asked.offset)
    return DeliveryList(deliveries=[delivery_told(item) for item in found])


def delivery_told(item: Delivery) -> DeliveryTold:
    return DeliveryTold(
        delivery_id=item.delivery_id,
        event=item.event,
        url=item.shown_url,
        call_id=item.call_id,
        state=item.state,
        attempts=item.attempts,
        created_at=aware_s(item.created_s),
        next_attempt_at=None if item.next_attempt_s is None else aware_s(item.next_attempt_s),
        delivered_at=None if item.delivered_s is None else aware_s(item.delivered_s),
        last_error=item.last_error,
    )
