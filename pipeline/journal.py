"""The call journal of a PBX: its rows as calls, and the recording of each.

A row that does not hold is reported and the others are read. A journal that is not what the configuration says is
refused whole: every row would be wrong.
"""

import csv
import hashlib
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.call_fields import FieldProblem, FieldReader, field_reader
from pipeline.errors import JournalError
from pipeline.ingest import CALL_ID_LENGTH
from pipeline.matching import Matching, MatchProblem, match_recordings
from pipeline.records import Call
from pipeline.settings import JournalSettings

__all__ = [
    "Journal",
    "MatchProblem",
    "Matching",
    "RowProblem",
    "call_id_of_journal",
    "match_recordings",
    "read_journal",
]

WORKBOOK = b"PK\x03\x04"  # XLSX is a zip archive


@dataclass(frozen=True, slots=True)
class RowProblem:
    """A row that was left out. `column` is the journal's own, empty where the whole row does not hold."""

    line: int
    column: str
    found: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Journal:
    calls: tuple[Call, ...]
    problems: tuple[RowProblem, ...]


def read_journal(path: Path, settings: JournalSettings, phone_key: bytes | None) -> Journal:
    """The calls of a journal in CSV, in its order, without their recordings.

    Raises JournalError when the file cannot be read, its encoding or delimiter is another one, or a configured
    column is missing; ConfigurationError when there is no such time zone.
    """
    reader = field_reader(settings, settings.time_format, phone_key)
    lines = read_lines(path, settings.encoding)
    rows = split_rows(lines, settings.delimiter)
    header = next((row for row in rows if isinstance(row, Row) and not row.is_blank), None)
    if header is None:
        raise JournalError(f"{path}: holds no header line; export the journal with its column names")
    columns = column_indexes(path, header, settings)
    calls: dict[str, Call] = {}
    problems: list[RowProblem] = []
    for row in rows:
        call = row if isinstance(row, RowProblem) else None if row.is_blank else call_of_row(row, columns, reader)
        if isinstance(call, Call) and calls.setdefault(call.call_id, call) != call:
            column = settings.columns.call_id or ""
            found = call.journal_call_id or "the same call"
            call = RowProblem(row.line, column, f"{found}, with other values", "give each call an id of its own")
        if isinstance(call, RowProblem):
            problems.append(call)
    return Journal(tuple(calls.values()), tuple(problems))


def call_id_of_journal(source: str | None, journal_call_id: str) -> str:
    """The id of a call that a journal knows: the same whenever and from wherever the journal is read."""
    return hashlib.sha256(f"{source or ''}\x1f{journal_call_id}".encode()).hexdigest()[:CALL_ID_LENGTH]


@dataclass(frozen=True, slots=True)
class Row:
    line: int
    values: list[str]

    @property
    def is_blank(self) -> bool:
        return not any(value.strip() for value in self.values)


@dataclass(frozen=True, slots=True)
class Columns:
    """Where each field stands. `names` are the journal's own."""

    count: int
    indexes: dict[str, int]
    names: dict[str, str]


def read_lines(path: Path, encoding: str) -> list[str]:
    try:
        content = path.read_bytes()
        if content.startswith(WORKBOOK):
            raise JournalError(f"{path}: is an Excel workbook; save it as CSV, in the encoding {encoding}")
        text = content.decode(encoding).removeprefix("\ufeff")
    except FileNotFoundError as error:
        raise JournalError(f"{path}: no such file; check the path given with --journal") from error
    except OSError as error:
        raise JournalError(f"{path}: cannot be read: {error.strerror}; check its rights") from error
    except LookupError as error:
        raise JournalError(
            f'{path}: ingest.journal.encoding: no encoding "{encoding}"; e.g. utf-8 or cp1251'
        ) from error
    except UnicodeError as error:
        raise JournalError(
            f"{path}: is not in {encoding} ({error}); set ingest.journal.encoding, e.g. cp1251 or utf-16"
        ) from error
    except ValueError as error:  # a name that no encoding can have
        raise JournalError(f"{path}: ingest.journal.encoding: {error}; name one, e.g. utf-8 or cp1251") from error
    return list(io.StringIO(text, newline=""))  # lines end as csv ends them: not at every Unicode separator


