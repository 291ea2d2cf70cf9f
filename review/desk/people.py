"""People who may log in."""

import re
import sqlite3
from dataclasses import asdict, dataclass, replace
from uuid import uuid4

from pipeline.errors import InputError
from review.desk.database import Desk, Row, execute, fetch, latest_s, now_s
from review.desk.passwords import hash_any, hash_password, is_outdated, opens
from review.permissions import OF_ROLE, ROLES, Permission, Role

LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}")
LONGEST_NAME = 100
DEFAULT_PLAN = 25  # calls a day, as one supervisor manages by hand
LARGEST_PLAN = 1000
INITIAL_PASSWORD_S = 7 * 24 * 3600.0  # until then its person must have chosen another


class PersonError(InputError):
    """`code`: login, login_taken, role, manager, name, plan, last_administrator or nobody."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who works at the page. `manager`: the name under which a manager's own calls stand in the store.

    `blind`: sees suggestions only after submitting. `masked`: sees transcripts without numbers, names and addresses.
    """

    person_id: str
    login: str
    name: str
    role: Role
    manager: str | None = None
    blind: bool = False
    masked: bool = False
    daily_plan: int = DEFAULT_PLAN
    disabled: bool = False

    def may(self, permission: Permission) -> bool:
        return permission in OF_ROLE[self.role]


def add_person(desk: Desk, person: Person, password: str | None, *, is_initial: bool = False) -> Person:
    """Adds the person under a new id; without a password they log in by OpenID Connect only.

    `is_initial`: somebody else knows the password, so it must be changed at the first log-in, and within a week.
    Raises PersonError when login, name, role, manager or plan do not hold or the login is taken; WeakPassword.
    """
    check_person(person)
    hashed = None if password is None else hash_password(password, (person.login, person.name))
    added = replace(person, person_id=uuid4().hex)
    ends_s = now_s() + INITIAL_PASSWORD_S if is_initial and hashed else None
    values = {**asdict(added), "password_hash": hashed, "password_ends_s": ends_s, "created_s": now_s()}
    with desk.writing() as con:
        _write(con, "add_person", values)
    return added


def change_person(desk: Desk, person: Person) -> None:
    """Writes what is known of the person anew, except the password; whoever is disabled is logged out at once.

    Raises PersonError when it does not hold, or when the last enabled administrator would go.
    """
    check_person(person)
    with desk.writing() as con:
        had_administrators = bool(fetch(con, "administrators"))
        if not _write(con, "change_person", asdict(person)):
            raise PersonError("nobody", f'login "{person.login}": nobody has it; `prescore user list` shows everybody')
        if person.disabled:
            execute(con, "end_sessions_of", person_id=person.person_id)
        if had_administrators and not fetch(con, "administrators"):
            raise PersonError(
                "last_administrator",
                "nobody would be left who may manage people; make somebody else administrator first",
            )


def _write(con: sqlite3.Connection, statement: str, values: Row) -> int:
    try:
        return execute(con, statement, **values)
    except sqlite3.IntegrityError as error:
        login = values["login"]
        raise PersonError("login_taken", f'login "{login}": somebody has it already; choose another') from error


def set_password(desk: Desk, person: Person, password: str, *, is_initial: bool = False) -> None:
    """A new password, and every session of the person ends. Raises WeakPassword."""
    hashed = hash_password(password, (person.login, person.name))
    ends_s = now_s() + INITIAL_PASSWORD_S if is_initial else None
    with desk.writing() as con:
        execute(con, "set_password", person_id=person.person_id, password_hash=hashed, password_ends_s=ends_s)
        execute(con, "end_sessions_of", person_id=person.person_id)


def read_people(desk: Desk) -> tuple[Person, ...]:
    with desk.reading() as con:
        return tuple(person_of(row) for row in fetch(con, "people"))


def find_person(desk: Desk, login: str) -> Person:
    """The person with that login. Raises PersonError when there is none."""
    with desk.reading() as con:
        rows = fetch(con, "person_by_login", login=login)
    if not rows:
        raise PersonError("nobody", f'login "{login}": nobody has it; `prescore user list` shows everybody')
    return person_of(rows[0])


