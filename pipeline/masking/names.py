"""Personal names: by list, by dictionary, and by what stands before them. Companies and towns stay.

A recogniser may leave out capitals: then only words that are nothing but names, and those after "my name is", count.
"""

from functools import lru_cache

from pipeline.lemmas import russian_readings
from pipeline.masking.text import Text

NAMES = frozenset({"Name", "Patr", "Surn"})
NO_NAME = frozenset({"VERB", "INFN", "PREP", "CONJ", "PRCL", "NPRO", "ADVB", "INTJ", "GRND", "PRED", "COMP", "Apro"})
INTRODUCED = 3  # words of a name after an introduction
SHORTEST_STEM = 3
LONGEST_ENDING = 4


def find_names(text: Text) -> list[tuple[int, int]]:
    """Where they stand, word by word."""
    places = {place for place in range(len(text.tokens)) if is_name(text, place)}
    places |= _introduced(text)
    places |= _titled(text)
    places |= _surnames(text, places)
    return [(text.tokens[place].start, _end(text, place)) for place in sorted(places)]


def is_name(text: Text, place: int) -> bool:
    """Whether the word alone tells that it is one."""
    if text.is_quoted(place) or text.has("no_names", place - 1) or text.has("not_names", place):
        return False
    form = _bare(text.tokens[place].form)
    capital = text.is_capital(place)
    if text.words.language == "ru":
        return _is_russian(text, place, form, capital)
    if form in text.words.names and form not in text.words.ambiguous_names:
        return capital or not text.cased
    if not capital or text.is_first(place) or text.has("months", place):
        return False
    return form in text.words.ambiguous_names or (text.words.language == "pl" and _is_polish(text, form))


def _is_russian(text: Text, place: int, form: str, capital: bool) -> bool:
    readings = russian_readings(form)
    listed = {form, text.tokens[place].lemma} & text.words.names
    if listed and not listed & text.words.ambiguous_names and (capital or not text.cased):
        return True
    likeliest = bool(readings and NAMES & readings[0])
    if not capital:
        is_common = any("NOUN" in tags and not NAMES & tags for tags in readings)
        return bool(readings and {"Name", "Patr"} & readings[0]) and not is_common and not text.cased
    if text.is_first(place):
        return likeliest
    is_town = bool(readings and "Geox" in readings[0])
    return (likeliest or any(NAMES & tags for tags in readings)) and not is_town


def _is_polish(text: Text, form: str) -> bool:
    """A first name in another case than the list has it, or a surname by its ending."""
    if len(form) > 5 and form.endswith(text.words.surname_endings):
        return True
    return any(
        form.startswith(stem) and len(form) - len(stem) <= LONGEST_ENDING
        for stem in (form[:length] for length in range(len(form) - 1, SHORTEST_STEM - 1, -1))
        if stem in polish_stems(text.words.names)
    )


@lru_cache
def polish_stems(names: frozenset[str]) -> frozenset[str]:
    """What stays of the names through the cases: `ann` of anna, `tomasz`, `mark` of marek, `pawl` of pawel."""
    found = set()
    for name in names:
        found.add(name[:-1] if name[-1] in "aoiey" else name)
        if name.endswith(("ek", "el")):
            found.add(name[:-2] + name[-1])
    return frozenset(stem for stem in found if len(stem) >= SHORTEST_STEM)


def _introduced(text: Text) -> set[int]:
    """Capitals after `меня зовут` and the like; without capitals the word after a sure one, if it may be a name."""
    forms = [token.form for token in text.tokens]
    found: set[int] = set()
    for place in range(len(forms)):
        for phrase in text.words.introductions:
            if tuple(forms[place : place + len(phrase)]) == phrase:
                found |= _named_after(text, place + len(phrase), sure=phrase in text.words.sure_introductions)
                break
    return found


def _named_after(text: Text, first: int, *, sure: bool) -> set[int]:
    found: set[int] = set()
    for place in range(first, min(first + INTRODUCED, len(text.tokens))):
        if place > first and text.between(place).strip():
            break
        if text.is_first(place) or text.has("no_names", place) or text.is_quoted(place):
            break
        if any(text.has(name, place) for name in ("not_names", "months", "titles")):
            break
        is_bare = place == first and sure and not text.cased and _may_be_name(text, place)
        if not is_bare and (not text.is_capital(place) or text.tokens[place].form in ("i", "i'm")):
            break
        found.add(place)
    return found


def _may_be_name(text: Text, place: int) -> bool:
    form = text.tokens[place].form
    if text.words.language == "ru":
        readings = russian_readings(form)
        return not (readings and NO_NAME & readings[0])
    return len(form) > 2


def _titled(text: Text) -> set[int]:
    """Capitals after `Mr`, `pani`, `господин`."""
    found: set[int] = set()
    for place in range(len(text.tokens)):
        if text.has("titles", place):
            for named in range(place + 1, min(place + 3, len(text.tokens))):
                apart = text.between(named).strip()
                if (
                    not text.is_capital(named)
                    or len(text.tokens[named].form) < 2
                    or (apart and not _is_short_title(text, place, named))
                ):
                    break
                found.add(named)
    return found


def _is_short_title(text: Text, title: int, named: int) -> bool:
    """`Mr. Patel`: the full stop belongs to the title."""
    return named == title + 1 and text.between(named) == ". " and text.words.language == "en"


def _surnames(text: Text, places: set[int]) -> set[int]:
    """The capital right behind a name; in a text without capitals the Russian surname beside it."""
    found: set[int] = set()
    for place in range(1, len(text.tokens)):
        if place in places or place - 1 not in places | found or text.between(place) != " ":
            continue
        token = text.tokens[place]
        if text.is_capital(place) and len(token.form) > 2 and not _is_function_word(text, place):
            found.add(place)
        elif not text.cased and text.words.language == "ru":
            readings = russian_readings(token.form)
            if readings and {"Surn", "Patr"} & readings[0]:
                found.add(place)
    for place in range(len(text.tokens) - 1):  # the surname first: `Кузнецов Пётр`
        before = text.words.language == "ru" and place not in places and place + 1 in places
        if (
            before
            and text.between(place + 1) == " "
            and any("Surn" in tags for tags in russian_readings(text.tokens[place].form))
        ):
            found.add(place)
    return found


def _is_function_word(text: Text, place: int) -> bool:
    if text.words.language != "ru":
        return False
    readings = russian_readings(text.tokens[place].form)
    return bool(readings and NO_NAME & readings[0])


def _bare(form: str) -> str:
    """Without `'s`."""
    return form[:-2] if form.endswith("'s") else form


def _end(text: Text, place: int) -> int:
    token = text.tokens[place]
    return token.end - 2 if token.form.endswith("'s") else token.end
