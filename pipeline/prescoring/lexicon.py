"""The phrase lists that the rules go by: `configs/lexicon/<language>.yaml`."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from pipeline.errors import ConfigurationError
from pipeline.frozen import Frozen
from pipeline.lemmas import fold
from pipeline.prescoring.patterns import PhraseIndex, compile_phrase
from pipeline.settings import CONFIGS, describe_validation_error, load_yaml

LEXICONS = CONFIGS / "lexicon"
_FALLBACK = "en"


class LexiconFile(Frozen):
    """`words`: lists of single words that phrases name as `<list>`; `phrases`: by category; `names`: first names."""

    words: dict[str, tuple[str, ...]] = {}
    names: tuple[str, ...] = ()
    ambiguous_names: tuple[str, ...] = ()  # among them, those that are words too: names only with a capital
    phrases: dict[str, tuple[str, ...]] = Field(min_length=1)


@dataclass(frozen=True)
class Lexicon:
    """One language's phrases, compiled."""

    language: str
    version: str  # content hash
    index: PhraseIndex
    names: frozenset[str]
    ambiguous_names: frozenset[str]
    categories: frozenset[str]


def load_lexicon(path: Path) -> Lexicon:
    """Raises ConfigurationError that names the file, the category and the phrase."""
    content: Any = load_yaml(path)
    try:
        file = LexiconFile.model_validate(content)
    except ValidationError as error:
        raise ConfigurationError(describe_validation_error(path, error)) from error
    language, index = path.stem, PhraseIndex()
    for category, phrases in file.phrases.items():
        for phrase in dict.fromkeys(phrases):
            try:
                index.add(compile_phrase(category, phrase, language, file.words))
            except ValueError as error:
                raise ConfigurationError(f'{path}: phrases of "{category}": {error}') from error
    version = hashlib.sha256(file.model_dump_json().encode()).hexdigest()[:16]
    names, ambiguous = (frozenset(fold(name, language) for name in some) for some in (file.names, file.ambiguous_names))
    return Lexicon(language, version, index, names, ambiguous, frozenset(file.phrases))


class Lexicons:
    """The lexicons of a folder, each read when its language first appears; without one it is read as English."""

    def __init__(self, folder: Path = LEXICONS) -> None:
        self._folder = folder
        self._loaded: dict[str, Lexicon] = {}

    def of(self, language: str) -> Lexicon:
        """The lexicon for a language code."""
        if language not in self._loaded:
            path = self._folder / f"{language}.yaml"
            self._loaded[language] = load_lexicon(path) if path.exists() else self.of(_FALLBACK)
        return self._loaded[language]

    @cached_property
    def identity(self) -> str:
        """Hash of every phrase list in the folder: another list is another judge."""
        digest = hashlib.sha256()
        for path in sorted(self._folder.glob("*.yaml")):
            digest.update(path.name.encode() + path.read_bytes())
        return digest.hexdigest()[:12]
