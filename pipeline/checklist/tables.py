"""A checklist from the rows of a table: which column is what, by its heading or by what stands in it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline.checklist.draft import Draft, Entry, gather, is_stage, is_total
from pipeline.checklist.pasted import split_points
from pipeline.checklist.scales import SCALES

Row = Sequence[str]
_HEADINGS = {  # the first that fits wins: "критерий, макс. балл" is no title
    "points": r"балл|\bвес\b|макс|points?\b|\bmax|weight|score|punkt|waga|процент|percent|^%$|оценка",
    "critical": r"критичн|критическ|обнул|стоп|critical|fatal|krytyczn",
    "group": r"этап|раздел|блок|групп|категори|stage|section|group|category|etap|sekcja|grupa|kategoria",
    "title": r"критери|вопрос|пункт|показател|наименован|название|параметр|стандарт|действи|что оценива"
    r"|criteri|question|item|standard|name|check|kryteri|pytanie|nazwa",
    "number": r"^(?:№|n|no|nr|#|п/п|№ ?п/п|num\w*)\.?$",
}
_YES = re.compile(r"^(?:да|yes|y|tak|true|1|\+|x|х|v|✓)$", re.IGNORECASE)
_POINTS = re.compile(
    r"^(?:(?:от\s*)?0\s*(?:[-–—]|до)\s*)?(\d{1,3}(?:[.,]\d+)?)\s*(?:балл\w*|б\.?|%|points?|pts?\.?|pkt\.?)?$", re.I
)
_CHOICE = re.compile(r"^\d+(?:[.,]\d+)?(?:\s*[/;]\s*\d+(?:[.,]\d+)?)+$")
_LABEL = re.compile(r"^(?:да|нет|yes|no|tak|nie|(\d{1,2}(?:[.,]\d)?)\s*(?:балл\w*|points?|pkt\.?)?)$", re.IGNORECASE)
_NO_YES = {"нет": "no", "да": "yes", "no": "no", "yes": "yes", "nie": "no", "tak": "yes"}
_HEADER_WITHIN = 10  # rows: above the table people write the company, the date, the manager


@dataclass(frozen=True, slots=True)
class Columns:
    """Places of the columns; None where the table has none. `labels`: columns that tell what each label means."""

    title: int
    points: int | None = None
    group: int | None = None
    critical: int | None = None
    labels: tuple[tuple[int, str], ...] = ()


def read_table(rows: Sequence[Row]) -> Draft:
    """The criteria of a table. Raises ValueError when no column holds texts."""
    filled = [[cell.strip() for cell in row] for row in rows if any(cell.strip() for cell in row)]
    width = max((len(row) for row in filled), default=0)
    filled = [row + [""] * (width - len(row)) for row in filled]
    header = next((place for place, row in enumerate(filled[:_HEADER_WITHIN]) if _is_header(row)), None)
    guesses: tuple[str, ...] = ()
    if header is None:
        columns, body = _guess_columns(filled), filled
        guesses = ("the table has no headings: its columns were told by what stands in them",)
    else:
        columns, body = _columns_of(filled[header], filled[header + 1 :]), filled[header + 1 :]
    entries = [entry for row in body for entry in _entries(row, columns)]
    draft = gather(_filled_down(entries, columns), guesses)
    above = [cell for row in filled[: header or 0] for cell in row if cell]
    return draft if draft.title or not above else Draft(draft.lines, above[0], draft.total, draft.guesses)


def _is_header(row: Row) -> bool:
    kinds = {_kind(cell) for cell in row if cell}
    return "title" in kinds and len([cell for cell in row if cell]) >= 2 and all(len(cell) <= 60 for cell in row)


def _kind(cell: str) -> str | None:
    text = cell.lower().strip()
    return next((kind for kind, pattern in _HEADINGS.items() if re.search(pattern, text)), None)


def _columns_of(header: Row, body: Sequence[Row]) -> Columns:
    places: dict[str, int] = {}
    for place, cell in enumerate(header):
        kind = _kind(cell) if cell and not _label(cell) else None
        if kind and kind not in places:
            places[kind] = place
    labels = [(place, label) for place, cell in enumerate(header) if (label := _label(cell))]
    told = [(place, label) for place, label in labels if any(re.search(r"[^\W\d]{3}", row[place]) for row in body)]
    return Columns(
        places["title"], places.get("points"), places.get("group"), places.get("critical"), tuple(_worst_first(told))
    )


def _label(cell: str) -> str | None:
    """The label of a scale that a heading is: `1`, `0,5`, `2 балла`, `да`."""
    found = _LABEL.match(cell.strip())
    if not found:
        return None
    return found[1].replace(",", ".") if found[1] else _NO_YES[cell.strip().lower()]


def _worst_first(labels: list[tuple[int, str]]) -> list[tuple[int, str]]:
    if {label for _, label in labels} <= set(SCALES["yes_no"]):
        return sorted(labels, key=lambda item: item[1])
    return sorted(labels, key=lambda item: float(item[1]) if item[1] not in SCALES["yes_no"] else 0.0)


def _guess_columns(rows: Sequence[Row]) -> Columns:
    """The longest texts are the criteria; numbers that do not count the rows are points."""
    width = len(rows[0]) if rows else 0
    texts = [sum(len(row[place]) for row in rows if not _points(row[place])) for place in range(width)]
    if not any(texts):
        raise ValueError("no column holds texts")
    title = texts.index(max(texts))
    numeric = [place for place in range(width) if place != title and _is_points(rows, place)]
    return Columns(title, numeric[-1] if numeric else None)


def _is_points(rows: Sequence[Row], place: int) -> bool:
    values = [points for row in rows if (points := _points(row[place])) is not None]
    counts = [float(number) for number in range(1, len(values) + 1)]
    return len(values) * 2 > len(rows) and values != counts


def _points(cell: str) -> float | None:
    found = _POINTS.match(cell.strip())
    return float(found[1].replace(",", ".")) if found else None


def _entries(row: Row, columns: Columns) -> list[Entry]:
    """The row's criterion or heading; none where the row says nothing."""
    title, points, scale = row[columns.title], None, None
    if columns.points is not None:
        points, scale = _points(row[columns.points]), _choice(row[columns.points])
    if not title:
        alone = [cell for cell in row if cell and _points(cell) is None]
        if not alone or (columns.group is not None and alone == [row[columns.group]]):
            return []
        return [Entry(alone[0], points, heading=not is_total(alone[0]))]
    if columns.points is None:
        title, points = split_points(title)
    levels = tuple((label, row[place]) for place, label in columns.labels if row[place])
    critical = columns.critical is not None and bool(_YES.match(row[columns.critical]))
    if scale:
        points = float(scale[-1])
    heading = is_stage(title) and not levels and columns.group is None
    group = row[columns.group] if columns.group is not None else None
    return [Entry(title, points, group or None, True, heading, levels, scale or _scale_of(levels, columns), critical)]


def _choice(cell: str) -> tuple[str, ...] | None:
    """Points that may be given, as `0/5/10`."""
    if not _CHOICE.match(cell.strip()):
        return None
    numbers = sorted({float(part.replace(",", ".")) for part in re.split(r"\s*[/;]\s*", cell.strip())})
    return tuple(f"{number:g}" for number in numbers) if len(numbers) > 1 else None


def _scale_of(levels: tuple[tuple[str, str], ...], columns: Columns) -> tuple[str, ...] | None:
    return tuple(label for _, label in columns.labels) if levels and len(columns.labels) > 1 else None


def _filled_down(entries: list[Entry], columns: Columns) -> list[Entry]:
    """Merged cells name the group in their first row only."""
    if columns.group is None:
        return entries
    filled: list[Entry] = []
    group = None
    for entry in entries:
        group = entry.group or group
        filled.append(replace(entry, group=group))
    return filled
