"""What went wrong, as RFC 9457 says it to programs: a code that stays, and words for whoever reads the log."""

import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, Field, ValidationError
from starlette.exceptions import HTTPException

from pipeline.errors import InputError, PrescoreError, StoreError
from review.access import API, LogInNeeded, PasswordNeeded, unauthorised
from review.desk.database import DiskError
from review.desk.submissions import Conflict
from review.refusals import RETRY_AFTER_S, Refusal
from review.site import site_of

log = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"
CATALOGUE = "api.problems"
OF_HTTP = {404: "no_such_address", 405: "method_not_allowed"}
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class FieldError(BaseModel):
    """One thing in the request that does not hold."""

    where: str = Field(description="What it is about, from the outside in.", examples=["body.answers.0.label"])
    what: str = Field(description="What was found, and what is asked for.", examples=["Field required"])


class Problem(BaseModel):
    """Why a request was not answered; nothing was changed."""

    type: str = Field(description="Where the code is explained.", examples=["/api/v1/docs#problem-submitted"])
    title: str = Field(description="What is wrong, in short.", examples=["Somebody has submitted this call"])
    status: int = Field(description="The HTTP status again.", examples=[409])
    detail: str = Field(description="What to do, in the language of Accept-Language.")
    code: str = Field(description="Which problem it is; codes stay the same within v1.", examples=["submitted"])
    by: str | None = Field(None, description="Whose work is in the way.")
    submission_id: str | None = Field(None, description="The submission that is in the way.")
    criterion_ids: list[str] | None = Field(None, description="What has to be answered first.")
    errors: list[FieldError] | None = Field(None, description="Everything in the request that does not hold.")


class Refused(Exception):
    """Refused by the API alone. `code`: under `api.problems` of the catalogues; `more`: members of Problem."""

    def __init__(self, status: int, code: str, **more: Any) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.more = more


class ProblemRoute(APIRoute):
    """A route that answers every error with a problem, where a page would show a message."""

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                return await handle(request)
            except Exception as error:
                return answer_to(request, error)

        return answer


def install(app: FastAPI) -> None:
    """Addresses under /api/ that no route answers get a problem too. After the pages' own handlers."""
    pages = app.exception_handlers[HTTPException]

    @app.exception_handler(HTTPException)
    def http_error(request: Request, error: HTTPException) -> Any:
        return answer_to(request, error) if request.url.path.startswith(API) else pages(request, error)


def answer_to(request: Request, error: Exception) -> Response:
    """The problem that stands for the error."""
    match error:
        case Refused():
            return problem(request, error.status, error.code, **error.more)
        case PasswordNeeded():
            return problem(request, 403, "password_needed")
        case LogInNeeded():
            headers = {"WWW-Authenticate": unauthorised(request).headers["www-authenticate"]}
            return problem(request, 401, "log_in_needed", headers=headers)
        case Refusal():
            return problem(request, error.status_code, error.message)
        case Conflict():
            return conflict_problem(request, error)
        case RequestValidationError() | ValidationError():
            return problem(request, 422, "invalid", errors=errors_of(error.errors()))
        case InputError():
            return problem(request, 422, "invalid", errors=[FieldError(where="body", what=str(error))])
        case DiskError():
            log.error("desk: %s", error)
            return problem(request, 503, "not_written", headers={"Retry-After": RETRY_AFTER_S})
        case StoreError():
            log.warning("store: %s", error)
            return problem(request, 503, "store_unavailable", headers={"Retry-After": RETRY_AFTER_S})
        case HTTPException(status_code=400):
            return problem(request, 422, "invalid", errors=[FieldError(where="body", what="not JSON in UTF-8")])
        case HTTPException():
            code = OF_HTTP.get(error.status_code, "bad_request")
            return problem(request, error.status_code, code, headers=error.headers)
        case _:
            where = f"{request.method} {request.scope['route'].path}"  # the whole address may hold a name
            log.error("%s: %s", where, type(error).__name__, exc_info=not_told(error))
            return problem(request, 500, "internal_error")


def conflict_problem(request: Request, conflict: Conflict) -> Response:
    """Missing answers are the request's own fault; everything else is how things stand."""
    return problem(
        request,
        422 if conflict.code == "missing" else 409,
        conflict.code,
        by=conflict.by or None,
        submission_id=conflict.submission_id,
        criterion_ids=list(conflict.criterion_ids) or None,
    )


def problem(
    request: Request, status: int, code: str, headers: Mapping[str, str] | None = None, **more: Any
) -> JSONResponse:
    """The response. A code that has words only as a page's message is told with those."""
    texts = site_of(request).words(request).texts
    title = texts.get(f"{CATALOGUE}.{code}.title") or texts.get(f"messages.{code}.title") or code
    detail = texts.get(f"{CATALOGUE}.{code}.text") or texts.get(f"messages.{code}.text") or code
    type_ = f"{API}v1/docs#problem-{code}"
    told = Problem(type=type_, title=title, status=status, detail=detail, code=code, **more)
    return JSONResponse(told.model_dump(exclude_none=True), status, headers, MEDIA_TYPE)


def errors_of(found: Sequence[Any]) -> list[FieldError]:
    """What pydantic found, without the values: they may be words of a call."""
    return [FieldError(where=".".join(str(part) for part in error["loc"]), what=error["msg"]) for error in found]


def not_told(error: Exception) -> BaseException | None:
    """The traceback for the log; errors of our own say enough."""
    return None if isinstance(error, PrescoreError) else error


def may_answer(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Which problems an address may answer with, for its description."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": SAID[status], "content": content} for status in (401, 403, *statuses, 503)}


SAID = {
    401: "No token, an unknown or revoked one, or nobody is logged in.",
    403: "The person may not do this; with a cookie also: the CSRF header is missing.",
    404: "There is no such thing, or not for this person.",
    409: "As things stand it cannot be done: `code` says why, `by` whose work is in the way.",
    422: "The request does not hold: `errors` or `criterion_ids` say where.",
    503: "The calls cannot be read, or nothing can be written, just now; ask again after `Retry-After` seconds.",
}
