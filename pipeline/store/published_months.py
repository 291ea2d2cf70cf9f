"""Parquet files by the month of the call: only what was stored anew is written, and the views of its months again.

Rows of the store are only ever added, so that the number of rows that a table had tells which are new, and their calls
tell the months. Of a table, a month's new rows become one more file beside those of the last publication; its views
are worked out anew from all of them. Months are taken a few at a time, so that neither time nor memory grows with the
store. Files of the other months are those of the last publication; sums over all calls are worked out from the files.
"""

import json
import shutil
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import duckdb

from pipeline.files_on_disk import copy_file
from pipeline.store.published_relations import UNDATED, Relation, quoted
from pipeline.store.published_rows import (
    Place,
    Spans,
    find_months,
    look_at_months,
    moved_months,
    new_months,
    rows_with_month,
)
from pipeline.store.published_views import add_to_months, write_month_views, write_months, write_sums
from pipeline.store.rows import fetch

MANIFEST = "_months.json"
FORMAT = 2  # of the folder: another one makes everything be written anew
KEYS = ("call_id", "content_sha256", "evaluation_id", "failure_id")  # the first that a relation has is its key
STANDARDS = ("checklist_versions", "criteria", "criterion_weights", "default_checklists")
FIXED = ("erasures", "migrations")  # with another row of them everything is written anew
AT_ONCE = 40_000  # calls: months are worked out together up to so many, a larger month alone
MOST_FILES = 40  # of a table in one month: nights bring 31; then the month is written as one file again
MEMORY = "2GB"  # of DuckDB; what needs more goes to the disk, in the work folder


@dataclass(frozen=True)
class Manifest:
    """What a publication was made from: which store's file, how many rows each table had, and where months lie in it.

    `files`: sizes by the path in the folder.
    """

    store: Sequence[int]
    rows: Mapping[str, int]
    spans: Spans = field(default_factory=dict)
    files: Mapping[str, int] = field(default_factory=dict)

    def goes_on_as(self, store: Sequence[int], rows: Mapping[str, int]) -> bool:
        """Whether rows were only added since, to the same file, none of it erased or converted."""
        is_same = list(self.store) == list(store) and set(self.rows) == set(rows)
        return (
            is_same
            and all(rows[name] >= count for name, count in self.rows.items())
            and all(rows[name] == self.rows[name] for name in FIXED)
        )

    @property
    def months(self) -> set[str]:
        return {month for months in self.spans.values() for month in months}


def write_parquet(snapshot: Path, folder: Path, last: Path, source: Path) -> None:
    """Writes each view of main, and each table of base but the migrations as `base_NAME`, into the folder.

    Rows of calls go to NAME/month=2026-10/, all others to NAME.parquet. The files of a month in which nothing was
    stored since are those of the folder `last`, if that was made from the same file `source` of the store.
    """
    folder.mkdir()
    stat = source.stat()
    store = (FORMAT, stat.st_dev, stat.st_ino)
    spill = folder.with_name("spill")
    with duckdb.connect(config={"memory_limit": MEMORY, "temp_directory": str(spill)}) as con:
        con.execute(f"ATTACH '{quoted(snapshot)}' AS store (READ_ONLY)")
        relations = [Relation(**row) for row in fetch(con, "published_relations", keys=list(KEYS))]
        rows = count_rows(con, relations)
        known = read_manifest(last)
        if known is not None and not (known.goes_on_as(store, rows) and are_behind(con, known.rows, rows)):
            known = None
        spans = write_changed(con, relations, folder, last, known)
        write_sums(con, relations, folder)
    shutil.rmtree(spill, ignore_errors=True)
    files = {str(path.relative_to(folder)): path.stat().st_size for path in sorted(folder.rglob("*.parquet"))}
    content = asdict(Manifest(store, rows, spans, files))
    (folder / MANIFEST).write_text(json.dumps(content), encoding="utf-8")


