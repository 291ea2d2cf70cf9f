"""The word lists that masking goes by: `configs/masking/LANGUAGE.yaml`, and the first names of the judge's lexicon."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from pydantic import ValidationError

from pipeline.errors import ConfigurationError
from pipeline.frozen import Frozen
from pipeline.lemmas import fold
from pipeline.prescoring.tokens import Token
from pipeline.settings import CONFIGS, describe_validation_error, load_yaml

FOLDER = CONFIGS / "masking"
LEXICONS = CONFIGS / "lexicon"
Kind = Literal["number", "mail", "name", "address"]
Language = Literal["ru", "en", "pl"]
CYRILLIC = re.compile(r"[а-яё]", re.IGNORECASE)


class VocabularyFile(Frozen):
    """One file. Words are folded, in Russian and English in their dictionary form."""

    labels: dict[Kind, str]
    units: tuple[str, ...]
    teens: tuple[str, ...]
    tens: tuple[str, ...]
    hundreds: tuple[str, ...]
    scales: tuple[str, ...]
    repeats: tuple[str, ...]
    between: tuple[str, ...]
    measures: tuple[str, ...]
    prices: tuple[str, ...]
    numbered: tuple[str, ...]
    born: tuple[str, ...]
    months: tuple[str, ...]
    before_year: tuple[str, ...]
    at_signs: tuple[str, ...]
    dots: tuple[str, ...]
    joins: tuple[str, ...]
    domains: tuple[str, ...]  # the last word of an address that is said aloud; empty: any
    not_names: tuple[str, ...]  # what dictionaries take for names
    introductions: tuple[str, ...]
    sure_introductions: tuple[str, ...]
    titles: tuple[str, ...]
    surname_endings: tuple[str, ...]
    no_names: tuple[str, ...]
    streets: tuple[str, ...]
    streets_behind: tuple[str, ...]
    houses: tuple[str, ...]
    house_parts: tuple[str, ...]


@dataclass(frozen=True)
class Vocabulary:
    """The lists of one language, as sets; `introductions`: the longest first; `names`: first names, folded."""

    language: Language
    labels: dict[Kind, str]
    lists: dict[str, frozenset[str]]
    introductions: tuple[tuple[str, ...], ...]
    sure_introductions: frozenset[tuple[str, ...]]
    surname_endings: tuple[str, ...]
    names: frozenset[str]
    ambiguous_names: frozenset[str]

    def has(self, name: str, token: Token) -> bool:
        """Whether the list of that name has the word, as said or as the dictionary has it."""
        words = self.lists[name]
        return token.form in words or token.lemma in words


@lru_cache
def vocabulary(language: Language) -> Vocabulary:
    """Raises ConfigurationError that names the file and what does not hold."""
    path = FOLDER / f"{language}.yaml"
    try:
        file = VocabularyFile.model_validate(load_yaml(path))
    except ValidationError as error:
        raise ConfigurationError(describe_validation_error(path, error)) from error
    content = file.model_dump()
    plain = {name: frozenset(words) for name, words in content.items() if isinstance(words, tuple)}
    phrases = tuple(tuple(phrase.split()) for phrase in file.introductions)
    lexicon: dict[str, Any] = load_yaml(LEXICONS / f"{language}.yaml")
    return Vocabulary(
        language=language,
        labels=file.labels,
        lists=plain,
        introductions=tuple(sorted(phrases, key=len, reverse=True)),
        sure_introductions=frozenset(tuple(phrase.split()) for phrase in file.sure_introductions),
        surname_endings=file.surname_endings,
        names=frozenset(fold(name, language) for name in lexicon["names"]),
        ambiguous_names=frozenset(fold(name, language) for name in lexicon["ambiguous_names"]),
    )


def language_of(text: str, language: str) -> Language:
    """Whose lists to go by: a Russian note may stand beside a Polish call. What is none of the three is as English."""
    if CYRILLIC.search(text):
        return "ru"
    return "pl" if language == "pl" else "en"
