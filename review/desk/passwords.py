"""Passwords: which are good enough, what is stored of them, and whether one opens the door."""

import secrets
import threading
from collections.abc import Sequence
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from pipeline.errors import InputError

SHORTEST = 12  # OWASP ASVS 5.0, 6.2.1 asks for 8 and recommends 15
LONGEST = 128
OWN_CHARACTERS = 5  # different ones that must be left when everything that guessers try first is taken away
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that is misread on paper
GENERATED_GROUPS, GROUP_LENGTH = 4, 5  # 20 characters of 31: 99 bits
HASHED_AT_ONCE = 2  # each takes 64 MiB and a core: a flood of log-ins waits instead of filling the memory

ROWS = (
    *("abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm"),
    *("1qaz2wsx3edc4rfv5tgb6yhn7ujm", "1q2w3e4r5t6y7u8i9o0p", "qazwsxedcrfvtgbyhnujm"),
    *("абвгдежзийклмнопрстуфхцчшщъыьэюя", "йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю"),
)
SHORTEST_RUN = 3
FIRST_TRIED = (
    *("password", "passwort", "passw0rd", "parol", "haslo", "welcome", "letmein", "iloveyou", "administrator", "admin"),
    *("login", "changeme", "secret", "monkey", "dragon", "football", "sunshine", "princess", "master", "superman"),
    *("prescore", "supervisor", "manager", "quality", "control", "company", "summer", "winter", "spring", "autumn"),
    *("пароль", "привет", "любовь", "солнышко", "администратор", "супервайзер", "менеджер", "наташа", "марина"),
)
DISGUISES = str.maketrans({"@": "a", "4": "a", "0": "o", "$": "s", "5": "s", "3": "e", "!": "i", "7": "t"})
hasher = PasswordHasher()
_turns = threading.BoundedSemaphore(HASHED_AT_ONCE)


class WeakPassword(InputError):
    """`code`: too_short, too_long or guessable."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def hash_password(password: str, names: Sequence[str]) -> str:
    """Argon2id with the library's parameters (RFC 9106). `names`: of the person, which do not count as a secret.

    Raises WeakPassword when it is too short, too long or among the first that a guesser tries.
    """
    if len(password) < SHORTEST:
        raise WeakPassword("too_short", f"password: {len(password)} characters; give {SHORTEST} to {LONGEST}")
    if len(password) > LONGEST:
        raise WeakPassword("too_long", f"password: {len(password)} characters; give {SHORTEST} to {LONGEST}")
    if is_guessable(password, names):
        raise WeakPassword(
            "guessable", "password: made of names, common words or keys in a row; take several words that do not belong"
        )
    return hash_any(password)


def hash_any(password: str) -> str:
    with _turns:
        return hasher.hash(password)


def opens(hashed: str | None, password: str) -> bool:
    """Whether the password is the hashed one. Without a hash: no, after the same work."""
    nobodys = _nobodys_hash()
    try:
        with _turns:
            hasher.verify(hashed or nobodys, password[:LONGEST])
    except (VerificationError, InvalidHashError):
        return False
    return hashed is not None and len(password) <= LONGEST


def is_outdated(hashed: str) -> bool:
    """Whether the library hashes with other parameters now."""
    return hasher.check_needs_rehash(hashed)


def generate_password() -> str:
    """A random one that can be read out, typed and copied as one word."""
    groups = ("".join(secrets.choice(ALPHABET) for _ in range(GROUP_LENGTH)) for _ in range(GENERATED_GROUPS))
    return "-".join(groups)


def is_guessable(password: str, names: Sequence[str] = ()) -> bool:
    """Whether too little is left without names, common words, and runs along the alphabet or the keyboard."""
    words = {part for name in names for part in _parts(name)} | set(FIRST_TRIED)
    folded = "".join(password.lower().split())
    undisguised = _without_runs(folded).translate(DISGUISES)
    return any(len(set(_without_runs(_without(text, words)))) < OWN_CHARACTERS for text in (folded, undisguised))


def _parts(name: str) -> list[str]:
    """A name as a whole and its parts: "Anna K." and anna.k@office."""
    folded = name.lower()
    for sign in ".-_@+":
        folded = folded.replace(sign, " ")
    parts = folded.split()
    return [part for part in ("".join(parts), *parts) if len(part) >= SHORTEST_RUN]


def _without(text: str, words: set[str]) -> str:
    for word in sorted(words, key=len, reverse=True):
        text = text.replace(word, "")
    return text


def _without_runs(text: str) -> str:
    """The text without the longest stretches that stand in a row, forwards or backwards, or repeat one character."""
    kept, start = "", 0
    while start < len(text):
        end = _end_of_run(text, start)
        if end - start < SHORTEST_RUN:
            end = start + 1
            kept += text[start]
        start = end
    return kept


def _end_of_run(text: str, start: int) -> int:
    end = start + 1
    while end < len(text) and _is_run(text[start : end + 1]):
        end += 1
    return end


def _is_run(text: str) -> bool:
    return len(set(text)) == 1 or any(text in row or text[::-1] in row for row in ROWS)


@lru_cache(maxsize=1)
def _nobodys_hash() -> str:
    """Verified against when there is no such login, so that the answer takes as long."""
    return hash_any(secrets.token_urlsafe(16))
