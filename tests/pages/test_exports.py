import csv
import io
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from openpyxl import load_workbook

from pipeline.data_folder import DataFolder
from pipeline.store import Store
from pipeline.store.publish import publish
from pipeline.store.rows import append
from review.catalogue import load_catalogues
from review.exports import local_time, safe_cell, table_response
from review.pages import exports
from review.refusals import Refusal
from tests.pages.people import logged_in
from tests.pages.team import team_store

QUARTER, WEEK = "?period=quarter", "?period=week"
RISKY = ["=1+1", "+7 900", "-2", "@cmd", "\tx"]


@pytest.fixture
def store(data: DataFolder) -> Store:
    data.prepare()
    data.store.write_bytes(team_store()[0])
    return Store(data.store)


@pytest.fixture
def analyst(app: FastAPI, store: Store) -> Iterator[TestClient]:
    with logged_in(app, "data") as client:
        yield client


def body_of(response: object) -> bytes:
    async def gather() -> bytes:
        chunks = [chunk async for chunk in response.body_iterator]  # type: ignore[attr-defined]
        return b"".join(chunk.encode() if isinstance(chunk, str) else chunk for chunk in chunks)

    import asyncio

    return asyncio.run(gather())


def test_a_table_as_csv_opens_in_a_spreadsheet_and_runs_nothing() -> None:
    rows = [[text, -2, 0.5, None] for text in RISKY]
    response = table_response("name", ["=a", "b", "c", "d"], rows, "csv")
    text = body_of(response).decode("utf-8")
    assert text.startswith("\ufeff")
    found = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert found[0] == ["'=a", "b", "c", "d"]
    assert [row[0] for row in found[1:]] == [f"'{text}" for text in RISKY]
    assert found[1][1:] == ["-2", "0.5", ""]


def test_a_table_as_xlsx_holds_numbers_times_and_no_formula() -> None:
    moment = datetime(2026, 10, 5, 10, 12)
    rows = [["=1+1", 2.5, moment, "a\x00b", date(2026, 10, 5)], [None, 3, None, "Анна", None]]
    content = body_of(table_response("Таблица: [1]", list("abcde"), rows, "xlsx"))
    sheet = load_workbook(io.BytesIO(content)).active
    assert sheet.title.split() == ["Таблица", "1"]
    values = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert values[1][:4] == ["'=1+1", 2.5, moment, "ab"]
    assert sheet["A2"].data_type == "s"
    assert values[2][3] == "Анна"


def test_many_rows_go_out_in_pieces() -> None:
    response = table_response("n", ["a"], ([number] for number in range(1200)), "csv")
    assert body_of(response).count(b"\n") == 1201


def test_there_is_no_third_format() -> None:
    with pytest.raises(Refusal):
        table_response("n", ["a"], [], "pdf")


def test_long_and_harmless_texts() -> None:
    assert safe_cell("plain - text") == "plain - text"
    assert len(safe_cell("x" * 40_000)) < 32_768
    assert safe_cell(True) is True


def test_times_are_those_of_the_page() -> None:
    words = load_catalogues(UTC)["en"]
    assert local_time(words, datetime(2026, 10, 5, 7, 12, 3, 500)) == datetime(2026, 10, 5, 7, 12, 3)
    assert local_time(words, None) is None


def test_the_data_team_has_exports_and_nothing_else(analyst: TestClient) -> None:
    page = analyst.get(f"/exports{QUARTER}").text
    for table in exports.TABLES:
        for format in exports.FORMATS:
            assert f'href="/exports/{table}.{format}?period=quarter&amp;from=2026-10-01"' in page
    assert "It has not been published yet" in page
    assert "published/snapshot.duckdb" in page
    assert analyst.get("/managers").status_code == analyst.get("/trust").status_code == 403


def test_it_says_when_the_store_was_published(analyst: TestClient, store: Store, data: DataFolder) -> None:
    publish(store, data.published)
    assert "Published " in analyst.get("/exports").text


@pytest.mark.parametrize("table", exports.TABLES)
def test_every_table_in_every_format(analyst: TestClient, data: DataFolder, tmp_path: Path, table: str) -> None:
    answers = {name: analyst.get(f"/exports/{table}.{name}{WEEK}") for name in exports.FORMATS}
    assert {answer.status_code for answer in answers.values()} == {200}
    lines = list(csv.DictReader(io.StringIO(answers["csv"].text)))
    assert lines
    assert all(line["started_at"] >= "2026-11-01 21:00" for line in lines)
    (tmp_path / "found.parquet").write_bytes(answers["parquet"].content)
    (count,) = duckdb.sql(f"SELECT count(*) FROM '{tmp_path / 'found.parquet'}'").fetchall()[0:1]
    assert count == (len(lines),)
    assert load_workbook(io.BytesIO(answers["xlsx"].content)).active.max_row == len(lines) + 1
    assert f"{table}-2026-11-02-2026-11-08.csv" in answers["csv"].headers["content-disposition"]
    assert not list(data.scratch.glob("export-*"))


def test_names_that_a_spreadsheet_would_run_are_text(analyst: TestClient, store: Store) -> None:
    facts = {"call_id": "risky", "manager": "=HYPERLINK(1)", "from_journal": True, "answered": False}
    moment = datetime(2026, 10, 10, 9)
    with store.writing() as con:
        append(con, "call_facts", [facts | {"started_at": moment, "registered_at": moment}])
    lines = csv.DictReader(io.StringIO(analyst.get(f"/exports/calls.csv{QUARTER}").text))
    assert "'=HYPERLINK(1)" in {line["manager"] for line in lines}


def test_a_masked_reader_gets_nothing_that_may_name_a_client(app: FastAPI, store: Store) -> None:
    with logged_in(app, "data", masked=True) as client:
        calls = list(csv.DictReader(io.StringIO(client.get(f"/exports/calls.csv{QUARTER}").text)))
        verdicts = list(csv.DictReader(io.StringIO(client.get(f"/exports/verdicts.csv{QUARTER}").text)))
    assert {line["file_name"] for line in calls} == {line["client_phone_last4"] for line in calls} == {""}
    assert {line["comment"] for line in verdicts} == {""}


def test_too_many_rows_for_a_workbook(analyst: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "MOST_XLSX_ROWS", 5)
    response = analyst.get(f"/exports/scores.xlsx{QUARTER}")
    assert response.status_code == 413
    assert "shorter period" in response.text


@pytest.mark.parametrize("name", ["shoes.csv", "calls.pdf", "calls", "..%2Fcalls.csv"])
def test_what_there_is_not(analyst: TestClient, name: str) -> None:
    assert analyst.get(f"/exports/{name}").status_code == 404


def test_a_broken_export_leaves_no_file(
    app: FastAPI, store: Store, data: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(exports, "write", broken)
    with logged_in(app, "data", raise_server_exceptions=False) as client:
        assert client.get("/exports/calls.csv").status_code == 500
    assert not list(data.scratch.glob("export-*"))


def test_a_manager_exports_nothing(app: FastAPI, store: Store) -> None:
    with logged_in(app, "manager", manager="Анна Белова") as client:
        assert client.get("/exports").status_code == 403
        assert client.get("/exports/calls.csv").status_code == 403


def test_without_a_store(app: FastAPI) -> None:
    with logged_in(app, "data") as client:
        assert "There is nothing to export yet" in client.get("/exports").text
        assert client.get("/exports/calls.csv").status_code == 404
