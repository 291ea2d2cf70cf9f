"""faster-whisper behind `Transcriber`: batched, only speech is decoded, word times and probabilities."""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.interfaces import Samples, SpeechChannel
from pipeline.records import Segment, Span, Word

SAMPLE_RATE_HZ = 16_000
CHUNK_S = 28.0  # Whisper hears 30 s at once; the rest is room for rounding
LANGUAGE_SAMPLE_S = 30.0


@dataclass(frozen=True)
class Chunk:
    """Up to 28 s of one channel's speech, laid end to end without the silence between."""

    channel: int
    spans: tuple[Span, ...]

    @property
    def duration_s(self) -> float:
        return sum(span.duration_s for span in self.spans)

    def recording_span(self, start_s: float, end_s: float) -> Span:
        """Where a stretch of this chunk lies in the recording.

        It stays inside the piece of speech that holds most of it: a word that seems to cross a seam between two
        pieces does not last through the silence that was left out there.
        """
        placed, most_shared_s, piece_start_s = Span(0.0, 0.0), float("-inf"), 0.0
        for piece in self.spans:
            piece_end_s = piece_start_s + piece.duration_s
            shared_s = min(end_s, piece_end_s) - max(start_s, piece_start_s)
            if shared_s > most_shared_s:
                most_shared_s, shift_s = shared_s, piece.start_s - piece_start_s
                first_s = min(max(start_s, piece_start_s), piece_end_s)
                placed = Span(first_s + shift_s, max(first_s, min(end_s, piece_end_s)) + shift_s)
            piece_start_s = piece_end_s
        return placed


@dataclass(frozen=True)
class RecognitionOptions:
    """How to run the recogniser. `weights` answers with a folder of converted weights, checked, or a hub's name."""

    name: str
    weights: Callable[[], Path | str]
    device: str
    precision: str
    threads: int
    beam_size: int
    batch_size: int


class FasterWhisperTranscriber:
    """Weights are checked and loaded at the first use: asking for the identity costs nothing."""

    def __init__(self, options: RecognitionOptions) -> None:
        self._options = options

    @property
    def identity(self) -> str:
        options = self._options
        return f"faster-whisper:{options.name}:{options.precision}:beam{options.beam_size}"

    @cached_property
    def _whisper(self) -> Any:
        from faster_whisper import WhisperModel

        options = self._options
        return WhisperModel(
            str(options.weights()),
            device=options.device,
            compute_type=options.precision,
            cpu_threads=options.threads,
        )

    @cached_property
    def _batched(self) -> Any:
        from faster_whisper import BatchedInferencePipeline

        return BatchedInferencePipeline(self._whisper)

    def detect_language(self, channels: Sequence[SpeechChannel]) -> dict[str, float]:
        """Heard on the first 30 s of speech of every channel together, the channels in turn."""
        share_s = LANGUAGE_SAMPLE_S / max(1, len(channels))
        parts = [part for channel in channels for part in _read_up_to(channel, share_s)]
        _, _, probabilities = self._whisper.detect_language(np.concatenate(parts))
        return dict(probabilities)

    def transcribe(
        self, channels: Sequence[SpeechChannel], language: str, vocabulary: Sequence[str]
    ) -> tuple[tuple[Segment, ...], ...]:
        segments: list[list[Segment]] = [[] for _ in channels]
        chunks = _chunks(channels)
        while group := tuple(islice(chunks, self._options.batch_size)):  # one batch in memory at a time
            for chunk, segment in self._recognise(group, channels, language, vocabulary):
                segments[chunk.channel].append(_to_recording_time(segment, chunk))
        return tuple(tuple(found) for found in segments)

    def _recognise(
        self, chunks: Sequence[Chunk], channels: Sequence[SpeechChannel], language: str, vocabulary: Sequence[str]
    ) -> Iterator[tuple[Chunk, "_Heard"]]:
        audio = np.concatenate([_read_chunk(chunk, channels) for chunk in chunks])
        edges = np.cumsum([0, *(_read_length(chunk) for chunk in chunks)]) / SAMPLE_RATE_HZ
        found, _ = self._batched.transcribe(
            audio,
            language=language,
            beam_size=self._options.beam_size,
            batch_size=self._options.batch_size,
            word_timestamps=True,
            without_timestamps=False,  # with them short segments come out whole (measured)
            clip_timestamps=[{"start": start, "end": end} for start, end in pairwise(edges.tolist())],
            hotwords=", ".join(vocabulary) or None,
            vad_filter=False,
        )
        for segment in found:  # lazy: the work happens here
            # `seek` is where the segment's chunk starts, in hundredths cut off downwards
            index = bisect_right(edges.tolist(), segment.seek / 100 + 0.011) - 1
            yield chunks[index], _Heard(segment, float(edges[index]))


