"""Files for the data team: calls, scores, verdicts and metrics of a period, and where the whole store is published."""

import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode

import duckdb
from fastapi import APIRouter, Depends, Request
from fastapi.responses import FileResponse, Response
from starlette.background import BackgroundTask

from pipeline.data_folder import DataFolder
from pipeline.store.publish import SNAPSHOT
from pipeline.store.rows import query, utc_now
from review.access import may
from review.desk.audit import record
from review.desk.people import Person
from review.exports import FORMULA, MEDIA_TYPES, download_headers, table_response
from review.pages.manager_figures import newest_day
from review.pages.managers import From
from review.pages.period import KINDS, Period, choose_period, day_of
from review.refusals import Refusal
from review.site import Site, ThisSite, address_of

router = APIRouter()
TABLES = ("calls", "scores", "verdicts", "metrics")
FORMATS = ("csv", "xlsx", "parquet")
MOST_ROWS = 2_000_000
MOST_XLSX_ROWS = 20_000  # a workbook takes a second for every 3,000 rows
PARQUET_TYPE = "application/vnd.apache.parquet"
Reader = Annotated[Person, Depends(may("export"))]


@dataclass(frozen=True, slots=True)
class ExportsPage:
    """`snapshot`: where in the data folder the published copy lies or would lie; `published_at`: when made (UTC)."""

    period: Period
    snapshot: Path
    published_at: datetime | None
    has_store: bool
    tables: tuple[str, ...] = TABLES
    formats: tuple[str, ...] = FORMATS
    kinds: tuple[str, ...] = KINDS
    most_xlsx_rows: int = MOST_XLSX_ROWS

    def address(self, period: Period | None = None) -> str:
        return "?" + urlencode((period or self.period).query)


@router.get("/exports", dependencies=[Depends(may("export"))])
def show_exports(request: Request, site: ThisSite, period: str = "", first: From = "", to: str = "") -> Response:
    """What there is to be exported, by period."""
    chosen = read_period(site, request, (period, first, to))
    data = DataFolder(site.store.path.parent)
    snapshot = data.published / SNAPSHOT
    published = snapshot.stat().st_mtime if snapshot.exists() else None
    published_at = datetime.fromtimestamp(published, UTC).replace(tzinfo=None) if published else None
    page = ExportsPage(chosen, snapshot.relative_to(data.root), published_at, site.store.path.exists())
    return site.respond(request, "exports.html", page)


@router.get("/exports/{file_name}")
def export_file(
    request: Request,
    site: ThisSite,
    person: Reader,
    file_name: str,
    period: str = "",
    first: From = "",
    to: str = "",
) -> Response:
    """One table of a period; `file_name`: e.g. calls.csv. Times are UTC, as the store has them."""
    table, _, format = file_name.partition(".")
    if table not in TABLES or format not in FORMATS or not site.store.path.exists():
        raise Refusal(404, "no_such_page")
    chosen = read_period(site, request, (period, first, to))
    zone = site.words(request).timezone
    masked = person.masked or person.role in site.settings.review.masked_roles
    asked = {"starts": chosen.starts(zone), "ends": chosen.ends(zone), "masked": masked}
    name = f"{table}-{chosen.first}-{chosen.last}"
    record(site.desk, person, "table.exported", name, address_of(request), format=format)
    if format == "xlsx":
        return workbook(site, table, name, asked)
    return made_file(site, table, format, name, asked)


def read_period(site: Site, request: Request, asked: tuple[str, str, str]) -> Period:
    zone = site.words(request).timezone
    if not site.store.path.exists():
        return choose_period(*asked, day_of(utc_now(), zone))
    with site.store.reading() as con:
        return choose_period(*asked, newest_day(con, zone))


def workbook(site: Site, table: str, name: str, asked: dict[str, Any]) -> Response:
    """Raises Refusal 413 where a workbook would have too many rows."""
    with site.store.reading() as con:
        cursor = con.execute(query(f"page_export_{table}"), asked | {"limit": MOST_XLSX_ROWS + 1})
        columns = [column[0] for column in cursor.description or ()]
        rows = cursor.fetchall()
    if len(rows) > MOST_XLSX_ROWS:
        raise Refusal(413, "too_many_rows")
    return table_response(name, columns, rows, "xlsx")


def made_file(site: Site, table: str, format: str, name: str, asked: dict[str, Any]) -> Response:
    """Written by the database itself into a file that is gone once it is sent: the store is not held meanwhile."""
    folder = DataFolder(site.store.path.parent).scratch
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(prefix="export-", suffix=f".{format}", dir=folder, delete=False) as made:
        path = Path(made.name)
    try:
        with site.store.reading() as con:
            write(con, table, format, path, asked | {"limit": MOST_ROWS})
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return FileResponse(
        path,
        media_type=MEDIA_TYPES.get(format, PARQUET_TYPE),
        headers=download_headers(f"{name}.{format}"),
        background=BackgroundTask(path.unlink, missing_ok=True),
    )


def write(con: duckdb.DuckDBPyConnection, table: str, format: str, path: Path, asked: dict[str, Any]) -> None:
    relation = con.sql(query(f"page_export_{table}"), params=asked)
    if format == "parquet":
        relation.write_parquet(str(path), compression="zstd")
    else:
        relation.project(", ".join(safe_columns(relation))).write_csv(str(path), header=True)


def safe_columns(relation: duckdb.DuckDBPyRelation) -> list[str]:
    """Each column, texts with an apostrophe before what a spreadsheet would run. The names are the query's own."""
    risky = "[" + "".join(f"\\x{ord(sign):02x}" for sign in FORMULA) + "]"
    return [
        f"regexp_replace(\"{name}\", '^({risky})', '''\\1') AS \"{name}\"" if str(kind) == "VARCHAR" else f'"{name}"'
        for name, kind in zip(relation.columns, relation.types, strict=True)
    ]
