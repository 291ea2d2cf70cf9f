"""What a heavy model must look like. One short adapter in `models/` per backend; fakes in `tests/fakes.py`.

`identity` names the model and a hash of every parameter that changes its answer: it becomes the stage's key.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from pipeline.records import Diarization, Segment, Span

Samples = NDArray[np.float32]  # shape: (num_samples,), 16 kHz, -1..1
Vectors = NDArray[np.float32]  # shape: (num_texts, dimension), rows of length 1


class ChannelAudio(Protocol):
    """One decoded channel at 16 kHz that need not be in memory: read the part that you need."""

    @property
    def duration_s(self) -> float: ...

    def read(self, start_s: float = 0.0, end_s: float | None = None) -> Samples:
        """Samples from `start_s` to `end_s` (to the end when None), a copy."""
        ...


@dataclass(frozen=True)
class SpeechChannel:
    """A channel and where somebody speaks on it."""

    audio: ChannelAudio
    speech: tuple[Span, ...]


class SpeechDetector(Protocol):
    @property
    def identity(self) -> str: ...

    def detect(self, channel: ChannelAudio) -> tuple[Span, ...]:
        """Where somebody speaks, in order, not overlapping; empty when nobody does."""
        ...


class Transcriber(Protocol):
    @property
    def identity(self) -> str: ...

    def detect_language(self, channels: Sequence[SpeechChannel]) -> dict[str, float]:
        """Probability of each language code that the model knows, over the speech of all channels."""
        ...

    def transcribe(
        self, channels: Sequence[SpeechChannel], language: str, vocabulary: Sequence[str]
    ) -> tuple[tuple[Segment, ...], ...]:
        """Segments with word times for each channel, in order; a channel without speech gets none.

        The channels of a call come together so that their speech can share a batch. Only speech is decoded.
        `vocabulary` hints company and product names.
        """
        ...


class Diarizer(Protocol):
    @property
    def identity(self) -> str: ...

    def diarize(self, channel: ChannelAudio) -> Diarization:
        """Who speaks when, anonymous."""
        ...


class Encoder(Protocol):
    @property
    def identity(self) -> str: ...

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One row of length 1 per text. shape: (len(texts), dimension)"""
        ...


class Models(Protocol):
    """The models of one worker; each loads its weights when first used."""

    @property
    def speech_detector(self) -> SpeechDetector: ...

    @property
    def transcriber(self) -> Transcriber: ...

    @property
    def diarizer(self) -> Diarizer: ...

    @property
    def encoder(self) -> Encoder: ...
