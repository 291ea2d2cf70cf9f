"""Headers that every response carries: nothing is loaded from elsewhere, framed, guessed or told to other sites."""

import secrets

from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
PRIVATE = "no-store"  # calls are personal data
TLS_ONLY = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}  # for a year, once it was used
STATIC = "no-cache"  # kept, and asked for again only when changed


def new_nonce() -> str:
    """What nobody can guess who brings words into a page; a new one for each response."""
    return secrets.token_urlsafe(16)


def allow_styles(response: Response, nonce: str) -> None:
    """Lets the page's script add style elements that carry the nonce; scripts and style attributes stay forbidden."""
    response.headers["Content-Security-Policy"] = f"{POLICY}; style-src 'self' 'nonce-{nonce}'"


class SecurityHeaders:
    """Adds the headers to responses that do not set them themselves."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                add_headers(headers, is_static=scope["path"].startswith("/static/"))
                if scope["scheme"] == "https":
                    headers.update(TLS_ONLY)
            await send(message)

        await self.app(scope, receive, send_with_headers if scope["type"] == "http" else send)


def add_headers(headers: MutableHeaders, is_static: bool = False) -> None:
    headers.setdefault("Cache-Control", STATIC if is_static else PRIVATE)
    for name, value in HEADERS.items():
        headers.setdefault(name, value)
