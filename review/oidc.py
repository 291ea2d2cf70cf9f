"""Log-in by OpenID Connect: the authorization code flow with PKCE, state and nonce; every answer is checked."""

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from authlib.integrations.httpx_client import OAuth2Client, OAuthError  # type: ignore[import-untyped]
from authlib.integrations.httpx_client.oauth2_client import httpx2 as http  # type: ignore[import-untyped]
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from pipeline.errors import ConfigurationError
from pipeline.review_settings import OidcSettings

# Signatures by a key of the provider alone: no "none", and no HS256, which a public key could forge.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
DISCOVERY = "/.well-known/openid-configuration"
TIMEOUT_S = 10.0
KNOWN_FOR_S = 600.0  # what the provider says of itself is asked again after that
CLOCKS_DIFFER_S = 60
BEGUN_FOR_S = 600.0  # from the button to the way back
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class OidcError(Exception):
    """A log-in that did not come about. `code`: a key under `log_in.oidc_*` of the catalogues."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(detail or code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Begun:
    """What the browser keeps while its person is at the provider, and nobody else knows."""

    state: str
    nonce: str
    verifier: str
    next: str
    begun_s: float


class Provider:
    """The configured provider. Raises ConfigurationError without the client's secret or TLS."""

    def __init__(self, settings: OidcSettings, secret: str | None) -> None:
        if not secret:
            raise ConfigurationError(
                "review.oidc is configured: give the client's secret as PRESCORE_OIDC_SECRET in the environment"
            )
        refuse_open_address("review.oidc.issuer", settings.issuer)
        self.settings = settings
        self._secret = secret
        self._known: Mapping[str, Any] = {}
        self._known_until_s = 0.0

    def begin(self, redirect_uri: str, next: str) -> tuple[str, Begun]:
        """The address at the provider, and what the browser keeps meanwhile. Raises OidcError."""
        begun = Begun(
            state=secrets.token_urlsafe(32),
            nonce=secrets.token_urlsafe(32),
            verifier=secrets.token_urlsafe(64),
            next=next,
            begun_s=time.time(),
        )
        with self._client(redirect_uri) as client:
            address, _ = client.create_authorization_url(
                self._about(client)["authorization_endpoint"],
                state=begun.state,
                code_verifier=begun.verifier,
                nonce=begun.nonce,
            )
        return address, begun

    def finish(self, redirect_uri: str, begun: Begun, answer: Mapping[str, str]) -> dict[str, Any]:
        """The claims of who logged in there. `answer`: the query of the way back. Raises OidcError."""
        check_answer(answer, begun, self.settings.issuer)
        with self._client(redirect_uri) as client:
            about = self._about(client)
            client.token_endpoint_auth_method = auth_method(about)
            try:
                token = client.fetch_token(
                    about["token_endpoint"],
                    grant_type="authorization_code",
                    code=answer["code"],
                    redirect_uri=redirect_uri,
                    code_verifier=begun.verifier,
                )
                keys = self._get(client, about["jwks_uri"])
            except OAuthError as error:
                raise OidcError("refused", f"the token endpoint says {error.error}") from error
            except (http.HTTPError, ValueError) as error:
                raise OidcError("unavailable", type(error).__name__) from error
        return read_claims(token.get("id_token"), keys, self.settings, begun.nonce)

    def _client(self, redirect_uri: str) -> Any:
        return OAuth2Client(
            client_id=self.settings.client_id,
            client_secret=self._secret,
            scope=self.settings.scope,
            redirect_uri=redirect_uri,
            code_challenge_method="S256",
            timeout=TIMEOUT_S,
            follow_redirects=False,
        )

    def _about(self, client: Any) -> Mapping[str, Any]:
        """The provider's description of itself."""
        if time.monotonic() >= self._known_until_s:
            try:
                about = self._get(client, self.settings.issuer.rstrip("/") + DISCOVERY)
            except (http.HTTPError, ValueError) as error:
                raise OidcError("unavailable", type(error).__name__) from error
            check_description(about, self.settings.issuer)
            self._known, self._known_until_s = about, time.monotonic() + KNOWN_FOR_S
        return self._known

    def _get(self, client: Any, address: str) -> dict[str, Any]:
        response = client.request("GET", address, withhold_token=True)
        response.raise_for_status()
        found = response.json()
        if not isinstance(found, dict):
            raise ValueError(f"{address}: a JSON object was expected")
        return found


def provider_for(settings: OidcSettings | None, secret: str | None) -> Provider | None:
    """The configured provider; None where there is none."""
    return None if settings is None else Provider(settings, secret)


def check_answer(answer: Mapping[str, str], begun: Begun, issuer: str) -> None:
    """Raises OidcError when the way back is not the end of what this browser began."""
    if not secrets.compare_digest(answer.get("state", "").encode(), begun.state.encode()):
        raise OidcError("expired", "the state is another one")
    if not 0 <= time.time() - begun.begun_s <= BEGUN_FOR_S:
        raise OidcError("expired", "begun too long ago")
    if "error" in answer:
        code = "denied" if answer["error"] == "access_denied" else "refused"
        raise OidcError(code, f"error {answer['error'][:50]!r}")
    if answer.get("iss", issuer) != issuer:
        raise OidcError("refused", "the answer comes from another issuer")
    if not answer.get("code"):
        raise OidcError("refused", "the answer holds no code")


def read_claims(id_token: object, keys: dict[str, Any], settings: OidcSettings, nonce: str) -> dict[str, Any]:
    """The claims of an ID token whose signature, issuer, audience, times and nonce hold. Raises OidcError."""
    registry = jwt.JWTClaimsRegistry(
        leeway=CLOCKS_DIFFER_S,
        iss={"essential": True, "value": settings.issuer},
        aud={"essential": True, "value": settings.client_id},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True, "value": nonce},
    )
    try:
        signing = KeySet.import_key_set(keys)  # type: ignore[arg-type]
        token = jwt.decode(str(id_token or ""), signing, algorithms=ALGORITHMS)
        registry.validate(token.claims)
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise OidcError("refused", f"ID token: {type(error).__name__}") from error
    claims = dict(token.claims)
    audience = claims["aud"]
    if isinstance(audience, list) and len(audience) > 1 and claims.get("azp") != settings.client_id:
        raise OidcError("refused", "ID token: made for another client")
    return claims


def check_description(about: Mapping[str, Any], issuer: str) -> None:
    """Raises OidcError when the provider says that it is another one, or lacks an address that is needed."""
    if about.get("issuer") != issuer:
        raise OidcError("refused", "review.oidc.issuer is not what the provider calls itself")
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        try:
            refuse_open_address(name, str(about.get(name, "")))
        except ConfigurationError as error:
            raise OidcError("refused", str(error)) from error


def refuse_open_address(name: str, address: str) -> None:
    """Raises ConfigurationError unless what is sent there is encrypted, or stays on this machine."""
    parts = urlsplit(address)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise ConfigurationError(f"{name}: {address or 'missing'}; give an address that starts with https://")


def auth_method(about: Mapping[str, Any]) -> str:
    """How the client shows its secret: the standard's default where the provider knows it."""
    known = about.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    return "client_secret_basic" if "client_secret_basic" in known else "client_secret_post"
