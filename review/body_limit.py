"""How much a request may bring: forms and answers are small, and nobody who is not logged in fills memory or disk."""

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

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
                await PlainTextResponse("say Content-Length", 411)(scope, receive, send)
                return
            if not length.isdigit() or int(length) > LARGEST_BODY:
                await PlainTextResponse(f"at most {LARGEST_BODY} bytes", 413)(scope, receive, send)
                return
        await self.app(scope, receive, send)
