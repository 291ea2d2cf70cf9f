"""For programs that watch: /metrics, and whether the page lives and is ready. Nothing of any call is here."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

from review.access import AllowedOrLocal
from review.desk.people import Person
from review.health import Health

router = APIRouter(include_in_schema=False)


@router.get("/health/live")
def show_live() -> Response:
    """It answers: the process need not be started again."""
    return JSONResponse({"status": "ok"})


@router.get("/health/ready")
def show_ready(request: Request) -> Response:
    """Whether people can work with it; else the parts that do not, by name alone."""
    health: Health = request.app.state.health
    failing = [name for name, is_well in health.parts().items() if not is_well]
    if failing:
        return JSONResponse({"status": "failing", "failing": failing}, 503)
    return JSONResponse({"status": "ok"})


@router.get("/metrics")
def show_metrics(request: Request, _: Annotated[Person | None, Depends(AllowedOrLocal("watch"))]) -> Response:
    """In the format that the asking Prometheus prefers."""
    registry: CollectorRegistry = request.app.state.registry
    encode, content_type = choose_encoder(request.headers.get("accept", ""))
    return Response(encode(registry), media_type=None, headers={"content-type": content_type})
