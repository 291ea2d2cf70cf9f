"""`prescore user`: people from the command line, the first administrator among them."""

import re
import sys
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from flows.cli import user
from flows.cli.share import hints
from pipeline.data_folder import DataFolder
from review.desk.audit import read_audit
from review.desk.database import Desk
from review.desk.people import Person, check_password, find_person, read_people, read_ways_in
from review.desk.sessions import find_session, open_session
from tests.command.in_process import Prescore

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def _cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("review.desk.passwords.hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def desk(data: Path) -> Desk:
    return Desk(DataFolder(data).desk)


@pytest.fixture
def anna(prescore: Prescore, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Person:
    """The first administrator, added with a password from the environment."""
    with monkeypatch.context() as patch:
        patch.setenv("PRESCORE_NEW_PASSWORD", PASSWORD)
        said = prescore("user", "add", "anna", "--role", "administrator", "--name", "Анна К.")
    assert (said.code, said.out) == (0, "anna: added as administrator\n")
    return find_person(desk, "anna")


def types(monkeypatch: pytest.MonkeyPatch, *lines: str) -> list[str]:
    """A person at a terminal; returns what they are asked."""
    asked: list[str] = []
    waiting = iter(lines)

    def answer(prompt: str) -> str:
        asked.append(prompt)
        return next(waiting)

    monkeypatch.setattr(user, "getpass", answer)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    return asked


def test_the_first_administrator(anna: Person, desk: Desk, data: Path) -> None:
    assert anna == Person(anna.person_id, "anna", "Анна К.", "administrator")
    assert check_password(desk, "anna", PASSWORD) == anna
    assert read_ways_in(desk)[anna.person_id].password_ends_s is None
    (entry,) = read_audit(desk)
    assert (entry.person, entry.action, entry.subject_login) == ("", "person.added", "anna")
    assert entry.detail == {"method": "command", "role": "administrator"}
    assert PASSWORD.encode() not in b"".join(path.read_bytes() for path in data.glob("desk.sqlite*"))


def test_the_password_is_typed_twice_without_echo(
    prescore: Prescore, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = types(monkeypatch, PASSWORD, PASSWORD)
    said = prescore("user", "add", "kate", "--role", "manager", "--manager", "Kate O'Neil", "--masked", "--plan", "40")
    assert (said.code, said.errors) == (0, "")
    assert asked == ["Password: ", "Once more: "]
    assert PASSWORD not in said.out
    kate = find_person(desk, "kate")
    assert kate == Person(kate.person_id, "kate", "kate", "manager", "Kate O'Neil", masked=True, daily_plan=40)
    assert check_password(desk, "kate", PASSWORD) == kate


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ((PASSWORD, PASSWORD + "x"), "the two passwords differ; nothing was changed"),
        (("short",), "password: 5 characters; give 12 to 128"),
        (("kate kate kate",), "password: made of names, common words or keys in a row"),
    ],
)
def test_a_password_that_does_not_hold_adds_nobody(
    prescore: Prescore, desk: Desk, monkeypatch: pytest.MonkeyPatch, lines: tuple[str, ...], message: str
) -> None:
    types(monkeypatch, *lines)
    said = prescore("user", "add", "kate", "--role", "head")
    assert said.code == 2
    assert message in said.errors
    assert read_people(desk) == ()


def test_without_a_terminal_it_says_what_to_do(prescore: Prescore, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False, raising=False)
    said = prescore("user", "add", "kate", "--role", "head")
    assert said.code == 2
    assert "set PRESCORE_NEW_PASSWORD, or give --generate" in said.errors


def test_a_generated_password_is_printed_once_and_must_be_changed(prescore: Prescore, desk: Desk) -> None:
    said = prescore("user", "add", "kate", "--role", "head", "--generate")
    found = re.search(r"initial password, shown this once, to be changed within a week: (\S+)", said.out)
    assert found is not None
    kate = find_person(desk, "kate")
    assert check_password(desk, "kate", found[1]) == kate
    assert read_ways_in(desk)[kate.person_id].password_ends_s is not None


def test_without_a_password_by_openid_connect_alone(prescore: Prescore, desk: Desk) -> None:
    assert prescore("user", "add", "kate", "--role", "head", "--oidc").code == 0
    assert not read_ways_in(desk)[find_person(desk, "kate").person_id].has_password
    said = prescore("user", "add", "olga", "--role", "head", "--oidc", "--generate")
    assert said.code == 2
    assert "leave --generate out" in said.errors


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("anna", "--role", "head"), "somebody has it already; `prescore user change` changes them"),
        (("ANNA", "--role", "head"), "somebody has it already"),
        (("к", "--role", "head"), "give 1-64 letters, digits"),
        (("kate", "--role", "manager"), "needs the name under which their calls stand (--manager)"),
        (("kate", "--role", "head", "--manager", "Kate"), "a manager, and nobody else, needs the name"),
        (("kate", "--role", "king"), "'king' is not one of"),
        (("kate", "--role", "head", "--plan", "5000"), "a plan of 5000 calls a day; give 1-1000"),
        (("kate", "--role", "head", "--plan", "0"), "a plan of 0 calls a day; give 1-1000"),
        (("kate", "--role", "head", "--name", ""), "added"),
        (("kate",), "Missing option '--role'"),
    ],
)
def test_what_does_not_hold(prescore: Prescore, anna: Person, desk: Desk, words: tuple[str, ...], message: str) -> None:
    said = prescore("user", "add", *words, "--generate")
    assert message in said.errors + said.out
    assert said.code == (0 if message == "added" else 2)


