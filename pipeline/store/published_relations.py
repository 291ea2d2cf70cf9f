"""What is published: views and tables, and how their rows are told apart by the month of their call."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

OPTIONS = "FORMAT parquet, COMPRESSION zstd"
HEAVY = frozenset({"base_stage_results", "base_utterance_vectors", "base_utterances"})  # a row holds kilobytes
HEAVY_ROWS = 8192  # at once in the memory of each thread: of vectors 60 MB, and not the 900 MB of the usual 122,880
UNDATED = "undated"  # stands for the month of a call whose start nobody knows


@dataclass(frozen=True, slots=True)
class Relation:
    """`key`: the column that says whose a row is; empty: it is a sum over calls, or of no call."""

    schema: str
    name: str
    file_name: str
    key: str

    @property
    def options(self) -> str:
        return f"{OPTIONS}, ROW_GROUP_SIZE {HEAVY_ROWS}" if self.file_name in HEAVY else OPTIONS

    def files(self, folder: Path, months: Collection[str] | None = None) -> list[Path]:
        """What is written of it by now: of these months, or of all."""
        found = (folder / self.file_name).glob("month=*/*.parquet")
        return sorted(path for path in found if months is None or path.parent.name.removeprefix("month=") in months)


def quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def text_list(values: Iterable[object]) -> str:
    """The values as a list in a statement."""
    return ", ".join("'" + str(value).replace("'", "''") + "'" for value in values)
