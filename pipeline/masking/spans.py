"""What is to be hidden in a text, as places in it: numbers first, then e-mail addresses, addresses and names."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.masking.addresses import find_addresses
from pipeline.masking.mails import find_mails
from pipeline.masking.names import find_names
from pipeline.masking.numbers import dictated_digits, find_numbers
from pipeline.masking.text import Text, read_text
from pipeline.masking.vocabulary import Kind, language_of, vocabulary

DICTATED_DIGITS = 5  # of a number that is said piece by piece
APART = 3  # lines between two pieces of it: the other side repeats or says "yes"
JOINING = " ,-–—()/№#+"  # what may stand inside one hidden thing


@dataclass(frozen=True, slots=True)
class Hidden:
    """Characters `start` to `end` (exclusive) of a text."""

    start: int
    end: int
    kind: Kind


def find_hidden(text: str, language: str) -> tuple[Hidden, ...]:
    """The places in order, none of them touching another. `language`: code of the call's."""
    return _found(_read(text, language))


def find_hidden_in_lines(lines: Sequence[str], language: str) -> tuple[tuple[Hidden, ...], ...]:
    """The same for the lines of a dialogue: a number that is dictated over several of them is hidden in each."""
    texts = [_read(line, language) for line in lines]
    dictated = _dictated(texts)
    return tuple(_found(text, loose=place in dictated) for place, text in enumerate(texts))


def _read(text: str, language: str) -> Text:
    return read_text(text, vocabulary(language_of(text, language)))


def _found(text: Text, *, loose: bool = False) -> tuple[Hidden, ...]:
    """Whatever covers more wins: an address has numbers and names inside."""
    found = [Hidden(start, end, "mail") for start, end in find_mails(text)]
    found += [Hidden(start, end, "address") for start, end in find_addresses(text)]
    found += [Hidden(start, end, "number") for start, end in find_numbers(text, loose=loose)]
    found += [Hidden(start, end, "name") for start, end in find_names(text)]
    return _joined(text.text, _apart(found))


def _apart(found: Sequence[Hidden]) -> list[Hidden]:
    """In order; of two that overlap one that covers both, of the kind that was looked for first."""
    kept: list[Hidden] = []
    for item in found:
        touching = [other for other in kept if other.start < item.end and item.start < other.end]
        if not touching:
            kept.append(item)
            continue
        whole = Hidden(
            min(item.start, *(other.start for other in touching)),
            max(item.end, *(other.end for other in touching)),
            touching[0].kind,
        )
        kept = [other for other in kept if other not in touching] + [whole]
    return sorted(kept, key=lambda item: item.start)


def _joined(text: str, found: Sequence[Hidden]) -> tuple[Hidden, ...]:
    """Neighbours of one kind with nothing but marks between them are one."""
    joined: list[Hidden] = []
    for item in found:
        last = joined[-1] if joined else None
        if last and last.kind == item.kind and not text[last.end : item.start].strip(JOINING):
            joined[-1] = Hidden(last.start, item.end, item.kind)
        else:
            joined.append(item)
    return tuple(joined)


def _dictated(texts: Sequence[Text]) -> frozenset[int]:
    """The lines that hold little but digits, where such lines near each other hold enough for a number together."""
    digits = {place: count for place, text in enumerate(texts) if (count := dictated_digits(text)) >= 2}
    found: set[int] = set()
    group: list[int] = []
    for place in (*digits, None):
        if group and (place is None or place - group[-1] > APART):
            if sum(digits[item] for item in group) >= DICTATED_DIGITS:
                found.update(group)
            group = []
        if place is not None:
            group.append(place)
    return frozenset(found)
