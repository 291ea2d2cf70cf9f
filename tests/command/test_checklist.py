"""`prescore checklist`: check, diff, import and list, through the command's own entry."""

import io
from pathlib import Path

import pytest
import yaml
from rich.console import Console

from flows.cli.tables import print_call
from pipeline.checklist import CHECKLISTS, load_checklist, parse_checklist
from pipeline.prescoring.expected_places import is_expected
from pipeline.prescoring.trained import trained_rules
from pipeline.store import Store
from pipeline.store.checklist_versions import read_versions
from pipeline.store.evaluations import read_checklist, write_checklist
from pipeline.store.show import read_call
from tests.command.in_process import Prescore

LISTS = Path(__file__).parents[1] / "checklists" / "lists"
ORIGINAL = (CHECKLISTS / "cqr.yaml").read_text(encoding="utf-8")


def changed(path: Path) -> Path:
    content = yaml.safe_load(ORIGINAL)
    content["criteria"][0]["weights"]["spam"] = 2
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return path


@pytest.fixture
def stored(data: Path, tmp_path: Path) -> Store:
    """A store with two versions of cqr."""
    store = Store(data / "calls.duckdb")
    with store.writing() as con:
        assert write_checklist(con, load_checklist("cqr")) == 1
        assert write_checklist(con, load_checklist(changed(tmp_path / "changed.yaml"))) == 2
    return store


def test_a_version_is_frozen_by_its_content(stored: Store, tmp_path: Path) -> None:
    """Another comment or layout is the same version; another weight is a new one; both are read back."""
    commented = tmp_path / "commented.yaml"
    commented.write_text(
        "# weights agreed in spring\n" + ORIGINAL.replace("\n    rule:", "\n\n    rule:"), encoding="utf-8"
    )
    with stored.writing() as con:
        assert write_checklist(con, load_checklist(commented)) == 1
        first, second = read_versions(con, "cqr")
        assert (first.number, second.number) == (1, 2)
        assert first.checklist == load_checklist("cqr") == read_checklist(con, "cqr", first.version)
        assert first.checklist.version == first.version
        assert second.checklist.criterion("greeting").weights["spam"] == 2
        assert read_versions(con, "other") == ()
        assert len(read_versions(con)) == 2


