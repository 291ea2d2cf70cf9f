"""Phrases of the lexicon, compiled once and found in tokens quickly.

A phrase is a row of elements: `word` fits its every inflection, `=word` only itself, `stem*` every word that begins so,
`a|b` either, `<name>` the lexicon's word list of that name, `#` a number, `_` any word, `~` up to three words in
between, `^` the start of the utterance (after at most two words), and `!word` what must not stand right before.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.lemmas import fold, lemma
from pipeline.prescoring.tokens import Token

_GAP = 3
_START_WITHIN = 3


@dataclass(frozen=True, slots=True)
class Element:
    """What one place of a phrase accepts."""

    forms: frozenset[str] = frozenset()
    lemmas: frozenset[str] = frozenset()
    stems: tuple[str, ...] = ()
    number: bool = False
    anything: bool = False
    gap: bool = False

    def accepts(self, token: Token) -> bool:
        """Whether the word may stand here."""
        return (
            self.anything
            or token.form in self.forms
            or token.lemma in self.lemmas
            or bool(self.stems and token.form.startswith(self.stems))
            or (self.number and token.form[0].isdigit())
        )


@dataclass(frozen=True, slots=True)
class Phrase:
    """A compiled phrase of one category."""

    category: str
    elements: tuple[Element, ...]
    not_before: Element | None = None
    at_start: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """A phrase of `category` stands at tokens `first` to `last` (exclusive)."""

    category: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class PhraseIndex:
    """All phrases of a language, by what their first element accepts."""

    by_form: dict[str, list[Phrase]] = field(default_factory=lambda: defaultdict(list))
    by_lemma: dict[str, list[Phrase]] = field(default_factory=lambda: defaultdict(list))
    by_stem: dict[str, list[Phrase]] = field(default_factory=lambda: defaultdict(list))
    numbers: list[Phrase] = field(default_factory=list)
    stem_lengths: set[int] = field(default_factory=set)
    candidates: dict[str, tuple[Phrase, ...]] = field(default_factory=dict)  # cache, by form

    def add(self, phrase: Phrase) -> None:
        """Take a phrase in. Its first element must not be a gap or `_`."""
        head = phrase.elements[0]
        for form in head.forms:
            self.by_form[form].append(phrase)
        for word in head.lemmas:
            self.by_lemma[word].append(phrase)
        for stem in head.stems:
            self.by_stem[stem].append(phrase)
            self.stem_lengths.add(len(stem))
        if head.number:
            self.numbers.append(phrase)

    def find(self, tokens: Sequence[Token]) -> tuple[Hit, ...]:
        """Every phrase that stands in the tokens, in order; a phrase once per place."""
        hits: dict[Hit, None] = {}
        for place, token in enumerate(tokens):
            for phrase in self._starting_with(token):
                if phrase.at_start and place >= _START_WITHIN:
                    continue
                if phrase.not_before and place and phrase.not_before.accepts(tokens[place - 1]):
                    continue
                last = _match(phrase.elements, 1, tokens, place + 1)
                if last is not None:
                    hits[Hit(phrase.category, place, last)] = None
        return tuple(hits)

    def _starting_with(self, token: Token) -> tuple[Phrase, ...]:
        known = self.candidates.get(token.form)
        if known is None:
            found = [*self.by_form.get(token.form, ()), *self.by_lemma.get(token.lemma, ())]
            for length in self.stem_lengths:
                if length <= len(token.form):
                    found += self.by_stem.get(token.form[:length], ())
            if token.form[0].isdigit():
                found += self.numbers
            known = self.candidates[token.form] = tuple({id(phrase): phrase for phrase in found}.values())
        return known


def _match(elements: tuple[Element, ...], place: int, tokens: Sequence[Token], position: int) -> int | None:
    """The end of the match of `elements[place:]` from `position`, or None."""
    while place < len(elements):
        element = elements[place]
        if element.gap:
            for skipped in range(_GAP + 1):
                end = _match(elements, place + 1, tokens, position + skipped)
                if end is not None:
                    return end
            return None
        if position >= len(tokens) or not element.accepts(tokens[position]):
            return None
        place, position = place + 1, position + 1
    return position


def compile_phrase(category: str, text: str, language: str, words: Mapping[str, Iterable[str]]) -> Phrase:
    """Raises ValueError that says what is wrong with the phrase."""
    parts = text.split()
    at_start = bool(parts) and parts[0] == "^"
    parts = parts[1:] if at_start else parts
    not_before = None
    if parts and parts[0].startswith("!"):
        not_before = _element(parts[0][1:], language, words)
        parts = parts[1:]
    elements = tuple(_element(part, language, words) for part in parts)
    if not elements or elements[0].gap or elements[0].anything:
        raise ValueError(f'"{text}": begin with a word, a stem or a number')
    return Phrase(category, elements, not_before, at_start)


def _element(part: str, language: str, words: Mapping[str, Iterable[str]]) -> Element:
    if part == "~":
        return Element(gap=True)
    if part == "_":
        return Element(anything=True)
    forms: set[str] = set()
    lemmas: set[str] = set()
    stems: list[str] = []
    number = False
    for choice in _expand(part, words):
        if choice == "#":
            number = True
        elif choice.endswith("*"):
            stems.append(fold(choice[:-1], language))
        elif choice.startswith("="):
            forms.add(fold(choice[1:], language))
        else:
            form = fold(choice, language)
            forms.add(form)
            lemmas.add(lemma(form, language))
    return Element(frozenset(forms), frozenset(lemmas), tuple(stems), number)


def _expand(part: str, words: Mapping[str, Iterable[str]]) -> list[str]:
    """The alternatives of one element, word lists replaced by their words."""
    choices: list[str] = []
    for choice in part.split("|"):
        if choice.startswith("<"):
            name = choice[1:-1]
            if name not in words:
                raise ValueError(f'no word list "{name}"; there are {", ".join(words) or "none"}')
            for word in words[name]:
                choices += _expand(word, words)
        else:
            choices.append(choice)
    return choices
