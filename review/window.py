"""Which calls the lists hold: the newest ones, so many at most, or those of asked days; the page says which."""

from dataclasses import dataclass
from datetime import date, datetime, tzinfo

import duckdb

from pipeline.store.rows import fetch
from review.pages.period import DAY, day_of, midnight


@dataclass(frozen=True, slots=True)
class Span:
    """Days that are asked for, both in it; None: from the first, to the last."""

    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """Calls from the moment `since` until before `until` (UTC; None: without such an end), and those without a time.

    `cut_day`: the day of `since` where the span that was asked for holds earlier calls too, which are left out.
    """

    since: datetime | None = None
    until: datetime | None = None
    cut_day: date | None = None

    def holds(self, started_at: datetime | None) -> bool:
        if started_at is None:
            return True
        return (self.since is None or started_at >= self.since) and (self.until is None or started_at < self.until)

    def covers(self, span: Span) -> bool:
        """Whether it holds every call of those days, or those days begin with it anyhow."""
        if self.cut_day is None:
            return True
        if span.first is None:
            return span.last is None or span.last >= self.cut_day
        return span.first >= self.cut_day


EVERYTHING = Window()


def read_window(con: duckdb.DuckDBPyConnection, span: Span, most: int, zone: tzinfo) -> Window:
    """The whole span, or the last whole days of it with at most so many calls; its last day however many that has."""
    since = None if span.first is None else midnight(span.first, zone)
    until = None if span.last is None else midnight(span.last + DAY, zone)
    (found,) = fetch(con, "page_window", since=since, until=until, most=most + 1)
    if found["call_count"] <= most:
        return Window(since, until)
    first = min(day_of(found["since"], zone) + DAY, day_of(found["newest"], zone))
    return Window(midnight(first, zone), until, first)
