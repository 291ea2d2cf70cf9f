import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import tzinfo
from html import unescape
from statistics import mean
from urllib.parse import quote

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from openpyxl import load_workbook

from pipeline.checklist import Checklist
from pipeline.data_folder import DataFolder
from pipeline.stages import StageResult
from pipeline.store import Store
from pipeline.store.evaluations import write_checklist
from pipeline.store.results import write_results
from pipeline.store.verdicts import Verdict, append_verdicts
from review.desk.audit import AuditFilter, read_audit
from review.intervals import Sample, difference, mean_interval
from review.pages import team_figures
from review.pages.checklist_choice import ChecklistChoice
from review.pages.manager_figures import Figures, Standing
from review.pages.managers import sort_standings
from review.pages.team_figures import TeamFigures
from tests.pages.people import logged_in
from tests.pages.team import CHECKLIST, NEWCOMER, SKILLS, TeamCall, flag_calls, team_store
from tests.store.builders import sha_of

QUARTER = "?period=quarter"
WEAK = "Жанна Зимина"
ANOTHER = Checklist.model_validate(CHECKLIST.model_dump() | {"id": "another", "title": {"en": "Another"}})
PAGE = f"/managers/{quote(WEAK)}{QUARTER}"


@pytest.fixture
def team(data: DataFolder) -> tuple[TeamCall, ...]:
    data.prepare()
    content, calls = team_store()
    data.store.write_bytes(content)
    return calls


@pytest.fixture
def head(app: FastAPI, team: tuple[TeamCall, ...]) -> Iterator[TestClient]:
    with logged_in(app, "head") as client:
        yield client


def table(client: TestClient, address: str) -> list[dict[str, str]]:
    response = client.get(address)
    assert response.status_code == 200, response.text
    assert response.content.startswith("\ufeff".encode())
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))


def in_quarter(calls: tuple[TeamCall, ...], manager: str) -> list[TeamCall]:
    return [call for call in calls if call.manager == manager and call.started_at.month >= 10]


def chart(page: str, name: str) -> dict:
    found = re.search(rf'<script type="application/json" data-chart="{name}">(.*?)</script>', page, re.DOTALL)
    assert found
    return json.loads(found[1])


def test_every_manager_has_a_row_with_an_interval(
    head: TestClient, team: tuple[TeamCall, ...], data: DataFolder
) -> None:
    rows = {row["Manager"]: row for row in table(head, f"/managers{QUARTER}&format=csv")}
    assert set(rows) == set(SKILLS)
    with Store(data.store).reading() as con:
        cqrs = con.execute(
            "SELECT cqr FROM main.calls WHERE manager = $1 AND started_at >= '2026-09-30 21:00' AND cqr IS NOT NULL",
            [WEAK],
        ).fetchall()
    row = rows[WEAK]
    assert int(row["Calls"]) == len(in_quarter(team, WEAK))
    assert int(row["Scored"]) == len(cqrs)
    assert float(row["CQR"]) == pytest.approx(mean(cqr for (cqr,) in cqrs))
    assert float(row["CQR from"]) < float(row["CQR"]) < float(row["CQR to"])
    assert float(row["Change from"]) < float(row["Change"]) < float(row["Change to"])
    assert float(row["Share listened to"]) == int(row["Listened to"]) / int(row["Calls with a conversation"])


def test_the_page_says_what_so_few_calls_are_worth(head: TestClient) -> None:
    page = head.get(f"/managers{QUARTER}").text
    assert "too few calls" in page  # the newcomer's
    assert "278 calls for 1,000" in page
    assert "01 Oct 2026 – 31 Dec 2026" in page
    assert "01 Jul 2026 – 30 Sep 2026" in page
    assert f'href="/managers/{quote(WEAK)}?period=quarter&amp;from=2026-10-01"' in page
    assert "style=" not in page


def test_an_hour_of_the_night_belongs_to_the_day_on_the_clock(head: TestClient, team: tuple[TeamCall, ...]) -> None:
    day = team[0].started_at.date().isoformat()
    rows = table(head, f"/managers?period=custom&from={day}&to={day}&format=csv")
    assert sum(int(row["Calls"]) for row in rows) == 1 + sum(
        call.started_at.date() == team[0].started_at.date() for call in team
    )


