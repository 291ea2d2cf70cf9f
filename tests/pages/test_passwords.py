import threading
import time

import pytest
from argon2 import PasswordHasher

from pipeline.errors import InputError
from review.desk import passwords
from review.desk.passwords import (
    HASHED_AT_ONCE,
    LONGEST,
    WeakPassword,
    generate_password,
    hash_password,
    is_guessable,
    opens,
)

GOOD = "correct horse battery"
NAMES = ("anna.k@office.example", "Анна Кузнецова")


def test_what_is_stored_is_argon2id_with_the_recommended_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "hasher", PasswordHasher())
    hashed = hash_password(GOOD, NAMES)
    assert hashed.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert GOOD not in hashed
    assert hash_password(GOOD, NAMES) != hashed
    assert opens(hashed, GOOD)


def test_only_the_whole_password_opens() -> None:
    longest = ("Скрепка жираф облако " * 10)[:LONGEST]
    hashed = hash_password(longest, ())
    assert opens(hashed, longest)
    for other in ("", longest[:-1], longest + "x", longest.lower(), f" {longest}"):
        assert not opens(hashed, other)
    assert not opens("no hash at all", longest)


def test_nobodys_password_takes_the_same_work(monkeypatch: pytest.MonkeyPatch) -> None:
    verified: list[str] = []

    class Counting(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> bool:
            verified.append(str(hash))
            return super().verify(hash, password)

    monkeypatch.setattr(passwords, "hasher", Counting(time_cost=1, memory_cost=8, parallelism=1))
    hashed = hash_password(GOOD, NAMES)
    assert opens(hashed, GOOD)
    assert not opens(hashed, "another password")
    assert not opens(None, GOOD)
    assert not opens(None, GOOD * 100)
    assert len(verified) == 4


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("", "too_short"),
        ("x7!kPq2-mZ4", "too_short"),
        ("ab" * 65, "too_long"),
        ("password1234", "guessable"),
        ("P@ssw0rd!1234", "guessable"),
        ("qwerty123456", "guessable"),
        ("1q2w3e4r5t6y", "guessable"),
        ("йцукенгшщзхъ", "guessable"),
        ("пароль123456", "guessable"),
        ("aaaaaaaaaaaaaaa", "guessable"),
        ("abababababab", "guessable"),
        ("abcdefghijklmnop", "guessable"),
        ("zyxwvutsrqpo987654", "guessable"),
        ("anna.k@office.example", "guessable"),
        ("annaannaanna 2026", "guessable"),
        ("Анна Кузнецова 1985", "guessable"),
        ("Prescore Supervisor 1", "guessable"),
    ],
)
def test_a_password_that_is_tried_first_is_refused(password: str, code: str) -> None:
    with pytest.raises(WeakPassword, match="password:") as raised:
        hash_password(password, NAMES)
    assert raised.value.code == code
    assert isinstance(raised.value, InputError)
    assert password not in str(raised.value) or not password


@pytest.mark.parametrize(
    "password", [GOOD, "скрепка жираф облако", "x7!kPq2-mZ4v", "tr0ub4dor & three", "日本語のとても長い合言葉"]
)
def test_a_password_of_its_own_is_taken(password: str) -> None:
    assert opens(hash_password(password, NAMES), password)


def test_generated_ones_hold_and_never_repeat() -> None:
    made = {generate_password() for _ in range(200)}
    assert len(made) == 200
    assert all(len(password) == 23 and not is_guessable(password) for password in made)


def test_many_log_ins_at_once_wait_for_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    working: list[int] = []
    most: list[int] = []

    class Slow:
        def hash(self, _: str) -> str:
            working.append(1)
            most.append(len(working))
            time.sleep(0.02)
            working.pop()
            return "hash"

    monkeypatch.setattr(passwords, "hasher", Slow())
    threads = [threading.Thread(target=passwords.hash_any, args=(GOOD,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(most) == HASHED_AT_ONCE
