"""Tables as files: CSV and XLSX of what a page shows, safe to open in a spreadsheet."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from tempfile import SpooledTemporaryFile
from typing import IO, Any, TypeAlias
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import Response, StreamingResponse

from review.catalogue import Catalogue
from review.desk.audit import record
from review.desk.people import Person
from review.refusals import Refusal
from review.site import Site, address_of

Column: TypeAlias = str
Row: TypeAlias = Sequence[object]
MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what makes a spreadsheet run a cell's text
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")  # no XML holds them
LONGEST_CELL = 32_767  # of XLSX
SPOOLED_BYTES = 4_000_000
CHUNK_BYTES = 64 * 1024
ROWS_AT_ONCE = 500
BOM = "\ufeff"  # a spreadsheet takes the file for UTF-8 by it


def table_response(name: str, columns: Sequence[Column], rows: Iterable[Row], format: str) -> Response:
    """The rows under their columns as a file `NAME.FORMAT`; cells that would be run as formulas are text.

    Raises Refusal 400 for a format that is neither csv nor xlsx.
    """
    if format not in MEDIA_TYPES:
        raise Refusal(400, "no_such_format")
    body = csv_chunks(columns, rows) if format == "csv" else chunks_of(write_xlsx(name, columns, rows))
    return StreamingResponse(body, media_type=MEDIA_TYPES[format], headers=download_headers(f"{name}.{format}"))


def export_table(
    request: Request, site: Site, person: Person, name: str, columns: Sequence[Column], rows: Sequence[Row], format: str
) -> Response:
    """Like `table_response`, with an entry in the audit log. Raises Refusal 403 without the permission to export."""
    refuse_export(person, format)
    response = table_response(name, columns, rows, format)
    record(site.desk, person, "table.exported", name, address_of(request), format=format, rows=len(rows))
    return response


def refuse_export(person: Person, format: str) -> None:
    """Raises Refusal 403 when a file is asked for without the permission, 400 for a format that there is not."""
    if format and not person.may("export"):
        raise Refusal(403, "not_allowed")
    if format and format not in MEDIA_TYPES:
        raise Refusal(400, "no_such_format")


def local_time(words: Catalogue, moment: datetime | None) -> datetime | None:
    """A time of the store as the page shows it, for a cell."""
    if moment is None:
        return None
    return moment.replace(tzinfo=UTC).astimezone(words.timezone).replace(tzinfo=None, microsecond=0)


def download_headers(file_name: str) -> dict[str, str]:
    """The browser saves the file under that name, in whatever script it is (RFC 6266)."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "_", file_name)
    return {"Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(file_name, safe='')}"}


def safe_cell(value: object) -> Any:
    """Text that a spreadsheet would run gets an apostrophe before it (OWASP, "CSV injection"); numbers stay numbers."""
    if not isinstance(value, str):
        return value
    text = CONTROL.sub("", value)[: LONGEST_CELL - 1]
    return f"'{text}" if text.startswith(FORMULA) else text


def csv_chunks(columns: Sequence[Column], rows: Iterable[Row]) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write(BOM)
    writer.writerow([safe_cell(column) for column in columns])
    for place, row in enumerate(rows, start=1):
        writer.writerow([safe_cell(value) for value in row])
        if place % ROWS_AT_ONCE == 0:
            yield emptied(buffer)
    yield emptied(buffer)


def emptied(buffer: io.StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text


def write_xlsx(title: str, columns: Sequence[Column], rows: Iterable[Row]) -> IO[bytes]:
    """The table as a workbook of one sheet, row by row."""
    from openpyxl import Workbook  # a fifth of a second that only whoever exports waits for

    book = Workbook(write_only=True)
    sheet = book.create_sheet(re.sub(r"[\[\]:*?/\\']", " ", title)[:31])
    sheet.freeze_panes = "A2"
    sheet.append([safe_cell(column) for column in columns])
    for row in rows:
        sheet.append([safe_cell(value) for value in row])
    file: IO[bytes] = SpooledTemporaryFile(SPOOLED_BYTES)  # noqa: SIM115  (closed when it is sent)
    book.save(file)
    file.seek(0)
    return file


def chunks_of(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk
