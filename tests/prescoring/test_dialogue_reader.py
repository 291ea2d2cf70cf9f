import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from models.head_training import Options
from models.reader_training import ReaderSample, _Inputs, build_network, draw_batches, to_arrays, train_reader
from pipeline.prescoring.call_features import CALL_TYPES
from pipeline.prescoring.dialogue_reader import DialogueReader, DialogueReaders

WIDTH, LABELS = 30, 5
SMALL = Options(readers=1, reader_width=16, reader_epochs=60, reader_batch=8)
RANDOM = np.random.default_rng(0)


def rows_of(count: int, mark: float = 0.0) -> np.ndarray:
    """`mark` is written into one turn."""
    rows = RANDOM.normal(size=(count, WIDTH)) * 0.3
    rows[count // 2, :8] += 6 * mark
    return rows


def sample(rows: np.ndarray, value: float = math.nan, call_type: int = -1, applies: float = math.nan) -> ReaderSample:
    agent = np.arange(len(rows)) % 2 == 0
    targets, told = np.zeros((len(rows), LABELS)), np.ones(LABELS, bool)
    levels = np.array([value, math.nan])
    return ReaderSample(rows, agent, np.ones(6), targets, told, levels, call_type, applies)


def test_numpy_answers_like_the_mean_of_the_networks_that_were_trained() -> None:
    rows = [rows_of(count) for count in (1, 4, 9)]
    inputs = _Inputs([replace(sample(part), words=RANDOM.normal(size=6)) for part in rows])
    torch.manual_seed(3)
    networks = [build_network(inputs, [2, 2, len(CALL_TYPES), 1], LABELS, SMALL).eval() for _ in range(3)]
    names = (("greeting", 2), ("needs", 2), ("call_type", len(CALL_TYPES)), ("applies", 1))
    readers = DialogueReaders(tuple(DialogueReader(names, to_arrays(network, inputs)) for network in networks))
    with torch.no_grad():  # padded to the longest: padding must not be seen
        answers = [network(*inputs.batch([0, 1, 2])[:4])[1] for network in networks]
        expected = torch.stack(answers).mean(0)
    for place, part in enumerate(inputs.samples):
        found = readers.read(rows[place], part.is_agent, part.words)
        for question, (name, count) in enumerate(names):
            assert found[name] == pytest.approx(expected[place, question, :count].numpy(), abs=1e-3)


def test_a_reader_learns_what_one_turn_tells_and_says_nothing_of_what_nobody_labelled() -> None:
    marks = [float(number % 2) for number in range(32)]
    rows = [rows_of(6, mark) for mark in marks]
    known = [sample(part, mark, int(mark), mark) for part, mark in zip(rows, marks, strict=True)]
    reader = train_reader(known, ("greeting", "needs"), "applies", 0, SMALL)
    for part, mark in ((rows_of(6, mark), mark) for mark in (0.0, 1.0) * 5):
        said = DialogueReaders((reader, reader)).read(part, np.arange(6) % 2 == 0, np.ones(6))
        assert (said["greeting"] > 0).all() == bool(mark)
        assert said["call_type"].argmax() == int(mark)
        assert (said["applies"][0] > 0) == bool(mark)
        assert said["needs"].shape == (2,)


@pytest.mark.parametrize("count", [1, 8, 100, 700])
def test_batches_hold_every_dialogue_once_and_those_of_one_batch_are_alike_in_length(count: int) -> None:
    lengths, chance = RANDOM.integers(6, 41, size=count), np.random.default_rng(1)
    first, second = (draw_batches(lengths, 8, chance) for _ in range(2))
    assert sorted(np.hstack(first)) == sorted(np.hstack(second)) == list(range(count))
    assert len(first) == math.ceil(count / 8)
    assert max(map(len, first)) <= 8
    if count >= 100:
        assert [batch.tolist() for batch in first] != [batch.tolist() for batch in second]
        padded = sum(lengths[batch].max() * len(batch) for batch in first)
        assert padded < 1.15 * lengths.sum()  # in any order it would be about 1.6 times


def test_nothing_is_said_without_readers() -> None:
    assert DialogueReaders().read(rows_of(3), np.ones(3, bool), np.ones(6)) == {}
