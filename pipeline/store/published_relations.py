"""What is published: views and tables, and how their rows are told apart by the month of their call."""

from dataclasses import dataclass
from pathlib import Path

ROW_GROUP = 8192  # rows, held in memory by each thread: of vectors 60 MB, and not the 900 MB of the usual 122,880
OPTIONS = f"FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROW_GROUP}"


@dataclass(frozen=True, slots=True)
class Relation:
    """`key`: the column that says whose a row is; empty: it is a sum over calls, or of no call."""

    schema: str
    name: str
    file_name: str
    key: str

    def rows_from(self, database: str, where: str = "true") -> str:
        """Its rows with their month. The names are the catalogue's own."""
        months = f"{self.key}_months AS m USING ({self.key})"
        relation = f"{database}.{self.schema}.{self.name} AS r"
        return f"SELECT r.*, coalesce(m.month, 'undated') AS month FROM {relation} LEFT JOIN {months} WHERE {where}"  # noqa: S608


def quoted(path: Path) -> str:
    return str(path).replace("'", "''")
