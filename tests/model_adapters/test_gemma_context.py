import json
from pathlib import Path

import numpy as np
import pytest
import torch

from models import gemma_conversion, weights
from models.gemma_context_encoder import (
    DIMENSION,
    LEAD_TOKENS,
    WINDOW_TOKENS,
    GemmaContextEncoder,
    choose_precision,
    cut_windows,
)
from models.gemma_conversion import (
    CONFIG,
    GEMMA,
    LAYERS,
    RECORD,
    SOURCE,
    TOKENIZER,
    WEIGHTS,
    checked_folder,
    cut,
    prepare,
)
from models.remembering_encoder import RememberingEncoder
from models.usem3_encoder import Usem3Encoder
from models.weights import WeightFile, Weights, fetch_and_prepare
from pipeline.errors import WeightsError
from pipeline.files_on_disk import sha256_of
from pipeline.records import Dialogue, Utterance
from tests.fakes import FakeEncoder


def turn(length: int, mark: int = 5) -> tuple[list[int], list[int]]:
    return [1], [mark] * (length - 1)


def test_a_short_call_is_one_window_with_a_span_for_each_turn():
    (window,) = cut_windows([turn(3, 7), turn(4, 8)], first_id=2)
    assert window.ids == (2, 1, 7, 7, 1, 8, 8, 8)
    assert [window.ids[span.first : span.last] for span in window.spans] == [(7, 7), (8, 8, 8)]
    assert (window.start, window.new) == (0, 0)


def test_no_turns_no_window():
    assert cut_windows([], 2) == []