def test_everybody_is_listed(prescore: Prescore, anna: Person, desk: Desk) -> None:
    prescore("user", "add", "kate", "--role", "manager", "--manager", "Kate [O'Neil]", "--generate", "--masked")
    prescore("user", "add", "petr", "--role", "head", "--oidc", "--blind")
    prescore("user", "disable", "petr")
    lines = [re.split(r"\s{2,}", line.strip()) for line in prescore("user", "list").out.splitlines()]
    assert lines[0] == ["login", "name", "role", "calls of", "plan", "mode", "logs in by"]
    assert lines[1] == ["anna", "Анна К.", "administrator", "25", "password"]
    assert lines[2] == ["kate", "kate", "manager", "Kate [O'Neil]", "masked", "initial password"]
    assert lines[3] == ["petr", "petr", "head", "25", "blind", "disabled"]


def test_an_empty_list_says_how_to_begin(prescore: Prescore) -> None:
    assert "`prescore user add LOGIN --role administrator` adds the first one" in prescore("user", "list").out


def test_only_what_is_given_is_changed(prescore: Prescore, anna: Person, desk: Desk) -> None:
    prescore("user", "add", "kate", "--role", "supervisor", "--name", "Kate", "--blind", "--generate")
    assert prescore("user", "change", "kate", "--plan", "30", "--no-blind").out == "kate: changed\n"
    changed = find_person(desk, "kate")
    assert (changed.daily_plan, changed.blind, changed.name, changed.role) == (30, False, "Kate", "supervisor")
    assert prescore("user", "change", "kate", "--role", "manager", "--manager", "Kate").code == 0
    assert find_person(desk, "kate").manager == "Kate"
    assert prescore("user", "change", "kate", "--role", "head").code == 0
    assert find_person(desk, "kate").manager is None
    assert prescore("user", "change", "kate", "--role", "head").out == "kate: nothing to change\n"
    assert prescore("user", "change", "kate", "--role", "manager").code == 2
    assert prescore("user", "change", "nobody", "--plan", "3").code == 2
    fields = [entry.detail["fields"] for entry in read_audit(desk) if entry.action == "person.changed"]
    assert fields == [["role", "manager"], ["role", "manager"], ["blind", "daily_plan"]]


def test_the_last_administrator_stays(prescore: Prescore, anna: Person, desk: Desk) -> None:
    for words in (("disable", "anna"), ("change", "anna", "--role", "head")):
        said = prescore("user", *words)
        assert said.code == 2
        assert "nobody would be left who may manage people" in said.errors
    assert find_person(desk, "anna") == anna


def test_a_new_password_logs_out_everywhere(
    prescore: Prescore, anna: Person, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = open_session(desk, anna)
    monkeypatch.setenv("PRESCORE_NEW_PASSWORD", "another horse entirely")
    assert prescore("user", "password", "anna").out == "anna: new password, logged out everywhere\n"
    assert find_session(desk, token, 3600, 3600) is None
    assert check_password(desk, "anna", "another horse entirely") == anna
    assert "initial password" in prescore("user", "password", "anna", "--generate").out
    monkeypatch.setenv("PRESCORE_NEW_PASSWORD", "weak")
    assert prescore("user", "password", "anna").code == 2
    assert prescore("user", "password", "nobody", "--generate").code == 2


def test_disabled_and_enabled(prescore: Prescore, anna: Person, desk: Desk) -> None:
    prescore("user", "add", "kate", "--role", "administrator", "--generate")
    token = open_session(desk, anna)
    assert prescore("user", "disable", "anna").out == "anna: disabled\n"
    assert find_session(desk, token, 3600, 3600) is None
    assert check_password(desk, "anna", PASSWORD) is None
    assert prescore("user", "disable", "anna").out == "anna: nothing to change\n"
    assert prescore("user", "enable", "anna").out == "anna: enabled\n"
    assert check_password(desk, "anna", PASSWORD) is not None
    assert prescore("user", "enable", "nobody").code == 2


def test_help(prescore: Prescore) -> None:
    said = prescore("user", "--help")
    assert all(word in said.out for word in ("add", "list", "change", "password", "disable", "enable"))
    assert "Example" in prescore("user", "add", "--help").out


@pytest.mark.parametrize(
    ("has_people", "host", "proxy", "expected"),
    [
        (True, "127.0.0.1", None, []),
        (False, "127.0.0.1", None, ["prescore user add LOGIN --role administrator"]),
        (True, "0.0.0.0", None, ["log in only over TLS"]),
        (True, "127.0.0.1", "calls.example.com", []),
    ],
)
def test_serving_says_what_keeps_people_from_logging_in(
    has_people: bool, host: str, proxy: str | None, expected: list[str]
) -> None:
    found = hints(has_people, True, host, proxy)
    assert len(found) == len(expected)
    assert all(words in hint for words, hint in zip(expected, found, strict=True))


def test_the_review_command_passes_on_what_it_is_told(
    prescore: Prescore, monkeypatch: pytest.MonkeyPatch, data: Path
) -> None:
    served: list[tuple[object, ...]] = []
    monkeypatch.setattr("review.server.serve", lambda *arguments: served.append(arguments))
    said = prescore("review", "--port", "8123", "--proxy", "calls.example.com")
    assert "https://calls.example.com/" in said.out
    assert "nobody may log in yet" in said.out
    assert "player" not in said.out
    assert served[0][1:] == ("127.0.0.1", 8123, "calls.example.com")


def test_the_review_command_says_that_the_browsers_libraries_are_missing(
    prescore: Prescore, monkeypatch: pytest.MonkeyPatch, data: Path, tmp_path: Path
) -> None:
    monkeypatch.setattr("review.server.serve", lambda *arguments: None)
    monkeypatch.setattr("review.vendor.MODULES", tmp_path)
    assert "pages lack their player and charts: `make setup`" in prescore("review").out.replace("\n", " ")
