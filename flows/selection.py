"""Which calls a re-score is about, from what a person or a deployment wrote."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import cast, get_args
from zoneinfo import ZoneInfo

from pipeline.call_fields import zone_of
from pipeline.errors import InputError
from pipeline.records import CallType
from pipeline.settings import Settings
from pipeline.store import Store
from pipeline.store.rescoring import Selection
from pipeline.store.show import find_call


def choose_calls(
    store: Store,
    settings: Settings,
    *,
    since: str | None = None,
    until: str | None = None,
    manager: str | None = None,
    call_type: str | None = None,
    calls: Sequence[str] = (),
) -> Selection:
    """Days are those of the journal's time zone, both included; `calls` are names as `prescore show` takes them.

    Raises InputError that names the option, what was found and what to write.
    """
    zone = zone_of(settings.ingest.journal)
    first, last = (read_day(option, text) for option, text in (("--since", since), ("--until", until)))
    if first and last and last < first:
        raise InputError(f"--until {until} is before --since {since}; swap them")
    if call_type is not None and call_type not in get_args(CallType):
        raise InputError(f"--type {call_type}: no such call type; use one of {', '.join(get_args(CallType))}")
    return Selection(
        since=_midnight(first, zone) if first else None,
        until=_midnight(last + timedelta(days=1), zone) if last else None,
        manager=manager or None,
        call_type=cast(CallType | None, call_type),
        call_ids=_found(store, calls) if calls else None,
    )


def read_day(option: str, text: str | None) -> date | None:
    """A day as 2026-10-05. Raises InputError that names the option."""
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InputError(f"{option} {text}: is no day; write it as 2026-10-05") from error


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    """The beginning of the day, as the store keeps times: UTC, naive."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC).replace(tzinfo=None)


def _found(store: Store, names: Sequence[str]) -> tuple[str, ...]:
    with store.reading() as con:
        return tuple(dict.fromkeys(find_call(con, name) for name in names))
