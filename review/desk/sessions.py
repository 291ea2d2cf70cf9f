"""Log-ins that last: the browser holds a random token in a cookie, the desk only its hash."""

import hashlib
import secrets
from dataclasses import dataclass

from review.desk.database import Desk, execute, fetch, now_s
from review.desk.people import Person, person_of

SEEN_EVERY_S = 30.0  # how exactly it is known when a session was last used


@dataclass(frozen=True, slots=True)
class Session:
    """`csrf`: goes into every form of this session and comes back with it."""

    person: Person
    csrf: str
    token_hash: str


def open_session(desk: Desk, person: Person) -> str:
    """A new session; returns the token for the cookie, which is stored nowhere."""
    token = secrets.token_urlsafe(32)
    now = now_s()
    with desk.writing() as con:
        execute(
            con,
            "open_session",
            token_hash=token_hash(token),
            person_id=person.person_id,
            csrf=secrets.token_urlsafe(32),
            now_s=now,
        )
    return token


def find_session(desk: Desk, token: str, idle_s: float, longest_s: float) -> Session | None:
    """The session of that token; None when it ended, was unused for `idle_s` or is older than `longest_s`."""
    now = now_s()
    with desk.reading() as con:
        rows = fetch(con, "session", token_hash=token_hash(token))
    if not rows:
        return None
    row = rows[0]
    if row["disabled"] or now - row["session_seen_s"] > idle_s or now - row["session_created_s"] > longest_s:
        close_session(desk, row["token_hash"])
        return None
    if now - row["session_seen_s"] > SEEN_EVERY_S:
        with desk.writing() as con:
            execute(con, "session_seen", token_hash=row["token_hash"], now_s=now)
    return Session(person_of(row), row["csrf"], row["token_hash"])


def close_session(desk: Desk, hashed: str) -> None:
    with desk.writing() as con:
        execute(con, "close_session", token_hash=hashed)


def token_hash(token: str) -> str:
    """A random token needs no salt and no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()
