"""Somebody's list from its file: CSV in whatever encoding and delimiter, XLSX, or plain text."""

import csv
import re
from collections import Counter
from io import StringIO
from pathlib import Path
from typing import Any

from pipeline.checklist.draft import Draft
from pipeline.checklist.pasted import read_text
from pipeline.checklist.tables import Row, read_table
from pipeline.errors import InputError

_DELIMITERS = ";\t,|"
_TABLES = {".csv", ".tsv"}
_SHEETS = {".xlsx", ".xlsm"}
_MAX_LINE, _MAX_ROWS, _MAX_COLUMNS = 2_000, 2_000, 60
_MIXED = re.compile(r"(?=\w*[a-z])(?=\w*[а-яё])\w+", re.IGNORECASE)  # Latin and Cyrillic letters in one word


def read_list(path: Path) -> Draft:
    """Raises InputError that names the file and what to do."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}; check the path and its rights") from error
    try:
        draft = _read(path, content)
    except (ValueError, csv.Error) as error:
        raise InputError(f"{path}: {error}; give a table with a column of criteria, or a line per criterion") from error
    if not draft.lines:
        raise InputError(f"{path}: no criteria were found; give a table with a column of criteria, or one a line")
    return draft


def decode(content: bytes) -> tuple[str, str]:
    """The text and the encoding that it was in: UTF-8, UTF-16, or what Excel writes in Russia or in Poland."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16"), "utf-16"
    try:
        return content.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError:
        russian = content.decode("cp1251", errors="replace")
    cyrillic = [word for word in re.findall(r"\w+", russian) if re.search("[а-яё]", word, re.IGNORECASE)]
    mixed = [word for word in cyrillic if _MIXED.fullmatch(word)]
    if len(mixed) * 2 > len(cyrillic):
        return content.decode("cp1250", errors="replace"), "cp1250"
    return russian, "cp1251"


def split_rows(text: str) -> tuple[list[list[str]], str | None]:
    """Rows and the delimiter: the one by which most rows have the same number of cells; None for plain lines."""
    best: tuple[int, int, list[list[str]], str] | None = None
    for delimiter in _DELIMITERS:
        rows = list(csv.reader(StringIO(text), delimiter=delimiter))
        width, count = Counter(len(row) for row in rows if row).most_common(1)[0] if any(rows) else (1, 0)
        if width > 1 and (best is None or (count, width) > best[:2]):
            best = (count, width, rows, delimiter)
    return ([[line] for line in text.splitlines()], None) if best is None else (best[2], best[3])


def _read(path: Path, content: bytes) -> Draft:
    if path.suffix.lower() in _SHEETS:
        return _read_workbook(path)
    text, encoding = decode(content)
    _refuse_long_lines(text)
    rows, delimiter = split_rows(text) if path.suffix.lower() in _TABLES else ([], None)
    draft = read_text(text) if delimiter is None else read_table(rows)
    guesses = [f"read as {encoding}"] if encoding != "utf-8" else []
    if delimiter is not None:
        guesses.append(f"cells are parted by {'a tab' if delimiter == chr(9) else delimiter}")
    return Draft(draft.lines, draft.title, draft.total, (*guesses, *draft.guesses))


def _refuse_long_lines(text: str) -> None:
    """No criterion is a page long: such a file is no list, and patterns would take minutes over it."""
    number = next((number for number, line in enumerate(text.splitlines(), 1) if len(line) > _MAX_LINE), None)
    if number is not None:
        raise ValueError(f"line {number} has more than {_MAX_LINE} characters, so this is no list of criteria")


def _read_workbook(path: Path) -> Draft:
    """The first sheet on which criteria are found."""
    sheets = _read_sheets(path)
    for title, rows in sheets:
        _refuse_long_lines("\n".join(cell for row in rows for cell in row))
        draft = _sheet_draft(rows)
        if draft is not None and draft.lines:
            guess = f'sheet "{title}" was read' if len(sheets) > 1 else ""
            return Draft(draft.lines, draft.title, draft.total, tuple(filter(None, (guess, *draft.guesses))))
    raise ValueError("no sheet holds criteria")


def _read_sheets(path: Path) -> list[tuple[str, list[list[str]]]]:
    """Title and rows of each sheet, as far as a list of criteria can reach: a broken one may claim a billion rows."""
    import openpyxl

    reach = {"max_row": _MAX_ROWS, "max_col": _MAX_COLUMNS, "values_only": True}
    try:
        with path.open("rb") as file:  # closed whatever openpyxl makes of it
            workbook: Any = openpyxl.load_workbook(file, read_only=True, data_only=True)
            return [
                (sheet.title, [[_cell(value) for value in row] for row in sheet.iter_rows(**reach)])
                for sheet in workbook.worksheets
            ]
    except Exception as error:  # openpyxl raises whatever zipfile and its XML reader raise, and rows are read late
        raise ValueError(f"is no workbook that can be read ({type(error).__name__}): save it as .xlsx again") from error


def _sheet_draft(rows: list[list[str]]) -> Draft | None:
    filled: list[Row] = [row for row in rows if any(row)]
    if not filled:
        return None
    if max(sum(bool(cell) for cell in row) for row in filled) == 1:  # a list pasted into one column
        return read_text("\n".join(next(cell for cell in row if cell) for row in filled))
    return read_table(filled)


def _cell(value: Any) -> str:
    """As Excel shows it: 5.0 is 5."""
    if value is None:
        return ""
    return f"{value:g}" if isinstance(value, int | float) and not isinstance(value, bool) else str(value).strip()