@pytest.mark.parametrize("sort", ["cqr", "-cqr", "-calls", "heard", "change", "-passed", "talk", "scored"])
def test_the_table_is_sorted_by_link(head: TestClient, sort: str) -> None:
    names = {
        "cqr": "CQR",
        "heard": "Share listened to",
        "passed": "Share of good calls",
        "talk": "Manager's share of speech",
    }
    column = sort.removeprefix("-")
    found = [
        row[names.get(column, "CQR" if column == "cqr" else column.capitalize())]
        for row in table(head, f"/managers{QUARTER}&sort={sort}&format=csv")
    ]
    known = [float(text) for text in found if text]
    assert known == sorted(known, reverse=sort.startswith("-"))
    assert "" not in found[: len(known)]
    page = head.get(f"/managers{QUARTER}&sort={sort}").text
    assert f'aria-sort="{"descending" if sort.startswith("-") else "ascending"}"' in page
    other = column if sort.startswith("-") else f"-{column}"
    assert f"sort={other}" in unescape(page)


def test_the_nameless_come_last_either_way() -> None:
    standings = [Standing(None), Standing("b"), Standing("a", Figures(call_count=3))]
    assert [item.manager for item in sort_standings(standings, "manager")] == ["a", "b", None]
    assert [item.manager for item in sort_standings(standings, "-manager")] == ["b", "a", None]
    assert [item.manager for item in sort_standings(standings, "-calls")] == ["a", "b", None]


def test_what_the_address_asks_wrongly_is_left_out(head: TestClient) -> None:
    page = head.get("/managers?period=year&from=x&to=y&sort=shoe")
    assert page.status_code == 200
    assert "01 Nov 2026 – 30 Nov 2026" in page.text


def test_mystery_calls_are_in_no_figure(head: TestClient, team: tuple[TeamCall, ...], data: DataFolder) -> None:
    before = {row["Manager"]: int(row["Calls"]) for row in table(head, f"/managers{QUARTER}&format=csv")}
    flag_calls(Store(data.store), [call.name for call in in_quarter(team, WEAK)[:3]], "mystery")
    after = {row["Manager"]: int(row["Calls"]) for row in table(head, f"/managers{QUARTER}&format=csv")}
    assert after == before | {WEAK: before[WEAK] - 3}


def test_an_empty_period_leads_to_the_newest(head: TestClient) -> None:
    page = head.get("/managers?period=week&from=2020-01-01").text
    assert "No calls in this period" in page
    assert 'href="/managers"' in page


def test_without_a_store_it_says_what_to_do(app: FastAPI) -> None:
    with logged_in(app, "head") as client:
        assert "Nothing has been processed yet" in client.get("/managers").text
        assert "Nothing has been processed yet" in client.get("/managers/Anna").text
        assert client.get("/managers?format=csv").status_code == 200
    with logged_in(app, "manager", manager="Anna") as client:  # who can put recordings nowhere
        assert "Your calls will stand here" in client.get("/my-figures").text


def test_a_manager_over_the_weeks_and_beside_the_team(head: TestClient) -> None:
    page = head.get(PAGE).text
    weeks, criteria, types = chart(page, "weeks"), chart(page, "criteria"), chart(page, "types")
    assert len(weeks["categories"]) == 10
    assert weeks["categories"][-1] == "02 Nov 2026"
    assert weeks["mark"] == 80
    assert all(
        low <= value <= high
        for low, value, high in zip(*(weeks["series"][0][key] for key in ("low", "values", "high")), strict=True)
    )
    place = criteria["categories"].index("close and next step")
    assert criteria["series"][0]["high"][place] < 0  # the weak spot
    assert criteria["lowest"] <= min(criteria["series"][0]["low"])
    assert sum(types["series"][0]["values"]) == pytest.approx(100, abs=0.1)
    assert "Calls to work on" in page
    assert "style=" not in page


