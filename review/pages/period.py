"""The days that figures are about, as the address names them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Literal, get_args

from review.catalogue import Catalogue

Kind = Literal["week", "month", "quarter", "custom"]
KINDS: tuple[Kind, ...] = get_args(Kind)
DEFAULT: Kind = "month"
DAY = timedelta(days=1)
WEEK = timedelta(weeks=1)
LONGEST = timedelta(days=3660)


@dataclass(frozen=True, slots=True)
class Period:
    """From the first day to the last, both in it, on the clock that the page shows."""

    kind: Kind
    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def before(self) -> "Period":
        """The one of that kind just before; of chosen days, as many."""
        if self.kind == "custom":
            return Period("custom", self.first - self.days * DAY, self.first - DAY)
        return period_around(self.kind, self.first - DAY)

    def after(self) -> "Period":
        if self.kind == "custom":
            return Period("custom", self.last + DAY, self.last + self.days * DAY)
        return period_around(self.kind, self.last + DAY)

    def starts(self, zone: tzinfo) -> datetime:
        return midnight(self.first, zone)

    def ends(self, zone: tzinfo) -> datetime:
        """The moment after the last that belongs to it."""
        return midnight(self.last + DAY, zone)

    def shown(self, words: Catalogue) -> str:
        """Its days in words."""
        return words("periods.span", first=show_day(words, self.first), last=show_day(words, self.last))

    @property
    def query(self) -> list[tuple[str, str]]:
        """As the address says it."""
        named = [("period", self.kind), ("from", self.first.isoformat())]
        return [*named, ("to", self.last.isoformat())] if self.kind == "custom" else named


def midnight(day: date, zone: tzinfo) -> datetime:
    """The beginning of the day on that clock, as the store writes times: UTC, naive."""
    return datetime.combine(day, time(), zone).astimezone(UTC).replace(tzinfo=None)


def day_of(moment: datetime, zone: tzinfo) -> date:
    """The day of a time of the store on that clock."""
    return moment.replace(tzinfo=UTC).astimezone(zone).date()


def show_day(words: Catalogue, day: date) -> str:
    return day.strftime(words.texts["periods.day"])


def monday_of(day: date) -> date:
    return day - day.weekday() * DAY


def period_around(kind: Kind, day: date) -> Period:
    """The calendar week, month or quarter that the day is in."""
    if kind == "week":
        return Period(kind, monday_of(day), monday_of(day) + 6 * DAY)
    months = 3 if kind == "quarter" else 1
    first = day.replace(month=(day.month - 1) // months * months + 1, day=1)
    number = first.year * 12 + first.month - 1 + months
    return Period(kind, first, date(number // 12, number % 12 + 1, 1) - DAY)


def choose_period(kind: str, first: str, last: str, newest: date) -> Period:
    """What the address asks for; what cannot be read is left out, and days given backwards are turned round.

    Without a first day it is the period of the newest call: on a Monday morning that is last week, not an empty one.
    """
    begins, ends = read_day(first), read_day(last)
    if begins and ends and kind in ("custom", ""):
        return Period("custom", max(min(begins, ends), max(begins, ends) - LONGEST), max(begins, ends))
    known = next((name for name in KINDS if name == kind and name != "custom"), DEFAULT)
    return period_around(known, begins or newest)


def plainly(kind: str, first: str, last: str) -> tuple[str, str, str]:
    """What an address asks for, in the same words whenever `choose_period` gives the same days for it."""
    begins, ends = read_day(first), read_day(last)
    if begins and ends and kind in ("custom", ""):
        return "custom", min(begins, ends).isoformat(), max(begins, ends).isoformat()
    known = next((name for name in KINDS if name == kind and name != "custom"), DEFAULT)
    return known, begins.isoformat() if begins else "", ""


def read_day(text: str) -> date | None:
    """A day like 2026-10-05 of the years that a calendar can step around; None for anything else."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 1971 <= day.year <= 9000 else None


def weeks_until(period: Period, newest: date, at_least: int, at_most: int) -> Sequence[date]:
    """The Mondays of the period's weeks up to the newest call's, with earlier ones so that a change can be seen."""
    last = monday_of(max(period.first, min(period.last, newest)))
    count = min(at_most, max(at_least, (last - monday_of(period.first)).days // 7 + 1))
    return [last - timedelta(weeks=place) for place in reversed(range(count))]
