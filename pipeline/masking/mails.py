"""E-mail addresses, written or said aloud: `ivanov собака mail точка ру`."""

import re
from collections.abc import Collection

from pipeline.masking.text import Text

WRITTEN = re.compile(r"[\w.+-]+\s?@\s?[\w-]+(?:\.[\w-]+)*")
DOMAIN_WORDS = 4  # after the sign, until the last word behind a dot


def find_mails(text: Text) -> list[tuple[int, int]]:
    """Where they stand."""
    found = [match.span() for match in WRITTEN.finditer(text.text)]
    written = {text.text[start:end] for start, end in found}
    for place in range(1, len(text.tokens)):
        if text.has("at_signs", place) and (last := _last_of_domain(text, place, written)) is not None:
            found.append((text.tokens[_first_of_name(text, place)].start, text.tokens[last].end))
    return found


def _last_of_domain(text: Text, sign: int, written: Collection[str]) -> int | None:
    """The word behind the last dot after the sign; None where none is said, as in "at home", "at kate@mail.com"."""
    last = None
    for place in range(sign + 1, min(sign + 1 + DOMAIN_WORDS, len(text.tokens) - 1)):
        if text.is_first(place + 1):
            break
        if text.has("dots", place) and (text.has("domains", place + 1) or not text.words.lists["domains"]):
            last = place + 1
    if last is None and sign + 1 < len(text.tokens) and re.search(r"\w\.\w{2,}", text.tokens[sign + 1].text):
        is_new = not any(address.startswith(text.tokens[sign + 1].text) for address in written)
        return sign + 1 if is_new else None
    return last


def _first_of_name(text: Text, sign: int) -> int:
    """The word before the sign, and those that a dot or a dash joins to it."""
    first = sign - 1
    while first >= 2 and text.has("joins", first - 1):
        first -= 2
    return first
