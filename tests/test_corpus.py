"""The labelled dialogues are valid, and a wrong one is named with its file, id and key."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.checklist import load_checklist
from pipeline.corpus import CORPUS, LANGUAGES, LEARNED, load_corpus, load_labelled, load_splits
from pipeline.errors import ConfigurationError

CQR = load_checklist("cqr")


def entry(**changes: Any) -> dict[str, Any]:
    gold: dict[str, Any] = {criterion.id: {"value": 0.5, "evidence": [0]} for criterion in CQR.criteria}
    gold["objection"] = {"applicable": False}
    return {
        "id": "en-shop-01",
        "language": "en",
        "trade": "shop",
        "direction": "incoming",
        "call_type": "qualification",
        "turns": [{"agent": "Hello."}, {"client": "Hi."}],
        "gold": gold,
        **changes,
    }


def write(folder: Path, content: Any) -> Path:
    path = folder / "en" / "shop.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return path


def test_a_dialogue_as_a_judge_sees_it(tmp_path: Path) -> None:
    (labelled,) = load_labelled(write(tmp_path, [entry()]), CQR)
    assert [(u.index, u.role, u.text) for u in labelled.dialogue.utterances] == [
        (0, "agent", "Hello."),
        (1, "client", "Hi."),
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"a": 1}, "shop.yaml: expected a list of dialogues, found dict"),
        (["x"], 'shop.yaml: dialogue "number 1"'),
        ([entry(turns=[{"agent": "a", "client": "b"}])], 'dialogue "en-shop-01": turns.0: a turn has one key'),
        ([entry(language="de")], 'dialogue "en-shop-01": language: '),
        ([entry(trade="other")], "language and trade must be those of the file"),
        ([entry(), entry()], "this id stands twice"),
        ([entry(gold={"greeting": {"value": 1}})], r"gold: add \['closing', 'initiative'"),
        (
            [entry(gold={**entry()["gold"], "needs": {"value": 1, "evidence": [2]}})],
            "turn 2 is not there; count from 0 to 1",
        ),
        ([entry(gold={**entry()["gold"], "needs": {"applicable": False, "value": 1}})], "give a value where"),
        ([entry(call_type="spam")], "gold.closing: does not apply to spam"),
    ],
)
def test_a_wrong_file_says_where(tmp_path: Path, content: Any, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        load_labelled(write(tmp_path, content), CQR)


def test_splits_never_share_a_trade_and_unlisted_names_fall_the_same_way() -> None:
    splits = load_splits()
    assert not splits.test & splits.dev
    assert not splits.blind & (splits.test | splits.dev)
    for trade in splits.test | splits.dev:
        listed = splits.of(trade)
        assert type(splits)().of(trade) == listed  # the list only pins what the rule says


def test_load_corpus_keeps_to_the_split(tmp_path: Path) -> None:
    write(tmp_path, [entry()])
    (tmp_path / "splits.yaml").write_text("test: [shop]\n", encoding="utf-8")
    assert load_corpus(CQR, "dev", tmp_path) == ()
    assert len(load_corpus(CQR, "test", tmp_path)) == len(load_corpus(CQR, None, tmp_path)) == 1


def test_every_file_of_the_corpus_is_valid() -> None:
    ids = [d.id for language in LANGUAGES for p in (CORPUS / language).glob("*.yaml") for d in load_labelled(p, CQR)]
    assert len(ids) == len(set(ids))


def test_nothing_learns_from_blind_dialogues(tmp_path: Path) -> None:
    write(tmp_path, [entry()])
    (tmp_path / "splits.yaml").write_text("blind: [shop]\n", encoding="utf-8")
    assert [load_corpus(CQR, split, tmp_path) for split in LEARNED] == [(), ()]
    assert len(load_corpus(CQR, "blind", tmp_path)) == 1
