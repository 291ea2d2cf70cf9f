"""What a heavy model must look like. One short adapter in `models/` per backend; fakes in `tests/fakes.py`.

`identity` names the model and a hash of every parameter that changes its answer: it becomes the stage's key.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from pipeline.records import Dialogue, Diarization, Segment, Span

Samples = NDArray[np.float32]  # shape: (num_samples,), 16 kHz, -1..1
Vectors = NDArray[np.float32]  # shape: (num_texts, dimension), rows of length 1
Probabilities = NDArray[np.float64]  # shape: (num_pairs,), 0..1


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
        """One row of length 1 per text. shape: (len(texts), sentence dimension)"""
        ...

    @property
    def dialogue_identity(self) -> str:
        """Names what `encode_dialogue` answers: the key of stored vectors, and what learned heads were trained on."""
        ...

    def encode_dialogue(self, dialogue: Dialogue) -> Vectors:
        """One row per utterance: its vector as a text, followed by whatever the model knows of it in context.

        shape: (num_utterances, at least the sentence dimension)
        """
        ...


@dataclass(frozen=True, slots=True)
class Message:
    """One message to an instruct model."""

    role: Literal["system", "user", "assistant"]
    content: str


class Entailer(Protocol):
    """A natural language inference model."""

    @property
    def identity(self) -> str: ...

    def entail(self, pairs: Sequence[tuple[str, str]]) -> Probabilities:
        """How probable it is that each pair's first text, the premise, entails the second, the hypothesis.

        Raises UnavailableError when the model cannot answer now.
        """
        ...


class Instructor(Protocol):
    """A language model that follows instructions."""

    @property
    def identity(self) -> str: ...

    def answer(self, messages: Sequence[Message], schema: Mapping[str, Any]) -> str:
        """JSON that follows the schema, as far as the model was not cut short: check it.

        Raises UnavailableError when the model cannot answer now.
        """
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

    @property
    def entailer(self) -> Entailer | None:
        """None where the profile names none."""
        ...

    @property
    def instructor(self) -> Instructor | None:
        """None where the profile names none."""
        ...
