"""Which calls were erased, by ids alone, so that a backup from before does not bring them back.

Each line is one erasure. One that `base.erasures` of a store knows has been done in that store.
"""

import os
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from pydantic import AwareDatetime, ValidationError

from pipeline.errors import StoreError
from pipeline.frozen import Frozen


class ErasedCalls(Frozen):
    """Ids of calls and contents of recordings: hashes that lead nowhere once both are gone."""

    erasure_id: str
    erased_at: AwareDatetime
    call_ids: tuple[str, ...]
    content_sha256: tuple[str, ...]


def read_erasures(path: Path) -> tuple[ErasedCalls, ...]:
    """In the order in which they happened; none where there is no file. Raises StoreError for a line that is none."""
    if not path.exists():
        return ()
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            found.append(ErasedCalls.model_validate_json(line))
        except ValidationError as error:
            raise StoreError(
                f"{path}: line {number} is no erasure; bring the file back from the newest backup, or take the line "
                "out and erase that client again"
            ) from error
    return tuple(found)


def add_erasures(path: Path, more: Iterable[ErasedCalls]) -> None:
    """The file with those too that it lacks; whole or as it was, also after a power cut."""
    known = {item.erasure_id: item for item in read_erasures(path)}
    missing = {item.erasure_id: item for item in more if item.erasure_id not in known}
    if not missing:
        return
    lines = [item.model_dump_json() for item in sorted((known | missing).values(), key=lambda item: item.erased_at)]
    work = path.with_name(f".{path.name}.{uuid4().hex}")
    with os.fdopen(os.open(work, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
        file.flush()
        os.fsync(file.fileno())
    work.replace(path)


def begin_erasure(path: Path, call_ids: Sequence[str], shas: Sequence[str], done: frozenset[str]) -> ErasedCalls:
    """Writes down what is about to be erased; an erasure that was killed goes on under its own id.

    `done`: ids of the erasures that the store has had.
    """
    for item in read_erasures(path):
        if item.erasure_id not in done and set(item.call_ids) == set(call_ids):
            return item
    begun = ErasedCalls(
        erasure_id=uuid4().hex, erased_at=datetime.now(UTC), call_ids=tuple(call_ids), content_sha256=tuple(shas)
    )
    add_erasures(path, [begun])
    return begun
