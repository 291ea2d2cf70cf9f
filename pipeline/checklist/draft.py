"""A checklist as it was found in somebody's list, before it is written as ours."""

import re
from dataclasses import dataclass, field, replace
from itertools import takewhile

_STAGE = re.compile(
    r"^(?:#+\s*)?(?:этап|блок|раздел|часть|шаг|группа|stage|section|part|block|step|etap|sekcja|blok|część)"
    r"\s*(?:№\s*)?(?:\d+|[ivx]+)?\s*[.:)–—-]*\s*",
    re.IGNORECASE,
)
_TOTAL = re.compile(
    r"^\W*(?:итого|всего|сумма|максимум|макс\w*\s+балл\w*|общ\w+\s+(?:балл|оценк|сумм)\w*|total|sum|maximum|razem|suma)\b",
    re.IGNORECASE,
)
_CRITICAL = re.compile(
    r"[(\[]?\s*(?:критическ\w+(?:\s+(?:ошибка|критерий|пункт))?|критичн\w+|обнуляющ\w+|стоп-фактор"
    r"|critical|fatal|auto-?fail|krytyczn\w+)\s*[)\]]?[!.:]?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the list. `points` None: none were given. `levels`: what each label means, worst first."""

    title: str
    points: float | None = None
    group: str | None = None
    critical: bool = False
    levels: tuple[tuple[str, str], ...] = ()
    scale: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """`total` is what the list itself says the sum is; `guesses` what its reader had to assume."""

    lines: tuple[Line, ...]
    title: str | None = None
    total: float | None = None
    guesses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """A line before it is known what it is: a heading, a total, or a criterion. `marked`: it has a bullet or number."""

    title: str
    points: float | None = None
    group: str | None = None
    marked: bool = False
    heading: bool = False
    levels: tuple[tuple[str, str], ...] = ()
    scale: tuple[str, ...] | None = None
    critical: bool = False


@dataclass
class _Gathering:
    group: str | None = None
    total: float | None = None
    title: str | None = None
    lines: list[Line] = field(default_factory=list)


def is_stage(text: str) -> bool:
    """Whether the text begins as a stage does: `Этап 2. ...`, `Stage 2: ...`."""
    return _STAGE.match(text) is not None


def is_total(text: str) -> bool:
    return _TOTAL.match(text) is not None


def strip_critical(text: str) -> tuple[str, bool]:
    """The text without a remark that the criterion is critical, and whether it had one."""
    stripped = _CRITICAL.sub(" ", text)
    return stripped, stripped != text


def gather(entries: list[Entry], guesses: tuple[str, ...] = ()) -> Draft:
    """Headings become groups, the rest criteria; points of a heading are the sum of its lines, not a criterion."""
    found = _Gathering()
    has_points = sum(entry.points is not None for entry in entries) * 2 > len(entries)
    for place, entry in enumerate(entries):
        if is_total(entry.title):
            found.total = entry.points
        elif place == 0 and _is_list_title(entries, has_points):
            found.title, found.total = clean_heading(entry.title), entry.points
        elif _is_heading(entries, place, has_points):
            found.group = clean_heading(entry.title)
        else:
            found.lines.append(_line(entry, found.group))
    return Draft(tuple(found.lines), found.title, found.total, guesses)


def clean_heading(text: str) -> str:
    """The name of a stage without `Этап 1.`; whole when nothing else is left."""
    name = _STAGE.sub("", text.strip()).strip(" #:.–—-*") or text.strip(" #:*")
    return name[:1].upper() + name[1:].lower() if name.isupper() else name[:1].upper() + name[1:]


def _is_heading(entries: list[Entry], place: int, has_points: bool) -> bool:
    entry = entries[place]
    if entry.heading or is_stage(entry.title):
        return True
    following = entries[place + 1] if place + 1 < len(entries) else None
    if following is None or following.heading or is_stage(following.title):
        return False
    if has_points and entry.points is None and not entry.levels:
        return True
    if entry.points is not None and entry.title.isupper():
        return _is_sum_of_next(entries, place)
    return not has_points and not entry.marked and following.marked


def _is_sum_of_next(entries: list[Entry], place: int) -> bool:
    """Whether the points are those of the following lines together."""
    total = 0.0
    for entry in takewhile(lambda entry: not entry.title.isupper(), entries[place + 1 :]):
        total += entry.points or 0.0
    return total > 0 and total == entries[place].points


def _is_list_title(entries: list[Entry], has_points: bool) -> bool:
    """A line right above the first heading names the whole list."""
    if len(entries) < 2 or entries[0].marked or is_stage(entries[0].title):
        return False
    return _is_heading(entries, 1, has_points)


def _line(entry: Entry, group: str | None) -> Line:
    found, says_critical = strip_critical(entry.title)
    title = re.sub(r"\s+", " ", found).strip(" .;,:–—-") or entry.title
    critical = entry.critical or says_critical
    line = Line(title[:1].upper() + title[1:], entry.points, entry.group or group, critical, entry.levels, entry.scale)
    return line if line.group is None else replace(line, group=clean_heading(line.group))