def split_rows(lines: list[str], delimiter: str) -> Iterator[Row | RowProblem]:
    """Rows one by one. A quote that is never closed costs its line, not the rest of the file."""
    start, column_count = 0, 0
    while start < len(lines):
        reader = csv.reader((lines[index] for index in range(start, len(lines))), delimiter=delimiter, strict=True)
        first = start
        try:
            for values in reader:
                several_lines = first + reader.line_num > start + 1
                column_count = column_count or len(values)
                if several_lines and swallows_a_row(values, column_count, delimiter):
                    raise csv.Error("a value runs into the next line")
                yield Row(start + 1, values)
                start = first + reader.line_num
        except csv.Error as error:
            yield RowProblem(start + 1, "", f"quotes do not match ({error})", "double the quotes inside a value")
            start += 1
        else:
            return


def swallows_a_row(values: Sequence[str], column_count: int, delimiter: str) -> bool:
    """Whether a row of several lines is two rows with a stray quote in each, not one with a line break in a value."""
    inside = sum(value.count(delimiter) for value in values if "\n" in value)
    return len(values) != column_count or inside >= column_count - 1 > 0


def column_indexes(path: Path, header: Row, settings: JournalSettings) -> Columns:
    """Where the configured columns are. Raises JournalError when one is missing or stands there twice."""
    found = [name.strip() for name in header.values]
    names = {ours: theirs for ours, theirs in settings.columns.model_dump().items() if theirs is not None}
    for ours, theirs in names.items():
        if found.count(theirs) == 1:
            continue
        problem = "no such column" if theirs not in found else "stands there twice"
        raise JournalError(
            f'{path}: column "{theirs}" (ingest.journal.columns.{ours}): {problem}; found: {shown(found)}; '
            + header_remedy(found, settings)
        )
    return Columns(len(found), {ours: found.index(theirs) for ours, theirs in names.items()}, names)


def shown(names: Sequence[str]) -> str:
    """Column names for a message; a journal without a header would show phone numbers there."""
    return ", ".join(re.sub(r"\d{5,}", "(number)", name) for name in names)


def header_remedy(found: Sequence[str], settings: JournalSettings) -> str:
    """What to do: a header that is one long column has another delimiter."""
    if len(found) == 1:
        for delimiter in ",;\t|":
            if delimiter in found[0]:
                return f"set ingest.journal.delimiter to {delimiter!r} (is {settings.delimiter!r})"
    return "correct the name, set it to null, or check ingest.journal.encoding if the names above are not readable"


def call_of_row(row: Row, columns: Columns, reader: FieldReader) -> Call | RowProblem:
    if len(row.values) < columns.count or any(value.strip() for value in row.values[columns.count :]):
        found = f"{len(row.values)} values for {columns.count} columns"
        return RowProblem(row.line, "", found, "quote values that hold the delimiter")
    call = Call(call_id="")
    for ours, index in columns.indexes.items():
        try:
            call = reader.with_field(call, ours, row.values[index])
        except FieldProblem as problem:
            return RowProblem(row.line, columns.names[ours], problem.found, problem.remedy)
    return replace(call, call_id=call_id_of_journal(call.source, call.journal_call_id or row_identity(call)))


def row_identity(call: Call) -> str:
    """Stands for the id that a journal does not give: what the row says, of the number only what is stored anyway.

    The hash is left out so that a new key does not make new calls.
    """
    values = (call.started_at, call.direction, call.manager, call.client_phone_last4, call.duration_s, call.file_name)
    return "row\x1f" + "\x1f".join("" if value is None else str(value) for value in values)