def read_manifest(folder: Path) -> Manifest | None:
    """None where nothing is published yet, or not by month."""
    try:
        return Manifest(**json.loads((folder / MANIFEST).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def count_rows(con: duckdb.DuckDBPyConnection, relations: Iterable[Relation]) -> dict[str, int]:
    """How many rows each table has."""
    names = ["migrations", *(relation.name for relation in relations if relation.schema == "base")]
    counts = " UNION ALL ".join(f"SELECT '{name}', count(*) FROM store.base.{name}" for name in names)  # noqa: S608
    return {str(name): int(count) for name, count in con.execute(counts).fetchall()}


def are_behind(con: duckdb.DuckDBPyConnection, before: Mapping[str, int], rows: Mapping[str, int]) -> bool:
    """Whether the rows that came since are those from the number of before on.

    Not where somebody has deleted rows: ids of those that are left go beyond their number, until DuckDB moves them.
    """
    counts = " UNION ALL ".join(
        f"SELECT '{name}', count(*) FROM store.base.{name} WHERE rowid >= {int(count)}"  # noqa: S608
        for name, count in before.items()
    )
    return all(int(found) == rows[name] - before[name] for name, found in con.execute(counts).fetchall())


def write_changed(
    con: duckdb.DuckDBPyConnection, relations: Sequence[Relation], folder: Path, last: Path, known: Manifest | None
) -> Spans:
    """All rows of calls: what changed since `known` anew, the others taken over. Returns where the months lie."""
    by_month = [relation for relation in relations if relation.key]
    tables = [relation for relation in by_month if relation.schema == "base"]
    views = [relation for relation in by_month if relation.schema != "base"]
    if known is None:
        spans = find_months(con, tables, None)
        changed = whole = {month for months in spans.values() for month in months}
    else:
        whole = moved_months(con, known.rows) | broken_months(known, last) | crowded_months(known)
        changed = new_months(con, tables, known.rows) | whole
        if are_old_calls_changed(con, known.rows):
            changed |= known.months
        spans = find_months(con, tables, Place(changed, known.spans, known.rows))
        take_over(tables, last, folder, lambda month: month not in whole)
        take_over(views, last, folder, lambda month: month not in changed)
    for months in groups(con, whole):
        look_at_months(con, tables, Place(months, spans))
        for table in tables:
            write_months(con, table, rows_with_month(table, months), folder, months)
        write_month_views(con, relations, folder, months)
    for months in groups(con, changed - whole):
        look_at_months(con, tables, Place(months, {}, known.rows if known else {}))
        for table in tables:
            add_to_months(con, table, rows_with_month(table, months), folder)
        write_month_views(con, relations, folder, months)
    write_empty(con, by_month, folder)
    return spans if known is None else with_unchanged(spans, known.spans, changed)


def are_old_calls_changed(con: duckdb.DuckDBPyConnection, before: Mapping[str, int]) -> bool:
    """Whether the standards that came since change views of calls that were published; their tables they never do."""
    counts = {name: before[name] for name in (*STANDARDS, "evaluations")}
    return bool(fetch(con, "publish_are_old_calls_changed", **counts)[0]["are_changed"])


def with_unchanged(spans: Spans, before: Spans, changed: Collection[str]) -> Spans:
    """Where all months lie, the unchanged ones as before."""
    kept = {name: {month: span for month, span in of.items() if month not in changed} for name, of in before.items()}
    return {name: {**kept.get(name, {}), **of} for name, of in spans.items()}


def groups(con: duckdb.DuckDBPyConnection, months: Collection[str]) -> Iterator[frozenset[str]]:
    """The months, as many at a time as hold `AT_ONCE` calls, the oldest first."""
    rows = con.execute("SELECT month, count(*) FROM call_id_months GROUP BY month").fetchall()
    calls = {str(month): int(count) for month, count in rows}
    group: set[str] = set()
    for month in sorted(months):
        if group and sum(calls.get(name, 0) for name in (*group, month)) > AT_ONCE:
            yield frozenset(group)
            group = set()
        group.add(month)
    if group:
        yield frozenset(group)


def broken_months(known: Manifest, last: Path) -> set[str]:
    """Those whose files are not what they were."""
    return {month_in(name) for name, size in known.files.items() if not has_size(last / name, size)} - {""}


def month_in(name: str) -> str:
    """Of a path like calls/month=2026-10/data_0.parquet; empty for a file without months."""
    return next((part.removeprefix("month=") for part in Path(name).parts if part.startswith("month=")), "")


def has_size(path: Path, size: int) -> bool:
    try:
        return path.stat().st_size == size
    except OSError:
        return False


def crowded_months(known: Manifest) -> set[str]:
    """Those in which some table has as many files as it may have."""
    counts = Counter(Path(name).parent for name in known.files)
    return {month_in(str(folder)) for folder, count in counts.items() if count >= MOST_FILES} - {""}


def take_over(relations: Iterable[Relation], last: Path, folder: Path, is_wanted: Callable[[str], bool]) -> None:
    """The same files of the months that are wanted under new names; copies on a file system without links."""
    for relation in relations:
        for month in (last / relation.file_name).glob("month=*"):
            if not is_wanted(month_in(month.name)):
                continue
            target = folder / relation.file_name / month.name
            target.mkdir(parents=True)
            for file in month.iterdir():
                try:
                    (target / file.name).hardlink_to(file.resolve())
                except OSError:
                    copy_file(file, target / file.name)


def write_empty(con: duckdb.DuckDBPyConnection, relations: Iterable[Relation], folder: Path) -> None:
    """Of a relation without any row a file without rows, which tells the columns."""
    for relation in relations:
        if not relation.files(folder):
            empty = folder / relation.file_name / f"month={UNDATED}"
            empty.mkdir(parents=True, exist_ok=True)
            nothing = f"FROM store.{relation.schema}.{relation.name} LIMIT 0"
            con.execute(f"COPY ({nothing}) TO '{quoted(empty / 'data_0.parquet')}' ({relation.options})")
