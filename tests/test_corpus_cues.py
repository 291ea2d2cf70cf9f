import json
from itertools import product

import pytest

from pipeline.checklist import load_checklist
from pipeline.corpus import LANGUAGES, LEARNED, load_corpus, load_splits
from pipeline.corpus_cues import KINDS, TypeOnlyCall, load_cues, load_type_only_calls
from pipeline.errors import ConfigurationError
from pipeline.prescoring.call_features import CALL_TYPES, CUES

CALL = {
    "id": "ru-bees-s01", "language": "ru", "trade": "bees", "call_type": "objection",
    "turns": [["C", "Я ваше предложение прочёл."], ["A", "И как вам?"]], "cues": {"known": [0]},
}  # fmt: skip


def write(folder, kind="short", **changes):
    (folder / kind).mkdir(parents=True)
    (folder / "splits.yaml").write_text("test: [bees]\ndev: [wells]\n", encoding="utf-8")
    (folder / kind / "ru.jsonl").write_text(json.dumps(CALL | changes) + "\n", encoding="utf-8")
    return folder


@pytest.mark.parametrize("kind", KINDS)
def test_a_call_tells_of_its_type_and_falls_to_the_split_of_its_trade(tmp_path, kind):
    (call,) = load_type_only_calls("test", write(tmp_path, kind))
    assert [(turn.role, turn.index) for turn in call.dialogue.utterances] == [("client", 0), ("agent", 1)]
    assert (call.call_type, call.kind, call.texts[1]) == ("objection", kind, "И как вам?")
    assert load_type_only_calls("dev", tmp_path) == ()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"cues": {"known": [2]}}, "line 1: cues: turn 2 is not there; count from 0 to 1"),
        ({"cues": {"known": [-1]}}, "line 1: cues.known.0"),
        ({"cues": {"price": [0]}}, "line 1: cues.price"),
        ({"turns": [["B", "Алло"], ["A", "Да"]]}, "line 1: turns.0.0"),
        ({"language": "en"}, "line 1: give each call an id of its own and the file's language"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, changes, told):
    with pytest.raises(ConfigurationError, match=r"ru\.jsonl") as error:
        load_type_only_calls(None, write(tmp_path, **changes))
    assert told in str(error.value)


def test_the_corpus_has_cues_of_every_dialogue_and_calls_of_every_type():
    checklist = load_checklist("cqr")
    cues, dialogues = load_cues(), [item for split in LEARNED for item in load_corpus(checklist, split)]
    assert {item.id for item in dialogues} == set(cues)
    for item in dialogues:
        assert all(index < len(item.turns) for turns in cues[item.id].values() for index in turns), item.id
        assert all("client" in item.turns[index] for index in cues[item.id].get("worry", ())), item.id
    calls = load_type_only_calls()
    found = {(call.kind, call.language, call.call_type) for call in calls}
    assert found == set(product(KINDS, LANGUAGES, CALL_TYPES))
    assert not {call.trade for call in calls} & (load_splits().test | load_splits().blind)
    assert set(CUES.values()) == set(CALL_TYPES)


def test_a_call_of_one_turn_is_refused():
    with pytest.raises(ValueError, match="turns"):
        TypeOnlyCall.model_validate(CALL | {"turns": [["A", "Алло"]], "cues": {}})
