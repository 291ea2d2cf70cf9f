import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from pipeline.errors import StoreError
from pipeline.store import Store, publish
from pipeline.store.calls import register_recordings
from pipeline.store.evaluations import write_checklist
from pipeline.store.lock import locked
from pipeline.store.results import write_results
from tests.store.builders import CHECKLIST, delivery, sha_of, vectors, whole_call


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
        in_parquet = con.sql("SELECT count(*) FROM read_parquet(?)", params=[str(out / "parquet/calls.parquet")])
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
        path = str(out / "parquet" / "base_utterance_vectors.parquet")
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


def file_number(out: Path, name: str) -> int:
    """Which file on the disk it is."""
    return (out / "parquet" / f"{name}.parquet").stat().st_ino


def test_vectors_that_did_not_change_are_not_written_again(store: Store, out: Path) -> None:
    publish.publish(store, out)
    before = {name: file_number(out, name) for name in ("base_utterance_vectors", "base_utterances")}
    publish.publish(store, out)
    again = {name: file_number(out, name) for name in before}
    assert again == before | {"base_utterances": again["base_utterances"]}
    assert again["base_utterances"] != before["base_utterances"]
    add_call(store, "b.wav")
    publish.publish(store, out)
    assert not {file_number(out, name) for name in before}.intersection(again.values())
    with duckdb.connect() as con:
        path = str(out / "parquet" / "base_utterance_vectors.parquet")
        found = con.sql("SELECT count(DISTINCT content_sha256) FROM read_parquet(?)", params=[path]).fetchall()
    assert found == [(2,)]


def test_a_published_file_that_cannot_be_read_is_written_anew(store: Store, out: Path) -> None:
    publish.publish(store, out)
    broken = (out / "parquet" / "base_utterance_vectors.parquet").resolve()
    broken.write_bytes(b"PAR1")
    publish.publish(store, out)
    with duckdb.connect() as con:
        path = str(out / "parquet" / "base_utterance_vectors.parquet")
        assert con.sql("SELECT count(*) FROM read_parquet(?)", params=[path]).fetchall() != [(0,)]


CRASHING = """
import os, signal, sys
from pathlib import Path
from pipeline.store import Store, publish

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
