"""Street addresses: a street with its name and number, a house or a flat with its number."""

import re

from pipeline.lemmas import russian_readings
from pipeline.masking.numbers import Run, runs_of
from pipeline.masking.text import Text

NAME_WORDS = 3  # of a street
LONGEST_SHORT = 4  # letters of an abbreviation, whose full stop ends no sentence
POSTCODE = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}\b")
LETTER = re.compile(r"[A-Za-zА-Яа-я]")


def find_addresses(text: Text) -> list[tuple[int, int]]:
    """Where they stand; pieces that follow each other are found one by one."""
    runs = {run.first: run for run in runs_of(text)}
    found = [match.span() for match in POSTCODE.finditer(text.text)]
    for place in range(len(text.tokens)):
        if text.has("streets", place) and (last := _named_behind(text, place, runs)) is not None:
            found.append((text.tokens[place].start, text.tokens[last].end))
        if text.has("streets_behind", place) and (first := _named_before(text, place, runs)) is not None:
            last = _with_number(text, place, runs)
            found.append((text.tokens[first].start, text.tokens[last].end))
        if text.has("houses", place) and (last := _number_of_house(text, place, runs)) is not None:
            found.append((text.tokens[_unnamed_street(text, place, runs)].start, text.tokens[last].end))
    return _with_parts(text, runs, found)


def _named_behind(text: Text, street: int, runs: dict[int, Run]) -> int | None:
    """The last word of the street's name and number; None for `на улице холодно`."""
    last = street
    while last - street < NAME_WORDS and last + 1 < len(text.tokens) and _names_street(text, last + 1, street):
        last += 1
    with_number = _with_number(text, last, runs)
    if last == street and text.has("houses", street + 1):
        return None
    return with_number if with_number > street else None


def _names_street(text: Text, place: int, street: int) -> bool:
    """A capital; in a text without capitals the word right behind the street, if it may be a name."""
    if _is_apart(text, place, abbreviated=place == street + 1) or text.has("houses", place):
        return False
    token = text.tokens[place]
    if any(character.isdigit() for character in token.text):
        return False
    if text.cased:
        return text.is_capital(place)
    if place != street + 1:
        return False
    if text.words.language != "ru":
        return any(
            character.isdigit() for atom in text.tokens[place + 1 : place + 2] for character in atom.text
        ) or any(text.has(name, place + 1) for name in ("units", "teens", "tens", "hundreds"))
    return any({"Name", "Surn", "ADJF"} & tags or "gent" in tags for tags in russian_readings(token.form))


def _is_apart(text: Text, place: int, *, abbreviated: bool) -> bool:
    """Whether a mark stands before the word; `ул. Ленина` has one that belongs to the street."""
    between = text.between(place)
    if abbreviated and between == ". " and len(text.tokens[place - 1].form) <= LONGEST_SHORT:
        return False
    return any(mark in between for mark in ",;.!?…")


def _named_before(text: Text, street: int, runs: dict[int, Run]) -> int | None:
    """The first word of `12 Baker Street` and `Ленинский проспект`; None for "down the street"."""
    is_other_word = text.tokens[street].form not in text.words.lists["streets_behind"]  # `Driving School`
    if text.words.language == "en" and (is_other_word or (text.cased and not text.is_capital(street))):
        return None
    first = street
    while street - first < NAME_WORDS and first > 0 and _is_part_of_name(text, first - 1, first, street):
        first -= 1
    number = next((run.first for run in runs.values() if run.last == first - 1), None)
    if not text.cased and number is None and first == street:
        number = next((run.first for run in runs.values() if run.last in (street - 2, street - 3)), None)
    if number is not None and (first < street or text.words.language == "en"):
        return number
    return first if first < street else None


def _is_part_of_name(text: Text, place: int, following: int, street: int) -> bool:
    """A capital that begins no sentence; in Russian an adjective right before the street: `Зелёная улица`."""
    if text.between(following).strip() or any(character.isdigit() for character in text.tokens[place].text):
        return False
    if text.words.language == "ru":
        is_adjective = any("ADJF" in tags and "Apro" not in tags for tags in russian_readings(text.tokens[place].form))
        return place == street - 1 and is_adjective and text.is_capital(place)
    return text.is_capital(place) and not (text.is_first(place) and place == street - 1 and len(text.tokens) < 3)


def _with_number(text: Text, last: int, runs: dict[int, Run]) -> int:
    """The last word of the number behind, if one follows."""
    run = runs.get(last + 1)
    return last if run is None or any(mark in text.between(last + 1) for mark in "!?") else _with_letter(text, run.last)


def _number_of_house(text: Text, house: int, runs: dict[int, Run]) -> int | None:
    """The last word of `дом пять`, `дом номер 5`, `flat 4 B`; None for `дом 100 метров`."""
    place = house + 1
    if text.has("numbered", place):
        place += 1
    run = runs.get(place)
    if run is None or run.has_scale or text.has("measures", run.last + 1):
        return None
    return None if _is_apart(text, place, abbreviated=True) else _with_letter(text, run.last)


def _unnamed_street(text: Text, house: int, runs: dict[int, Run]) -> int:
    """From where the address runs whose flat this is: `Гоголя, пять, квартира сто` says no street."""
    run = next((run for run in runs.values() if run.last == house - 1), None)
    place = run.first - 1 if run is not None else -1
    if place < 0 or not text.cased or not text.is_capital(place) or text.is_first(place + 1) or text.is_first(house):
        return house
    return place


def _with_letter(text: Text, last: int) -> int:
    """With one letter behind the number: `дом 5 а`."""
    behind = last + 1
    if behind < len(text.tokens) and LETTER.fullmatch(text.tokens[behind].text) and text.between(behind) == " ":
        follows = text.between(behind + 1).strip()[:1]
        if text.is_capital(behind) or not follows or follows in ",.":
            return behind
    return last


def _with_parts(text: Text, runs: dict[int, Run], found: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Also `подъезд 2, этаж 5` right behind an address."""
    parts = list(found)
    ends = {end for _, end in found}
    for place, token in enumerate(text.tokens):
        before = text.tokens[place - 1].end if place else -1
        run = runs.get(place + 1)
        if before in ends and text.has("house_parts", place) and run is not None:
            parts.append((token.start, text.tokens[run.last].end))
            ends.add(text.tokens[run.last].end)
    return parts
