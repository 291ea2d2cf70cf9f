"""A dialogue as the rules see it: lines with tokens, sentences and the phrases found, computed once."""

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pipeline.prescoring.lexicon import Lexicon
from pipeline.prescoring.patterns import Hit
from pipeline.prescoring.tokens import Sentence, Token, split_sentences, tokenise
from pipeline.records import Dialogue, Evidence, Role, Utterance

_QUOTE_WORDS = 30  # a longer sentence (recognised text without full stops) is quoted around the phrase only


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """One utterance read. `position` counts lines from 0."""

    position: int
    utterance: Utterance
    tokens: tuple[Token, ...]
    sentences: tuple[Sentence, ...]
    hits: dict[str, tuple[Hit, ...]]

    @property
    def role(self) -> Role:
        return self.utterance.role

    def has(self, *categories: str) -> bool:
        """Whether a phrase of any of the categories stands in the line."""
        return not self.hits.keys().isdisjoint(categories)

    def sentence_at(self, token: int) -> Sentence:
        """The sentence in which a token stands."""
        return next(sentence for sentence in self.sentences if sentence.first <= token < sentence.last)

    def within(self, sentence: Sentence, *categories: str) -> bool:
        """Whether a phrase of any of the categories begins in the sentence."""
        return any(
            sentence.first <= hit.first < sentence.last
            for category in categories
            for hit in self.hits.get(category, ())
        )

    def quote(self, hit: Hit | None = None) -> Evidence:
        """The words around a hit, exactly as they stand; without one, the line's first sentence."""
        text = self.utterance.text
        if not self.sentences:
            return self.evidence(text)
        sentence = self.sentence_at(hit.first) if hit else self.sentences[0]
        if sentence.last - sentence.first <= _QUOTE_WORDS:
            return self.evidence(text[sentence.start : sentence.end])
        middle = hit.first if hit else sentence.first
        first = max(sentence.first, middle - _QUOTE_WORDS // 3)
        last = min(sentence.last, first + _QUOTE_WORDS)
        return self.evidence(text[self.tokens[first].start : self.tokens[last - 1].end])

    def quote_of(self, *categories: str) -> Evidence:
        """The words around the first phrase of the first category that stands here."""
        for category in categories:
            if category in self.hits:
                return self.quote(self.hits[category][0])
        return self.quote()

    def evidence(self, quote: str) -> Evidence:
        """The quote with the time of its own words; of the whole utterance where no word has a time."""
        start_s, end_s = self._time_of(quote)
        return Evidence(self.utterance.index, quote, start_s, end_s)

    def _time_of(self, quote: str) -> tuple[float | None, float | None]:
        first = self.utterance.text.find(quote)
        last, position = first + len(quote), 0
        spoken = []
        for word in self.utterance.words:  # the text of a spoken utterance is its words with single spaces between
            if position >= last:
                break
            end = position + len(word.text)
            if end > first:
                spoken.append(word)
            position = end + 1
        if not spoken:
            return self.utterance.start_s, self.utterance.end_s
        return spoken[0].start_s, spoken[-1].end_s


@dataclass(frozen=True, eq=False)
class Reading:
    """The whole dialogue read. Lines of third voices are kept but never judged."""

    lexicon: Lexicon
    lines: tuple[Line, ...]
    findings: dict[Hashable, Any] = field(default_factory=dict, repr=False)  # of rules that are asked again

    def of(self, role: Role) -> Iterator[Line]:
        """The lines of one role, in order."""
        return iter(self._by_role.get(role, ()))

    @cached_property
    def _by_role(self) -> dict[Role, list[Line]]:
        by_role: dict[Role, list[Line]] = {}
        for line in self.lines:
            by_role.setdefault(line.role, []).append(line)
        return by_role

    def with_hits(self, role: Role, *categories: str) -> list[Line]:
        """The lines of one role in which a phrase of any of the categories stands."""
        return [line for line in self.of(role) if line.has(*categories)]

    def count(self, role: Role, *categories: str) -> int:
        """How many phrases of the categories one role used."""
        return sum(len(line.hits.get(category, ())) for line in self.of(role) for category in categories)

    @cached_property
    def word_count(self) -> int:
        return sum(len(line.tokens) for line in self.lines)


def read_dialogue(dialogue: Dialogue, lexicon: Lexicon) -> Reading:
    """Tokens, sentences and phrases of every utterance."""
    lines = []
    for position, utterance in enumerate(dialogue.utterances):
        tokens = tokenise(utterance.text, lexicon.language)
        hits: dict[str, list[Hit]] = {}
        for hit in lexicon.index.find(tokens):
            hits.setdefault(hit.category, []).append(hit)
        frozen = {category: tuple(found) for category, found in hits.items()}
        lines.append(Line(position, utterance, tokens, split_sentences(utterance.text, tokens), frozen))
    return Reading(lexicon, tuple(lines))
