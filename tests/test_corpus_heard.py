"""What recognition made of the corpus: the committed files are valid, and a wrong line is named with file, line, id."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.checklist import load_checklist
from pipeline.corpus import LabelledDialogue, load_corpus
from pipeline.corpus_heard import HEARD, as_heard, is_current, load_heard, load_heard_file, written_sha256
from pipeline.errors import ConfigurationError

CQR = load_checklist("cqr")
LABELLED = LabelledDialogue.model_validate(
    {
        "id": "en-shop-01",
        "language": "en",
        "trade": "shop",
        "direction": "incoming",
        "call_type": "spam",
        "turns": [{"agent": "Hello."}, {"client": "Hi, is it the bank?"}, {"agent": "No."}],
        "gold": {"greeting": {"value": 0.5, "evidence": [2]}},
    }
)
HEADER = {"transcriber": "t", "speech_detector": "s", "diarizer": "d", "encoder": "e"}


def line(**changes: Any) -> dict[str, Any]:
    return {
        "id": "en-shop-01",
        "written_sha256": written_sha256(LABELLED),
        "layout": "mono",
        "voice": "rhvoice",
        "language": "en",
        "duration_s": 9.0,
        "counted_words": 4,
        "right_role_words": 4,
        "utterances": [
            {"role": "agent", "speaker": "SPEAKER_00", "text": "hello hi is it", "start_s": 1.0, "end_s": 3.5},
            {"role": "client", "speaker": "SPEAKER_01", "text": "the blank", "start_s": 3.6, "end_s": 4.4},
        ],
        "turns": [
            {"text": "hello", "start_s": 1.0, "end_s": 1.6},
            {"text": "hi is it the blank", "start_s": 2.0, "end_s": 4.4},
            {"text": "", "start_s": 5.0, "end_s": 5.4},
        ],
        **changes,
    }


def write(folder: Path, *lines: Any) -> Path:
    path = folder / "en.jsonl"
    path.write_text("".join(x if isinstance(x, str) else json.dumps(x) + "\n" for x in lines), encoding="utf-8")
    return path


def test_a_heard_dialogue_as_a_judge_sees_it(tmp_path: Path) -> None:
    write(tmp_path, HEADER, line())
    heard = load_heard(tmp_path)["en-shop-01"]
    assert [(u.index, u.role, u.text, u.start_s) for u in heard.dialogue.utterances] == [
        (0, "agent", "hello hi is it", 1.0),
        (1, "client", "the blank", 3.6),
    ]
    assert (heard.dialogue.language, heard.dialogue.duration_s) == ("en", 9.0)


def test_utterances_are_found_again_among_the_written_turns(tmp_path: Path) -> None:
    write(tmp_path, HEADER, line())
    heard = load_heard(tmp_path)["en-shop-01"]
    assert [heard.turns_of(utterance) for utterance in heard.dialogue.utterances] == [(1, 0), (1,)]


def test_recognised_words_take_the_place_of_the_written_ones_and_labels_stay(tmp_path: Path) -> None:
    write(tmp_path, HEADER, line())
    heard = load_heard(tmp_path)["en-shop-01"]
    assert heard.turn_texts == ("hello", "hi is it the blank", "")
    replaced = as_heard(LABELLED, heard)
    assert replaced.turns == ({"agent": "hello"}, {"client": "hi is it the blank"}, {"agent": ""})
    assert replaced.gold == LABELLED.gold
    assert [u.text for u in replaced.dialogue.utterances] == list(heard.turn_texts)


def test_the_replaced_dialogue_does_not_remember_the_written_one(tmp_path: Path) -> None:
    write(tmp_path, HEADER, line())
    assert LABELLED.dialogue.utterances[0].text == "Hello."  # cached before it is replaced
    assert as_heard(LABELLED, load_heard(tmp_path)["en-shop-01"]).dialogue.utterances[0].text == "hello"


@pytest.mark.parametrize(
    "rewritten",
    [
        {"turns": ({"agent": "Hello."}, {"client": "Hi."}, {"agent": "No."})},
        {"turns": ({"client": "Hello."}, {"client": "Hi, is it the bank?"}, {"agent": "No."})},
        {"direction": "outgoing"},
        {"id": "en-shop-02"},
    ],
)
def test_a_rewritten_dialogue_is_not_what_was_heard(tmp_path: Path, rewritten: dict[str, Any]) -> None:
    write(tmp_path, HEADER, line())
    heard = load_heard(tmp_path)["en-shop-01"]
    changed = LABELLED.model_copy(update=rewritten)
    assert is_current(LABELLED, heard) and not is_current(changed, heard)
    with pytest.raises(ConfigurationError, match=r'"en-shop-01": heard from other words.*hear\.py'):
        as_heard(changed, heard)


def test_new_labels_do_not_make_it_another_call() -> None:
    relabelled = LABELLED.model_copy(update={"gold": {}, "call_type": "unknown", "tags": ("x",)})
    assert written_sha256(relabelled) == written_sha256(LABELLED)


def without(key: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda content: {name: value for name, value in content.items() if name != key}


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ((), r"en.jsonl: is empty"),
        ((line(),), r"en.jsonl: line 1: must name the models: transcriber: Field required"),
        ((HEADER, line(), "{\n"), r'en.jsonl: line 3: dialogue "\?": Invalid JSON.*remove the line'),
        ((HEADER, "[1]\n"), r'en.jsonl: line 2: dialogue "\?": '),
        ((HEADER, line(layout="quad")), r'line 2: dialogue "en-shop-01": layout: Input should be'),
        ((HEADER, without("turns")(line())), r'dialogue "en-shop-01": turns: Field required'),
        ((HEADER, line(extra=1)), r"extra: Extra inputs are not permitted"),
        ((HEADER, line(), line()), r'en.jsonl: line 3: dialogue "en-shop-01": stands twice'),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, lines: tuple[Any, ...], message: str) -> None:
    write(tmp_path, *lines)
    with pytest.raises(ConfigurationError, match=message):
        load_heard(tmp_path)


def test_messages_never_hold_what_was_said(tmp_path: Path) -> None:
    write(tmp_path, HEADER, line(turns=[{"text": ["secret words"], "start_s": 0, "end_s": 1}]))
    with pytest.raises(ConfigurationError) as raised:
        load_heard(tmp_path)
    assert "turns.0.text" in str(raised.value) and "secret" not in str(raised.value)


def test_no_folder_is_no_dialogues(tmp_path: Path) -> None:
    assert load_heard(tmp_path / "nowhere") == {}


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"no\.jsonl: cannot be read"):
        load_heard_file(tmp_path / "no.jsonl")


def test_the_committed_files_belong_to_the_corpus() -> None:
    corpus, heard = {labelled.id: labelled for labelled in load_corpus(CQR)}, load_heard()
    assert heard
    for name, dialogue in heard.items():
        labelled = corpus.get(name)
        assert labelled is not None, f"{name}: no longer in the corpus; run data/corpus/hear.py --limit 0"
        assert len(dialogue.turns) == len(labelled.turns), f"{name}: rewritten; run data/corpus/hear.py --limit 0"
        starts = [turn.start_s for turn in dialogue.turns]
        assert starts == sorted(starts) and dialogue.turns[-1].end_s <= dialogue.duration_s
        assert all(u.start_s <= u.end_s <= dialogue.duration_s + 0.5 for u in dialogue.utterances), name
        assert dialogue.right_role_words <= dialogue.counted_words


def test_each_committed_file_holds_one_language_and_says_who_heard_it() -> None:
    paths = sorted(HEARD.glob("*.jsonl"))
    assert paths
    for path in paths:
        recognition, numbered = load_heard_file(path)
        assert recognition.transcriber.startswith("faster-whisper:whisper-base:int8")
        assert {dialogue.id.split("-")[0] for _, dialogue in numbered} == {path.stem}
        engine = "espeak" if path.stem == "pl" else "rhvoice"
        assert {dialogue.voice for _, dialogue in numbered} == {engine}


def test_heard_words_are_those_of_the_utterances() -> None:
    for dialogue in load_heard().values():
        by_turns = sorted(word for text in dialogue.turn_texts for word in text.split())
        by_utterances = sorted(word for said in dialogue.utterances for word in said.text.split())
        assert by_turns == by_utterances, dialogue.id