def test_a_long_call_is_cut_between_turns_and_each_window_begins_with_what_was_said_before():
    turns = [turn(100, mark) for mark in range(30)]
    windows = cut_windows(turns, 2)
    new = [range(window.new, window.start + len(window.spans)) for window in windows]
    assert [place for places in new for place in places] == list(range(30))
    assert all(len(window.ids) <= 1 + LEAD_TOKENS + WINDOW_TOKENS for window in windows)
    assert all(window.new - window.start == LEAD_TOKENS // 100 for window in windows[1:])


def test_a_turn_longer_than_a_window_still_gets_one():
    windows = cut_windows([turn(10), turn(WINDOW_TOKENS + 50), turn(10)], 2)
    assert [window.new for window in windows] == [0, 1, 2]


def test_the_cut_model_ends_with_the_norm_of_the_next_layer():
    state = {f"layers.{place}.input_layernorm.weight": torch.full((2,), float(place)) for place in range(LAYERS + 2)}
    state |= {"embed_tokens.weight": torch.zeros(3, 2), "norm.weight": torch.ones(2)}
    kept = cut(state)
    assert sorted(kept) == sorted(
        [*(f"layers.{place}.input_layernorm.weight" for place in range(LAYERS)), "embed_tokens.weight", "norm.weight"]
    )
    assert kept["norm.weight"].tolist() == [LAYERS, LAYERS]


@pytest.fixture
def converted(tmp_path: Path, monkeypatch) -> Path:
    """A folder as `prepare` leaves it, of small files."""
    gguf = tmp_path / GEMMA / SOURCE
    gguf.parent.mkdir()
    gguf.write_bytes(b"weights")
    monkeypatch.setenv("PRESCORE_WEIGHTS", str(tmp_path))
    expect(gguf, monkeypatch)

    def convert(source: Path, folder: Path) -> None:
        for name in (WEIGHTS, CONFIG, TOKENIZER):
            (folder / name).write_text(name)
        files = {name: sha256_of(folder / name) for name in (WEIGHTS, CONFIG, TOKENIZER)}
        (folder / RECORD).write_text(json.dumps({"source": sha256_of(source), "files": files}))

    monkeypatch.setattr(gemma_conversion, "_convert", convert)
    assert prepare()
    return gguf.parent / f"first-{LAYERS}-layers"


def expect(gguf: Path, monkeypatch) -> None:
    """As if configs/weights.yaml named this file."""
    source = WeightFile(members=(SOURCE,), sha256=sha256_of(gguf))
    known = Weights(title="Gemma", licence="none", packages=("gemma",), files={SOURCE: source})
    monkeypatch.setattr(weights, "load_sources", lambda: {GEMMA: known})


def test_what_is_converted_is_not_converted_again(converted: Path):
    assert not prepare()
    assert checked_folder() == converted


@pytest.mark.parametrize("name", [WEIGHTS, TOKENIZER, RECORD])
def test_an_altered_or_missing_file_is_not_loaded_and_is_made_again(converted: Path, name: str):
    (converted / name).write_text("{}")
    with pytest.raises(WeightsError, match="missing or altered; make it again with `prescore weights`"):
        checked_folder()
    assert prepare()
    (converted / name).unlink()
    with pytest.raises(WeightsError):
        checked_folder()


def test_weights_from_another_source_are_converted_again(converted: Path, monkeypatch):
    gguf = converted.parent / SOURCE
    gguf.write_bytes(b"other weights")
    expect(gguf, monkeypatch)
    with pytest.raises(WeightsError):
        checked_folder()
    assert prepare()
    assert checked_folder() == converted


def test_what_was_converted_is_loaded_without_its_source(converted: Path):
    (converted.parent / SOURCE).unlink()
    assert checked_folder() == converted
    with pytest.raises(WeightsError, match="missing"):
        prepare()


def test_half_precision_on_a_gpu():
    assert choose_precision("cuda") is torch.bfloat16
    assert choose_precision("cpu") in {torch.bfloat16, torch.float32}


DIALOGUE = Dialogue("ru", (Utterance(0, "agent", "Добрый день."), Utterance(1, "client", "Да, слушаю.")))


class CountingEncoder(FakeEncoder):
    asked = 0

    def encode_dialogue(self, dialogue):
        self.asked += 1
        return super().encode_dialogue(dialogue)


def test_a_dialogue_is_encoded_once_and_a_cut_file_again(tmp_path: Path):
    inner = CountingEncoder()
    first = RememberingEncoder(inner, tmp_path).encode_dialogue(DIALOGUE)
    again = RememberingEncoder(inner, tmp_path)
    assert (again.identity, again.dialogue_identity) == (inner.identity, inner.dialogue_identity)
    np.testing.assert_array_equal(again.encode_dialogue(DIALOGUE), first)
    assert inner.asked == 1
    (file,) = tmp_path.rglob("*.npy")
    file.write_bytes(file.read_bytes()[:40])
    np.testing.assert_array_equal(again.encode_dialogue(DIALOGUE), first)
    assert inner.asked == 2
    np.testing.assert_array_equal(again.encode(["да"]), inner.encode(["да"]))


@pytest.mark.real_model
def test_a_row_is_the_sentence_and_the_turn_in_its_context():
    fetch_and_prepare("gemma3-270m")
    sentences = Usem3Encoder()
    encoder = GemmaContextEncoder(sentences)
    other = Dialogue("ru", (Utterance(0, "agent", "Пиццу уже везут."), DIALOGUE.utterances[1]))
    rows, others = encoder.encode_dialogue(DIALOGUE), encoder.encode_dialogue(other)
    plain = sentences.encode_dialogue(DIALOGUE)
    assert rows.shape == (2, plain.shape[1] + DIMENSION)
    np.testing.assert_array_equal(rows[:, : plain.shape[1]], plain)
    np.testing.assert_allclose(np.linalg.norm(rows[:, plain.shape[1] :], axis=1), 1, atol=1e-5)
    context, changed = rows[1, plain.shape[1] :], others[1, plain.shape[1] :]
    assert 0.3 < float(context @ changed) < 0.995  # the same words after another beginning
    np.testing.assert_array_equal(encoder.encode_dialogue(DIALOGUE), rows)
    assert encoder.encode_dialogue(Dialogue("ru", ())).shape == (0, plain.shape[1] + DIMENSION)
    assert encoder.identity == sentences.identity != encoder.dialogue_identity
