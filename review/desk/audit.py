"""Who saw, heard and changed what, and when: append-only, without a word of any call."""

import json
from dataclasses import dataclass

from review.desk.database import Desk, execute, fetch, now_s
from review.desk.people import Person


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """`person` is a login, empty when nobody was logged in; `detail` holds codes and counts."""

    occurred_s: float
    person: str
    action: str
    subject: str
    detail: dict[str, object]
    address: str


def record(
    desk: Desk, person: Person | None, action: str, subject: str = "", address: str = "", **detail: object
) -> None:
    """Adds an entry. `subject` and `detail` are ids, codes and counts: what was said in a call never comes here."""
    with desk.writing() as con:
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


def read_audit(desk: Desk, *, login: str | None = None, action: str | None = None, subject: str | None = None,
               limit: int = 100, offset: int = 0) -> tuple[AuditEntry, ...]:  # fmt: skip
    """The entries that fit, newest first."""
    with desk.reading() as con:
        rows = fetch(con, "audit", login=login, action=action, subject=subject, limit=limit, offset=offset)
    return tuple(AuditEntry(**row | {"detail": json.loads(row["detail"])}) for row in rows)
