"""Log-ins that last: the browser holds a random token in a cookie, the desk only its hash."""

import contextlib
import hashlib
import secrets
from dataclasses import dataclass

from pipeline.errors import StoreError
from review.desk.database import Desk, Row, execute, fetch, is_within, latest_s, now_s
from review.desk.people import Person, person_of

SEEN_EVERY_S = 30.0  # how exactly it is known when a session was last used


@dataclass(frozen=True, slots=True)
class Session:
    """`csrf`: goes into every form of this session and comes back with it.

    `must_choose_password`: logged in with an initial password; only the account is open until it is changed.
    """

    person: Person
    csrf: str
    token_hash: str
    must_choose_password: bool = False


@dataclass(frozen=True, slots=True)
class OpenSession:
    """One of a person's sessions as it is listed; `number` names it in addresses, and is no secret."""

    number: int
    created_s: float
    seen_s: float
    address: str
    is_this: bool


def open_session(desk: Desk, person: Person, address: str = "") -> str:
    """A new session; returns the token for the cookie, which is stored nowhere."""
    token = secrets.token_urlsafe(32)
    with desk.writing() as con:
        execute(
            con,
            "open_session",
            token_hash=token_hash(token),
            person_id=person.person_id,
            csrf=secrets.token_urlsafe(32),
            now_s=now_s(),
            address=address,
        )
    return token


def find_session(desk: Desk, token: str, idle_s: float, longest_s: float) -> Session | None:
    """The session of that token; None when it ended, was unused for `idle_s` or is older than `longest_s`.

    When the clock was put back since, nobody knows how old it is: it ends.
    """
    now = now_s()
    with desk.reading() as con:
        rows = fetch(con, "session", token_hash=token_hash(token))
    if not rows:
        return None
    row = rows[0]
    is_open = is_within(row["session_seen_s"], idle_s, now) and is_within(row["session_created_s"], longest_s, now)
    if row["disabled"] or not is_open:
        close_session(desk, row["token_hash"])
        return None
    if abs(now - row["session_seen_s"]) > SEEN_EVERY_S:
        _see(desk, row, now)
    return Session(person_of(row), row["csrf"], row["token_hash"], row["password_ends_s"] is not None)


def _see(desk: Desk, row: Row, now: float) -> None:
    """A page is shown even where this cannot be written just now: it is tried again at the next one."""
    with contextlib.suppress(StoreError), desk.writing() as con:
        execute(con, "session_seen", token_hash=row["token_hash"], now_s=now)


def read_sessions(
    desk: Desk, person: Person, idle_s: float, longest_s: float, this: str = ""
) -> tuple[OpenSession, ...]:
    """The person's sessions that still hold, the last used first. `this`: the hash of the one that asks."""
    now = now_s()
    with desk.reading() as con:
        rows = fetch(
            con,
            "sessions_of",
            person_id=person.person_id,
            seen_after_s=now - idle_s,
            created_after_s=now - longest_s,
            latest_s=latest_s(now),
        )
    return tuple(OpenSession(is_this=row.pop("token_hash") == this, **row) for row in rows)


def close_session(desk: Desk, hashed: str) -> None:
    with desk.writing() as con:
        execute(con, "close_session", token_hash=hashed)


def end_session(desk: Desk, person: Person, number: int) -> bool:
    """Ends one of the person's sessions; False when it is nobody's or somebody else's."""
    with desk.writing() as con:
        return execute(con, "end_session", person_id=person.person_id, number=number) > 0


def end_sessions_of(desk: Desk, person: Person) -> int:
    """Logs the person out everywhere; returns how many sessions ended."""
    with desk.writing() as con:
        return execute(con, "end_sessions_of", person_id=person.person_id)


def forget_sessions(desk: Desk, idle_s: float, longest_s: float) -> None:
    """Removes those that nobody can use any more."""
    now = now_s()
    with desk.writing() as con:
        execute(
            con,
            "forget_sessions",
            seen_after_s=now - idle_s,
            created_after_s=now - longest_s,
            latest_s=latest_s(now),
        )


def token_hash(token: str) -> str:
    """A random token needs no salt and no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()
