"""Words as a dictionary has them, so that a phrase list need not spell out every inflection.

Russian through pymorphy3 and English through simplemma. Polish words are only folded (no diacritics): the Polish table
of simplemma costs 5 s and 400 MB in every process, and stems (`*`) in the Polish phrase list do the same for nothing.
"""

from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any

_FOLD_POLISH = str.maketrans("ąćęłńóśźż", "acelnoszz")
_CACHED_WORDS = 200_000  # a year of calls has fewer different words


def fold(word: str, language: str) -> str:
    """The word in lower case, with the spelling differences that people and recognisers ignore taken away."""
    folded = word.lower().replace("ё", "е").replace("’", "'")
    return folded.translate(_FOLD_POLISH) if language == "pl" else folded


@lru_cache(maxsize=_CACHED_WORDS)
def word_forms(word: str, language: str) -> tuple[str, str]:
    """A word as it was written, folded and as the dictionary has it: both at once, for words return all day."""
    form = fold(word, language)
    return form, lemma(form, language)


@lru_cache(maxsize=_CACHED_WORDS)
def lemma(form: str, language: str) -> str:
    """The dictionary form of a folded word; the word itself where the language has no dictionary here."""
    if language == "ru":
        return str(_russian().parse(form)[0].normal_form).replace("ё", "е")
    if language == "en":
        return str(_english()(form, lang="en")).lower()
    return form


@lru_cache(maxsize=_CACHED_WORDS)
def russian_readings(form: str) -> tuple[frozenset[str], ...]:
    """Grammemes (OpenCorpora names) of every reading, the likeliest first: `вера` is a noun, and a first name."""
    return tuple(frozenset(parse.tag.grammemes) for parse in _russian().parse(form))


@cache
def _russian() -> Any:
    import pymorphy3

    return pymorphy3.MorphAnalyzer(lang="ru")


@cache
def _english() -> Callable[..., str]:
    import simplemma

    return simplemma.lemmatize  # type: ignore[no-any-return]
