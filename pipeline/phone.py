"""Phone numbers as the store keeps them: a keyed hash and the last four digits, never the number."""

import hashlib
import hmac
import re

NUMBER = re.compile(
    r"\+?\d[\d\s().\-\u00a0\u2010-\u2015]*"
)  # the first in the text: no extension, no host of a SIP address
DECIMALS = re.compile(r"(?<=\d{5})[.,]0+$")  # a spreadsheet read the number as one
SHORTENED = re.compile(r"\d[.,]?\d*[eE]\+?\d+")
RUSSIAN_LENGTH = 11


def normalise_phone(text: str) -> str:
    """Digits with the country's code first; empty where the text holds no number (a hidden caller).

    Russian numbers are written 8XXXXXXXXXX and +7XXXXXXXXXX: both become 7XXXXXXXXXX. The international prefixes 00
    and 8 10 are dropped.
    """
    found = NUMBER.search(DECIMALS.sub("", text.strip()))
    if found is None:
        return ""
    digits = re.sub(r"\D", "", found.group())
    if found.group().startswith("+"):
        return digits
    if digits.startswith("810") and len(digits) > RUSSIAN_LENGTH:
        return digits[3:]
    if digits.startswith("8") and len(digits) == RUSSIAN_LENGTH:
        return "7" + digits[1:]
    return digits[2:] if digits.startswith("00") and len(digits) > RUSSIAN_LENGTH - 1 else digits


def is_shortened(text: str) -> bool:
    """Whether a spreadsheet has rounded the number away, as in 7.91612E+10."""
    return SHORTENED.fullmatch(text.strip()) is not None


def hash_phone(digits: str, key: bytes | None) -> str | None:
    """HMAC-SHA256 in hex; None without a key or a number. Without the key nobody can try all numbers."""
    if not key or not digits:
        return None
    return hmac.new(key, digits.encode(), hashlib.sha256).hexdigest()


def last_four(digits: str) -> str | None:
    return digits[-4:] or None
