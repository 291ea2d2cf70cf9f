import sqlite3
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from review.desk import audit as audit_log
from review.desk.audit import read_actions, read_audit, record
from review.desk.database import Desk
from review.desk.people import Person, add_person
from review.pages.audit import ENTRIES_ON_A_PAGE
from tests.pages.people import PASSWORD, logged_in

MOSCOW = ZoneInfo("Europe/Moscow")


@pytest.fixture
def desk(app: FastAPI) -> Desk:
    found: Desk = app.state.site.desk
    return found


@pytest.fixture
def olga(desk: Desk) -> Person:
    return add_person(desk, Person("", "olga", "Olga <S>", "supervisor"), PASSWORD)


def rows(html: str) -> list[str]:
    return html.split("<tbody>")[1].split("<tr>")[1:] if "<tbody>" in html else []


@pytest.fixture
def entries(desk: Desk, olga: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three days, an entry each at noon in Moscow, and one a minute before midnight."""
    clock = {"now": 0.0}
    monkeypatch.setattr(audit_log, "now_s", lambda: clock["now"])

    def entry(day: int, hour: int, *what: object, **detail: object) -> None:
        clock["now"] = datetime(2026, 11, day, hour, 59, tzinfo=MOSCOW).timestamp()
        record(desk, *what, **detail)  # type: ignore[arg-type]

    entry(1, 12, None, "log_in.failed", olga.person_id, "10.0.0.1")
    entry(2, 12, olga, "call.seen", "abc123", "10.0.0.2", suggestions=True)
    entry(2, 23, olga, "verdict.submitted", "abc123", "10.0.0.2")
    entry(3, 12, None, "something.new", "x&y", "", count=3, fields=["role", "shoe"], nothing=None)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["something.new", "submitted a verdict", "saw a call", "log-in failed"]),
        ("person=olga", ["submitted a verdict", "saw a call"]),
        ("person=nobody", ["something.new", "submitted a verdict", "saw a call", "log-in failed"]),
        ("action=call.seen", ["saw a call"]),
        ("action=no.such", []),
        ("subject=abc123", ["submitted a verdict", "saw a call"]),
        ("subject=olga", ["log-in failed"]),
        ("from=2026-11-02", ["something.new", "submitted a verdict", "saw a call"]),
        ("to=2026-11-02", ["submitted a verdict", "saw a call", "log-in failed"]),
        ("from=2026-11-03&to=2026-11-03", ["something.new"]),
        ("from=yesterday&to=2026-13-40", ["something.new", "submitted a verdict", "saw a call", "log-in failed"]),
        ("to=9999-12-31", ["something.new", "submitted a verdict", "saw a call", "log-in failed"]),
        ("subject=%27+OR+1%3D1", []),
    ],
)
@pytest.mark.usefixtures("entries")
def test_filters(client: TestClient, query: str, expected: list[str]) -> None:
    html = client.get(f"/audit?{query}").text
    shown = rows(html)
    assert len(shown) == len(expected)
    assert all(f"<td>{action}</td>" in row for action, row in zip(expected, shown, strict=True))


@pytest.mark.usefixtures("entries")
def test_an_entry_says_who_what_and_from_where(client: TestClient) -> None:
    new, _, seen, failed = rows(client.get("/audit").text)
    assert all(text in seen for text in ("02 Nov 2026, 12:59", "olga", "abc123", "10.0.0.2", "suggestions shown: yes"))
    assert "not logged in" in failed
    assert "olga" in failed
    assert "count: 3" in new
    assert "fields: Role, shoe" in " ".join(new.split())
    assert "nothing" not in new
    assert 'href="/audit?subject=x%26y"' in new


@pytest.mark.usefixtures("entries")
def test_the_filters_stay_in_the_form(client: TestClient) -> None:
    html = client.get("/audit?person=olga&action=no.such&subject=abc123&from=2026-11-02").text
    assert '<option value="olga" selected>Olga &lt;S&gt; (olga)' in html
    assert '<option value="no.such" selected>no.such' in html
    assert 'value="abc123"' in html
    assert 'value="2026-11-02"' in html
    assert "Nothing was recorded" in html
    assert "вход" in client.get("/audit?lang=ru").text


def test_pages(client: TestClient, desk: Desk) -> None:
    for number in range(ENTRIES_ON_A_PAGE + 1):
        record(desk, None, "call.seen", f"call{number}")
    first = client.get("/audit?action=call.seen").text
    assert len(rows(first)) == ENTRIES_ON_A_PAGE
    assert 'rel="next" href="/audit?action=call.seen&amp;page=2"' in first
    assert 'rel="prev"' not in first
    second = client.get("/audit?action=call.seen&page=2").text
    assert len(rows(second)) == 1
    assert "call0" in second
    assert 'rel="next"' not in second
    assert "Nothing was recorded" in client.get("/audit?page=9").text


def test_every_action_is_found_once(desk: Desk) -> None:
    assert read_actions(desk) == ()
    for action in ("b", "a", "b", "c", "a"):
        record(desk, None, action)
    assert read_actions(desk) == ("a", "b", "c")


def test_the_log_is_append_only(desk: Desk) -> None:
    record(desk, None, "call.seen", "x")
    columns = "audit_id, occurred_s, person_id, action, 'y', detail, address"
    for statement in (
        "UPDATE audit SET subject = 'y'",
        "DELETE FROM audit",
        f"INSERT OR REPLACE INTO audit SELECT {columns} FROM audit",
    ):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"), desk.writing() as con:
            con.execute(statement)
    assert [entry.subject for entry in read_audit(desk)] == ["x"]


def test_what_was_refused_and_how_somebody_came_in_is_said_in_words(app: FastAPI) -> None:
    logged_in(app, "manager", "olga", manager="Olga").get("/trust")
    record(app.state.site.desk, None, "log_in", "olga", "127.0.0.1", method="password")
    with logged_in(app, "administrator") as client:
        html = client.get("/audit", headers={"accept-language": "ru"}).text
    assert ">доверие</a>" in html and "see_trust</a>" not in html
    assert "способ: пароль" in html
