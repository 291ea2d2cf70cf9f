"""The checklists that there are: files of configs/checklists and every version that has ever judged, side by side."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property, lru_cache
from pathlib import Path

from pipeline.checklist import CHECKLISTS, Checklist, Text, load_checklist
from pipeline.errors import ConfigurationError
from pipeline.prescoring.trained import trained_rules, untested_criteria
from pipeline.store import Store
from pipeline.store.heads import measured_heads_of
from pipeline.store.rows import Row, fetch

Counts = Mapping[tuple[str, str], Mapping[str, int]]  # by checklist and version: fields of a known version
FILE = "file"  # in the address: the version of the file that has not judged anything yet


@dataclass(frozen=True)
class KnownVersion:
    """One version. `number` None: of a file that has judged nothing yet; `file`: its name where it is a file's now.

    `current_count`: calls of which it is the newest evaluation; `confirmed_count`: verdicts that a rule gave;
    `measured`: names of the heads by whose answers a criterion counts as tested.
    """

    checklist: Checklist
    version: str
    number: int | None
    file: str | None = None
    published_at: datetime | None = None
    call_count: int = 0
    current_count: int = 0
    verdict_count: int = 0
    confirmed_count: int = 0
    measured: frozenset[str] = field(default_factory=trained_rules)

    @property
    def asked(self) -> str:
        """How an address names it."""
        return FILE if self.number is None else str(self.number)

    @property
    def named(self) -> str:
        """How a form names it, whatever its checklist."""
        return f"{self.checklist.id}@{self.asked}"

    @cached_property
    def untested(self) -> frozenset[str]:
        return untested_criteria(self.checklist, self.measured)


@dataclass(frozen=True)
class KnownChecklist:
    """A checklist with its versions, newest first: that of a changed file before the stored ones."""

    checklist_id: str
    versions: tuple[KnownVersion, ...]
    is_default: bool

    @property
    def title(self) -> Text:
        return self.versions[0].checklist.title

    def version(self, asked: str) -> KnownVersion | None:
        """The one of that name; without a name the newest that has judged, else the file's."""
        if asked:
            return next((item for item in self.versions if item.asked == asked), None)
        return next((item for item in self.versions if item.number is not None), self.versions[0])

    def before(self, version: KnownVersion) -> KnownVersion | None:
        """The version that it followed; None for the first."""
        return next(iter(self.versions[self.versions.index(version) + 1 :]), None)


@dataclass(frozen=True, slots=True)
class BrokenFile:
    """A file that is no checklist, and what the program says of it."""

    name: str
    problem: str


@dataclass(frozen=True)
class Shelf:
    """All of them; the default one first, then by id."""

    checklists: tuple[KnownChecklist, ...]
    broken: tuple[BrokenFile, ...]

    def checklist(self, checklist_id: str) -> KnownChecklist | None:
        return next((item for item in self.checklists if item.checklist_id == checklist_id), None)

    def named(self, name: str) -> KnownVersion | None:
        """The version that a form names."""
        versions = (version for checklist in self.checklists for version in checklist.versions)
        return next((version for version in versions if version.named == name), None)


def read_shelf(
    store: Store, default: str, folder: Path | None = None, counts: Callable[[], Counts] | None = None
) -> Shelf:
    """What the folder and the store hold; `default` is the name of a file; `counts`: in place of the store's own.

    Raises StoreError when the store is busy or damaged.
    """
    files: dict[tuple[str, str], tuple[str, Checklist]] = {}
    broken = []
    for path in sorted((folder or CHECKLISTS).glob("*.yaml")):
        found = _load(path, path.stat().st_mtime_ns)
        if isinstance(found, Checklist):
            files[found.id, found.version] = (path.stem, found)
        else:
            broken.append(BrokenFile(path.name, found))
    stored = {(item.checklist.id, item.version): item for item in _read_stored(store, counts)}
    versions = [
        KnownVersion(found, found.version, None, name) for key, (name, found) in files.items() if key not in stored
    ]
    versions += [replace(item, file=files[key][0] if key in files else None) for key, item in stored.items()]
    default_ids = {found.id for name, found in files.values() if name == default}
    measured = measured_heads_of(store)
    versions = [replace(item, measured=measured) for item in versions]
    return Shelf(_gathered(versions, default_ids), tuple(broken))


def read_counts(store: Store) -> Counts:
    """What every version has judged, and its verdicts: a second in a store of a million calls."""
    with store.reading() as con:
        rows = fetch(con, "page_checklist_counts")
    return {(row.pop("checklist_id"), row.pop("version")): row for row in rows}


def no_counts() -> Counts:
    """Where nobody looks at them."""
    return {}


def _read_stored(store: Store, counts: Callable[[], Counts] | None) -> list[KnownVersion]:
    if not store.path.exists():
        return []
    with store.reading() as con:
        rows = fetch(con, "page_checklist_versions")
    known = read_counts(store) if counts is None else counts()
    return [_stored(row, known.get((row["checklist_id"], row["version"]), {})) for row in rows]


def _stored(row: Row, counts: Mapping[str, int]) -> KnownVersion:
    return KnownVersion(
        checklist=_parsed(row["content"]),
        version=row["version"],
        number=row["version_number"],
        published_at=row["published_at"],
        call_count=counts.get("call_count", 0),
        current_count=counts.get("current_count", 0),
        verdict_count=counts.get("verdict_count", 0),
        confirmed_count=counts.get("confirmed_count", 0),
    )


def _gathered(versions: Sequence[KnownVersion], default_ids: set[str]) -> tuple[KnownChecklist, ...]:
    by_id: dict[str, list[KnownVersion]] = {}
    for version in versions:
        by_id.setdefault(version.checklist.id, []).append(version)
    checklists = [KnownChecklist(key, tuple(found), key in default_ids) for key, found in by_id.items()]
    return tuple(sorted(checklists, key=lambda item: (not item.is_default, item.checklist_id)))


@lru_cache(maxsize=256)
def _parsed(content: str) -> Checklist:
    """A stored version never changes."""
    return Checklist.model_validate_json(content)


@lru_cache(maxsize=64)
def _load(path: Path, changed_ns: int) -> Checklist | str:  # noqa: ARG001  a changed file has a new time
    """The checklist, or what is wrong with it."""
    try:
        return load_checklist(path)
    except ConfigurationError as error:
        return str(error)