def test_the_calls_are_gathered_once_for_everybodys_page(
    head: TestClient, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All managers and each of them, the period named or not; a page then opens the store for nothing but a name."""
    gathered: list[tuple[str, str, str]] = []
    real = team_figures.read_team_figures

    def note(store: Store, choice: ChecklistChoice, asked: tuple[str, str, str], zone: tzinfo) -> TeamFigures:
        gathered.append(asked)
        return real(store, choice, asked, zone)

    monkeypatch.setattr(team_figures, "read_team_figures", note)
    for address in ("/managers?period=month", "/managers", *(f"/managers/{quote(name, safe='')}" for name in SKILLS)):
        assert head.get(address).status_code == 200
    assert gathered == [("month", "", "")]
    assert head.get("/managers/nobody").status_code == 404
    head.get(PAGE)
    head.get(f"/managers{QUARTER}")
    assert gathered == [("month", "", ""), ("quarter", "", "")]


def test_the_table_of_criteria_says_what_the_calls_say(head: TestClient, data: DataFolder) -> None:
    """Means and spreads are worked out from how often each value comes: as from the values themselves."""
    sql = """
        SELECT count(*), avg(100 * score.value), stddev_samp(100 * score.value)
        FROM main.current_scores AS score
        JOIN main.calls AS call USING (call_id)
        WHERE (call.manager = $manager) = $own AND call.started_at >= '2026-09-30 21:00' AND call.cqr IS NOT NULL
            AND score.applicable AND score.value IS NOT NULL AND score.weight IS NOT NULL
        GROUP BY score.criterion_id, score.criterion_order
        ORDER BY score.criterion_order
    """
    shown = table(head, f"{PAGE}&table=criteria&format=csv")
    with Store(data.store).reading() as con:
        own, others = (
            [Sample(*row) for row in con.execute(sql, {"manager": WEAK, "own": is_own}).fetchall()]
            for is_own in (True, False)
        )
    assert len(shown) == len(own) > 3
    for row, mine, theirs in zip(shown, own, others, strict=True):
        assert int(row["Calls"]) == mine.count
        expected = (mean_interval(mine).value, mean_interval(mine).low, mean_interval(mine).high, theirs.mean)
        apart = difference(mine, theirs)
        found = [float(text) for text in list(row.values())[2:]]
        assert found == pytest.approx([*expected, apart.value, apart.low, apart.high])


def test_examples_with_a_verdict_come_first_and_good_ones_before_them(
    head: TestClient, team: tuple[TeamCall, ...], data: DataFolder
) -> None:
    page = head.get(PAGE).text
    best = page[page.index("Best calls") : page.index("Calls to work on")]
    assert best.count("with a verdict") == 5
    flagged = next(call for call in in_quarter(team, WEAK) if call.evaluation.scored)
    flag_calls(Store(data.store), [flagged.name], "good_example")
    page = head.get(PAGE).text
    assert page[page.index("Best calls") :].index("good example") < page[page.index("Best calls") :].index(
        "with a verdict"
    )
    links = re.findall(r'href="/calls/(\w+)\?', page)
    assert len(links) == len(set(links)) == 10


@pytest.mark.parametrize(
    ("name", "column"), [("weeks", "Everybody's CQR"), ("criteria", "Difference"), ("types", "Others' share")]
)
def test_each_table_is_a_file(head: TestClient, app: FastAPI, name: str, column: str) -> None:
    rows = table(head, f"{PAGE}&table={name}&format=csv")
    assert rows
    assert column in rows[0]
    entry = read_audit(app.state.site.desk, AuditFilter(action="table.exported"))[0]
    assert entry.detail == {"format": "csv", "rows": len(rows)}
    response = head.get(f"{PAGE}&table={name}&format=xlsx")
    assert (
        f"filename*=UTF-8''{name}-{quote(WEAK)}-2026-10-01-2026-12-31.xlsx" in response.headers["content-disposition"]
    )
    sheet = load_workbook(io.BytesIO(response.content)).active
    assert sheet.max_row == len(rows) + 1


@pytest.mark.parametrize(
    ("address", "status"),
    [
        (f"{PAGE}&format=csv", 404),
        (f"{PAGE}&format=csv&table=shoes", 404),
        (f"{PAGE}&format=pdf&table=weeks", 400),
        ("/managers?format=pdf", 400),
        ("/managers/nobody", 404),
        ("/managers/", 404),
    ],
)
def test_what_there_is_not(head: TestClient, address: str, status: int) -> None:
    assert head.get(address).status_code == status


def test_a_name_of_any_script_and_sign_has_a_page(head: TestClient) -> None:
    page = head.get("/managers").text
    (address,) = re.findall(r'href="(/managers/Kate[^"]*)"', page)
    shown = head.get(unescape(address)).text
    assert unescape(shown).count(NEWCOMER) > 3
    assert "Kate O'Neil & Co</h1>" not in shown  # escaped


def test_a_manager_sees_their_own_page_and_nothing_of_others(app: FastAPI, team: tuple[TeamCall, ...]) -> None:
    with logged_in(app, "manager", manager=WEAK) as client:
        page = client.get("/my-figures")
        assert page.status_code == 200
        assert f"{WEAK}</h1>" in page.text
        assert "As a file" not in page.text
        assert not any(name in page.text for name in SKILLS if name != WEAK)
        for address in ("/managers/Анна Белова", "/managers/nobody"):
            assert client.get(address).status_code == 404
        assert client.get("/managers").status_code == 403
        assert client.get(f"{PAGE}&table=weeks&format=csv").status_code == 403
        assert 'href="/my-figures"' in page.text


def test_a_manager_without_calls_gets_an_empty_page(app: FastAPI, team: tuple[TeamCall, ...]) -> None:
    with logged_in(app, "manager", manager="Новый Человек") as client:
        assert "No calls in this period" in client.get("/my-figures").text


@pytest.mark.parametrize("role", ["supervisor", "data"])
def test_who_may_not(app: FastAPI, team: tuple[TeamCall, ...], role: str) -> None:
    with logged_in(app, role) as client:  # type: ignore[arg-type]
        for address in ("/managers", PAGE, "/managers?format=csv"):
            assert client.get(address).status_code == 403


def test_nobody_logged_in_goes_to_the_log_in(app: FastAPI) -> None:
    client = TestClient(app, follow_redirects=False)
    for address in ("/managers", PAGE, "/my-figures", "/trust", "/exports", "/exports/calls.csv"):
        response = client.get(address)
        assert response.status_code == 303
        assert response.headers["location"].startswith("/log-in")


def test_others_are_led_from_my_figures_to_all_managers(head: TestClient) -> None:
    assert head.get("/my-figures", follow_redirects=False).headers["location"] == "/managers"


@pytest.mark.parametrize("language", ["ru", "en"])
def test_both_languages(head: TestClient, language: str) -> None:
    for address in (f"/managers{QUARTER}", PAGE):
        page = head.get(f"{address}&lang={language}")
        assert page.status_code == 200
        assert f'lang="{language}"' in page.text


def judged_by_another(data: DataFolder, calls: list[TeamCall]) -> list[float]:
    """Judges the calls by a second checklist too, with a verdict on the first of them; returns their CQRs by it."""
    with Store(data.store).writing() as con:
        write_checklist(con, ANOTHER)
        records = [
            replace(call.evaluation, checklist_id=ANOTHER.id, checklist_version=ANOTHER.version) for call in calls
        ]
        pairs = zip(calls, records, strict=True)
        write_results(
            con, [StageResult(sha_of(call.name), "evaluation", "another", it, 1, 60, "d") for call, it in pairs], "run"
        )
        (found,) = con.execute(
            "SELECT evaluation_id FROM base.evaluations WHERE checklist_id = $1 AND content_sha256 = $2",
            [ANOTHER.id, sha_of(calls[0].name)],
        ).fetchall()
        append_verdicts(con, [Verdict(*found, calls[0].evaluation.suggestions[0].criterion_id, True, 1.0, "anna")])
        scored = con.execute("SELECT cqr FROM main.cqr_per_call WHERE checklist_id = $1", [ANOTHER.id]).fetchall()
    return [cqr for (cqr,) in scored]


def test_another_checklist_has_figures_of_its_own(
    head: TestClient, team: tuple[TeamCall, ...], data: DataFolder
) -> None:
    """Only what it has judged counts: no other call, and no verdict that was given by the first checklist."""
    assert '<select name="checklist"' not in head.get(f"/managers{QUARTER}").text  # nothing to choose
    before = {row["Manager"]: row for row in table(head, f"/managers{QUARTER}&format=csv")}
    chosen = [call for call in in_quarter(team, WEAK) if call.evaluation.scored][:4]
    flag_calls(Store(data.store), [chosen[3].name], "mystery")
    cqrs = judged_by_another(data, chosen)
    for row in table(head, f"/managers{QUARTER}&format=csv"):
        lost = row["Manager"] == WEAK  # the mystery call
        earlier = before[row["Manager"]]
        assert int(row["Calls"]) == int(earlier["Calls"]) - lost
        assert lost or float(row["CQR"]) == pytest.approx(float(earlier["CQR"]))
        assert lost or row["Listened to"] == earlier["Listened to"]
    (row,) = table(head, f"/managers{QUARTER}&checklist=another&format=csv")
    assert (row["Manager"], row["Calls"], row["Scored"], row["Listened to"]) == (WEAK, "4", "4", "1")
    page = head.get(f"/managers{QUARTER}&checklist=another").text
    assert re.search(r'<option value="another" selected>Another', page)
    assert "Only calls judged by “Another”" in page
    assert f'href="/managers/{quote(WEAK)}?period=quarter&amp;from=2026-10-01&amp;checklist=another"' in page
    own = table(head, f"{PAGE}&checklist=another&table=weeks&format=csv")
    assert sum(int(week["Calls"]) for week in own) == 4
    assert float(row["CQR"]) == pytest.approx(mean(cqrs))
    assert "manager=%D0%96%D0%B0%D0%BD%D0%BD%D0%B0+%D0%97%D0%B8%D0%BC%D0%B8%D0%BD%D0%B0&amp;checklist=another" in (
        head.get(f"{PAGE}&checklist=another").text
    )
    unknown = head.get(f"/managers{QUARTER}&checklist=nonsense")
    assert re.search(r'<option value="cqr" selected>', unknown.text)
    files = head.get(f"/managers{QUARTER}&checklist=another&format=csv").headers["content-disposition"]
    assert "managers-another-2026-10-01" in files
