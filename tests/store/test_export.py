import csv
import json
from pathlib import Path

import duckdb
import pytest

from pipeline.errors import InputError
from pipeline.store import Store, export
from pipeline.store.calls import register_journal, register_recordings
from pipeline.store.evaluations import write_checklist
from pipeline.store.results import write_results
from tests.store.builders import CHECKLIST, delivery, journal_call, sha_of, whole_call


@pytest.fixture
def filled(store: Store) -> Store:
    with store.writing() as con:
        write_checklist(con, CHECKLIST)
        register_journal(con, [journal_call(1, file_name="a.wav"), journal_call(2, answered=False)])
        register_recordings(con, [delivery("a.wav")])
        write_results(con, whole_call(sha_of("a.wav")), "run")
    return store


def csv_rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


def exported(store: Store, format_: export.Format, out: Path) -> int:
    with store.reading() as con:
        return export.export(con, format_, out)


def test_json_lines_nest_everything_of_a_call(filled: Store, tmp_path: Path) -> None:
    out = tmp_path / "new folder" / "calls.jsonl"
    assert exported(filled, "jsonl", out) == 2
    done, missed = (json.loads(line) for line in out.read_text(encoding="utf-8").splitlines())
    assert (done["call_id"], done["status"], done["cqr"], done["started_at"]) == (
        "j1",
        "done",
        70,
        "2026-10-05T10:01:00Z",
    )
    assert done["utterances"][0] == {"role": "agent", "start_s": 0.0, "end_s": 0.9, "text": "Добрый день, it's us"}
    assert [criterion["id"] for criterion in done["criteria"]] == ["greeting", "needs", "politeness"]
    assert done["criteria"][1]["value"] == 0.5
    assert done["criteria"][1]["evidence"][0]["quote"] == "Добрый день"
    assert done["metrics"]["conversation"]["silence_share"] == 0.1
    assert [role["talk_share"] for role in done["metrics"]["roles"]] == [0.6, 0.4]
    assert (missed["status"], missed["utterances"], missed["criteria"]) == ("missed", [], [])
    assert missed["metrics"] == {"conversation": None, "roles": []}


def test_csv_is_a_folder_of_flat_tables(filled: Store, tmp_path: Path) -> None:
    out = tmp_path / "calls"
    for _ in range(2):  # again over the first
        assert exported(filled, "csv", out) == 2
    read = {path.stem: csv_rows(path) for path in out.iterdir()}
    assert {name: len(rows) for name, rows in read.items()} == {
        "calls": 2,
        "utterances": 2,
        "suggestions": 3,
        "metrics": 2,
    }
    assert read["utterances"][0]["text"] == "Добрый день, it's us"
    assert json.loads(read["suggestions"][0]["evidence"])[0]["quote"] == "Добрый день"
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_path_that_ends_in_csv_is_one_file_of_utterances(filled: Store, tmp_path: Path) -> None:
    exported(filled, "csv", tmp_path / "calls.csv")
    rows = csv_rows(tmp_path / "calls.csv")
    assert [(row["call_id"], row["role"], row["text"]) for row in rows] == [
        ("j1", "agent", "Добрый день, it's us"),
        ("j1", "client", "Дорого"),
        ("j2", "", ""),
    ]


@pytest.mark.parametrize(("name", "file"), [("calls", "calls/utterances.parquet"), ("u.parquet", "u.parquet")])
def test_parquet(filled: Store, tmp_path: Path, name: str, file: str) -> None:
    exported(filled, "parquet", tmp_path / name)
    with duckdb.connect() as con:
        found = con.sql("SELECT text FROM read_parquet(?) WHERE role = 'client'", params=[str(tmp_path / file)])
        assert found.fetchall() == [("Дорого",)]


def test_what_is_in_the_way_stays(filled: Store, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "thesis.docx").touch()
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match=r"folder: a file is to be written here, and a folder is in the way"):
        exported(filled, "jsonl", tmp_path / "folder")
    with pytest.raises(InputError, match=r"file: a folder is to be written here, and a file is in the way"):
        exported(filled, "csv", tmp_path / "file")
    with pytest.raises(InputError, match="folder: the folder holds other files"):
        exported(filled, "csv", tmp_path / "folder")
    assert (tmp_path / "folder" / "thesis.docx").exists()


@pytest.mark.parametrize(("format_", "name"), [("jsonl", "c.jsonl"), ("csv", "folder")])
def test_a_failed_export_leaves_the_old_one(
    filled: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, format_: export.Format, name: str
) -> None:
    exported(filled, format_, tmp_path / name)
    before = sorted(
        (path, path.is_file() and path.read_bytes()) for path in tmp_path.rglob("*") if path.suffix != ".lock"
    )
    monkeypatch.setattr(export, "query", lambda name: "SELECT error('disk full')")
    with pytest.raises(duckdb.Error, match="disk full"):
        exported(filled, format_, tmp_path / name)
    after = sorted(
        (path, path.is_file() and path.read_bytes()) for path in tmp_path.rglob("*") if path.suffix != ".lock"
    )
    assert after == before