def find_person_by_id(desk: Desk, person_id: str) -> Person | None:
    with desk.reading() as con:
        rows = fetch(con, "person_by_id", person_id=person_id)
    return person_of(rows[0]) if rows else None


def check_password(desk: Desk, login: str, password: str) -> Person | None:
    """The enabled person with that login and password; None else, after the same work whatever was wrong."""
    with desk.reading() as con:
        rows = fetch(con, "person_by_login", login=login)
    row = rows[0] if rows else None
    hashed = row["password_hash"] if row else None
    if not opens(hashed, password) or row is None or hashed is None or row["disabled"]:
        return None
    if has_ended(row["password_ends_s"]):
        return None
    if is_outdated(hashed):
        renewed = hash_any(password)
        with desk.writing() as con:
            execute(con, "rehash_password", person_id=row["person_id"], before=hashed, password_hash=renewed)
    return person_of(row)


def has_ended(password_ends_s: float | None) -> bool:
    """Whether an initial password is out of date; also one that would hold for longer than any: the clock went back."""
    now = now_s()
    return password_ends_s is not None and not now <= password_ends_s <= latest_s(now) + INITIAL_PASSWORD_S


def find_person_id(desk: Desk, login: str) -> str:
    """The id of whoever has that login; empty when nobody has."""
    with desk.reading() as con:
        rows = fetch(con, "person_by_login", login=login)
    return rows[0]["person_id"] if rows else ""


@dataclass(frozen=True, slots=True)
class WaysIn:
    """How a person gets in: `password_ends_s` is set while their password is an initial one; `subject`: see below."""

    has_password: bool = False
    password_ends_s: float | None = None
    subject: str | None = None
    token_count: int = 0
    session_count: int = 0


def read_ways_in(desk: Desk) -> dict[str, WaysIn]:
    """By person id."""
    with desk.reading() as con:
        rows = fetch(con, "ways_in")
    return {row.pop("person_id"): WaysIn(**row | {"has_password": bool(row["has_password"])}) for row in rows}


def find_by_subject(desk: Desk, subject: str) -> Person | None:
    """Whose account at the OpenID provider that is. `subject`: issuer and sub, which no other account ever gets."""
    with desk.reading() as con:
        rows = fetch(con, "person_by_oidc_subject", oidc_subject=subject)
    return person_of(rows[0]) if rows else None


def is_bound(desk: Desk, person: Person) -> bool:
    return read_ways_in(desk)[person.person_id].subject is not None


def bind_subject(desk: Desk, person: Person, subject: str | None) -> None:
    """From now on that account is this person's; None: the next one that has the login."""
    with desk.writing() as con:
        execute(con, "bind_oidc_subject", person_id=person.person_id, oidc_subject=subject)


def drop_initial_password(desk: Desk, person: Person) -> None:
    """Ends a password that its person was never to keep: they have logged in another way."""
    with desk.writing() as con:
        execute(con, "drop_initial_password", person_id=person.person_id)


def person_of(row: Row) -> Person:
    known = {name: row[name] for name in Person.__dataclass_fields__}
    return Person(**known | {name: bool(row[name]) for name in ("blind", "masked", "disabled")})


def check_person(person: Person) -> None:
    """Raises PersonError that names what does not hold."""
    login = f'login "{person.login}"'
    if not LOGIN.fullmatch(person.login):
        raise PersonError("login", f"{login}: give 1-64 letters, digits or . _ @ + -, the first a letter or digit")
    if person.role not in ROLES:
        raise PersonError("role", f'role "{person.role}": give one of {", ".join(ROLES)}')
    if (person.role == "manager") != bool(person.manager):
        raise PersonError(
            "manager", f"{login}: a manager, and nobody else, needs the name under which their calls stand (--manager)"
        )
    if not 1 <= len(person.name.strip()) <= LONGEST_NAME or not person.name.isprintable():
        raise PersonError("name", f"{login}: give a name to be shown, 1-{LONGEST_NAME} characters")
    if not 1 <= person.daily_plan <= LARGEST_PLAN:
        raise PersonError("plan", f"{login}: a plan of {person.daily_plan} calls a day; give 1-{LARGEST_PLAN}")
