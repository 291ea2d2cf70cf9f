"""`prescore rescore --progress-file`: how far it is, for whoever watches from outside."""

import shutil
from pathlib import Path

import pytest

from pipeline.rescore_progress import read_progress
from pipeline.store.lock import is_held, locked
from tests.command.in_process import Prescore


@pytest.fixture
def place(filled: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(filled, tmp_path / "copy", symlinks=True))


def test_the_file_tells_plan_progress_and_outcome(prescore: Prescore, place: Path, tmp_path: Path) -> None:
    file = tmp_path / "progress"
    said = prescore("rescore", "--checklist", "transactional", "--workers", "0", "--progress-file", file, at=place)
    assert said.code == 0
    progress = read_progress(file)
    assert progress.planned is not None
    assert progress.outcome is not None
    assert (progress.planned.total, progress.judged, progress.outcome.judged) == (2, 2, 2)
    assert (progress.planned.version_number, progress.planned.is_new_version) == (1, True)
    assert progress.outcome.changes.calls == 2
    assert (progress.left_s, progress.error) == (0.0, None)
    assert (progress.calls_per_second or 0) > 0


def test_the_file_tells_why_it_ended(prescore: Prescore, place: Path, tmp_path: Path) -> None:
    file = tmp_path / "progress"
    assert prescore("rescore", "--manager", "Nobody", "--progress-file", file, at=place).code == 2
    assert "no call fits --manager Nobody" in (read_progress(file).error or "")


def test_a_defect_is_told_by_its_kind(
    prescore: Prescore, place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: object, **__: object) -> None:
        raise ZeroDivisionError("слова клиента")

    monkeypatch.setattr("flows.cli.rescore.run_rescore", breaks)
    file = tmp_path / "progress"
    with pytest.raises(ZeroDivisionError):
        prescore("rescore", "--progress-file", file, at=place)
    assert read_progress(file).error == "ZeroDivisionError"


def test_a_file_that_cannot_be_made(prescore: Prescore, place: Path, tmp_path: Path) -> None:
    said = prescore("rescore", "--progress-file", tmp_path / "nowhere" / "progress", at=place)
    assert (said.code, "choose another --progress-file" in said.errors) == (2, True)


def test_whether_a_run_works_is_seen_at_a_glance(tmp_path: Path) -> None:
    path = tmp_path / "run.lock"
    assert not is_held(path)
    with locked(path, exclusive=True, timeout_s=1):
        assert is_held(path)
    assert not is_held(path)
