"""Which sizes of a recording are refused, on a disk and in object storage."""

from pathlib import Path

from pipeline.errors import RecordingError

GB = 1e9


def refuse_size(place: Path | str, size_bytes: int, max_bytes: float) -> None:
    """Before anything is read: a sparse file of terabytes would be read for a day, one under /proc without an end.

    Raises RecordingError with the code empty_file or too_long.
    """
    if size_bytes == 0:
        raise RecordingError("empty_file", f"{place}: has 0 bytes; ask the PBX for this recording again")
    if size_bytes > max_bytes:
        found = f"has {size_bytes / GB:.0f} GB, more than ingest.max_file_gb ({max_bytes / GB:g})"
        raise RecordingError("too_long", f"{place}: {found}: split it, or raise the limit")
