"""How speech is laid into chunks, and how what was heard there gets the recording's times back."""

import itertools
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from models.faster_whisper_transcriber import FasterWhisperTranscriber, RecognitionOptions
from models.silero_speech_detector import SileroSpeechDetector
from models.sparing_whisper import without_padding
from models.speech_chunks import CHUNK_S, Chunk, batches, lay_chunks
from pipeline.interfaces import SpeechChannel
from pipeline.records import Span
from tests.fakes import SAMPLE_RATE_HZ, ArrayChannel, tones

TWO_PIECES = Chunk(0, (Span(10.0, 12.0), Span(20.0, 23.0)))


class Recogniser:
    """In faster-whisper's place: says one word per chunk, from its start for half a second."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.heard_s: list[float] = []

    def transcribe(self, audio: Any, **options: Any) -> tuple[Any, None]:
        self.asked.append(options)
        self.heard_s.append(len(audio) / SAMPLE_RATE_HZ)
        return (self._segment(clip, number) for number, clip in enumerate(options["clip_timestamps"])), None

    def language_probabilities(self, chunks: list[Any]) -> list[dict[str, float]]:
        self.heard_s += [len(chunk) / SAMPLE_RATE_HZ for chunk in chunks]
        return [{"ru": 0.8, "en": 0.2}, {"ru": 0.2, "pl": 0.8}][: len(chunks)]

    def _segment(self, clip: dict[str, float], number: int) -> Any:
        start_s = clip["start"]
        word = SimpleNamespace(word=f" word{number}", start=start_s, end=start_s + 0.5, probability=np.float32(0.87654))
        return SimpleNamespace(
            text=f" word{number} ", start=start_s, end=start_s + 0.5, seek=int(start_s * 100),
            words=[word] if number % 2 == 0 else None,
            avg_logprob=-0.2, no_speech_prob=0.1, compression_ratio=1.1,
        )  # fmt: skip


@pytest.fixture
def transcriber() -> FasterWhisperTranscriber:
    options = RecognitionOptions("base", lambda: "base", "cpu", "int8", threads=1, beam_size=5, batch_size=2)
    found = FasterWhisperTranscriber(options)
    recogniser = Recogniser()
    vars(found).update(_batched=recogniser, _whisper=recogniser)  # as the cached properties would
    return found


def channel(*speech: tuple[float, float], duration_s: float = 100.0) -> SpeechChannel:
    return SpeechChannel(ArrayChannel(tones([], duration_s)), tuple(Span(*span) for span in speech))


@pytest.mark.parametrize(
    ("inside", "in_recording"),
    [
        ((0.0, 0.5), (10.0, 10.5)),
        ((2.0, 2.5), (20.0, 20.5)),
        ((4.5, 5.0), (22.5, 23.0)),
        ((1.4, 2.2), (11.4, 12.0)),  # over the seam: it stays where most of it is
        ((1.9, 2.8), (20.0, 20.8)),
        ((4.8, 5.6), (22.8, 23.0)),  # past the end
    ],
)
def test_a_stretch_of_a_chunk_lies_in_one_piece_of_speech(
    inside: tuple[float, float], in_recording: tuple[float, float]
) -> None:
    span = TWO_PIECES.recording_span(*inside)
    assert (span.start_s, span.end_s) == pytest.approx(in_recording)


def test_speech_is_gathered_into_chunks() -> None:
    chunks = list(lay_chunks([channel((0, 10), (11, 21), (22, 31)), channel(), channel((5, 6))]))
    assert [(chunk.channel, chunk.duration_s) for chunk in chunks] == [(0, 20), (0, 9), (2, 1)]


def test_a_monologue_without_a_pause_is_cut() -> None:
    chunks = list(lay_chunks([channel((1.0, 60.0))]))
    assert [chunk.duration_s for chunk in chunks] == pytest.approx([CHUNK_S, CHUNK_S, 3.0])
    assert chunks[0].spans[0].start_s == 1.0
    assert chunks[-1].spans[-1].end_s == 60.0
    assert all(a.spans[-1].end_s == b.spans[0].start_s for a, b in itertools.pairwise(chunks))


def test_words_come_back_to_their_channel_and_time(transcriber: FasterWhisperTranscriber) -> None:
    channels = [channel((10.0, 30.0), (40.0, 60.0)), channel(), channel((70.0, 75.0))]
    first, silent, last = transcriber.transcribe(channels, "ru", ["Вектор", "Ромашка"])
    assert [(segment.text, segment.start_s, segment.end_s) for segment in first] == [
        ("word0", 10.0, 10.5),
        ("word1", 40.0, 40.5),  # without words: the segment's own time
    ]
    assert first[0].words[0].probability == 0.877
    assert (silent, last[0].start_s) == ((), 70.0)
    recogniser: Any = transcriber._batched
    assert recogniser.heard_s == pytest.approx([40.0, 5.0])  # two batches, speech alone
    assert [asked["hotwords"] for asked in recogniser.asked] == ["Вектор, Ромашка"] * 2
    clips = recogniser.asked[0]["clip_timestamps"]
    assert [(int(clip["start"] * 16_000), int(clip["end"] * 16_000)) for clip in clips] == [
        (0, 320_000),
        (320_000, 640_000),
    ]  # in whole samples, cut off downwards as faster-whisper does


def test_a_chunk_past_the_recordings_end_is_filled(transcriber: FasterWhisperTranscriber) -> None:
    """A detector may round a span's end past the last sample."""
    transcriber.transcribe([channel((0.0, 2.0), duration_s=1.5)], "ru", [])
    recogniser: Any = transcriber._batched
    assert recogniser.heard_s == pytest.approx([2.0])
    assert recogniser.asked[0]["hotwords"] is None


