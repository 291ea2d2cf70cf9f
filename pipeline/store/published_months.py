"""Parquet files by the month of the call: only the months in which something was stored anew are written again.

Rows of the store are only ever added, so that the number of rows that a table had tells which are new, and their calls
tell the months. A view with rows of calls is worked out from a small store that holds those months alone; files of the
other months are those of the last publication; sums over all calls are worked out from the files.
"""

import json
import shutil
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import duckdb

from pipeline.store.connection import Store
from pipeline.store.published_relations import OPTIONS, Relation, quoted
from pipeline.store.published_sums import write_sums
from pipeline.store.rows import fetch, query

MANIFEST = "_months.json"
FORMAT = 1  # of the folder: another one makes everything be written anew
KEYS = ("call_id", "content_sha256", "evaluation_id", "failure_id")  # the first that a relation has is its key
STANDARDS = ("checklist_versions", "criteria", "criterion_weights", "default_checklists", "erasures", "migrations")
UNREAD = {"stage_results": "payload"}  # by any view: a column that is left out where views are worked out
UNREAD_TABLES = frozenset({"utterance_vectors", "deliveries"})
MOST = 0.4  # of all calls: then it is quicker to work views out whole than to make a store of that part


@dataclass(frozen=True)
class Manifest:
    """What a publication was made from: which store's file, and how many rows each table had.

    `files`: sizes by the path in the folder.
    """

    store: Sequence[int]
    rows: Mapping[str, int]
    files: Mapping[str, int] = field(default_factory=dict)

    def goes_on_as(self, now: "Manifest") -> bool:
        """Whether rows were only added since, to the same file, and the standards are what they were."""
        is_same = list(self.store) == list(now.store) and set(self.rows) == set(now.rows)
        return (
            is_same
            and all(now.rows[name] >= count for name, count in self.rows.items())
            and all(now.rows[name] == self.rows[name] for name in STANDARDS)
        )


def write_parquet(snapshot: Path, folder: Path, last: Path, source: Path) -> None:
    """Writes each view of main, and each table of base but the migrations as `base_NAME`, into the folder.

    Rows of calls go to NAME/month=2026-10/, all others to NAME.parquet. The files of a month in which nothing was
    stored since are those of the folder `last`, if that was made from the same file `source` of the store.
    """
    folder.mkdir()
    with duckdb.connect() as con:
        con.execute(f"ATTACH '{quoted(snapshot)}' AS store (READ_ONLY)")
        con.execute(query("publish_months"))
        relations = [Relation(**row) for row in fetch(con, "published_relations", keys=list(KEYS))]
        stat = source.stat()
        now = Manifest((FORMAT, stat.st_dev, stat.st_ino), count_rows(con, relations))
        known = read_manifest(last)
        by_month = [relation for relation in relations if relation.key]
        changed = None
        if known is not None and known.goes_on_as(now):
            changed = changed_months(con, by_month, known, last)
            take_over(by_month, last, folder, changed)
        write_tables(con, by_month, folder, changed)
        write_views(con, by_month, folder, changed)
        write_sums(con, relations, folder)
    files = {str(path.relative_to(folder)): path.stat().st_size for path in sorted(folder.rglob("*.parquet"))}
    content = asdict(Manifest(now.store, now.rows, files))
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


def changed_months(
    con: duckdb.DuckDBPyConnection, relations: Iterable[Relation], known: Manifest, last: Path
) -> frozenset[str]:
    """Months of calls with new rows, months that calls have left, and those whose files are not what they were."""
    found = {row["month"] for row in fetch(con, "publish_left_months", first_row=known.rows["call_facts"])}
    for relation in relations:
        if relation.schema == "base":
            new = relation.rows_from("store", "r.rowid >= $first_row").replace("SELECT r.*,", "SELECT DISTINCT", 1)
            rows = con.execute(new, {"first_row": known.rows[relation.name]}).fetchall()
            found |= {str(month) for (month,) in rows}
    broken = {month_in(name) for name, size in known.files.items() if not has_size(last / name, size)}
    return frozenset((found | broken) - {""})


def month_in(name: str) -> str:
    """Of a path like calls/month=2026-10/data_0.parquet; empty for a file without months."""
    return next((part.removeprefix("month=") for part in Path(name).parts if part.startswith("month=")), "")


