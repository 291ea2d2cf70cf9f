"""Pages that say what is wrong and what to do, in the reader's language."""

import logging
from dataclasses import dataclass

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from pipeline.errors import ConfigurationError, PrescoreError, RecordingError, StoreError
from review.desk.database import DiskError
from review.security import add_headers
from review.site import site_of

log = logging.getLogger(__name__)
RETRY_AFTER_S = "5"


class Refusal(Exception):
    """A request that gets a message instead of a page. `message` is a key under `messages` of the catalogues."""

    def __init__(self, status_code: int, message: str, detail: str = "") -> None:
        super().__init__(message)
        self.status_code = status_code
        self.message = message
        self.detail = detail


@dataclass(frozen=True, slots=True)
class MessagePage:
    """`detail`: what the program itself says, for the operator."""

    message: str
    detail: str


def refuse(request: Request, refusal: Refusal) -> Response:
    page = MessagePage(refusal.message, refusal.detail)
    response: Response = site_of(request).respond(request, "message.html", page, refusal.status_code)
    if refusal.status_code == 503:
        response.headers["Retry-After"] = RETRY_AFTER_S
    return response


def install(app: FastAPI) -> None:
    """Turns every error into such a page."""

    @app.exception_handler(Refusal)
    def refused(request: Request, error: Refusal) -> Response:
        return refuse(request, error)

    @app.exception_handler(DiskError)
    def not_written(request: Request, error: DiskError) -> Response:
        log.error("desk: %s", error)
        return refuse(request, Refusal(503, "not_written", str(error)))

    @app.exception_handler(StoreError)
    def store_unavailable(request: Request, error: StoreError) -> Response:
        log.warning("store: %s", error)
        return refuse(request, Refusal(503, "store_unavailable", str(error)))

    @app.exception_handler(RecordingError)
    def recording_unplayable(request: Request, error: RecordingError) -> Response:
        log.warning("%s: %s", request.url.path, error.code)  # a file name may hold a phone number
        return refuse(request, Refusal(404, "recording_unplayable", error.code))

    @app.exception_handler(ConfigurationError)
    @app.exception_handler(PrescoreError)
    def misconfigured(request: Request, error: PrescoreError) -> Response:
        log.error("%s", error)
        return refuse(request, Refusal(500, "internal_error", str(error)))

    @app.exception_handler(HTTPException)
    def http_error(request: Request, error: HTTPException) -> Response:
        known = {403: "not_allowed", 404: "no_such_page", 405: "method_not_allowed"}
        return refuse(request, Refusal(error.status_code, known.get(error.status_code, "bad_request")))

    @app.exception_handler(RequestValidationError)
    def bad_request(request: Request, _: RequestValidationError) -> Response:
        return refuse(request, Refusal(400, "bad_request"))

    @app.exception_handler(Exception)
    def broken(request: Request, error: Exception) -> Response:
        response = refuse(request, Refusal(500, "internal_error", type(error).__name__))
        add_headers(response.headers)  # this answer passes no middleware
        return response
