"""`prescore rescore`, and `prescore show` of one of several versions."""

import shutil
from pathlib import Path

import pytest
import yaml

from pipeline.settings import CONFIGS
from tests.command.in_process import Prescore


@pytest.fixture
def place(filled: Path, tmp_path: Path) -> Path:
    """A copy of the filled data folder, to write in."""
    return Path(shutil.copytree(filled, tmp_path / "copy", symlinks=True))


@pytest.fixture
def changed(tmp_path: Path) -> Path:
    """The configured checklist, passed from another CQR on."""
    content = yaml.safe_load((CONFIGS / "checklists" / "cqr.yaml").read_text(encoding="utf-8"))
    path = tmp_path / "changed.yaml"
    path.write_text(yaml.safe_dump(content | {"threshold": 1}, allow_unicode=True), encoding="utf-8")
    return path


def test_a_changed_checklist_is_tried_then_added_then_shown(prescore: Prescore, place: Path, changed: Path) -> None:
    dry = prescore("rescore", "--checklist", changed, "--dry-run", at=place)
    assert (dry.code, dry.errors) == (0, "")
    for shown in ("version 2", "new", "calls judged now", "newly applicable", "politeness", "good calls: ", "dry run"):
        assert shown in dry.out, shown
    wet = prescore("rescore", "--checklist", changed, "--workers", "0", at=place)
    assert wet.code == 0
    assert "Changed against the earlier evaluation (2 calls)" in wet.out
    assert "call types: none changed" in wet.out
    again = prescore("rescore", "--checklist", changed, at=place)
    assert "judged before by this version" in again.out

    now = prescore("show", "stereo-1.wav", at=place).out
    assert "Checklist cqr version 2" in now
    assert "cqr version 2   now" in now
    before = prescore("show", "stereo-1.wav", "--checklist", "cqr", "--version", "1", at=place).out
    assert "Checklist cqr version 1" in before
    assert "Checklist cqr version 2" not in before
    assert "Checklist cqr version 2" in prescore("show", "stereo-1.wav", "--checklist", "cqr", at=place).out
    assert "shown by a newer one" in prescore("rescore", at=place).out


def test_some_calls_alone(prescore: Prescore, place: Path, changed: Path) -> None:
    said = prescore("rescore", "--checklist", changed, "--call", "stereo-1.wav", "--manager", "Анна", at=place)
    assert "(1 calls)" in said.out
    assert "Judged by" not in prescore("show", "mono-1.wav", at=place).out


def test_everything_counts_what_has_no_transcript(prescore: Prescore, place: Path) -> None:
    said = prescore("rescore", "--until", "2026-12-31", at=place)
    assert "no earlier evaluation to compare with" in said.out
    assert "without a transcript" in prescore("rescore", at=place).out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--checklist", "nope"], 'there is no checklist "nope" (there are: '),
        (["--since", "yesterday"], "--since yesterday: is no day; write it as 2026-10-05"),
        (["--type", "sale"], "--type sale: no such call type; use one of qualification"),
        (
            ["--manager", "Nobody", "--since", "2020-01-01"],
            "no call fits --since 2019-12-31 21:00 UTC, --manager Nobody",
        ),
        (["--call", "nobody"], "nobody: no such call"),
        (["--call", "4"], "1 calls fit, but none has a transcript"),
    ],
)
def test_what_does_not_hold_says_what_to_do(prescore: Prescore, filled: Path, words: list[str], message: str) -> None:
    said = prescore("rescore", *words, at=filled)
    assert (said.code, said.out.strip()) == (2, "")
    assert message in said.errors


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["stereo-1.wav", "--checklist", "x"], 'no checklist "x" has judged this call; there are: cqr'),
        (["stereo-1.wav", "--version", "9"], "version 9 of cqr has not judged this call; there are: 1"),
        (["4", "--version", "1"], "no checklist has judged this call yet"),
    ],
)
def test_a_version_that_there_is_not(prescore: Prescore, filled: Path, words: list[str], message: str) -> None:
    said = prescore("show", *words, at=filled)
    assert (said.code, said.errors.startswith("error: ")) == (2, True)
    assert message in said.errors


def test_without_a_store(prescore: Prescore) -> None:
    said = prescore("rescore")
    assert (said.code, "there is no store yet" in said.errors) == (3, True)


def test_a_call_that_breaks_is_told(
    prescore: Prescore, place: Path, changed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*arguments: object) -> object:
        raise ValueError

    monkeypatch.setattr("flows.rescoring.evaluate_again", breaks)
    said = prescore("rescore", "--checklist", changed, "--workers", "0", at=place)
    assert (said.code, said.out.count("failed (internal_error)")) == (0, 2)
    assert "their earlier evaluations stand; run the same command again" in said.out
