"""Settings of the review page: how long log-ins and claims last, what is aimed at, who else is told."""

from typing import Literal

from pydantic import Field, field_validator

from pipeline.frozen import Frozen

RoleName = Literal["supervisor", "head", "manager", "data", "administrator"]
WebhookEvent = Literal["call.confirmed", "call.flagged"]


class OidcSettings(Frozen):
    """Log-in by OpenID Connect; the client's secret only from PRESCORE_OIDC_SECRET.

    `login_claim`: the claim that holds a login known here. `role_claim`: the claim whose value `roles` turns into one
    of ours, for people who log in for the first time; without it only people who were added may log in.
    """

    issuer: str
    client_id: str
    title: str = "OpenID Connect"
    scope: str = "openid profile email"
    login_claim: str = "preferred_username"
    role_claim: str | None = None
    roles: dict[str, RoleName] = {}


class WebhookSettings(Frozen):
    """An address that is told; its messages are signed with PRESCORE_WEBHOOK_SECRET."""

    url: str
    events: tuple[WebhookEvent, ...] = ("call.confirmed", "call.flagged")

    @field_validator("url")
    @classmethod
    def _is_http(cls, url: str) -> str:
        if not url.startswith(("https://", "http://")):
            raise ValueError("give an address that starts with https:// (or http:// inside your own network)")
        return url


class ReviewSettings(Frozen):
    """`secure_cookies` False only for a page that is served without TLS on this machine.

    `listed_calls`: so many calls at most are in queue and list, the newest, or the newest of the days asked for.
    """

    idle_minutes: int = Field(default=60, ge=1)
    session_hours: int = Field(default=12, ge=1)
    claim_minutes: int = Field(default=20, ge=1)
    listened_share: float = Field(default=0.3, gt=0, le=1)
    newcomer_days: int = Field(default=7, ge=0)
    listed_calls: int = Field(default=20_000, ge=1)
    masked_roles: tuple[RoleName, ...] = ()
    secure_cookies: Literal["auto", True, False] = "auto"
    oidc: OidcSettings | None = None
    webhooks: tuple[WebhookSettings, ...] = ()
