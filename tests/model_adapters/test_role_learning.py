"""Learning who is the agent, on a small corpus and a fake encoder."""

import json
from pathlib import Path

import numpy as np
import pytest

from models import role_learning
from models.role_learning import (
    cross_validate,
    examples_of,
    excerpts,
    learn,
    said_in,
    vector_difference,
    word_difference,
)
from pipeline.corpus import LabelledDialogue
from pipeline.roles import score_speakers
from tests.fakes import FakeEncoder

AGENT = ("Добрый день, компания Вектор, меня зовут Анна, чем могу помочь?", "Какой товар вам нужен?")
CLIENT = ("Алло, здравствуйте.", "Мне нужна доставка, сколько стоит?")


def dialogue(number: int, turns: list[dict[str, str]] | None = None) -> LabelledDialogue:
    said = turns or [{"agent": AGENT[0]}, {"client": CLIENT[0]}, {"agent": AGENT[1]}, {"client": CLIENT[1]}]
    return LabelledDialogue.model_validate(
        {
            "id": f"d{number}", "language": "ru", "trade": f"trade-{number}", "direction": "incoming",
            "call_type": "qualification", "turns": said, "gold": {},
        }
    )  # fmt: skip


@pytest.fixture(scope="module")
def corpus() -> list[LabelledDialogue]:
    return [dialogue(number) for number in range(16)]


def test_learned_weights_tell_the_sides_apart(corpus: list[LabelledDialogue]) -> None:
    encoder = FakeEncoder()
    examples = [example for found in corpus for example in examples_of(found, encoder)]
    weights = learn(examples, encoder.identity)
    assert weights.encoder == "fake-encoder"
    assert weights.vector.shape == (16,)
    assert all(abs(weight) >= 0.03 for weight in weights.words.values())
    scores = score_speakers(said_in(corpus[0].dialogue), "ru", encoder, weights)
    assert scores["agent"] > scores["client"]


def test_a_dialogue_teaches_what_calls_lack_too(corpus: list[LabelledDialogue]) -> None:
    parts = list(excerpts(corpus[0]))
    assert parts[0] == (said_in(corpus[0].dialogue), 1.0)
    assert all(len({role for role, _ in said}) == 2 for said, _ in parts)
    assert {weight for _, weight in parts} == {0.5, 1.0}
    (alone, _), *_ = excerpts(dialogue(3, [{"agent": AGENT[0]}]))
    assert len(alone) == 1


def test_swapped_sides_have_the_opposite_difference() -> None:
    as_is, swapped = [("agent", AGENT[0]), ("client", CLIENT[0])], [("client", AGENT[0]), ("agent", CLIENT[0])]
    assert word_difference(swapped, "ru") == {name: -weight for name, weight in word_difference(as_is, "ru").items()}
    encoder = FakeEncoder()
    assert np.allclose(vector_difference(swapped, encoder), -vector_difference(as_is, encoder))
    assert vector_difference([("agent", AGENT[0])], encoder).shape == (16,)  # the other side is silent


def test_no_dialogue_is_judged_by_what_it_taught(corpus: list[LabelledDialogue]) -> None:
    encoder = FakeEncoder()
    examples = [examples_of(found, encoder) for found in corpus]
    assert cross_validate(corpus, examples, encoder) == {"ru": (16, 16, 16)}


def test_the_module_reports_and_writes(
    corpus: list[LabelledDialogue], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(role_learning, "load_corpus", lambda checklist, split: corpus if split == "dev" else [])
    monkeypatch.setattr(role_learning, "Usem3Encoder", FakeEncoder)
    monkeypatch.setattr(role_learning, "WEIGHTS", tmp_path / "role_weights.json")
    role_learning.main()
    written = json.loads((tmp_path / "role_weights.json").read_text(encoding="utf-8"))
    assert (written["learned_on"], written["encoder"], len(written["vector"])) == (16, "fake-encoder", 16)
    assert "ru: 16 of 16 by the words, 16 with the direction of the call" in capsys.readouterr().out
