"""Pieces of speech are grouped by voice: embeddings drawn around known voices, and a stand-in for the encoder."""

from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from models.regrouping_diarizer import RegroupingDiarizer
from models.voice_grouping import group_by_voice
from pipeline.records import Diarization, Span, Turn
from tests.fakes import ArrayChannel, FakeSpeechDetector

DIMENSION = 16
RATE_HZ = 16_000


def drawn(voices: list[int], apart: float, noise: float = 0.05) -> NDArray[np.float32]:
    """Embeddings of length 1; `apart` turns each voice away from the one before."""
    rng = np.random.default_rng(3)
    centres = np.eye(DIMENSION)[0] + apart * np.eye(DIMENSION)[1:4]
    rows = centres[voices] + rng.normal(0, noise, (len(voices), DIMENSION))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def pieces(*lengths_s: float) -> list[Span]:
    starts = np.cumsum([0.0, *(length_s + 0.2 for length_s in lengths_s)])
    return [Span(float(s), float(s) + length_s) for s, length_s in zip(starts, lengths_s, strict=False)]


def same_groups(found: list[int] | None, expected: list[int]) -> bool:
    assert found is not None
    return len(set(zip(found, expected, strict=True))) == len(set(expected)) == len(set(found))


@pytest.mark.parametrize("expected", [[0, 1, 0, 1, 1, 0], [0, 1, 2, 0, 1, 2]])
def test_pieces_of_a_voice_come_together(expected: list[int]) -> None:
    found = group_by_voice(drawn(expected, 1.0), pieces(*[2.0] * 6), len(set(expected)))
    assert same_groups(found, expected)


def test_halves_of_one_voice_stay_one() -> None:
    assert group_by_voice(drawn([0] * 6, 1.0), pieces(*[2.0] * 6), 2) == [0] * 6


def test_a_piece_too_short_to_embed_is_its_neighbours() -> None:
    embeddings = drawn([0, 1, 1, 0], 1.0)
    embeddings[1] = np.nan
    found = group_by_voice(embeddings, [Span(0, 2), Span(2.1, 2.3), Span(5, 8), Span(9, 12)], 2)
    assert same_groups(found, [0, 0, 1, 0])


def test_short_pieces_are_sorted_but_form_no_voice() -> None:
    embeddings = drawn([0, 1, 0, 1, 2, 2, 2], 1.0)
    found = group_by_voice(embeddings, pieces(3, 3, 3, 3, 0.5, 0.5, 0.5), 2)
    assert found is not None
    assert same_groups(found[:4], [0, 1, 0, 1])


@pytest.mark.parametrize("count", [1, 0])
def test_too_few_embeddings_tell_nothing(count: int) -> None:
    embeddings = np.full((3, DIMENSION), np.nan, dtype=np.float32)
    embeddings[:count] = drawn([0] * count, 1.0)
    assert group_by_voice(embeddings, pieces(2, 2, 2), 2) is None


class PitchEncoder(torch.nn.Module):
    """Embeds a tone by its pitch: voices of different pitch lie at right angles."""

    dimension = DIMENSION
    device = torch.device("cpu")

    def forward(self, waveforms: torch.Tensor) -> torch.Tensor:
        hz = float(torch.fft.rfft(waveforms[0]).abs().argmax()) * RATE_HZ / waveforms.shape[1]
        return torch.nn.functional.one_hot(torch.tensor([int(hz > 600)]), DIMENSION).float()


class OneSpeakerDiarizer:
    identity = "one"

    def __init__(self, *turns: Turn) -> None:
        self._found = Diarization(turns, turns)

    def diarize(self, _channel: Any) -> Diarization:
        return self._found


def recording(*tones: tuple[float, float, float]) -> ArrayChannel:
    """(start_s, end_s, hz) of each tone in 10 s of silence."""
    time_s = np.arange(10 * RATE_HZ) / RATE_HZ
    samples = np.zeros(len(time_s), np.float32)
    for start_s, end_s, hz in tones:
        inside = (time_s >= start_s) & (time_s < end_s)
        samples[inside] = 0.3 * np.sin(2 * np.pi * hz * time_s[inside])
    return ArrayChannel(samples)


def test_two_voices_taken_for_one_are_parted() -> None:
    channel = recording((0.0, 2.0, 300), (2.4, 4.0, 900), (4.4, 6.0, 300), (6.1, 6.2, 900), (6.4, 9.0, 900))
    diarizer = RegroupingDiarizer(OneSpeakerDiarizer(Turn("A", 0.0, 9.0)), FakeSpeechDetector(), PitchEncoder)
    first, second, third, fourth = diarizer.diarize(channel).exclusive
    assert first.speaker == third.speaker != second.speaker == fourth.speaker
    assert (first.end_s, second.end_s) == (pytest.approx(2.2, abs=0.05), pytest.approx(4.2, abs=0.05))
    assert diarizer.identity == "one:regrouped1"


def test_where_nothing_can_be_told_the_diarizer_stands() -> None:
    found = OneSpeakerDiarizer(Turn("A", 0.0, 9.0))
    for channel in (recording(), recording((1.0, 1.2, 300))):
        diarizer = RegroupingDiarizer(found, FakeSpeechDetector(), PitchEncoder)
        assert diarizer.diarize(channel).exclusive == (Turn("A", 0.0, 9.0),)
