"""A checklist pasted as text: a line per criterion, stages as headings, points in whatever way people write them."""

import re

from pipeline.checklist.draft import Draft, Entry, gather, is_stage, is_total, strip_critical

_MARK = re.compile(
    r"^\s*(?:[-–—•*▪●◦✓✔☐☑□]\s*|\(?\d{1,2}(?:\.\d{1,2})*[.)]?\s+|\d{1,2}(?:\.\d{1,2})*[.)](?=\D)|[a-zа-я]\)\s+)"
)
_UNIT = r"(?:балл\w*|бал\.|б\.?|points?|pts?\.?|punkt\w*|pkt\.?|%|процент\w*|percent|procent\w*)"
_MOST = r"(?:до|макс\w*\.?|max\.?|maximum|up to|do|вес|weight|waga)"
_POINTS = r"\d{1,3}(?:[.,]\d+)?"
_AT_END = re.compile(
    rf"\s+[(\[]?[01]\s*[-–—/]\s*(?P<range>{_POINTS})\s*{_UNIT}?\s*[)\]]?\s*[.;]?\s*$"
    rf"|(?<!\d)\s*(?:[-–—:=,|\t(\[]|\.{{2,}})\s*(?:{_MOST}[\s:]*)?(?P<parted>{_POINTS})\s*{_UNIT}?\s*[)\]]?\s*[.;]?\s*$"
    rf"|\s+(?:{_MOST}[\s:]*)?(?P<bare>{_POINTS})\s*{_UNIT}\s*[.;]?\s*$",
    re.IGNORECASE,
)
_AT_START = re.compile(rf"^\s*[(\[]?(?P<points>{_POINTS})\s*{_UNIT}\s*[)\]]?\s*[-–—:.]*\s+", re.IGNORECASE)
_YES_NO = re.compile(r"\s*[-–—:(\[]?\s*(?:да\s*/\s*нет|yes\s*/\s*no|tak\s*/\s*nie)\s*[)\]]?\s*$", re.IGNORECASE)


def read_text(text: str) -> Draft:
    """Blank lines part nothing; an indented line without a mark below a marked one goes on with it."""
    entries: list[Entry] = []
    for raw in text.splitlines():
        if not raw.strip() or not re.search(r"\w", raw):
            continue
        entry = read_line(raw)
        if _continues(raw, entry, entries):
            continue
        entries.append(entry)
    return gather(entries)


def read_line(raw: str) -> Entry:
    """Mark, title and points of one line."""
    stage = is_stage(raw.strip())
    is_whole = stage or is_total(raw.strip()) or _AT_START.match(raw)
    body = raw.strip() if is_whole else _MARK.sub("", raw).strip()
    marked = body != raw.strip()
    body, critical = strip_critical(_YES_NO.sub("", body))
    title, points = split_points(body.rstrip())
    heading = raw.strip().startswith("#") or (raw.rstrip().endswith(":") and not marked)
    return Entry(
        title.strip(" \t:-–—"), points, marked=marked, heading=heading or (stage and not marked), critical=critical
    )


def split_points(text: str) -> tuple[str, float | None]:
    """The text without its points, and the points; None where it has none."""
    found = _AT_END.search(text)
    if found:
        return text[: found.start()], _number(found["range"] or found["parted"] or found["bare"])
    found = _AT_START.match(text)
    return (text[found.end() :], _number(found["points"])) if found else (text, None)


def _continues(raw: str, entry: Entry, entries: list[Entry]) -> bool:
    is_indented = raw[:1].isspace()
    if entry.marked or entry.heading or entry.points is not None or not is_indented:
        return False
    return bool(entries) and entries[-1].marked


def _number(text: str) -> float:
    return float(text.replace(",", "."))
