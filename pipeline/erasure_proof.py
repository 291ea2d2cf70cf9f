"""Whether anything of erased calls is left under the data folder: every file is looked into, whatever it is.

What is looked for: phrases and names that were said in the erased calls and in no other, the client's number however it
is written, its hash, and files with the content of an erased recording.
"""

import json
import mmap
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from pipeline.database_search import DatabaseSearch
from pipeline.errors import StoreError
from pipeline.files_on_disk import sha256_of
from pipeline.masking import find_hidden_in_lines
from pipeline.settings import ROOT
from pipeline.store import Store

PHRASE_LETTERS, PHRASE_WORDS = 16, 3  # a shorter text is said in any call
NAME_LETTERS = 5
MOST_PHRASES, MOST_NAMES = 60, 20
ENCODED_BYTES = 256 * 2**20  # larger files are searched in UTF-8 alone
PACKED = frozenset({".zip", ".gz", ".xz", ".bz2", ".zst", ".7z", ".rar", ".xlsx", ".tgz"})
SHIPPED = (ROOT / "data" / "corpus", ROOT / "data" / "samples")  # came with the program, is no client's


@dataclass(frozen=True, slots=True)
class Wanted:
    """What must not be found. `common`: phrases that other calls have too, and that therefore prove nothing."""

    texts: tuple[str, ...] = ()
    number: str | None = None  # a regular expression
    sizes: Mapping[int, frozenset[str]] = field(default_factory=dict)  # contents of the recordings by size
    common: int = 0


@dataclass(frozen=True, slots=True)
class SearchReport:
    """`found`: files that hold something. `unopened`: packed files, whose inside nobody has looked into.

    `unread`: databases that are damaged, or held by another program: nothing is known of them.
    """

    files: int = 0
    size_bytes: int = 0
    tables: int = 0
    found: tuple[Path, ...] = ()
    unopened: tuple[Path, ...] = ()
    unread: tuple[Path, ...] = ()

    def with_file(self, path: Path, size_bytes: int, tables: int, *, is_found: bool) -> "SearchReport":
        return replace(
            self,
            files=self.files + 1,
            size_bytes=self.size_bytes + size_bytes,
            tables=self.tables + tables,
            found=(*self.found, path) if is_found else self.found,
            unopened=(*self.unopened, path) if path.suffix.lower() in PACKED else self.unopened,
        )


def candidates(lines: Sequence[str], texts: Sequence[str], language: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Phrases and names of the calls that may be theirs alone; the longest phrases."""
    phrases = {text.strip() for text in texts if len(text) >= PHRASE_LETTERS and len(text.split()) >= PHRASE_WORDS}
    names = {
        line[item.start : item.end]
        for line, hidden in zip(lines, find_hidden_in_lines(lines, language), strict=True)
        for item in hidden
        if item.kind in ("name", "mail") and item.end - item.start >= NAME_LETTERS
    }
    longest = sorted(phrases, key=lambda text: (-len(text), text))
    return tuple(longest[:MOST_PHRASES]), tuple(sorted(names, key=lambda text: (-len(text), text))[:MOST_NAMES])


def search(root: Path, wanted: Wanted, store: Store) -> SearchReport:
    """Looks into every file under `root`, and at its name; links are not followed. `store`: how its file is opened."""
    report = SearchReport()
    number = re.compile(wanted.number.encode()) if wanted.number else None
    with closing(DatabaseSearch(store, wanted.texts, wanted.number)) as databases:
        for path in files_under(root):
            try:
                size_bytes = path.stat().st_size
                tables, matching = databases.tables_of(path)
                is_found = (
                    matching > 0
                    or bool(number and number.search(os.fsencode(path.relative_to(root))))
                    or _is_recording(path, size_bytes, wanted)
                    or holds(path, wanted.texts, number, size_bytes)
                )
            except FileNotFoundError:
                continue  # the page and its programs go on working
            except StoreError:
                report = replace(report, unread=(*report.unread, path))
                continue
            report = report.with_file(path, size_bytes, tables, is_found=is_found)
    return report


def files_under(root: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if Path(place, name) not in SHIPPED)
        yield from (path for name in sorted(names) if (path := Path(place, name)).is_file() and not path.is_symlink())


def holds(path: Path, texts: Sequence[str], pattern: re.Pattern[bytes] | None, size_bytes: int) -> bool:
    """Whether the bytes of the file hold one of the texts, in any of the ways in which programs write them."""
    if size_bytes == 0:
        return False
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        spellings = (way for text in texts for way in spelled(text, only_utf8=size_bytes > ENCODED_BYTES))
        return bool(pattern and pattern.search(content)) or any(content.find(way) >= 0 for way in spellings)


def spelled(text: str, *, only_utf8: bool) -> tuple[bytes, ...]:
    """UTF-8, plain and inside JSON; also JSON in ASCII, UTF-16, and the eight-bit code of Russian."""
    plain = text.encode()
    inside_json = json.dumps(text, ensure_ascii=False)[1:-1].encode()
    if only_utf8:
        return tuple(dict.fromkeys((plain, inside_json)))
    ascii_json = json.dumps(text)[1:-1].encode()
    return tuple(
        dict.fromkeys((plain, inside_json, ascii_json, text.encode("utf-16-le"), text.encode("cp1251", "replace")))
    )


def _is_recording(path: Path, size_bytes: int, wanted: Wanted) -> bool:
    """Whether the file is one of the recordings, under whatever name."""
    if size_bytes not in wanted.sizes:
        return False
    return sha256_of(path) in wanted.sizes[size_bytes]
