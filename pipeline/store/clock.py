"""The time that a run writes to its rows. Views show the newest row, so a clock that was set back must not hide one."""

from datetime import datetime, timedelta

import duckdb

from pipeline.store.rows import fetch, utc_now

LARGEST_SETBACK = timedelta(days=1)  # more, and it was the earlier time that was wrong: truth goes before order


def read_now(con: duckdb.DuckDBPyConnection) -> datetime:
    """Now; right after the newest row of any run where the clock says that this is yet to come."""
    now, newest = utc_now(), _newest(con)
    if newest is None or not now <= newest <= now + LARGEST_SETBACK:
        return now
    return newest + timedelta(microseconds=1)


def clock_problem(con: duckdb.DuckDBPyConnection) -> str | None:
    """A line for the operator where rows come from so far ahead that new ones count as older."""
    now, newest = utc_now(), _newest(con)
    if newest is None or newest <= now + LARGEST_SETBACK:
        return None
    return (
        f"the clock says {now:%Y-%m-%d %H:%M} UTC and the store has rows of {newest:%Y-%m-%d %H:%M}: set the clock "
        "(timedatectl); if it is right now, what is judged again counts as older than those rows until then"
    )


def _newest(con: duckdb.DuckDBPyConnection) -> datetime | None:
    found: datetime | None = fetch(con, "newest_time")[0]["newest"]
    return found
