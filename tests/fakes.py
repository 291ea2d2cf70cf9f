"""Fakes of the heavy models. They come through the same interfaces and are told what to say by the recording itself.

A fake recording is silence with tones: each tone of a channel is one word, so real decoding, real channels and real
times run underneath, and only the recognition is pretended. A recording whose first tone is high breaks its worker, as
`BREAKING_HZ` says. PRESCORE_MODELS=tests.fakes:build_fake_models makes the real command run on these.
"""

import multiprocessing
import os
import re
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from pipeline.errors import WeightsError
from pipeline.interfaces import ChannelAudio, Entailer, Instructor, Samples, SpeechChannel, Vectors
from pipeline.records import Dialogue, Diarization, Segment, Span, Turn, Word
from pipeline.settings import Profile

SAMPLE_RATE_HZ = 16_000
TONE_HZ = 440.0
BREAKING_HZ = {
    "dies": 1000.0, "out of memory": 1500.0, "breaks": 2000.0, "invents": 2500.0, "no weights": 3000.0,
    "hangs": 3500.0, "takes all memory": 4000.0,
}  # fmt: skip
FRAME_S = 0.02
LOUD = 0.01
AGENT_LINE = tuple(
    word
    for phrase in (
        "добрый день компания вектор меня зовут анна",
        "чем могу помочь",
        "какой товар вам нужен и какие сроки",
    )
    for word in phrase.split()
)
CLIENT_LINE = tuple(
    word
    for phrase in ("здравствуйте мне нужна доставка завтра", "сколько это стоит", "хорошо договорились спасибо")
    for word in phrase.split()
)


@dataclass(frozen=True)
class ArrayChannel:
    """A channel that lies in memory."""

    samples: Samples

    @property
    def duration_s(self) -> float:
        return len(self.samples) / SAMPLE_RATE_HZ

    def read(self, start_s: float = 0.0, end_s: float | None = None) -> Samples:
        stop = None if end_s is None else round(end_s * SAMPLE_RATE_HZ)
        return self.samples[round(start_s * SAMPLE_RATE_HZ) : stop].copy()


class FakeSpeechDetector:
    """Speech is wherever the sound is loud."""

    identity = "fake-detector"

    def detect(self, channel: ChannelAudio) -> tuple[Span, ...]:
        samples = channel.read()
        frame = round(FRAME_S * SAMPLE_RATE_HZ)
        count = len(samples) // frame
        loud = np.abs(samples[: count * frame].reshape(count, frame)).max(axis=1) > LOUD if count else np.zeros(0, bool)
        edges = np.flatnonzero(np.diff(np.concatenate([[0], loud.astype(int), [0]])))
        return tuple(
            Span(round(a * FRAME_S, 3), round(b * FRAME_S, 3)) for a, b in zip(edges[::2], edges[1::2], strict=True)
        )


@dataclass
class FakeTranscriber:
    """Says one known word per stretch of speech: the agent's line on the first channel, the client's on the next."""

    identity: str = "fake-transcriber"
    language: str = "ru"
    calls: list[int] = field(default_factory=list)  # how many channels came in each call
    delay_s: float = 0.0
    mended: bool = False  # what breaks recognition breaks it no more

    def detect_language(self, channels: Sequence[SpeechChannel]) -> dict[str, float]:
        return {self.language: 0.9, "de": 0.1}

    def transcribe(
        self, channels: Sequence[SpeechChannel], language: str, vocabulary: Sequence[str]
    ) -> tuple[tuple[Segment, ...], ...]:
        self.calls.append(len(channels))
        time.sleep(self.delay_s)
        invents = not self.mended and _break(channels[0])
        return tuple(
            tuple(_segment(line[i % len(line)], span, invents) for i, span in enumerate(channel.speech))
            for channel, line in zip(channels, (AGENT_LINE, CLIENT_LINE), strict=False)
        )


class FakeDiarizer:
    """Every other stretch of speech is the other speaker's."""

    identity = "fake-diarizer"

    def diarize(self, channel: ChannelAudio) -> Diarization:
        turns = tuple(
            Turn(f"SPEAKER_{index % 2:02d}", span.start_s, span.end_s)
            for index, span in enumerate(FakeSpeechDetector().detect(channel))
        )
        return Diarization(turns, turns)


