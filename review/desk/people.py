"""People who may log in."""

import re
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from uuid import uuid4

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from pipeline.errors import InputError
from review.desk.database import Desk, execute, fetch, now_s
from review.permissions import OF_ROLE, ROLES, Permission, Role

LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}")
SHORTEST_PASSWORD = 12  # OWASP ASVS 5.0, 6.2.1 asks for 8 and recommends more
LONGEST_PASSWORD = 128
DEFAULT_PLAN = 25  # calls a day, as one supervisor manages by hand
hasher = PasswordHasher()


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


def add_person(desk: Desk, person: Person, password: str | None) -> Person:
    """Adds the person under a new id; without a password they log in by OpenID Connect only.

    Raises InputError when login, role, manager or password do not hold, or the login is taken.
    """
    check_person(person)
    hashed = None if password is None else hash_password(password, person)
    added = replace(person, person_id=uuid4().hex)
    try:
        with desk.writing() as con:
            execute(con, "add_person", **asdict(added), password_hash=hashed, created_s=now_s())
    except sqlite3.IntegrityError as error:
        raise InputError(f'login "{person.login}": somebody has it already; choose another') from error
    return added


def change_person(desk: Desk, person: Person) -> None:
    """Writes what is known of the person anew, except the password; whoever is disabled is logged out at once.

    Raises InputError when it does not hold, or when no enabled administrator would be left.
    """
    check_person(person)
    with desk.writing() as con:
        execute(con, "change_person", **asdict(person))
        if person.disabled:
            execute(con, "end_sessions_of", person_id=person.person_id)
        if not fetch(con, "administrators"):
            raise InputError("nobody would be left who may manage people; make somebody else administrator first")


def set_password(desk: Desk, person: Person, password: str) -> None:
    """A new password, and every session of the person ends. Raises InputError when it is too weak."""
    hashed = hash_password(password, person)
    with desk.writing() as con:
        execute(con, "set_password", person_id=person.person_id, password_hash=hashed)
        execute(con, "end_sessions_of", person_id=person.person_id)


def read_people(desk: Desk) -> tuple[Person, ...]:
    with desk.reading() as con:
        return tuple(person_of(row) for row in fetch(con, "people"))


def find_person(desk: Desk, login: str) -> Person:
    """The person with that login. Raises InputError when there is none."""
    with desk.reading() as con:
        rows = fetch(con, "person_by_login", login=login)
    if not rows:
        raise InputError(f'login "{login}": nobody has it; `prescore user list` shows everybody')
    return person_of(rows[0])


def check_password(desk: Desk, login: str, password: str) -> Person | None:
    """The enabled person with that login and password; None else, after the same work whatever was wrong."""
    with desk.reading() as con:
        rows = fetch(con, "person_by_login", login=login)
    row = rows[0] if rows else None
    hashed = row["password_hash"] if row else None
    try:
        hasher.verify(hashed or _nobodys_hash(), password[:LONGEST_PASSWORD])
    except (VerificationError, InvalidHashError):
        return None
    if row is None or hashed is None or row["disabled"]:
        return None
    if hasher.check_needs_rehash(hashed):
        with desk.writing() as con:
            execute(con, "set_password", person_id=row["person_id"], password_hash=hasher.hash(password))
    return person_of(row)


def person_of(row: dict[str, object]) -> Person:
    known = {name: row[name] for name in Person.__dataclass_fields__}
    return Person(**known | {name: bool(row[name]) for name in ("blind", "masked", "disabled")})  # type: ignore[arg-type]


def check_person(person: Person) -> None:
    """Raises InputError that names what does not hold."""
    if not LOGIN.fullmatch(person.login):
        raise InputError(f'login "{person.login}": give 1-64 letters, digits or . _ @ + -, the first a letter or digit')
    if person.role not in ROLES:
        raise InputError(f'role "{person.role}": give one of {", ".join(ROLES)}')
    if (person.role == "manager") != bool(person.manager):
        raise InputError(
            f'login "{person.login}": a manager, and nobody else, needs the name under which their calls stand'
        )
    if not person.name.strip():
        raise InputError(f'login "{person.login}": give a name to be shown')
    if not 1 <= person.daily_plan <= 1000:
        raise InputError(f'login "{person.login}": a plan of {person.daily_plan} calls a day; give 1-1000')


def hash_password(password: str, person: Person) -> str:
    """Argon2id with the library's parameters. Raises InputError when the password is too short, long or a name."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise InputError(f"password: {len(password)} characters; give {SHORTEST_PASSWORD} to {LONGEST_PASSWORD}")
    if _folded(password) in _guessed((person.login, person.name, "prescore")):
        raise InputError("password: it is the login or a name, perhaps repeated; choose another")
    return hasher.hash(password)


def _folded(text: str) -> str:
    return "".join(text.lower().split())


def _guessed(names: Sequence[str]) -> set[str]:
    folded = [_folded(name) for name in names if name]
    return {name * times for name in folded for times in range(1, LONGEST_PASSWORD // max(len(name), 1) + 1)}


@lru_cache(maxsize=1)
def _nobodys_hash() -> str:
    """Verified against when there is no such login, so that the answer takes as long."""
    return hasher.hash(uuid4().hex)
