"""The context of a person's page."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from fastapi import Request
from fastapi.responses import Response

from pipeline.errors import StoreError
from pipeline.store import Store
from pipeline.store.rows import fetch
from review.desk.database import moment_of
from review.desk.people import Person, WaysIn, read_ways_in
from review.desk.tokens import read_tokens
from review.pages.person_form import PersonForm, form_of
from review.permissions import ROLES
from review.site import Site

DONE = ("added", "changed", "disabled", "enabled", "password", "logged_out", "unbound", "token", "revoked")


@dataclass(frozen=True, slots=True)
class ShownToken:
    token_id: str
    title: str
    created: datetime
    last_used: datetime | None


@dataclass(frozen=True, slots=True)
class PersonPage:
    """`done`, `failed`: the code of what was just done, or does not hold. `password`, `token`: shown this once."""

    shown: Person
    form: PersonForm
    ways: WaysIn
    password_ends: datetime | None
    tokens: tuple[ShownToken, ...]
    managers: tuple[str, ...]
    is_self: bool
    done: str
    failed: str
    password: str
    token: str
    roles: tuple[str, ...] = ROLES


def respond(
    request: Request,
    site: Site,
    administrator: Person,
    shown: Person,
    *,
    form: PersonForm | None = None,
    done: str = "",
    failed: str = "",
    password: str = "",
    token: str = "",
    status_code: int = 200,
) -> Response:
    ways = read_ways_in(site.desk).get(shown.person_id, WaysIn())
    page = PersonPage(
        shown=shown,
        form=form or form_of(shown),
        ways=ways,
        password_ends=None if ways.password_ends_s is None else moment_of(ways.password_ends_s),
        tokens=read_shown_tokens(site, shown),
        managers=read_managers(site.store),
        is_self=shown.person_id == administrator.person_id,
        done=done,
        failed=failed,
        password=password,
        token=token,
    )
    return site.respond(request, "person.html", page, status_code)


def read_shown_tokens(site: Site, shown: Person) -> tuple[ShownToken, ...]:
    return tuple(
        ShownToken(
            token.token_id,
            token.title,
            moment_of(token.created_s),
            None if token.last_used_s is None else moment_of(token.last_used_s),
        )
        for token in read_tokens(site.desk, shown)
    )


def read_managers(store: Store) -> tuple[str, ...]:
    """Names under which calls stand, to choose from; none while the store cannot be read: a name can be typed too."""
    with suppress(StoreError):
        if store.path.exists():
            with store.reading() as con:
                return tuple(row["manager"] for row in fetch(con, "page_managers"))
    return ()
