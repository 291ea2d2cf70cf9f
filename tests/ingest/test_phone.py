"""Numbers: one form for one subscriber, and never the number itself in the store."""

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.phone import hash_phone, last_four, normalise_phone


@pytest.mark.parametrize(
    "text",
    [
        "+7 916 123-45-67",
        "8 (916) 123 45 67",
        "89161234567",
        "79161234567",
        " +79161234567 ",
        "tel:+79161234567",
        "sip:79161234567@10.0.0.1:5060",
        "+7 (916) 123-45-67 доб. 12",
        "79161234567.0",
        "007 916 1234567",
    ],
)
def test_one_subscriber_has_one_number(text: str) -> None:
    assert normalise_phone(text) == "79161234567"


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("+48 22 123 45 67", "48221234567"),
        ("8 10 48 22 123 45 67", "48221234567"),
        ("0048 22 123 45 67", "48221234567"),
        ("+81 3 1234 5678", "81312345678"),  # Japan, not Russia
        ("103", "103"),
        ("anonymous", ""),
        ("", ""),
    ],
)
def test_other_numbers_keep_their_digits(text: str, digits: str) -> None:
    assert normalise_phone(text) == digits


def test_hash_needs_the_key() -> None:
    expected = hmac.new(b"key", b"79161234567", hashlib.sha256).hexdigest()
    assert hash_phone("79161234567", b"key") == expected != hash_phone("79161234567", b"other")
    assert hash_phone("79161234567", None) is None
    assert hash_phone("79161234567", b"") is None
    assert hash_phone("", b"key") is None


def test_last_four_needs_no_key() -> None:
    assert (last_four("79161234567"), last_four("103"), last_four("")) == ("4567", "103", None)


@given(st.text(max_size=40))
def test_any_text_gives_digits(text: str) -> None:
    digits = normalise_phone(text)
    assert digits == "" or digits.isdigit()
    assert normalise_phone("+" + digits) == digits
