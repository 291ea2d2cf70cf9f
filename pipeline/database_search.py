"""Texts looked for in the rows of DuckDB and Parquet files: packed as they are, their bytes prove nothing."""

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb

from pipeline.errors import StoreError
from pipeline.store import Store

PARQUET = ".parquet"
DATABASES = frozenset({".duckdb", PARQUET})
SINGLE_WORDS = "words"  # a column that holds what was said word by word


class DatabaseSearch:
    """Looks for texts and a pattern in one database after another. `store` says how its own file is opened."""

    def __init__(self, store: Store, texts: Sequence[str], number: str | None) -> None:
        alternatives = [re.escape(way) for text in texts for way in _in_rows(text)]
        self._pattern = "|".join([*alternatives, number] if number else alternatives)
        self._store = store
        self._parquet = duckdb.connect()

    def close(self) -> None:
        self._parquet.close()

    def tables_of(self, path: Path) -> tuple[int, int]:
        """How many tables the file has, and in how many something was found; none in a file that is no database.

        Raises StoreError when it cannot be opened.
        """
        if path.suffix not in DATABASES or not self._pattern:
            return 0, 0
        try:
            with self._opened(path) as con:
                if path.suffix == PARQUET:
                    return 1, self._matches(con, "read_parquet($path)", {"path": str(path)})
                names = con.execute("SELECT schema_name, table_name FROM duckdb_tables() WHERE NOT internal").fetchall()
                return len(names), sum(self._matches(con, f'"{schema}"."{name}"', {}) for schema, name in names)
        except duckdb.Error as error:
            first = str(error).splitlines()[0]
            raise StoreError(f"{path}: cannot be searched ({first}); close it elsewhere, then repeat") from error

    @contextmanager
    def _opened(self, path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
        if path == self._store.path:
            with self._store.reading() as con:
                yield con
        elif path.suffix == PARQUET:
            yield self._parquet
        else:
            with duckdb.connect(str(path), read_only=True) as con:
                yield con

    def _matches(self, con: duckdb.DuckDBPyConnection, relation: str, parameters: dict[str, str]) -> int:
        """1 when a text of the relation matches, else 0. The names are the catalogue's own."""
        kinds = con.execute(f"FROM {relation} LIMIT 0", parameters or None).description or ()
        texts = [name for name, kind, *_ in kinds if _holds_text(str(kind)) and name != SINGLE_WORDS]
        if not texts:
            return 0
        condition = " OR ".join(f"regexp_matches(\"{name}\"::VARCHAR, $pattern, 's')" for name in texts)
        asked = parameters | {"pattern": self._pattern}
        return len(con.execute(f"FROM {relation} WHERE {condition} LIMIT 1", asked).fetchall())


def _holds_text(kind: str) -> bool:
    """Also lists and structures of texts."""
    return "VARCHAR" in kind or kind == "JSON"


def _in_rows(text: str) -> tuple[str, ...]:
    """As it is, and inside JSON."""
    return tuple(dict.fromkeys((text, json.dumps(text, ensure_ascii=False)[1:-1])))
