"""How much a request may bring: forms and answers are small, and nobody who is not logged in fills memory or disk."""

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from review.access import API
from review.api.problems import problem

LARGEST_BODY = 1024 * 1024  # bytes


class BodyLimit:
    """Refuses a body that is larger, or whose length is not said; the server reads no more than what was said."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            headers = Headers(scope=scope)
            length = headers.get("content-length", "0")
            if "transfer-encoding" in headers:
                await refusal(scope, 411, "length_needed", "say Content-Length")(scope, receive, send)
                return
            if not length.isdigit() or int(length) > LARGEST_BODY:
                await refusal(scope, 413, "too_large", f"at most {LARGEST_BODY} bytes")(scope, receive, send)
                return
        await self.app(scope, receive, send)


def refusal(scope: Scope, status: int, code: str, text: str) -> Response:
    """A program is told as everywhere under /api/; a browser sends nothing like that by itself."""
    if scope["path"].startswith(API):
        return problem(Request(scope), status, code)
    return PlainTextResponse(text, status)
