"""`prescore score-text`: the contract of the text channel."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.settings import CONFIGS
from tests.command.in_process import Prescore

CHAT: dict[str, Any] = {
    "id": "chat-1",
    "language": "ru",
    "turns": [
        {"role": "agent", "text": "Добрый день, компания Вектор, меня зовут Анна."},
        {"role": "client", "text": "Здравствуйте, это слишком дорого, у конкурентов дешевле."},
        {"role": "agent", "text": "Понимаю вас, зато у нас бесплатная доставка и гарантия три года. Какой срок нужен?"},
        {"role": "client", "text": "К пятнице. Хорошо, давайте договор."},
        {"role": "agent", "text": "Отправлю договор сегодня до шести вечера, договорились?"},
        {"role": "client", "text": "Договорились, спасибо."},
    ],
}
KEYS = {"id", "call_type", "call_type_confidence", "cqr", "passed", "criteria"}
TYPES = {"qualification", "objection", "spam", "accelerating", "reanimation", "unknown"}


def write(path: Path, *lines: object) -> Path:
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
    return path


def test_every_dialogue_gets_a_line_as_the_contract_says(prescore: Prescore, tmp_path: Path, data: Path) -> None:
    source = write(tmp_path / "in.jsonl", CHAT, CHAT | {"id": "chat-2", "turns": CHAT["turns"][:1]})
    out = tmp_path / "out.jsonl"
    said = prescore("score-text", source, "--checklist", "cqr", "--out", out)
    assert (said.code, said.out) == (0, "")
    assert said.errors == f"2 dialogues scored to {out}, 0 left out\n"
    lines = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [line["id"] for line in lines] == ["chat-1", "chat-2"]
    for line in lines:
        assert set(line) == KEYS
        assert line["call_type"] in TYPES
        assert 0 <= line["call_type_confidence"] <= 1
    scored = lines[0]
    assert len(scored["criteria"]) == 8
    for criterion in scored["criteria"]:
        assert set(criterion) == {"id", "applicable", "value", "confidence", "evidence"}
        assert isinstance(criterion["applicable"], bool)
        assert criterion["value"] is None or 0 <= criterion["value"] <= 1
        assert criterion["applicable"] or criterion["value"] is None
        assert 0 <= criterion["confidence"] <= 1
        for evidence in criterion["evidence"]:
            assert set(evidence) == {"turn", "quote"}
            assert evidence["quote"] in CHAT["turns"][evidence["turn"]]["text"]
    assert any(criterion["evidence"] for criterion in scored["criteria"])
    assert not data.exists()  # no store, no audio


def test_bad_lines_are_left_out_and_named(prescore: Prescore, tmp_path: Path) -> None:
    source = write(tmp_path / "in [1].jsonl", CHAT)
    with source.open("a", encoding="utf-8") as file:
        file.write('\n{"id": \n' + json.dumps(CHAT | {"id": "b", "language": "de"}) + "\n")
    out = tmp_path / "out.jsonl"
    said = prescore("score-text", source, "--out", out)
    assert said.code == 2
    assert "left out: in [1].jsonl: line 3: no JSON" in said.errors
    assert 'line 4: language: "de" is not among ru, en, pl' in said.errors
    assert f"1 dialogues scored to {out}, 2 left out" in said.errors
    assert len(out.read_text(encoding="utf-8").splitlines()) == 1


def test_a_blank_file_gives_an_empty_one(prescore: Prescore, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text("\n  \n", encoding="utf-8")
    said = prescore("score-text", tmp_path / "in.jsonl", "--out", tmp_path / "out.jsonl")
    assert said.code == 0
    assert (tmp_path / "out.jsonl").read_text() == ""


@pytest.mark.parametrize(
    ("source", "out", "checklist", "message"),
    [
        ("absent.jsonl", "out.jsonl", "cqr", "absent.jsonl: cannot be read: No such file or directory"),
        ("good.jsonl", "no/such/folder/out.jsonl", "cqr", "out.jsonl: cannot be written: No such file or directory"),
        ("good.jsonl", "folder", "cqr", "folder: cannot be written"),
        ("latin.jsonl", "out.jsonl", "cqr", "latin.jsonl: is not UTF-8 (byte "),
        ("good.jsonl", "out.jsonl", "absent", 'there is no checklist "absent"'),
        ("good.jsonl", "out.jsonl", "./absent.yaml", "absent.yaml: no such file"),
    ],
)
def test_what_does_not_hold_is_said(
    source: str, out: str, checklist: str, message: str, prescore: Prescore, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    write(Path("good.jsonl"), CHAT)
    Path("latin.jsonl").write_bytes(json.dumps(CHAT, ensure_ascii=False).encode("cp1251"))
    Path("folder").mkdir()
    said = prescore("score-text", source, "--checklist", checklist, "--out", out)
    assert said.code == 2
    assert message in said.errors
    assert not Path("out.jsonl").exists()
    assert not list(Path().glob("*.part"))


def test_a_checklist_of_ones_own(prescore: Prescore, tmp_path: Path) -> None:
    content = yaml.safe_load((CONFIGS / "checklists" / "cqr.yaml").read_text(encoding="utf-8"))
    content["criteria"] = content["criteria"][:2]
    (tmp_path / "own.yaml").write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    source = write(tmp_path / "in.jsonl", CHAT)
    said = prescore("score-text", source, "--checklist", tmp_path / "own.yaml", "--out", tmp_path / "out.jsonl")
    assert said.code == 0
    line = json.loads((tmp_path / "out.jsonl").read_text(encoding="utf-8"))
    assert [criterion["id"] for criterion in line["criteria"]] == ["greeting", "needs"]
    assert "untested" not in said.errors


def test_answers_that_nobody_has_compared_are_called_untested(prescore: Prescore, tmp_path: Path) -> None:
    source = write(tmp_path / "in.jsonl", CHAT)
    said = prescore("score-text", source, "--checklist", "text_support", "--out", tmp_path / "out.jsonl")
    assert said.code == 0
    untested = "anything_else, empathy, enough_words, hello, solution"
    assert f"untested, nobody has compared these answers with people's: {untested}" in said.errors
    answers = json.loads((tmp_path / "out.jsonl").read_text(encoding="utf-8"))["criteria"]
    found = {item["id"]: (item["applicable"], item["value"]) for item in answers}
    assert (found["hello"], found["enough_words"], found["empathy"]) == ((True, 1.0), (True, 1.0), (False, None))