class FakeEncoder:
    """A vector per text that depends on its letters alone."""

    identity = "fake-encoder"
    dialogue_identity = "fake-encoder-in-context"

    def encode(self, texts: Sequence[str]) -> Vectors:
        rows = np.zeros((len(texts), 8), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for letter in text:
                row[ord(letter) % 8] += 1
            row /= max(float(np.linalg.norm(row)), 1e-9)
        return rows

    def encode_dialogue(self, dialogue: Dialogue) -> Vectors:
        """Wider than a sentence: the context is only who speaks."""
        rows = self.encode([utterance.text for utterance in dialogue.utterances])
        roles = [utterance.role for utterance in dialogue.utterances]
        sides = np.array([[role == "agent", role == "client"] for role in roles])
        return np.hstack([rows, sides.reshape(len(rows), 2).astype(np.float32)])


@dataclass
class FakeModels:
    speech_detector: FakeSpeechDetector = field(default_factory=FakeSpeechDetector)
    transcriber: FakeTranscriber = field(default_factory=FakeTranscriber)
    diarizer: FakeDiarizer = field(default_factory=FakeDiarizer)
    encoder: FakeEncoder = field(default_factory=FakeEncoder)
    entailer: Entailer | None = None
    instructor: Instructor | None = None


def build_fake_models(profile: Profile) -> FakeModels:
    """What PRESCORE_MODELS names. PRESCORE_FAKE_DELAY_S: how long each recognition takes at least."""
    delay_s = float(os.environ.get("PRESCORE_FAKE_DELAY_S", "0"))
    mended = "PRESCORE_FAKE_MENDED" in os.environ
    return FakeModels(transcriber=FakeTranscriber(delay_s=delay_s, mended=mended))


def tones(spans: Sequence[tuple[float, float]], duration_s: float, hz: float = TONE_HZ) -> Samples:
    """Silence with a tone in each (start_s, end_s)."""
    samples = np.zeros(round(duration_s * SAMPLE_RATE_HZ), dtype=np.float32)
    times = np.arange(len(samples)) / SAMPLE_RATE_HZ
    for start_s, end_s in spans:
        inside = (times >= start_s) & (times < end_s)
        samples[inside] = 0.3 * np.sin(2 * np.pi * hz * times[inside]).astype(np.float32)
    return samples


def _break(channel: SpeechChannel) -> bool:
    """Does what the first tone's pitch says; True when the words are to be invented ones."""
    samples = channel.audio.read(channel.speech[0].start_s, channel.speech[0].end_s)
    pitch_hz = int(np.abs(np.fft.rfft(samples)).argmax()) * SAMPLE_RATE_HZ / len(samples)
    kind = min(BREAKING_HZ, key=lambda name: abs(BREAKING_HZ[name] - pitch_hz))
    if abs(BREAKING_HZ[kind] - pitch_hz) > 100:
        return False
    if kind == "dies" and in_a_worker():
        os.kill(os.getpid(), signal.SIGKILL)
    if kind == "out of memory":
        raise MemoryError
    if kind == "takes all memory":
        np.ones(1 << 35)  # 256 GiB
    if kind == "hangs" and in_a_worker():
        re.match(r"(a+)+b", "a" * 60)  # for years, and no other Python thread of the process has a turn meanwhile
    if kind == "no weights":
        raise WeightsError("whisper-base: weights are missing; fetch them with `prescore weights`")
    if kind == "breaks":
        raise ValueError("слова клиента")  # an error's text may hold what was said
    return kind == "invents"


def in_a_worker() -> bool:
    """A child of the command's pool, or a process of Dask or Ray, which the tests tell by its environment."""
    return multiprocessing.parent_process() is not None or "PRESCORE_FAKE_WORKER" in os.environ


def _segment(text: str, span: Span, invented: bool = False) -> Segment:
    """`invented`: as a recogniser answers where nobody spoke."""
    word = Word(text, span.start_s, span.end_s, 0.9)
    if invented:
        return Segment(text, span.start_s, span.end_s, (word,), -2.0, 0.99, 1.0)
    return Segment(text, span.start_s, span.end_s, (word,), -0.2, 0.05, 1.0)
