"""Texts with what is to be hidden replaced by its kind in brackets; words keep their times."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.masking.spans import Hidden, find_hidden
from pipeline.masking.vocabulary import Kind, language_of, vocabulary


@dataclass(frozen=True, slots=True)
class MaskedWords:
    """What stands in the place of the words `first` to `last`, both included: mostly one word as it was."""

    first: int
    last: int
    text: str


def mask(text: str, language: str) -> str:
    """The text with numbers, e-mails, names and addresses as `[номер]` and the like. `language`: the call's."""
    return hide(text, language, find_hidden(text, language))


def hide(text: str, language: str, hidden: Sequence[Hidden]) -> str:
    """The text with those places hidden; they are in order and do not touch."""
    labels = labels_of(text, language)
    pieces, end = [], 0
    for item in hidden:
        pieces += [text[end : item.start], labels[item.kind]]
        end = item.end
    return "".join([*pieces, text[end:]])


def mask_words(words: Sequence[str], language: str, hidden: Sequence[Hidden] | None = None) -> tuple[MaskedWords, ...]:
    """The words, those of one hidden thing as one. `hidden`: places in the words joined by spaces, where known."""
    text = " ".join(words)
    hidden = find_hidden(text, language) if hidden is None else hidden
    labels = labels_of(text, language)
    starts = [sum(len(word) + 1 for word in words[:place]) for place in range(len(words))]
    shown: list[MaskedWords] = []
    for place, (word, start) in enumerate(zip(words, starts, strict=True)):
        inside = [item for item in hidden if item.start < start + len(word) and start < item.end]
        if not inside:
            shown.append(MaskedWords(place, place, word))
            continue
        masked = _masked_word(word, start, inside, labels)
        if inside[0].start < start:  # it began in an earlier word
            last = shown[-1]
            shown[-1] = MaskedWords(last.first, place, last.text + masked)
        else:
            shown.append(MaskedWords(place, place, masked))
    return tuple(shown)


def labels_of(text: str, language: str) -> dict[Kind, str]:
    return vocabulary(language_of(text, language)).labels


def _masked_word(word: str, start: int, inside: Sequence[Hidden], labels: dict[Kind, str]) -> str:
    """What is left of the word, with the label of each thing that begins in it."""
    pieces, end = [], 0
    for item in inside:
        first, last = max(item.start - start, 0), min(item.end - start, len(word))
        pieces += [word[end:first], labels[item.kind] if item.start >= start else ""]
        end = last
    return "".join([*pieces, word[end:]])
