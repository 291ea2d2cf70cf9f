"""An utterance as tokens and sentences that remember where they stand, so that every quote is verbatim."""

import re
from dataclasses import dataclass
from typing import NamedTuple

from pipeline.lemmas import word_forms

_WORD = re.compile(r"[^\W_]+(?:[-'’.][^\W_]+)*")
_END = re.compile(r"[.!?…]+(?=[\s»”\"')—-]|$)")


class Token(NamedTuple):
    """One word: `text` as written from character `start` to `end`, `form` folded, `lemma` from the dictionary."""

    text: str
    form: str
    lemma: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Sentence:
    """Tokens `first` to `last` (exclusive), characters `start` to `end`; `asks` when it ends in a question mark."""

    first: int
    last: int
    start: int
    end: int
    asks: bool


def tokenise(text: str, language: str) -> tuple[Token, ...]:
    """The words of a text in order."""
    tokens = []
    for match in _WORD.finditer(text):
        word, (start, end) = match.group(), match.span()
        form, dictionary_form = word_forms(word, language)
        tokens.append(Token(word, form, dictionary_form, start, end))
    return tuple(tokens)


def split_sentences(text: str, tokens: tuple[Token, ...]) -> tuple[Sentence, ...]:
    """Sentences by their final punctuation; recognised text without any is one sentence."""
    sentences: list[Sentence] = []
    first = start = 0
    for mark in (*_END.finditer(text), None):
        end = mark.end() if mark else len(text)
        last = first
        while last < len(tokens) and tokens[last].start < end:
            last += 1
        if last > first:
            begin = start + len(text[start:end]) - len(text[start:end].lstrip())
            asks = mark is not None and "?" in mark.group()
            sentences.append(Sentence(first, last, begin, begin + len(text[begin:end].rstrip()), asks))
        first, start = last, end
    return tuple(sentences)
