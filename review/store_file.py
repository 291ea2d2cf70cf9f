"""What the store's files look like from outside: whether something was written, and whether it is still that file."""

from pathlib import Path

Stamp = tuple[tuple[int, int], ...]
FileIdentity = tuple[int, int]


def stamp_of(store: Path) -> Stamp:
    """Size and time of the database and of its write-ahead log."""
    found = []
    for path in (store, store.with_name(store.name + ".wal")):
        try:
            stat = path.stat()
        except FileNotFoundError:
            found.append((0, 0))
        else:
            found.append((stat.st_mtime_ns, stat.st_size))
    return tuple(found)


def identity_of(store: Path) -> FileIdentity:
    """Which file lies there: another one after an erasure, or after a copy was brought back."""
    try:
        stat = store.stat()
    except FileNotFoundError:
        return 0, 0
    return stat.st_dev, stat.st_ino