def has_size(path: Path, size: int) -> bool:
    try:
        return path.stat().st_size == size
    except OSError:
        return False


def take_over(relations: Iterable[Relation], last: Path, folder: Path, changed: Collection[str]) -> None:
    """The same files under new names; copies on a file system without links."""
    for relation in relations:
        for month in (last / relation.file_name).glob("month=*"):
            if month_in(str(month.name)) in changed:
                continue
            target = folder / relation.file_name / month.name
            target.mkdir(parents=True)
            for file in month.iterdir():
                try:
                    (target / file.name).hardlink_to(file.resolve())
                except OSError:
                    shutil.copyfile(file, target / file.name)


def write_tables(
    con: duckdb.DuckDBPyConnection, relations: Iterable[Relation], folder: Path, changed: Collection[str] | None
) -> None:
    for relation in relations:
        if relation.schema == "base":
            write_months(con, relation.rows_from("store", among(changed)), folder / relation.file_name)


def write_views(
    con: duckdb.DuckDBPyConnection, relations: Iterable[Relation], folder: Path, changed: Collection[str] | None
) -> None:
    """From the whole snapshot, or from a store of the changed months alone."""
    views = [relation for relation in relations if relation.schema == "main"]
    if changed is None or share_of(con, changed) > MOST:
        for view in views:
            write_months(con, view.rows_from("store", among(changed)), folder / view.file_name)
        return
    part = folder.with_name("part.duckdb")
    with Store(part).writing():
        pass  # the schema
    con.execute(f"ATTACH '{quoted(part)}' AS part")
    fill_part(con, relations, changed)
    for view in views:
        write_months(con, view.rows_from("part"), folder / view.file_name)
    con.execute("DETACH part")
    for left in folder.parent.glob(f"{part.name}*"):
        left.unlink()


def share_of(con: duckdb.DuckDBPyConnection, changed: Collection[str]) -> float:
    """Of all calls, those of these months."""
    sql = f"SELECT coalesce(avg(({among(changed)})::INTEGER), 1) FROM call_id_months AS m"  # noqa: S608
    ((share,),) = con.execute(sql).fetchall()
    return float(share)


def fill_part(con: duckdb.DuckDBPyConnection, relations: Iterable[Relation], changed: Collection[str]) -> None:
    """All that views read of the calls of those months, and all that belongs to no call."""
    keys = {relation.name: relation for relation in relations if relation.schema == "base"}
    names = con.execute("SELECT table_name FROM duckdb_tables() WHERE database_name = 'store' AND schema_name = 'base'")
    for (name,) in names.fetchall():
        if name in UNREAD_TABLES or name == "migrations":
            continue
        rows = f"SELECT * FROM store.base.{name}"  # noqa: S608  names are the catalogue\'s own
        if name in keys:
            rows = f"SELECT * EXCLUDE (month) FROM ({keys[name].rows_from('store', among(changed))})"  # noqa: S608  names are the catalogue\'s own
        if name in UNREAD:
            rows = f"SELECT * REPLACE (NULL AS {UNREAD[name]}) FROM ({rows})"  # noqa: S608  names are the catalogue\'s own
        con.execute(f"INSERT INTO part.base.{name} BY NAME {rows}")


def among(changed: Collection[str] | None) -> str:
    """The condition that a row is of those months, or of any; months are our own."""
    if changed is None:
        return "true"
    months = ", ".join(f"'{month}'" for month in sorted(changed)) or "NULL"
    return f"coalesce(m.month, 'undated') IN ({months})"


def write_months(con: duckdb.DuckDBPyConnection, rows: str, folder: Path) -> None:
    """Beside those that were taken over. Of a relation without any row a file without rows tells the columns."""
    con.execute(f"COPY ({rows}) TO '{quoted(folder)}' ({OPTIONS}, PARTITION_BY (month), OVERWRITE_OR_IGNORE)")
    if not any(folder.glob("month=*/*.parquet")):
        empty = folder / "month=undated"
        empty.mkdir(parents=True, exist_ok=True)
        nothing = f"SELECT * EXCLUDE (month) FROM ({rows}) LIMIT 0"  # noqa: S608  names are the catalogue\'s own
        con.execute(f"COPY ({nothing}) TO '{quoted(empty / 'data_0.parquet')}' ({OPTIONS})")
