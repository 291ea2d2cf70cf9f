"""A small OpenID provider on this machine: real HTTP, RSA-signed ID tokens, and lies on request."""

import base64
import hashlib
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "prescore", "the client's secret & more"


@dataclass
class OpenIdProvider:
    """`claims` overrides those of the next ID tokens; None takes one out. `description` does so for the discovery."""

    port: int = 0
    person: dict[str, Any] = field(default_factory=lambda: {"sub": "1", "preferred_username": "anna", "name": "Anna"})
    claims: dict[str, Any] = field(default_factory=dict)
    description: dict[str, Any] = field(default_factory=dict)
    signs_with: RSAKey | None = None
    header: dict[str, Any] = field(default_factory=lambda: {"alg": "RS256", "kid": "one"})
    token_answer: tuple[int, bytes] | None = None
    is_down: bool = False
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one", "use": "sig"}, private=True))
    begun: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}/realm"

    def authorize(self, address: str) -> str:
        """What the browser does there: the person logs in, and is led back with a code."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT
        assert asked["code_challenge_method"] == "S256"
        code = f"code-{len(self.begun)}"
        self.begun[code] = asked
        return asked["redirect_uri"] + "?" + urlencode({"code": code, "state": asked["state"], "iss": self.issuer})

    def describe(self) -> dict[str, Any]:
        known = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        }
        return {name: value for name, value in (known | self.description).items() if value is not None}

    def give_token(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        if not self.is_client(form, authorization):
            return 401, {"error": "invalid_client"}
        asked = self.begun.pop(form["code"], None)
        if asked is None or asked["redirect_uri"] != form["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != asked["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        answer = {"access_token": "x", "token_type": "Bearer", "id_token": self.sign(asked["nonce"])}
        return 200, answer

    def is_client(self, form: dict[str, str], authorization: str) -> bool:
        if "client_secret" in form:
            return (form["client_id"], form["client_secret"]) == (CLIENT, SECRET)
        return base64.b64decode(authorization.removeprefix("Basic ")).decode() == f"{CLIENT}:{SECRET}"

    def sign(self, nonce: str) -> str:
        now = int(time.time())
        known = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": nonce, **self.person}
        claims = {name: value for name, value in (known | self.claims).items() if value is not None}
        return jwt.encode(self.header, claims, self.signs_with or self.key, algorithms=[self.header["alg"]])


@contextmanager
def serving() -> Iterator[OpenIdProvider]:
    """The provider, listening until the end of the block."""
    provider = OpenIdProvider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            provider.asked.append(self.path)
            pages = {
                "/realm/.well-known/openid-configuration": provider.describe,
                "/realm/keys": lambda: {"keys": [provider.key.as_dict(private=False)]},
            }
            if provider.is_down or self.path not in pages:
                self.send_error(503)
                return
            self.answer(200, json.dumps(pages[self.path]()).encode())

        def do_POST(self) -> None:
            provider.asked.append(self.path)
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            status, answer = provider.give_token(form, self.headers.get("authorization", ""))
            self.answer(*(provider.token_answer or (status, json.dumps(answer).encode())))

        def answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        provider.port = server.server_port
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield provider
        finally:
            server.shutdown()
            thread.join()
