import json
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline.checklist import Checklist
from pipeline.errors import StoreError
from pipeline.stages import Failure, StageResult
from pipeline.store import Store, copying, publish
from pipeline.store.calls import register_recordings
from pipeline.store.evaluations import write_checklist
from pipeline.store.failures import write_failures
from pipeline.store.lock import locked
from pipeline.store.published_rows import Place
from pipeline.store.results import write_results
from pipeline.store.runs import write_run_event
from pipeline.store.verdicts import Verdict, append_verdicts
from pipeline.store.versions import write_default_checklist
from tests.store.builders import CHECKLIST, delivery, evaluation, sha_of, vectors, whole_call, with_threshold


def add_call(store: Store, name: str) -> None:
    with store.writing() as con:
        write_checklist(con, CHECKLIST)
        register_recordings(con, [delivery(name)])
        write_results(con, whole_call(sha_of(name)), "run")


@pytest.fixture
def out(store: Store, tmp_path: Path) -> Path:
    add_call(store, "a.wav")
    return tmp_path / "published"


def counts(out: Path) -> tuple[int, int]:
    """Calls in the snapshot and in the Parquet files."""
    with duckdb.connect(str(out / "snapshot.duckdb"), read_only=True) as con:
        in_snapshot = con.execute("SELECT count(*) FROM calls").fetchall()[0][0]
    with duckdb.connect() as con:
        in_parquet = con.sql("SELECT count(*) FROM read_parquet(?)", params=[str(out / "parquet/calls/*/*.parquet")])
        return in_snapshot, in_parquet.fetchall()[0][0]


def test_snapshot_and_parquet_hold_what_the_store_holds(store: Store, out: Path) -> None:
    publish.publish(store, out)
    assert counts(out) == (1, 1)
    names = {path.stem for path in (out / "parquet").iterdir()}
    assert names >= {
        "calls",
        "utterances",
        "current_scores",
        "cqr_per_manager_week",
        "base_utterances",
        "base_verdicts",
    }
    assert "base_migrations" not in names
    with duckdb.connect() as con:
        path = str(out / "parquet" / "base_utterance_vectors/*/*.parquet")
        found = con.sql("SELECT vector FROM read_parquet(?) ORDER BY utterance_index", params=[path]).fetchall()
    assert found[1][0] == pytest.approx(vectors().vectors[1].tolist())


def test_a_second_publication_replaces_the_first(store: Store, out: Path) -> None:
    for name in ("b.wav", "c.wav", "d.wav"):
        publish.publish(store, out)
        add_call(store, name)
    publish.publish(store, out)
    assert counts(out) == (4, 4)
    visible = sorted(path.name for path in out.iterdir() if not path.name.startswith("."))
    assert len([name for name in visible if name.startswith("parquet-")]) == 2  # the last one, for open readers
    assert [name for name in visible if not name.startswith("parquet-")] == ["parquet", "snapshot.duckdb"]


def test_a_reader_of_the_old_one_is_not_disturbed(store: Store, out: Path) -> None:
    publish.publish(store, out)
    with duckdb.connect(str(out / "snapshot.duckdb"), read_only=True) as reader:
        reader.execute("SELECT count(*) FROM calls")
        add_call(store, "b.wav")
        publish.publish(store, out)
        assert reader.execute("SELECT count(*) FROM calls").fetchall() == [(1,)]
    assert counts(out) == (2, 2)


def start(store: Store, name: str, month: int, **facts: object) -> None:
    """A judged call of that month."""
    started_at = datetime(2026, month, 15, 12)
    with store.writing() as con:
        write_checklist(con, CHECKLIST)
        register_recordings(con, [delivery(name, started_at=started_at, manager="Olga", **facts)])
        write_results(con, whole_call(sha_of(name)), "run")


def files(out: Path, name: str) -> dict[str, set[int]]:
    """Which files on the disk a relation has, by month."""
    found: dict[str, set[int]] = {}
    for path in (out / "parquet" / name).glob("month=*/*.parquet"):
        found.setdefault(path.parent.name.removeprefix("month="), set()).add(path.stat().st_ino)
    return found


