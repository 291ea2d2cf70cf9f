"""Tokens for programs that ask the API: each may do what its person may, until it is revoked."""

import contextlib
import secrets
from dataclasses import dataclass
from uuid import uuid4

from pipeline.errors import InputError, StoreError
from review.desk.database import Desk, execute, fetch, now_s
from review.desk.people import Person, person_of
from review.desk.sessions import token_hash

PREFIX = "prescore_"  # so that one found in a file or a log is recognised
LONGEST_TITLE = 80
USED_EVERY_S = 60.0  # how exactly it is known when a token was last used


@dataclass(frozen=True, slots=True)
class Token:
    """What is known of a token; its value was shown once and is stored nowhere."""

    token_id: str
    title: str
    created_s: float
    last_used_s: float | None


def create_token(desk: Desk, person: Person, title: str) -> str:
    """A new token of that person; the returned value is shown once. Raises InputError for an empty or long title."""
    title = title.strip()
    if not 1 <= len(title) <= LONGEST_TITLE:
        raise InputError(f"title of the token: {len(title)} characters; say in 1-{LONGEST_TITLE} what uses it")
    value = PREFIX + secrets.token_urlsafe(32)
    with desk.writing() as con:
        execute(
            con,
            "add_token",
            token_id=uuid4().hex,
            token_hash=token_hash(value),
            person_id=person.person_id,
            title=title,
            created_s=now_s(),
        )
    return value


def find_token(desk: Desk, token: str) -> Person | None:
    """The enabled person whose token it is; None when there is no such token or it was revoked."""
    with desk.reading() as con:
        rows = fetch(con, "token_person", token_hash=token_hash(token))
    if not rows:
        return None
    row, now = rows[0], now_s()
    if abs(now - (row["last_used_s"] or 0)) > USED_EVERY_S:
        with contextlib.suppress(StoreError), desk.writing() as con:  # a busy desk keeps no program waiting for this
            execute(con, "token_used", token_id=row["token_id"], now_s=now)
    return person_of(row)


def read_tokens(desk: Desk, person: Person) -> tuple[Token, ...]:
    """The person's tokens that work, the newest first."""
    with desk.reading() as con:
        return tuple(Token(**row) for row in fetch(con, "tokens_of", person_id=person.person_id))


def revoke_token(desk: Desk, person: Person, token_id: str) -> bool:
    """Ends one of the person's tokens; False when it is none of theirs or was revoked before."""
    with desk.writing() as con:
        return execute(con, "revoke_token", person_id=person.person_id, token_id=token_id, now_s=now_s()) > 0
