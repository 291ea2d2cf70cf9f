"""Reading what is stored: status, show, failed, export, publish; help and options."""

import csv
import json
import shutil
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from pipeline.stages import StageResult
from pipeline.store import Store
from pipeline.store.lock import locked
from pipeline.store.results import write_results
from pipeline.store.show import read_call
from tests.command.in_process import Prescore
from tests.fakes import tones
from tests.flow_runs.recordings import write_wav

COMMANDS = [
    "run",
    "rescore",
    "retry",
    "status",
    "show",
    "failed",
    "score-text",
    "publish",
    "export",
    "review",
    "doctor",
    "weights",
]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str, prescore: Prescore) -> None:
    said = prescore(command, "--help")
    assert (said.code, said.errors) == (0, "")
    assert f"prescore {command}" in said.out
    if command in {"run", "rescore", "show", "export", "score-text"}:
        assert "Example" in said.out


def test_without_a_command_help_is_shown(prescore: Prescore) -> None:
    said = prescore(at=None)
    assert said.code == 2
    assert all(command in said.out + said.errors for command in COMMANDS)
    assert prescore("--help", at=None).code == 0
    assert prescore("no-such-command").code == 2


def test_status_counts_and_lists(prescore: Prescore, filled: Path) -> None:
    said = prescore("status", at=filled)
    rows = [line.split() for line in said.out.splitlines()]
    lines = {row[0]: row[1] for row in rows if len(row) > 1 and row[1].isdigit()}
    assert lines == {"done": "2", "no_speech": "1", "failed": "3", "missed": "1", "no_recording": "1"}
    assert "stereo-1.wav" not in said.out
    listed = prescore("status", "--calls", at=filled)
    assert "stereo-1.wav" in listed.out
    assert "failed (truncated)" in listed.out


def test_show_is_readable(prescore: Prescore, filled: Path) -> None:
    said = prescore("show", "stereo-1.wav", at=filled)
    assert said.code == 0
    for shown in (
        "journal id: 1",
        "manager: Анна",
        "direction: outgoing",
        "client phone: ...0101",
        "started (UTC): 2026-10-05 07:12:04",
        "language: ru",
        "00:12 long, silence",
        "Transcript",
        "00:00 agent  добрый день компания вектор меня зовут анна",
        "client здравствуйте мне нужна доставка завтра",
        "Checklist cqr version 1, judged by rules:",
        "greeting",
        "«",
        "CQR: ",
    ):
        assert shown in said.out, shown


def test_show_says_that_a_recording_is_damaged(prescore: Prescore, filled: Path, data: Path) -> None:
    line = "the recording is damaged: part of it could not be heard, the rest is scored; if it matters, deliver it"
    assert line not in prescore("show", "stereo-1.wav", at=filled).out
    shutil.copytree(filled, data)
    with Store(data / "calls.duckdb").writing() as con:
        stored = read_call(con, "stereo-1.wav")
        assert stored.transcription is not None and stored.call.content_sha256 is not None
        heard = replace(stored.transcription, audio=replace(stored.transcription.audio, damaged=True))
        write_results(con, [StageResult(stored.call.content_sha256, "transcription", "t2", heard, 1.0, 12.0)], "run 2")
    assert line in prescore("show", "stereo-1.wav").out


def test_show_finds_a_call_by_any_of_its_names(prescore: Prescore, filled: Path) -> None:
    whole = prescore("show", "stereo-1.wav", at=filled).out
    call_id = whole.split()[0]
    assert prescore("show", call_id, at=filled).out == whole
    assert prescore("show", call_id[:6], at=filled).out == whole
    assert prescore("show", "1", at=filled).out == whole
    unknown = prescore("show", "nobody", at=filled)
    assert (unknown.code, unknown.errors.startswith("error: nobody: no such call")) == (2, True)


def test_show_of_calls_without_a_transcript(prescore: Prescore, filled: Path) -> None:
    failed = prescore("show", "truncated.wav", at=filled).out
    assert "failed at transcription (truncated)" in failed
    assert "Transcript" not in failed
    missed = prescore("show", "4", at=filled).out
    assert "(no recording)  missed" in missed


def test_an_empty_place_says_so(prescore: Prescore) -> None:
    for command in (["status"], ["failed"], ["show", "x"], ["retry"], ["publish"], ["export", "--out", "x"]):
        said = prescore(*command)
        assert (said.code, said.out) == (3, "")
        assert "there is no store yet; `prescore run FOLDER` makes it" in said.errors


def test_a_locked_database_ends_with_3(prescore: Prescore, filled: Path) -> None:
    with locked(filled / "calls.duckdb.lock", exclusive=True, timeout_s=1):
        said = prescore("status", at=filled)
    assert (said.code, said.out) == (3, "")
    assert "the store is busy: process" in said.errors


def test_a_damaged_database_ends_with_3(prescore: Prescore, data: Path) -> None:
    data.mkdir()
    (data / "calls.duckdb").write_bytes(b"no database" * 1000)
    said = prescore("status")
    assert said.code == 3
    assert "cannot be opened as a DuckDB database" in said.errors


def test_export_in_three_formats(prescore: Prescore, filled: Path, tmp_path: Path) -> None:
    assert prescore("export", "--out", tmp_path / "calls.jsonl", at=filled).out.startswith("8 calls written to")
    calls = [json.loads(line) for line in (tmp_path / "calls.jsonl").read_text(encoding="utf-8").splitlines()]
    call = next(call for call in calls if call["file_name"] == "stereo-1.wav")
    assert call["call_type"]
    assert set(call["utterances"][0]) >= {"role", "start_s", "end_s", "text"}
    assert len(call["criteria"]) == 8
    assert call["metrics"]

    assert prescore("export", "--format", "csv", "--out", tmp_path / "tables", at=filled).code == 0
    with (tmp_path / "tables" / "utterances.csv").open(encoding="utf-8") as file:
        assert {row["role"] for row in csv.DictReader(file)} == {"agent", "client"}

    assert prescore("export", "--format", "parquet", "--out", tmp_path / "flat.parquet", at=filled).code == 0
    assert duckdb.sql(f"SELECT count(*) FROM '{tmp_path}/flat.parquet'").fetchall()[0][0] > 0

    assert prescore("export", "--format", "xml", "--out", "x", at=filled).code == 2
    in_the_way = prescore("export", "--out", tmp_path, at=filled)
    assert (in_the_way.code, "is in the way" in in_the_way.errors) == (2, True)


def test_publish_makes_the_copies_again(prescore: Prescore, filled: Path) -> None:
    shutil.rmtree(filled / "published")
    said = prescore("publish", at=filled)
    assert said.out == f"published {filled}/published\n"
    with duckdb.connect(str(filled / "published" / "snapshot.duckdb"), read_only=True) as con:
        assert con.sql("SELECT count(*) FROM calls").fetchall() == [(8,)]


def test_show_of_a_call_that_is_too_short(prescore: Prescore, tmp_path: Path) -> None:
    short = write_wav(tmp_path / "short.wav", tones([(1.0, 1.2), (1.5, 1.7), (2.0, 2.2)], 3.0))
    prescore("run", short, "--workers", "0")
    assert "too short or cut off: counted and shown, not scored" in prescore("show", "short.wav").out
    assert "not_scored" in prescore("status").out
