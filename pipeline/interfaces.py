"""What a heavy model must look like. One short adapter in `models/` per backend; fakes in `tests/fakes.py`.

`identity` names the model and a hash of every parameter that changes its answer: it becomes the stage's key.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from pipeline.records import Diarization, Span, Word

Samples = NDArray[np.float32]  # shape: (num_samples,), 16 kHz, -1..1
Vectors = NDArray[np.float32]  # shape: (num_texts, dimension), rows of length 1


class ChannelAudio(Protocol):
    """One decoded channel at 16 kHz that need not be in memory: read the part that you need."""

    @property
    def duration_s(self) -> float: ...

    def read(self, start_s: float = 0.0, end_s: float | None = None) -> Samples:
        """Samples from `start_s` to `end_s` (to the end when None), a copy."""
        ...


class SpeechDetector(Protocol):
    @property
    def identity(self) -> str: ...

    def detect(self, channel: ChannelAudio) -> tuple[Span, ...]:
        """Where somebody speaks, in order, not overlapping; empty when nobody does."""
        ...


class Transcriber(Protocol):
    @property
    def identity(self) -> str: ...

    def detect_language(self, channel: ChannelAudio, speech: Sequence[Span]) -> dict[str, float]:
        """Probability of each language code that the model knows."""
        ...

    def transcribe(
        self, channel: ChannelAudio, speech: Sequence[Span], language: str, vocabulary: Sequence[str]
    ) -> tuple[Word, ...]:
        """Words in order. Only `speech` is decoded. `vocabulary` hints company and product names."""
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