@dataclass(frozen=True)
class _Heard:
    """faster-whisper's segment, and where its chunk starts in the audio of the batch."""

    segment: Any
    chunk_start_s: float


def _chunks(channels: Sequence[SpeechChannel]) -> Iterator[Chunk]:
    for index, channel in enumerate(channels):
        gathered: list[Span] = []
        for span in _split_long(channel.speech):
            if gathered and sum(part.duration_s for part in gathered) + span.duration_s > CHUNK_S:
                yield Chunk(index, tuple(gathered))
                gathered = []
            gathered.append(span)
        if gathered:
            yield Chunk(index, tuple(gathered))


def _split_long(speech: Sequence[Span]) -> Iterator[Span]:
    """Spans of at most one chunk; a monologue without a pause is cut where it must be."""
    for span in speech:
        start_s = span.start_s
        while span.end_s - start_s > CHUNK_S:
            yield Span(start_s, start_s + CHUNK_S)
            start_s += CHUNK_S
        yield Span(start_s, span.end_s)


def _read_chunk(chunk: Chunk, channels: Sequence[SpeechChannel]) -> Samples:
    audio = channels[chunk.channel].audio
    joined = np.concatenate([audio.read(span.start_s, span.end_s) for span in chunk.spans])
    wanted = _read_length(chunk)
    return np.pad(joined[:wanted], (0, max(0, wanted - len(joined))))


def _read_length(chunk: Chunk) -> int:
    return round(chunk.duration_s * SAMPLE_RATE_HZ)


def _read_up_to(channel: SpeechChannel, limit_s: float) -> Iterator[Samples]:
    left_s = limit_s
    for span in channel.speech:
        if left_s <= 0:
            return
        yield channel.audio.read(span.start_s, min(span.end_s, span.start_s + left_s))
        left_s -= span.duration_s


def _to_recording_time(heard: _Heard, chunk: Chunk) -> Segment:
    segment = heard.segment
    words = tuple(_word(word, heard.chunk_start_s, chunk) for word in segment.words or ())
    whole = chunk.recording_span(segment.start - heard.chunk_start_s, segment.end - heard.chunk_start_s)
    return Segment(
        text=segment.text.strip(),
        start_s=words[0].start_s if words else _seconds(whole.start_s),
        end_s=words[-1].end_s if words else _seconds(whole.end_s),
        words=words,
        mean_log_probability=float(segment.avg_logprob),
        no_speech_probability=float(segment.no_speech_prob),
        compression_ratio=float(segment.compression_ratio),
    )


def _word(word: Any, chunk_start_s: float, chunk: Chunk) -> Word:
    span = chunk.recording_span(word.start - chunk_start_s, word.end - chunk_start_s)
    return Word(word.word.strip(), _seconds(span.start_s), _seconds(span.end_s), round(float(word.probability), 3))


def _seconds(value: float) -> float:
    """Milliseconds are enough, and numpy's floats must not leave the adapter."""
    return round(float(value), 3)
