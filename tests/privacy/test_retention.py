import os
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from flows.planning import plan_run
from flows.workshop import WorkOrder
from pipeline.errors import StoreError
from pipeline.retention import RetentionSummary, remove_aged
from pipeline.settings import load_settings
from pipeline.stages import Failure
from pipeline.store import Store
from pipeline.store.failures import write_failures
from pipeline.store.removals import read_removed, read_removed_files
from pipeline.store.retrying import choose_retries
from tests.privacy.store import NOW, BuiltStore, rows, sha_of


def remove(built: BuiltStore, days: int = 90, *, dry_run: bool = False) -> RetentionSummary:
    return remove_aged(built.store, built.data, days, NOW, dry_run=dry_run)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_old_recordings_and_their_copies_go_and_scores_stay(built: BuiltStore) -> None:
    before = rows(built.store, "SELECT * FROM main.current_scores ORDER BY ALL")
    summary = remove(built)
    assert (summary.recordings, summary.files, summary.copies, summary.unjudged, summary.left) == (2, 2, 4, 0, ())
    assert summary.size_bytes > 0
    assert names(built.inbox) == ["call-1.wav", "call-3.wav"]
    assert len(names(built.data.playable)) == len(names(built.data.peaks)) == 2
    assert rows(built.store, "SELECT * FROM main.current_scores ORDER BY ALL") == before
    assert rows(built.store, "SELECT parse_filename(path), audio_days FROM base.removals ORDER BY path") == [
        ("call-0.wav", 90),
        ("call-2.wav", 90),
    ]


def test_a_dry_run_says_the_same_and_touches_nothing(built: BuiltStore) -> None:
    said = remove(built, dry_run=True)
    assert len(names(built.inbox)) == len(names(built.data.playable)) == 4
    assert rows(built.store, "FROM base.removals") == []
    assert remove(built) == said


def test_twice_is_once(built: BuiltStore) -> None:
    remove(built)
    assert remove(built) == RetentionSummary()
    assert len(rows(built.store, "FROM base.removals")) == 2


def test_what_comes_again_goes_again(built: BuiltStore) -> None:
    kept = (built.inbox / "call-0.wav").read_bytes()
    remove(built)
    (built.inbox / "call-0.wav").write_bytes(kept)
    assert remove(built).files == 1
    assert "call-0.wav" not in names(built.inbox)


def test_days_count_from_the_call_and_without_one_from_the_first_sight(built: BuiltStore) -> None:
    assert remove(built, days=200, dry_run=True).files == 0
    assert remove(built, days=199, dry_run=True).files == 1
    with built.store.writing() as con:
        con.execute("UPDATE base.call_facts SET started_at = NULL")
    assert remove(built, days=1, dry_run=True).files == 0
    later = NOW.replace(year=NOW.year + 2)
    assert remove_aged(built.store, built.data, 1, later, dry_run=True).files == 4


@pytest.mark.parametrize("change", ["grown", "other content", "link", "hard link", "folder"])
def test_what_is_no_longer_the_recording_is_left_and_named(built: BuiltStore, change: str) -> None:
    path = built.inbox / "call-0.wav"
    content = path.read_bytes()
    elsewhere = built.inbox.parent / "elsewhere.wav"
    if change == "grown":
        path.write_bytes(content + b"more")
    elif change == "other content":
        path.write_bytes(content[::-1])
    elif change == "link":
        path.rename(elsewhere)
        path.symlink_to(elsewhere)
    elif change == "hard link":
        os.link(path, elsewhere)
    else:
        path.unlink()
        path.mkdir()
    summary = remove(built)
    assert [item.path for item in summary.left] == [path]
    assert summary.left[0].reason
    assert path.exists()
    assert change not in ("link", "hard link") or elsewhere.read_bytes() == content
    assert summary.files == 1
    assert len(rows(built.store, "FROM base.removals")) == 1


def test_a_folder_that_cannot_be_written_is_named(built: BuiltStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pipeline.known_files._check", refuse)
    summary = remove(built)
    assert (summary.files, len(summary.left)) == (0, 2)
    assert "Permission denied" in summary.left[0].reason


def test_a_file_that_somebody_else_has_removed_is_no_removal(built: BuiltStore) -> None:
    (built.inbox / "call-0.wav").unlink()
    summary = remove(built)
    assert (summary.files, summary.copies, summary.left) == (1, 4, ())
    assert len(rows(built.store, "FROM base.removals")) == 1


def test_killed_between_recording_and_removing_it_goes_on(built: BuiltStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("pipeline.retention.remove_files", die)
        with pytest.raises(KeyboardInterrupt):
            remove(built)
    assert len(names(built.inbox)) == 4
    assert remove(built).files == 2


def test_a_moved_folder_with_a_link_in_its_place_holds_the_same_file(built: BuiltStore) -> None:
    moved = built.inbox.parent / "moved"
    shutil.move(built.inbox, moved)
    built.inbox.symlink_to(moved)
    assert remove(built).files == 2
    assert len(names(moved)) == 2


def test_nobody_is_asked_to_deliver_it_again(built: BuiltStore) -> None:
    with built.store.writing() as con:
        sha = sha_of(con, built.erased[0])
        write_failures(con, [Failure(sha, "evaluation", "new", "broken", "x")], "run-3")
        con.execute("UPDATE base.stage_results SET created_at = created_at - INTERVAL 1 HOUR")
    remove(built)
    with built.store.reading() as con:
        retries = choose_retries(con)
        assert (retries.failures, retries.gone) == ((), ())
        assert read_removed(con, [sha, "other"]) == {sha: 90}
        assert read_removed(con, []) == {}
        assert read_removed_files(con, {"call-0.wav", "call-1.wav", "call-2.wav"}) == {"call-0.wav", "call-2.wav"}


def test_a_later_run_neither_fails_nor_asks(built: BuiltStore) -> None:
    remove(built)
    journal = built.inbox.parent / "calls.csv"
    journal.write_text(
        "call_id,started_at,direction,manager,client_phone,duration_s,answered,file_name,source\n"
        "1,2026-05-04T10:00:00,incoming,Анна,+7 916 000-01-01,60,yes,call-0.wav,\n"
        "2,2026-05-04T11:00:00,incoming,Анна,+7 916 000-03-03,60,yes,never-came.wav,\n",
        encoding="utf-8",
    )
    order = WorkOrder(load_settings(), built.data, "tests.fakes:build_fake_models")
    plan = plan_run(built.store, order, [built.inbox], journal, b"key")
    asked = [line for line in plan.problems if "deliver it" in line]
    assert len(asked) == 1
    assert "never-came.wav" in asked[0]


def test_a_recording_that_nothing_judged_is_counted(built: BuiltStore) -> None:
    with built.store.writing() as con:
        con.execute("DELETE FROM base.evaluations")
    assert remove(built).unjudged == 2


def test_without_a_store_it_says_so(tmp_path: Path, built: BuiltStore) -> None:
    with pytest.raises(StoreError, match="no store yet"):
        remove_aged(Store(tmp_path / "none.duckdb"), built.data, 1, NOW + timedelta(days=1))
