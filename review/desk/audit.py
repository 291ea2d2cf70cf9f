"""Who saw, heard and changed what, and when: append-only, without a word of any call."""

import json
import sqlite3
from dataclasses import dataclass

from review.desk.database import Desk, execute, fetch, now_s
from review.desk.people import Person


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """`person` is a login, empty when nobody was logged in; `detail` holds codes and counts.

    `subject_login`: the login of the person that `subject` is, empty where it is something else.
    """

    audit_id: int
    occurred_s: float
    person: str
    action: str
    subject: str
    subject_login: str
    detail: dict[str, object]
    address: str


@dataclass(frozen=True, slots=True)
class Origin:
    """From where a change comes: the network address, and `via` what; None: the page."""

    address: str = ""
    via: str | None = None

    @property
    def detail(self) -> dict[str, object]:
        return {} if self.via is None else {"via": self.via}


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """What is looked for; None: anything. `until_s` is the first moment that no longer fits."""

    person_id: str | None = None
    action: str | None = None
    subject: str | None = None
    since_s: float | None = None
    until_s: float | None = None


def record(
    desk: Desk, person: Person | None, action: str, subject: str = "", address: str = "", **detail: object
) -> None:
    """Adds an entry. `subject` and `detail` are ids, codes and counts: what was said in a call never comes here."""
    with desk.writing() as con:
        record_in(con, person, action, subject, address, **detail)


def record_in(
    con: sqlite3.Connection, person: Person | None, action: str, subject: str = "", address: str = "", **detail: object
) -> None:
    """Like `record`, in the caller's transaction: neither the deed nor its entry is ever without the other."""
    execute(
        con,
        "record_audit",
        occurred_s=now_s(),
        person_id=person.person_id if person else None,
        action=action,
        subject=subject,
        detail=json.dumps(detail, sort_keys=True),
        address=address,
    )


def read_audit(
    desk: Desk, wanted: AuditFilter | None = None, limit: int = 100, offset: int = 0
) -> tuple[AuditEntry, ...]:
    """The entries that fit, newest first."""
    wanted = wanted or AuditFilter()
    with desk.reading() as con:
        rows = fetch(
            con,
            "audit",
            person_id=wanted.person_id,
            action=wanted.action,
            subject=wanted.subject,
            since_s=wanted.since_s,
            until_s=wanted.until_s,
            limit=limit,
            offset=offset,
        )
    return tuple(AuditEntry(**row | {"detail": json.loads(row["detail"])}) for row in rows)


def read_actions(desk: Desk) -> tuple[str, ...]:
    """Every action that was ever recorded."""
    with desk.reading() as con:
        return tuple(row["action"] for row in fetch(con, "audit_actions"))
