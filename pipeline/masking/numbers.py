"""Numbers that name somebody or something: phones, cards, passports, orders. Prices, times, years and sizes stay.

A number is a row of digits and of numbers said as words. How many digits it has decides, with what stands around it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.masking.text import Text

DIGITS, WORDS = 4, 5  # from so many digits on a row of figures, or of words, is a number
NUMBERED_DIGITS = 3  # after a word such as "order"
NUMBER_WORDS = 4  # so many words in a row are one too
BEFORE = 4  # words before a number that may say what it is
NUMBERED_BEFORE = 2
WHOLE = 7  # digits that are one number though a recogniser has put full stops between them
ROUND_DIGITS = 6  # an amount that ends in two zeros has no more
PRICE_DIGITS = 7
LONG_DIGITS = 8
RANGE = re.compile(r"\d{1,2}-\d{1,2}")
DATE = re.compile(r"\d{1,2}[./-]\d{1,2}(?:[./-]\d{2,4})?|\d{4}-\d{2}-\d{2}")
YEARS = range(1900, 2101)
LITTLE = 1  # words beside the digits of a line that is part of a dictation
LONGEST_BETWEEN = 2  # words such as "um" inside one number


@dataclass(frozen=True, slots=True)
class Atom:
    """A number at one place. `rank`: 3 hundreds, 2 tens and teens, 1 units, 0 what is joined to nothing.

    `room`: the rank below which it takes the next one in. `figures` are digits.
    """

    place: int
    digits: int
    rank: int = 0
    room: int = 0
    figures: bool = False
    scale: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """Numbers in a row; `digits` as they would be dialled, `groups` how many numbers they are."""

    atoms: tuple[Atom, ...]
    digits: int
    groups: int

    @property
    def first(self) -> int:
        return self.atoms[0].place

    @property
    def last(self) -> int:
        return self.atoms[-1].place

    @property
    def has_figures(self) -> bool:
        return any(atom.figures for atom in self.atoms)

    @property
    def has_scale(self) -> bool:
        return any(atom.scale for atom in self.atoms)


def find_numbers(text: Text, *, loose: bool = False) -> list[tuple[int, int]]:
    """Where they stand. `loose`: the line is part of a dictation, so that two digits are enough."""
    found = []
    for run in runs_of(text):
        if is_number(run, text) or (loose and run.digits >= 2 and not run.has_scale):
            found.append((_start(text, run), text.tokens[run.last].end))
    return found


def dictated_digits(text: Text) -> int:
    """Digits in a line that holds little else; 0 in any other, and in one that names a price, a time or a size."""
    runs = runs_of(text)
    spoken = sum(len(run.atoms) for run in runs)
    others = len(text.tokens) - spoken - sum(text.has("between", place) for place in range(len(text.tokens)))
    no_numbers = any(run.has_scale or _has_unit(run, text) or _is_date_or_time(run, text) for run in runs)
    if not runs or no_numbers or others > LITTLE:
        return 0
    return sum(run.digits for run in runs)


def runs_of(text: Text) -> list[Run]:
    """Every row of numbers, with up to two words such as "um" inside; only a long one goes on behind a full stop."""
    rows: list[list[Atom]] = []
    for atom in atoms_of(text):
        gap = range(rows[-1][-1].place + 1, atom.place) if rows else range(0)
        if rows and len(gap) <= LONGEST_BETWEEN and all(text.has("between", place) for place in gap):
            rows[-1].append(atom)
        else:
            rows.append([atom])
    return [run for row in rows for run in _whole_or_parted(row, text)]


def _whole_or_parted(row: list[Atom], text: Text) -> list[Run]:
    whole = run_of(row)
    if whole.digits >= WHOLE:
        return [whole]
    parts: list[list[Atom]] = []
    for atom in row:
        if parts and not any(text.is_first(place) for place in range(parts[-1][-1].place + 1, atom.place + 1)):
            parts[-1].append(atom)
        else:
            parts.append([atom])
    return [run_of(part) for part in parts]


def run_of(atoms: list[Atom]) -> Run:
    """`сто двадцать три` is one number of three digits, `сто двадцать двадцать` two of five together."""
    digits = groups = room = 0
    for atom in atoms:
        if not 0 < atom.rank < room:
            digits, groups = digits + atom.digits, groups + 1
        room = atom.room
    return Run(tuple(atoms), digits, groups)


RANKS = (("hundreds", 3, 3, 3), ("tens", 2, 2, 2), ("teens", 2, 2, 0), ("units", 1, 1, 0), ("repeats", 1, 0, 0))


def atoms_of(text: Text) -> Iterator[Atom]:
    """The numbers of a text, one by one."""
    for place, token in enumerate(text.tokens):
        count = sum(character.isdigit() for character in token.text)
        if count:
            yield Atom(place, count, figures=True)
            continue
        for name, digits, rank, room in RANKS:
            if text.has(name, place):
                yield Atom(place, digits, rank, room)
                break
        else:
            if text.has("scales", place):
                yield Atom(place, 1, scale=True)


def is_number(run: Run, text: Text) -> bool:
    """Whether the row is to be hidden."""
    if _said_before(run, text, "born", BEFORE):
        return run.digits >= NUMBERED_DIGITS
    if _is_date_or_time(run, text) or _has_unit(run, text) or _is_price(run, text):
        return False
    if run.has_scale:  # `nine hundred`: an amount, unless it is longer than amounts are
        return run.digits >= LONG_DIGITS
    if _is_numbered(run, text):
        return run.digits >= NUMBERED_DIGITS
    if _is_round(run, text):
        return False
    if run.has_figures:
        return run.digits >= DIGITS
    return run.digits >= WORDS or (len(run.atoms) >= NUMBER_WORDS and not _is_hour(run))


def _is_numbered(run: Run, text: Text) -> bool:
    """A word such as "order" stands before it."""
    return _said_before(run, text, "numbered", NUMBERED_BEFORE)


def _said_before(run: Run, text: Text, name: str, count: int) -> bool:
    """Whether a word of the list stands among so many before the row, in the same sentence."""
    for place in range(run.first - 1, max(run.first - 1 - count, -1), -1):
        if text.is_first(place + 1):
            return False
        if text.has(name, place):
            return True
    return False


def _has_unit(run: Run, text: Text) -> bool:
    """A measure or a currency right behind, or its sign beside."""
    behind = text.between(run.last + 1)
    before = text.between(run.first)
    return (
        (text.has("measures", run.last + 1) and not behind.strip(" ,-"))
        or behind.lstrip()[:1] in set("%₽$€£°²")
        or before.rstrip()[-1:] in set("$€£₽")
    )


def _is_price(run: Run, text: Text) -> bool:
    return run.digits <= PRICE_DIGITS and run.groups <= 2 and _said_before(run, text, "prices", BEFORE)


def _is_date_or_time(run: Run, text: Text) -> bool:
    tokens = [text.tokens[atom.place] for atom in run.atoms]
    written = text.text[tokens[0].start : tokens[-1].end]
    if text.has("months", run.last + 1):
        return run.digits <= 4
    if RANGE.fullmatch(written):
        return not _is_numbered(run, text)
    if DATE.fullmatch(written):
        return True
    if re.fullmatch(r"\d{1,2}:\d{2}(?::\d{2})?", written):
        return True
    if re.fullmatch(r"(?:19|20)\d\d-?[^\W\d]{1,3}", written):  # `2009-го`, `1930s`
        return True
    return run.digits == 4 and written.isdigit() and int(written) in YEARS and _is_year(run, text)


def _is_year(run: Run, text: Text) -> bool:
    """After a month or a word such as "in", or before "year"."""
    before = run.first - 1
    return text.has("months", before) or text.has("before_year", before) or text.has("measures", run.last + 1)


def _is_round(run: Run, text: Text) -> bool:
    """`39 900`, `тридцать триста`: up to six digits that end in hundreds are an amount."""
    last = run.atoms[-1]
    if run.groups > 2 or run.digits > ROUND_DIGITS:
        return False
    return text.tokens[last.place].text.endswith("00") if last.figures else last.rank == 3 and run.digits > 3


def _is_hour(run: Run) -> bool:
    """`двадцать три пятьдесят пять`: an hour and minutes, each of up to two digits."""
    return run.groups == 2 and run.digits <= 4


def _start(text: Text, run: Run) -> int:
    """With a plus or an opening bracket before it."""
    start = text.tokens[run.first].start
    while start and text.text[start - 1] in "+(№#":
        start -= 1
    return start
