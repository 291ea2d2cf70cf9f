"""Recordings that are too old are removed from where they were found; scores and transcripts stay."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pipeline.data_folder import DataFolder
from pipeline.known_files import KnownPlace, LeftFile, removable, remove_copies, remove_files
from pipeline.store import Store
from pipeline.store.removals import AgedRecording, Removal, read_aged, write_removals

AT_ONCE = 50  # recordings that are looked at, recorded and removed in one go


@dataclass(frozen=True, slots=True)
class RetentionSummary:
    """What was removed, or would be. `copies`: what the page made of recordings. `unjudged`: never pre-scored."""

    recordings: int = 0
    files: int = 0
    size_bytes: int = 0
    copies: int = 0
    unjudged: int = 0
    left: tuple[LeftFile, ...] = ()

    def __add__(self, other: "RetentionSummary") -> "RetentionSummary":
        return RetentionSummary(
            self.recordings + other.recordings,
            self.files + other.files,
            self.size_bytes + other.size_bytes,
            self.copies + other.copies,
            self.unjudged + other.unjudged,
            self.left + other.left,
        )


def remove_aged(
    store: Store, data: DataFolder, audio_days: int, now: datetime, *, dry_run: bool = False
) -> RetentionSummary:
    """Removes the recordings of calls that began more than so many days before `now` (UTC), and the page's copies.

    Safe to stop and to repeat: what goes is recorded first. The caller holds the run's lock, so that no run reads them.
    Raises StoreError when the store is missing or busy.
    """
    with store.reading() as con:
        aged = read_aged(con, now - timedelta(days=audio_days))
    summary = RetentionSummary()
    for start in range(0, len(aged), AT_ONCE):
        summary += _remove(store, data, aged[start : start + AT_ONCE], audio_days, dry_run=dry_run)
    return summary


def _remove(
    store: Store, data: DataFolder, aged: Sequence[AgedRecording], audio_days: int, *, dry_run: bool
) -> RetentionSummary:
    places = [KnownPlace(path, item.size_bytes, item.content_sha256) for item in aged for path in item.paths]
    found, left = removable(places)
    if found and not dry_run:
        with store.writing(checkpoint=False) as con:
            write_removals(con, [_removal(place, audio_days) for place in found])
        found, more = remove_files(found)
        left += more
    shas = {place.content_sha256 for place in found}
    return RetentionSummary(
        recordings=len(shas),
        files=len(found),
        size_bytes=sum(place.size_bytes for place in found),
        copies=remove_copies(data, [item.content_sha256 for item in aged], dry_run=dry_run),
        unjudged=sum(item.content_sha256 in shas and not item.judged for item in aged),
        left=tuple(left),
    )


def _removal(place: KnownPlace, audio_days: int) -> Removal:
    return Removal(place.content_sha256, str(place.path), place.size_bytes, audio_days)
