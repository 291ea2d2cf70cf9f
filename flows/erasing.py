"""A client taken out of everything: recordings, the page's copies, the desk, the store, what is published.

The store comes last and by one rename: until then a killed erasure finds everything again by the same command, and
after it nothing is left to do. Then every file is searched for what was erased.
"""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.data_folder import DataFolder
from pipeline.erasure_list import ErasedCalls, begin_erasure
from pipeline.erasure_proof import SearchReport, Wanted, candidates, search
from pipeline.errors import InputError
from pipeline.known_files import LeftFile, remove_copies, remove_files
from pipeline.phone import hash_phone, last_four, normalise_phone
from pipeline.store import Store
from pipeline.store.clients import (
    CallTraces,
    count_alike,
    find_calls_of_phone,
    number_pattern,
    only_of_them,
    read_erasure_ids,
    read_recorded_calls,
    read_traces,
)
from pipeline.store.lock import locked
from pipeline.store.publish import PARQUET, SNAPSHOT, publish
from pipeline.store.rewriting import rewrite_without
from pipeline.store.show import find_call
from review.desk.audit import record
from review.desk.database import Desk
from review.desk.erasing import erase_calls

LOCK_S = 1.0  # a run that works in the folder is told of, not waited for
FILES_AT_ONCE = 3  # of the store's size: the new one, the snapshot and its Parquet, beside the old ones


@dataclass(frozen=True, slots=True)
class Client:
    """Whose calls: of a phone number, as digits, its hash and last four, or of one call by any of its names."""

    digits: str = ""
    phone_hash: str | None = None
    call: str | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be erased and how it is recognised. `alike`: calls of whoever has the same last four digits."""

    traces: CallTraces
    wanted: Wanted
    alike: int


@dataclass(frozen=True, slots=True)
class ErasureReport:
    """What was erased, which files stay, and what the search found."""

    calls: int
    recordings: int
    files: int
    copies: int
    desk_rows: int
    left: tuple[LeftFile, ...]
    search: SearchReport

    @property
    def is_proved(self) -> bool:
        return not self.left and not self.search.found and not self.search.unread


def client_of_phone(number: str, key: bytes | None) -> Client:
    """Raises InputError without a key, or where the text holds no number."""
    digits = normalise_phone(number)
    if not digits:
        raise InputError("--phone: no number in it; give it as it stands in the call journal")
    if key is None:
        raise InputError(
            "--phone needs PRESCORE_PHONE_KEY, the key that the runs had: the store holds numbers as keyed hashes; "
            "without it erase each call by its id (--call), `prescore status --calls` lists them"
        )
    return Client(digits=digits, phone_hash=hash_phone(digits, key))


def read_target(store: Store, client: Client) -> Target:
    """Whose rows, files and words it is about. Raises InputError for a call that there is not, StoreError."""
    with store.reading() as con:
        if client.call is not None:
            call_ids: Sequence[str] = (find_call(con, client.call),)
        else:
            call_ids = find_calls_of_phone(con, client.phone_hash or "", client.digits)
        traces = read_traces(con, call_ids)
        phrases, names = candidates(traces.lines, traces.texts, traces.language)
        own = only_of_them(con, [*phrases, *names], traces.keys["content_sha256"])
        alike = count_alike(con, last_four(client.digits) or "", call_ids) if client.digits else 0
    hashes = (client.phone_hash,) if client.phone_hash else ()
    wanted = Wanted(
        texts=(*own, *hashes),
        number=number_pattern(client.digits),
        sizes=traces.sizes,
        common=len(phrases) + len(names) - len(own),
    )
    return Target(traces, wanted, alike)


def erase(store: Store, data: DataFolder, client: Client, target: Target) -> ErasureReport:
    """Erases the target and searches for it. Safe to stop and to repeat.

    Raises StoreError when a run is under way, a file is busy or the disk is too full; nothing is half then, the same
    command goes on.
    """
    with locked(data.run_lock, exclusive=True, timeout_s=LOCK_S):
        report = _erase(store, data, client, target) if target.traces.calls else _nothing()
        return replace(report, search=search(data.root, target.wanted, store))


def _nothing() -> ErasureReport:
    return ErasureReport(0, 0, 0, 0, 0, (), SearchReport())


def _erase(store: Store, data: DataFolder, client: Client, target: Target) -> ErasureReport:
    traces, desk = target.traces, Desk(data.desk)
    call_ids, shas = traces.keys["call_id"], traces.keys["content_sha256"]
    with store.reading() as con:
        done = read_erasure_ids(con)
    erasure = begin_erasure(data.erasures, call_ids, shas, done)  # so that no older backup brings them back
    files, left = remove_files(traces.places)
    copies = remove_copies(data, shas)
    shutil.rmtree(data.scratch, ignore_errors=True)
    desk_rows = erase_calls(desk, call_ids, traces.keys["evaluation_id"])
    rewrite_without(
        store,
        traces.keys,
        len(call_ids),
        lambda fresh: _publish(fresh, data.published, store),
        FILES_AT_ONCE,
        erasure.erasure_id,
    )
    desk_rows += erase_calls(desk, call_ids, traces.keys["evaluation_id"])  # what came in meanwhile
    copies += remove_copies(data, shas)
    by = "call" if client.call is not None else "phone"
    if desk.path.exists():
        record(desk, None, "client.erased", by=by, calls=len(call_ids), recordings=len(shas))
    return ErasureReport(len(call_ids), len(shas), len(files), copies, desk_rows, tuple(left), SearchReport())


def erase_from_copy(store: Store, data: DataFolder, erasure: ErasedCalls) -> int:
    """Erases again what a backup from before the erasure brought back; returns how many calls that were.

    No recording is touched: what lies where the store knows it may have been delivered anew. Nobody uses `data` yet.
    """
    with store.reading() as con:
        found = sorted(read_recorded_calls(con, erasure.call_ids, erasure.content_sha256))
        traces = read_traces(con, found)
    if not found:
        return 0
    remove_copies(data, traces.keys["content_sha256"])
    erase_calls(Desk(data.desk), found, traces.keys["evaluation_id"])
    rewrite_without(store, traces.keys, len(found), erasure_id=erasure.erasure_id)
    return len(found)


def _publish(fresh: Path, published: Path, store: Store) -> None:
    """Publishes the new file if anything was published before, and removes what else still holds the old rows."""
    if not (published / SNAPSHOT).exists() and not any(published.glob(f"{PARQUET}*")):
        return
    publish(Store(fresh, store.timeout_s), published)
    newest = (published / PARQUET).resolve()
    for folder in published.glob(f"{PARQUET}-*"):
        if folder.is_dir() and not folder.is_symlink() and folder.resolve() != newest:
            shutil.rmtree(folder)