def test_the_language_is_heard_on_the_batch_that_is_recognised_first(transcriber: FasterWhisperTranscriber) -> None:
    probabilities = transcriber.detect_language([channel((0, 10)), channel((3, 13), (14, 34))])
    assert probabilities == pytest.approx(
        {"ru": 0.8 * 20 / 30 + 0.2 * 10 / 30, "en": 0.2 * 20 / 30, "pl": 0.8 * 10 / 30}
    )
    recogniser: Any = transcriber._whisper
    assert recogniser.heard_s == pytest.approx([20.0, 10.0])  # the longest first


def test_chunks_of_one_length_go_together() -> None:
    chunks = [Chunk(0, (Span(0.0, duration_s),)) for duration_s in (4.0, 27.0, 26.0, 3.0, 25.0, 20.0)]
    found = [[chunk.duration_s for chunk in batch] for batch in batches(chunks, size=4)]
    assert found == [[27.0, 26.0, 25.0, 20.0], [4.0, 3.0]]  # four are enough
    assert [len(batch) for batch in batches(chunks, size=8)] == [4, 2]  # 4 s filled up to 27 s is a waste
    assert list(batches([], size=8)) == []


@pytest.mark.parametrize(("speech_frames", "kept"), [(1000, 1150), (1001, 1152), (100, 500), (2900, 3000), (0, 500)])
def test_only_a_little_of_the_padding_is_encoded(speech_frames: int, kept: int) -> None:
    features = np.zeros((2, 80, 3000), dtype=np.float32)
    features[1, 3, :speech_frames] = 0.5
    cut = without_padding(features)
    assert cut.shape == (2, 80, kept)
    assert np.array_equal(cut, features[..., :kept])


def test_speech_over_a_windows_edge_is_one_span(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.silero_speech_detector.WINDOW_S", 2.0)
    read: list[tuple[float, float]] = []

    def detect_window(self: object, audio: object, start_s: float, end_s: float) -> list[Span]:
        read.append((start_s, end_s))
        return [Span(start_s + 1.0, end_s)] if start_s < 4 else [Span(start_s, start_s + 0.5)]

    monkeypatch.setattr(SileroSpeechDetector, "_detect_window", detect_window)
    spans = SileroSpeechDetector().detect(ArrayChannel(tones([], 5.0)))
    assert read == [(0.0, 2.0), (2.0, 4.0), (4.0, 5.0)]
    assert spans == (Span(1.0, 2.0), Span(3.0, 4.5))
