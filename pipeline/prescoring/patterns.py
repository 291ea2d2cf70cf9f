"""Phrases of the lexicon, compiled once and found in tokens quickly.

A phrase is a row of elements: `word` fits its every inflection, `=word` only itself, `stem*` every word that begins so,
`a|b` either, `<name>` the lexicon's word list of that name, `#` a number, `_` any word, `~` up to three words in
between, `^` the start of the utterance (after at most two words), and `!word` what must not stand right before.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from pipeline.lemmas import fold, lemma
from pipeline.prescoring.tokens import Token

_GAP = 3
_START_WITHIN = 3
_NOTHING: frozenset[int] = frozenset()


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


class Hit(NamedTuple):
    """A phrase of `category` stands at tokens `first` to `last` (exclusive)."""

    category: str
    first: int
    last: int


class Start(NamedTuple):
    """A phrase that may begin with a word, and what must follow for it to be worth a look.

    `ahead` numbers the element that comes next: right after the word, or behind a gap. None: nothing can be foreseen.
    """

    phrase: Phrase
    ahead: int | None
    behind_gap: bool


class WordUse(NamedTuple):
    """Everything that the phrases make of one word, worked out once."""

    fits: frozenset[int]  # numbers of the elements that accept it
    starts: tuple[Start, ...]  # phrases that may begin with it
    always: bool  # some of them must be looked at whatever follows
    next_wanted: frozenset[int]  # else one of these must stand right after
    gap_wanted: frozenset[int]  # or one of these behind a gap


@dataclass(slots=True)
class PhraseIndex:
    """All phrases of a language. Most words begin phrases that the next word already rules out: that is seen first."""

    by_form: dict[str, list[Phrase]] = field(default_factory=lambda: defaultdict(list))
    by_lemma: dict[str, list[Phrase]] = field(default_factory=lambda: defaultdict(list))
    by_stem: dict[str, list[Phrase]] = field(default_factory=lambda: defaultdict(list))
    numbers: list[Phrase] = field(default_factory=list)
    elements: "ElementNumbers" = field(default_factory=lambda: ElementNumbers())
    stem_lengths: set[int] = field(default_factory=set)
    known: dict[str, WordUse] = field(default_factory=dict)  # cache, by form

    def add(self, phrase: Phrase) -> None:
        """Take a phrase in. Its first element must not be a gap or `_`."""
        self.known.clear()
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
        for element in phrase.elements[1:3]:
            self.elements.add(element)

    def find(self, tokens: Sequence[Token]) -> tuple[Hit, ...]:
        """Every phrase that stands in the tokens, in order; a phrase once per place."""
        known = self.known
        uses = [known.get(token.form) or self._learn(token) for token in tokens]
        fits = [use.fits for use in uses] + [_NOTHING] * (_GAP + 1)
        hits: dict[Hit, None] = {}
        for place, use in enumerate(uses):
            if not use.starts:
                continue
            if not (
                use.always
                or not use.next_wanted.isdisjoint(fits[place + 1])
                or (use.gap_wanted and not use.gap_wanted.isdisjoint(_behind_gap(fits, place)))
            ):
                continue
            self._find_at(place, use, fits, tokens, hits)
        return tuple(hits)

    def _find_at(
        self,
        place: int,
        use: WordUse,
        fits: Sequence[frozenset[int]],
        tokens: Sequence[Token],
        hits: dict[Hit, None],
    ) -> None:
        """The phrases that begin at `place`."""
        right_after = fits[place + 1]
        behind_gap = _behind_gap(fits, place) if use.gap_wanted else _NOTHING
        for phrase, ahead, is_behind in use.starts:
            if ahead is not None and ahead not in (behind_gap if is_behind else right_after):
                continue
            if phrase.at_start and place >= _START_WITHIN:
                continue
            if phrase.not_before and place and phrase.not_before.accepts(tokens[place - 1]):
                continue
            last = _match(phrase.elements, 1, tokens, place + 1)
            if last is not None:
                hits[Hit(phrase.category, place, last)] = None

    def _learn(self, token: Token) -> WordUse:
        """What the phrases make of a word that is new here."""
        found = [*self.by_form.get(token.form, ()), *self.by_lemma.get(token.lemma, ())]
        for length in self.stem_lengths:
            if length <= len(token.form):
                found += self.by_stem.get(token.form[:length], ())
        if token.form[0].isdigit():
            found += self.numbers
        starts = tuple(self._start(phrase) for phrase in {id(phrase): phrase for phrase in found}.values())
        use = WordUse(
            fits=self.elements.accepting(token),
            starts=starts,
            always=any(start.ahead is None for start in starts),
            next_wanted=frozenset(s.ahead for s in starts if s.ahead is not None and not s.behind_gap),
            gap_wanted=frozenset(s.ahead for s in starts if s.ahead is not None and s.behind_gap),
        )
        self.known[token.form] = use
        return use

    def _start(self, phrase: Phrase) -> Start:
        ahead = phrase.elements[1:3]
        if not ahead:
            return Start(phrase, None, False)
        behind_gap = ahead[0].gap and len(ahead) == 2
        return Start(phrase, self.elements.number_of(ahead[1] if behind_gap else ahead[0]), behind_gap)


class ElementNumbers:
    """Elements by number, and which of them accept a word, without trying each."""

    def __init__(self) -> None:
        self._numbers: dict[Element, int] = {}
        self._by_form: dict[str, set[int]] = defaultdict(set)
        self._by_lemma: dict[str, set[int]] = defaultdict(set)
        self._by_stem: dict[str, set[int]] = defaultdict(set)
        self._digits: set[int] = set()
        self._stem_lengths: set[int] = set()

    def add(self, element: Element) -> None:
        """Number an element; gaps and `_` accept everything and so tell nothing."""
        if element.gap or element.anything or element in self._numbers:
            return
        number = self._numbers[element] = len(self._numbers)
        for form in element.forms:
            self._by_form[form].add(number)
        for word in element.lemmas:
            self._by_lemma[word].add(number)
        for stem in element.stems:
            self._by_stem[stem].add(number)
            self._stem_lengths.add(len(stem))
        if element.number:
            self._digits.add(number)

    def number_of(self, element: Element) -> int | None:
        return self._numbers.get(element)

    def accepting(self, token: Token) -> frozenset[int]:
        """The numbers of the elements that `accepts` the token."""
        form = token.form
        found = self._by_form.get(form, set()) | self._by_lemma.get(token.lemma, set())
        for length in self._stem_lengths:
            if length <= len(form):
                found |= self._by_stem.get(form[:length], set())
        return frozenset(found | self._digits if form[0].isdigit() else found)


def _behind_gap(fits: Sequence[frozenset[int]], place: int) -> frozenset[int]:
    """What fits one of the places that a gap after `place` may lead to."""
    return _NOTHING.union(*fits[place + 1 : place + _GAP + 2])


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
