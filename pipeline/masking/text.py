"""A text as masking reads it: its words with their places, and what stands between them."""

from dataclasses import dataclass

from pipeline.masking.vocabulary import Vocabulary
from pipeline.prescoring.tokens import Token, tokenise

ENDS = ".!?…"


@dataclass(frozen=True)
class Text:
    """`cased`: whether capitals mean anything in it."""

    text: str
    tokens: tuple[Token, ...]
    words: Vocabulary
    cased: bool

    def between(self, place: int) -> str:
        """What stands before the word at that place, after the word before it."""
        start = self.tokens[place - 1].end if place else 0
        end = self.tokens[place].start if place < len(self.tokens) else len(self.text)
        return self.text[start:end]

    def is_first(self, place: int) -> bool:
        """Whether a sentence begins with the word, where a capital means nothing."""
        return place == 0 or any(mark in ENDS for mark in self.between(place))

    def is_capital(self, place: int) -> bool:
        return self.tokens[place].text[:1].isupper()

    def has(self, name: str, place: int) -> bool:
        """Whether there is a word at that place, and the list of that name has it."""
        return 0 <= place < len(self.tokens) and self.words.has(name, self.tokens[place])

    def is_quoted(self, place: int) -> bool:
        before = self.text[: self.tokens[place].start]
        return any(
            before.rfind(opener) > before.rfind(closer) for opener, closer in (("«", "»"), ("“", "”"), ("„", "”"))
        )


def read_text(text: str, words: Vocabulary) -> Text:
    tokens = tokenise(text, words.language)
    capitals = sum(token.text[:1].isupper() for token in tokens[1:])
    return Text(text, tokens, words, cased=capitals > 0 or text[:1].isupper())
