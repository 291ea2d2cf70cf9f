"""A night over damaged recordings with the named fakes as models, and what must hold of it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from flows.batch import RunSummary, run_batch
from flows.workshop import WorkOrder
from pipeline.data_folder import DataFolder
from pipeline.settings import Settings
from pipeline.store import Store
from pipeline.store.failures import read_open_failures
from tests.fuzz.mutations import mutated_files
from tests.fuzz.paths import GOOD_NAMES, journal_with_tricks, write_refused, write_with_good_names
from tests.fuzz.reasons import lacking
from tests.fuzz.whole_files import MadeFile, write_neighbours

FAKES = "tests.fakes:build_fake_models"
MENDED = "PRESCORE_FAKE_MENDED"  # noise may have the pitch at which a fake breaks its worker: here it must not
USED = {"done", "not_scored", "no_speech"}


@dataclass(frozen=True)
class Night:
    """What lies in the inbox. `refused`: how messages name what nobody can take."""

    inbox: Path
    journal: Path
    mutated: tuple[str, ...]
    whole: tuple[str, ...]
    refused: tuple[str, ...]


@dataclass(frozen=True)
class NightEnd:
    """`statuses` and `failures` (code, reason) by the name of a delivered file; `said`: the run's own lines."""

    summary: RunSummary
    statuses: dict[str, str]
    failures: dict[str, tuple[str, str]]
    names_alike: dict[str, frozenset[str]]  # files of one content are one recording


def make_night(folder: Path, whole: Sequence[MadeFile], count: int, neighbours: int, seed: int) -> Night:
    inbox = folder / "inbox"
    inbox.mkdir(parents=True)
    mutated = mutated_files(whole, count, seed)
    for file in mutated:
        (inbox / file.name).write_bytes(file.content)
    good = write_neighbours(inbox, neighbours)
    recordings = [path.read_bytes() for path in write_neighbours(_made(folder / "named"), neighbours + len(GOOD_NAMES))]
    named = write_with_good_names(inbox, lambda number: recordings[neighbours + number])
    return Night(
        inbox,
        journal_with_tricks(folder, good[0]),
        tuple(file.name for file in mutated),
        tuple(path.name for path in (*good, *named)),
        tuple(write_refused(inbox, whole[0])),
    )


def run_night(night: Night, settings: Settings, data: Path, workers: int) -> NightEnd:
    journal = settings.ingest.journal.model_copy(update={"columns": _columns(settings)})
    ingest = settings.ingest.model_copy(update={"journal": journal})
    order = WorkOrder(settings.model_copy(update={"ingest": ingest}), DataFolder(data), FAKES)
    summary = run_batch(order, [night.inbox], night.journal, b"key", workers)
    with Store(order.data.store).reading() as con:
        rows = con.execute(
            "SELECT path, content_sha256, status FROM base.deliveries JOIN main.calls USING (content_sha256)"
        ).fetchall()
        reasons = {item.content_sha256: (item.code, item.reason) for item in read_open_failures(con)}
    by_sha: dict[str, set[str]] = {}
    for path, sha, _ in rows:
        by_sha.setdefault(sha, set()).add(Path(path).name)
    return NightEnd(
        summary,
        {Path(path).name: status for path, _, status in rows},
        {Path(path).name: reasons[sha] for path, sha, _ in rows if sha in reasons},
        {name: frozenset(names) for names in by_sha.values() for name in names},
    )


def broken_promises(night: Night, end: NightEnd) -> list[str]:
    """One line each; empty where the night kept every promise."""
    lines = [f"{name}: {end.statuses.get(name)}, expected done" for name in night.whole if not _is_done(name, end)]
    for name in (*night.mutated, *night.refused):
        if name in end.failures:
            code, reason = end.failures[name]
            shown = next((other for other in end.names_alike[name] if other in reason), name)
            lines += [f"{name}: {text}" for text in [lacking(code, reason, shown)] if text]
        elif end.statuses.get(name) not in USED or name in night.refused:
            lines.append(f"{name}: {end.statuses.get(name)}, expected to be used, or to fail with a reason")
    return lines


def counted_codes(end: NightEnd) -> Counter[str]:
    return Counter(code for code, _ in end.failures.values())


def _is_done(name: str, end: NightEnd) -> bool:
    return end.statuses.get(name) == "done"


def _columns(settings: Settings) -> object:
    """The journal of tricks has three columns."""
    kept = {"call_id": "call_id", "file_name": "file_name", "manager": "manager"}
    return type(settings.ingest.journal.columns)(**kept)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
