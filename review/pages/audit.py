"""Who saw, heard and changed what, newest first."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from review.access import may
from review.desk.audit import AuditEntry, AuditFilter, read_actions, read_audit
from review.desk.database import moment_of
from review.desk.people import Person, read_people
from review.pages.call_rows import page_number
from review.site import ThisSite

router = APIRouter()
ENTRIES_ON_A_PAGE = 50


@dataclass(frozen=True, slots=True)
class AuditAddress:
    """What the address asks for, as it is typed; empty: anything. `first` and `last` are days, both in it."""

    person: str = ""
    action: str = ""
    subject: str = ""
    first: str = ""
    last: str = ""
    page: int = 1

    @property
    def any_set(self) -> bool:
        return any((self.person, self.action, self.subject, self.first, self.last))

    def query(self, page: int = 1) -> str:
        named = (
            *(("person", self.person), ("action", self.action), ("subject", self.subject)),
            *(("from", self.first), ("to", self.last)),
        )
        return urlencode([(name, value) for name, value in named if value] + [("page", page)] * (page > 1))

    def about(self, subject: str) -> str:
        """The query of everything that was done to that subject."""
        return AuditAddress(subject=subject).query()


@dataclass(frozen=True, slots=True)
class ShownEntry:
    entry: AuditEntry
    moment: datetime


@dataclass(frozen=True, slots=True)
class AuditPage:
    """`people`: id, login and name of everybody, to choose from. `has_older`: whether there is another page."""

    asked: AuditAddress
    entries: tuple[ShownEntry, ...]
    has_older: bool
    people: tuple[Person, ...]
    actions: tuple[str, ...]


@router.get("/audit")
def show_audit(
    request: Request,
    site: ThisSite,
    _: Annotated[Person, Depends(may("see_audit"))],
    person: str = "",
    action: str = "",
    subject: str = "",
    page: str = "1",
) -> Response:
    """A day that is none is left out; a person is asked for by login."""
    people = read_people(site.desk)
    asked = AuditAddress(
        person=person if any(known.login == person for known in people) else "",
        action=action.strip(),
        subject=subject.strip(),
        first=day_text(request.query_params.get("from", "")),
        last=day_text(request.query_params.get("to", "")),
        page=page_number(page),
    )
    wanted = filter_of(asked, people, site.words(request).timezone)
    offset = (asked.page - 1) * ENTRIES_ON_A_PAGE
    entries = read_audit(site.desk, wanted, limit=ENTRIES_ON_A_PAGE + 1, offset=offset)
    shown = tuple(ShownEntry(entry, moment_of(entry.occurred_s)) for entry in entries[:ENTRIES_ON_A_PAGE])
    actions = tuple(sorted({*read_actions(site.desk), *filter(None, [asked.action])}))
    return site.respond(
        request, "audit.html", AuditPage(asked, shown, len(entries) > ENTRIES_ON_A_PAGE, people, actions)
    )


def filter_of(asked: AuditAddress, people: tuple[Person, ...], zone: tzinfo) -> AuditFilter:
    """Days are those of the clock that the page shows; the subject may be given as a login too."""
    ids = {person.login: person.person_id for person in people}
    subject = ids.get(asked.subject, asked.subject)
    return AuditFilter(
        person_id=ids.get(asked.person),
        action=asked.action or None,
        subject=subject or None,
        since_s=midnight_s(asked.first, zone),
        until_s=midnight_s(asked.last, zone, days_later=1),
    )


def day_text(text: str) -> str:
    """The day as it was typed, empty when it is none."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return ""


def midnight_s(day: str, zone: tzinfo, days_later: int = 0) -> float | None:
    """When the day begins on that clock; None without one, or where the calendar ends."""
    if not day:
        return None
    try:
        later = date.fromisoformat(day) + timedelta(days=days_later)
        return datetime(later.year, later.month, later.day, tzinfo=zone).astimezone(UTC).timestamp()
    except OverflowError:
        return None