def rows_of(out: Path) -> dict[str, list[str]]:
    """The rows of every relation in Parquet."""
    found = {}
    with duckdb.connect() as con:
        for path in sorted((out / "parquet").iterdir()):
            source = f"{path}/*/*.parquet" if path.is_dir() else str(path)
            if path.suffix != ".json":
                sql = "FROM read_parquet(?, hive_partitioning = false)"
                found[path.stem] = sorted(str(row) for row in con.execute(sql, [source]).fetchall())
    return found


def rows_in_snapshot(out: Path) -> dict[str, list[str]]:
    with duckdb.connect(str(out / "snapshot.duckdb"), read_only=True) as con:
        views = con.execute(
            "SELECT view_name FROM duckdb_views() WHERE NOT internal AND schema_name = 'main'"
        ).fetchall()
        tables = con.execute("SELECT table_name FROM duckdb_tables() WHERE table_name <> 'migrations'").fetchall()
        named = [(name, f"main.{name}") for (name,) in views]
        named += [(f"base_{name}", f"base.{name}") for (name,) in tables]
        return {file: sorted(str(row) for row in con.execute(f"FROM {name}").fetchall()) for file, name in named}


@pytest.mark.parametrize("at_once", [1, 40_000])
def test_only_what_is_new_is_written(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    """New rows of a table as one more file, the views of their months anew; each month alone or several together."""
    monkeypatch.setattr("pipeline.store.published_months.AT_ONCE", at_once)
    out = tmp_path / "published"
    for month in (8, 9, 10):
        start(store, f"{month}.wav", month)
    publish.publish(store, out)
    views, tables = ("calls", "utterances", "current_scores"), ("base_suggestions", "base_utterance_vectors")
    relations = (*views, *tables, "base_verdicts")
    before = {name: files(out, name) for name in relations}
    assert all(set(before[name]) == {"2026-08", "2026-09", "2026-10"} for name in (*views, *tables))
    start(store, "new.wav", 10)
    with store.writing() as con:
        (august,) = con.execute(
            "SELECT min(evaluation_id) FROM main.evaluations WHERE call_id = ?", [sha_of("8.wav")[:16]]
        ).fetchall()
        append_verdicts(con, [Verdict(august[0], "greeting", True, 0.0, "anna")])
    publish.publish(store, out)
    after = {name: files(out, name) for name in relations}
    for name in views:
        assert after[name]["2026-09"] == before[name]["2026-09"]
        assert not after[name]["2026-10"] & before[name]["2026-10"]
        assert not after[name]["2026-08"] & before[name]["2026-08"]
    for name in tables:
        assert all(after[name][month] == before[name][month] for month in ("2026-08", "2026-09"))
        assert after[name]["2026-10"] > before[name]["2026-10"]
    assert [len(months["2026-08"]) for months in (after["base_verdicts"], after["base_suggestions"])] == [1, 1]
    assert rows_of(out) == rows_in_snapshot(out)


def test_what_a_reader_has_open_stays_as_it_is(store: Store, tmp_path: Path) -> None:
    """A file that is published again under another name is the same file on the disk."""
    out = tmp_path / "published"
    start(store, "a.wav", 10)
    publish.publish(store, out)
    last = (out / "parquet").resolve()
    before = {path: path.read_bytes() for path in last.rglob("*.parquet")}
    start(store, "b.wav", 10)
    publish.publish(store, out)
    assert {path: path.read_bytes() for path in last.rglob("*.parquet")} == before


def test_a_month_of_many_files_becomes_one_again(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.store.published_months.MOST_FILES", 3)
    out = tmp_path / "published"
    start(store, "9.wav", 9)
    counts_of_files = []
    for name in "abcd":
        start(store, f"{name}.wav", 10)
        publish.publish(store, out)
        counts_of_files.append(len(files(out, "base_suggestions")["2026-10"]))
    assert counts_of_files == [1, 2, 3, 1]
    assert len(files(out, "base_suggestions")["2026-09"]) == 1
    assert rows_of(out) == rows_in_snapshot(out)


def test_a_call_that_gets_another_start_leaves_its_month(store: Store, tmp_path: Path) -> None:
    out = tmp_path / "published"
    for month in (9, 10):
        start(store, f"{month}.wav", month)
    publish.publish(store, out)
    with store.writing() as con:
        register_recordings(con, [delivery("10.wav", started_at=datetime(2026, 9, 20, 12), journal_call_id="7")])
    publish.publish(store, out)
    assert rows_of(out) == rows_in_snapshot(out)


def spans_of(out: Path) -> dict[str, dict[str, list[int]]]:
    """Where the months lie in the tables, as the publication says."""
    found = json.loads((out / "parquet" / "_months.json").read_text(encoding="utf-8"))["spans"]
    return {name: months for name, months in found.items() if months}


@pytest.mark.parametrize("at_once", [1, 40_000])
def test_what_is_published_bit_by_bit_is_what_is_published_at_once(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    """Nights in no order, late verdicts, a call that moves, one whose start nobody knows, a failure of nobody's."""
    monkeypatch.setattr("pipeline.store.published_months.AT_ONCE", at_once)
    out = tmp_path / "published"
    for month in (9, 8):
        start(store, f"{month}.wav", month)
    publish.publish(store, out)
    start(store, "late.wav", 8)
    publish.publish(store, out)
    add_call(store, "undated.wav")
    with store.writing() as con:
        rows = con.execute("SELECT min(evaluation_id) FROM main.evaluations GROUP BY call_id ORDER BY 1").fetchall()
        append_verdicts(con, [Verdict(evaluation_id, "greeting", True, 0.0, "anna") for (evaluation_id,) in rows[:2]])
    publish.publish(store, out)
    start(store, "10.wav", 10)
    with store.writing() as con:
        write_failures(con, [Failure(sha_of("nobody"), "transcription", "t", "damaged", "x")], "run")
        register_recordings(con, [delivery("9.wav", started_at=datetime(2026, 7, 20, 12), journal_call_id="7")])
    publish.publish(store, out)
    assert set(files(out, "calls")) == {"2026-07", "2026-08", "2026-10", "undated"}
    assert rows_of(out) == rows_in_snapshot(out)
    at_once_out = tmp_path / "from nothing"
    publish.publish(store, at_once_out)
    assert rows_of(at_once_out) == rows_of(out)
    assert spans_of(out) == spans_of(at_once_out)


def test_a_call_with_facts_in_two_months_stays_in_its_own(store: Store, tmp_path: Path) -> None:
    """Only rows of October are looked at, and one of them is the later start of a call of September."""
    out = tmp_path / "published"
    start(store, "9.wav", 9)
    start(store, "before.wav", 10)
    with store.writing() as con:
        register_recordings(con, [delivery("9.wav", started_at=datetime(2026, 10, 1, 8), journal_call_id="7")])
    start(store, "after.wav", 10)
    publish.publish(store, out)
    start(store, "new.wav", 10)
    publish.publish(store, out)
    assert rows_of(out) == rows_in_snapshot(out)


def test_only_rows_between_the_first_and_the_last_of_a_month_are_looked_at() -> None:
    spans = {"evidence": {"2026-08": (0, 9), "2026-09": (8, 20), "2026-10": (30, 40), "2026-11": (41, 50)}}
    assert Place({"2026-08", "2026-09", "2026-11"}, spans).condition("evidence") == (
        "rowid BETWEEN 0 AND 20 OR rowid BETWEEN 41 AND 50"
    )
    assert Place({"2026-10"}, spans, {"evidence": 51}).condition("evidence") == "rowid BETWEEN 30 AND 40 OR rowid >= 51"
    assert Place({"2026-12"}, spans).condition("evidence") == "false"


def test_what_does_not_fit_in_memory_goes_to_the_work_folder(
    store: Store, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[dict[str, str]] = []

    def connect(database: str = ":memory:", **given: Any) -> duckdb.DuckDBPyConnection:
        asked.append(given.get("config", {}))
        return real(database, **given)

    real = duckdb.connect
    monkeypatch.setattr("pipeline.store.published_months.duckdb.connect", connect)
    publish.publish(store, out)
    (limited,) = [config for config in asked if "memory_limit" in config]
    assert limited["memory_limit"] == "2GB"
    assert Path(limited["temp_directory"]).parent.parent == out
    assert not list(out.glob("*/spill"))


def judge_again(con: duckdb.DuckDBPyConnection, name: str, checklist: Checklist) -> None:
    judged = replace(evaluation(), checklist_version=checklist.version)
    write_results(con, [StageResult(sha_of(name), "evaluation", "e2", judged, 0.3, 60.0, "d1")], "rescore")


def test_a_new_version_of_a_checklist_leaves_the_months_that_it_has_not_judged(store: Store, tmp_path: Path) -> None:
    out = tmp_path / "published"
    for month in (9, 10):
        start(store, f"{month}.wav", month)
    publish.publish(store, out)
    before = {name: files(out, name) for name in ("calls", "base_suggestions")}
    with store.writing() as con:
        write_checklist(con, with_threshold(10))
        judge_again(con, "10.wav", with_threshold(10))
    publish.publish(store, out)
    assert files(out, "calls")["2026-09"] == before["calls"]["2026-09"]
    assert not files(out, "calls")["2026-10"] & before["calls"]["2026-10"]
    assert files(out, "base_suggestions")["2026-10"] > before["base_suggestions"]["2026-10"]
    assert rows_of(out) == rows_in_snapshot(out)


@pytest.mark.parametrize("change", ["another default", "a version that came late"])
def test_standards_of_published_calls_make_all_views_be_written_again(
    store: Store, tmp_path: Path, change: str
) -> None:
    """The tables stay: no standard changes a row of a call."""
    out = tmp_path / "published"
    for month in (9, 10):
        start(store, f"{month}.wav", month)
    with store.writing() as con:
        if change == "a version that came late":
            judge_again(con, "9.wav", with_threshold(10))
    publish.publish(store, out)
    before = {name: files(out, name) for name in ("calls", "evaluations", "base_suggestions")}
    with store.writing() as con:
        if change == "a version that came late":
            write_checklist(con, with_threshold(10))
        else:
            write_default_checklist(con, "another")
    publish.publish(store, out)
    for view in ("calls", "evaluations"):
        assert not set.union(*files(out, view).values()) & set.union(*before[view].values())
    assert files(out, "base_suggestions") == before["base_suggestions"]
    assert rows_of(out) == rows_in_snapshot(out)


@pytest.mark.parametrize("change", ["shorter", "another file", "another schema"])
def test_what_changes_every_month_makes_all_be_written_again(store: Store, tmp_path: Path, change: str) -> None:
    out = tmp_path / "published"
    for month in (9, 10):
        start(store, f"{month}.wav", month)
    publish.publish(store, out)
    before = files(out, "calls")
    if change == "another file":
        copy = store.path.with_suffix(".copy")
        shutil.copyfile(store.path, copy)
        copy.replace(store.path)
    else:
        with store.writing() as con:
            if change == "another schema":
                con.execute("INSERT INTO base.migrations FROM base.migrations LIMIT 1")
            else:
                con.execute("DELETE FROM base.evidence WHERE evidence_rank = 0")
    publish.publish(store, out)
    assert not set.union(*files(out, "calls").values()) & set.union(*before.values())
    assert rows_of(out) == rows_in_snapshot(out)


def test_row_ids_with_gaps_publish_no_row_twice(store: Store, tmp_path: Path) -> None:
    """Somebody deleted rows by hand: in a table of several row groups the ids that are left go beyond their number."""
    out = tmp_path / "published"
    start(store, "a.wav", 9)
    with store.writing() as con:
        made = "SELECT * EXCLUDE (copy) REPLACE (path || copy AS path) FROM base.deliveries, range(250_000) AS r(copy)"
        con.execute(f"INSERT INTO base.deliveries {made}")
    with store.writing() as con:
        con.execute("DELETE FROM base.deliveries WHERE rowid < 10")
    for name in ("b.wav", "c.wav"):
        publish.publish(store, out)
        start(store, name, 10)
    publish.publish(store, out)
    with duckdb.connect() as con:
        sql = "SELECT count(*), count(DISTINCT path) FROM read_parquet(?, hive_partitioning = false)"
        ((count, paths),) = con.execute(sql, [f"{out}/parquet/base_deliveries/*/*.parquet"]).fetchall()
    assert count == paths == 250_001 - 10 + 2


def test_a_published_file_that_is_not_what_it_was_is_written_anew(store: Store, out: Path) -> None:
    publish.publish(store, out)
    (broken,) = (out / "parquet" / "base_utterance_vectors").glob("*/*.parquet")
    broken.resolve().write_bytes(b"PAR1")
    publish.publish(store, out)
    assert rows_of(out) == rows_in_snapshot(out)


def test_a_file_system_without_links_gets_copies(store: Store, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise OSError("no links here")

    publish.publish(store, out)
    before = files(out, "calls")
    monkeypatch.setattr(Path, "hardlink_to", refused)
    publish.publish(store, out)
    assert files(out, "calls") != before
    assert rows_of(out) == rows_in_snapshot(out)


def test_nobody_waits_while_the_file_is_copied(store: Store, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody writes each time while the bytes are copied: what is published is the store of one moment."""
    copied: list[str] = []
    copy = copying.copy_file

    def copy_and_write(source: Path, target: Path) -> None:
        copy(source, target)
        if source == store.path and len(copied) < 2:
            copied.append(str(source))
            with Store(store.path, timeout_s=5).writing() as con:
                write_run_event(con, f"run-{len(copied)}", "started", {})

    monkeypatch.setattr("pipeline.store.copying.copy_file", copy_and_write)
    publish.publish(store, out)
    assert len(copied) == 2
    assert rows_in_snapshot(out)["base_run_events"] == rows_of(out)["base_run_events"]
    assert len(rows_of(out)["base_run_events"]) == 2


CRASHING = """
import os, signal, sys
from pathlib import Path
from pipeline.store import Store, copying, publish

def crash(*arguments):
    os.kill(os.getpid(), signal.SIGKILL)

setattr(publish, sys.argv[3], crash)
publish.publish(Store(Path(sys.argv[1])), Path(sys.argv[2]))
"""


@pytest.mark.kill
@pytest.mark.parametrize("step", ["write_parquet", "flush"])
def test_a_crash_leaves_the_old_ones_whole(store: Store, out: Path, step: str) -> None:
    publish.publish(store, out)
    add_call(store, "b.wav")
    command = [sys.executable, "-c", CRASHING, str(store.path), str(out), step]
    assert subprocess.run(command, check=False, timeout=60).returncode < 0
    assert counts(out) == (1, 1)
    assert list(out.glob(".work-*"))
    publish.publish(store, out)
    assert counts(out) == (2, 2)
    assert not list(out.glob(".work-*"))


@pytest.mark.kill
@pytest.mark.parametrize("step", ["_swap", "sync_folder", "_remove_work"])
def test_a_crash_between_the_renames_leaves_each_whole(store: Store, out: Path, step: str) -> None:
    publish.publish(store, out)
    add_call(store, "b.wav")
    command = [sys.executable, "-c", CRASHING, str(store.path), str(out), step]
    assert subprocess.run(command, check=False, timeout=60).returncode < 0
    assert counts(out) in {(1, 1), (2, 1), (2, 2)}
    (out / ".work-link-left").symlink_to("nowhere")
    publish.publish(store, out)
    assert counts(out) == (2, 2)
    assert not list(out.glob(".work-*"))


def test_one_publication_at_a_time(store: Store, out: Path) -> None:
    out.mkdir()
    hasty = Store(store.path, timeout_s=0.05)
    with locked(out / ".publish.lock", exclusive=True, timeout_s=1), pytest.raises(StoreError, match="is writing"):
        publish.publish(hasty, out)


def test_without_a_store_nothing_is_published(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no store yet"):
        publish.publish(Store(tmp_path / "none.duckdb"), tmp_path / "published")
    assert not (tmp_path / "published" / "snapshot.duckdb").exists()
