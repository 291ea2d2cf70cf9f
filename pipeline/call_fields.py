"""One field of a call from its text, the same for a journal's row and a file name."""

import math
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from pipeline.errors import ConfigurationError
from pipeline.phone import hash_phone, is_shortened, last_four, normalise_phone
from pipeline.records import Call, Direction
from pipeline.settings import JournalSettings

LONGEST_SHOWN = 100  # characters of a value in a message
CLOCK = re.compile(r"(?:(\d{1,4}):)?(\d{1,3}):([0-5]?\d(?:[.,]\d+)?)")  # HH:MM:SS or MM:SS


class FieldProblem(Exception):
    """A text that is no value of its field: what was found, and what to do."""

    def __init__(self, found: str, remedy: str) -> None:
        super().__init__(found, remedy)
        self.found = found if len(found) <= LONGEST_SHOWN else f"{found[:LONGEST_SHOWN]}..."
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class FieldReader:
    """How texts become fields. `time_format` None reads ISO 8601."""

    settings: JournalSettings
    time_format: str | None
    zone: ZoneInfo
    phone_key: bytes | None

    def with_field(self, call: Call, name: str, text: str) -> Call:
        """`call` with one field more; unchanged where the text is empty. Raises FieldProblem."""
        text = text.strip()
        if not text:
            return call
        match name:
            case "started_at":
                return replace(call, started_at=read_time(text, self.time_format, self.zone))
            case "direction":
                return self.with_direction(call, text)
            case "client_phone":
                return with_phone(call, text, self.phone_key)
            case "duration_s":
                return replace(call, duration_s=read_duration(text))
            case "answered":
                answered = text.casefold() in folded(self.settings.yes)
                return replace(call, answered=answered and call.answered is not False)
            case "call_id":
                return replace(call, journal_call_id=text)
            case "manager":
                return replace(call, manager=text)
            case "source":
                return replace(call, source=text)
            case _:
                return replace(call, file_name=text)

    def with_direction(self, call: Call, text: str) -> Call:
        """A missed call came in and was not answered, whatever the other columns say."""
        word = text.casefold()
        if word in folded(self.settings.missed):
            return replace(call, direction="incoming", answered=False)
        directions: tuple[tuple[Direction, tuple[str, ...]], ...] = (
            ("incoming", self.settings.incoming),
            ("outgoing", self.settings.outgoing),
        )
        for direction, words in directions:
            if word in folded(words):
                return replace(call, direction=direction)
        raise FieldProblem(text, "add the word to ingest.journal.incoming, outgoing or missed")


def field_reader(settings: JournalSettings, time_format: str | None, phone_key: bytes | None) -> FieldReader:
    """Raises ConfigurationError when there is no such time zone."""
    return FieldReader(settings, time_format, zone_of(settings), phone_key)


def zone_of(settings: JournalSettings) -> ZoneInfo:
    """The zone of the journal's times. Raises ConfigurationError when there is no such time zone."""
    try:
        return ZoneInfo(settings.timezone)
    except (KeyError, ValueError, OSError) as error:  # by what the name looks like
        found = f'no time zone "{settings.timezone}"'
        raise ConfigurationError(f"ingest.journal.timezone: {found}; name one as in Europe/Moscow") from error


def folded(words: tuple[str, ...]) -> frozenset[str]:
    return frozenset(word.casefold() for word in words)


def read_time(text: str, time_format: str | None, zone: ZoneInfo) -> datetime:
    """UTC without an offset; a time without one is taken as the zone's. Raises FieldProblem."""
    try:
        moment = datetime.fromisoformat(text) if time_format is None else datetime.strptime(text, time_format)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=zone)
        return moment.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError) as error:
        expected = "ISO 8601" if time_format is None else f'"{time_format}"'
        raise FieldProblem(text, f"write it as {expected}, or correct the configured time format") from error


def read_duration(text: str) -> float:
    """Seconds from `75`, `75.2`, `1:15` or `0:01:15`. Raises FieldProblem."""
    clock = CLOCK.fullmatch(text)
    if clock is not None:
        hours, minutes, seconds = clock.groups()
        return float(hours or 0) * 3600 + float(minutes) * 60 + float(seconds.replace(",", "."))
    try:
        duration_s = float(text.replace(",", "."))
    except ValueError:
        duration_s = math.nan
    if not 0 <= duration_s < math.inf:
        raise FieldProblem(text, "write seconds, MM:SS or HH:MM:SS")
    return duration_s


def with_phone(call: Call, text: str, key: bytes | None) -> Call:
    """The number itself is dropped here. Raises FieldProblem, which does not repeat it."""
    if is_shortened(text):
        raise FieldProblem("a number rounded by a spreadsheet", "export the column as text")
    digits = normalise_phone(text)
    return replace(call, client_phone_hash=hash_phone(digits, key), client_phone_last4=last_four(digits))