def test_check_tells_what_answers_and_what_is_missing(prescore: Prescore, tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(
        "id: own\ntitle: {ru: свой}\ncriteria:\n  - {id: a, title: {ru: а}, weights: {spam: 2}, scale: yes_no}\n",
        "utf-8",
    )
    said = prescore("checklist", "check", "cqr", tmp_path / "own.yaml")
    assert said.code == 0
    assert f"cqr  Call quality (CQR)  version {load_checklist('cqr').version}: valid" in said.out
    assert (
        "8 criteria; sum of weights: qualification 14, objection 17, spam 2, accelerating 11, reanimation 14"
        in said.out
    )
    assert 'warning: criterion "a": only a language model could answer it' in said.out
    assert said.out.count("untested") == 1


def test_check_goes_on_after_a_file_that_does_not_hold(prescore: Prescore, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("id: bad\n", encoding="utf-8")
    said = prescore("checklist", "check", tmp_path / "bad.yaml", "cqr")
    assert said.code == 2
    assert "bad.yaml: title: field required; add it" in said.errors
    assert "bad.yaml: criteria: field required; add it" in said.errors
    assert "8 criteria" in said.out


def test_diff_of_files_and_stored_versions(prescore: Prescore, stored: Store, tmp_path: Path) -> None:
    line = "~ greeting weights.spam: 1 -> 2"
    for words in (("cqr", tmp_path / "changed.yaml"), ("cqr@1", "cqr@2")):
        said = prescore("checklist", "diff", *words)
        assert (said.code, line in said.out, said.out.endswith("1 change\n")) == (0, True, True)
    assert (
        "~ greeting weights.spam: 2 -> 1" in prescore("checklist", "diff", "cqr").out
    )  # the store's last is the changed
    same = prescore("checklist", "diff", tmp_path / "changed.yaml")
    assert same.out == f"the same version, {load_checklist(tmp_path / 'changed.yaml').version}\n"
    unknown = prescore("checklist", "diff", "cqr@1", "cqr@9")
    assert (unknown.code, "no such stored version (there are: cqr@1, cqr@2)" in unknown.errors) == (2, True)


def test_diff_before_anything_is_stored(prescore: Prescore) -> None:
    said = prescore("checklist", "diff", "cqr")
    assert (said.code, "cqr: no version is stored yet; name two files" in said.errors) == (2, True)
    assert "(there are: none)" in prescore("checklist", "diff", "cqr@1", "cqr").errors


def test_import_writes_a_file_that_validates_and_says_what_it_guessed(prescore: Prescore, tmp_path: Path) -> None:
    target = tmp_path / "ours.yaml"
    said = prescore("checklist", "import", LISTS / "five_stages_cp1251.csv", "--id", "ours", "--out", target)
    assert said.code == 0
    assert f"19 criteria written to {target}" in said.out
    assert "read as cp1251" in said.out
    assert "cells are parted by ;" in said.out
    assert '"Приветствие и представление" is our criterion greeting' in said.out
    assert 'criterion "nazval_kompaniyu": write examples or phrases' in said.out
    assert load_checklist(target).id == "ours"
    assert prescore("checklist", "check", target).code == 0
    again = prescore("checklist", "import", LISTS / "five_stages.txt", "--out", target)
    assert (again.code, f"{target}: exists already; give another --id or --out" in again.errors) == (2, True)
    nowhere = prescore("checklist", "import", LISTS / "five_stages.txt", "--out", tmp_path / "no" / "x.yaml")
    assert (nowhere.code, "cannot be written" in nowhere.errors) == (2, True)


def test_import_of_a_pasted_list(prescore: Prescore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("1. Приветствие — 10 баллов\n2. Назвал цену — 5 баллов\n"))
    said = prescore("checklist", "import", "-", "--id", "pasted", "--out", tmp_path / "pasted.yaml")
    assert (said.code, "2 criteria written" in said.out) == (0, True)
    assert load_checklist(tmp_path / "pasted.yaml").criterion("greeting").weights["objection"] == 10
    monkeypatch.setattr("sys.stdin", io.StringIO("\n"))
    empty = prescore("checklist", "import", "-")
    assert (empty.code, "the pasted text holds no criteria" in empty.errors) == (2, True)


def test_list_shows_files_and_stored_versions(
    prescore: Prescore, stored: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = prescore("checklist", "list")
    assert said.code == 0
    assert "cqr@1" in said.out
    assert "cqr@2" in said.out  # no file holds it any more
    assert "transactional" in said.out
    assert "not yet" in said.out
    (tmp_path / "bad.yaml").write_text("- a\n", encoding="utf-8")
    (tmp_path / "changed.yaml").unlink()
    monkeypatch.setattr("flows.cli.checklist.CHECKLISTS", tmp_path)
    assert "see: prescore checklist check bad" in prescore("checklist", "list").out


def test_show_uses_the_words_of_the_scale_and_marks_what_is_untested(filled: Path) -> None:
    with Store(filled / "calls.duckdb").reading() as con:
        stored = read_call(con, "stereo-1.wav")
    (evaluation,) = stored.evaluations
    content = yaml.safe_load(ORIGINAL)
    content["criteria"][0] |= {"scale": ["none", "poor", "fair", "good"], "levels": {}, "examples": {}}
    out = Console(file=io.StringIO(), width=160)
    print_call(out, stored, {evaluation.evaluation_id: parse_checklist(content, "x")}, trained_rules())
    lines = {line.split()[0]: line for line in out.file.getvalue().splitlines() if "% sure" in line}  # type: ignore[attr-defined]
    assert "untested" in lines["greeting"]
    assert any(label in lines["greeting"] for label in ("none", "poor", "fair", "good"))
    assert "untested" not in lines["needs"]
    for answer in evaluation.evaluation.suggestions:
        assert ("it was missing here:" in lines[answer.criterion_id]) == is_expected(answer)
