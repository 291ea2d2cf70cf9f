"""faster-whisper behind `Transcriber`: batched, only speech is decoded, word times and probabilities."""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from models.speech_chunks import SAMPLE_RATE_HZ, Chunk, batches, lay_chunks, read_chunk
from pipeline.interfaces import SpeechChannel
from pipeline.records import Segment, Word


@dataclass(frozen=True)
class RecognitionOptions:
    """How to run the recogniser. `weights` answers with a folder of converted weights, checked, or a hub's name.

    `at_once`: batches of a call that are recognised side by side, by `threads` each.
    """

    name: str
    weights: Callable[[], Path | str]
    device: str
    precision: str
    threads: int
    beam_size: int
    batch_size: int
    at_once: int = 1


class FasterWhisperTranscriber:
    """Weights are checked and loaded at the first use: asking for the identity costs nothing."""

    def __init__(self, options: RecognitionOptions) -> None:
        self._options = options

    @property
    def identity(self) -> str:
        options = self._options
        return f"faster-whisper:{options.name}:{options.precision}:beam{options.beam_size}:sparing1"

    @cached_property
    def _whisper(self) -> Any:
        from models.sparing_whisper import SparingWhisper

        options = self._options
        return SparingWhisper(
            str(options.weights()),
            device=options.device,
            compute_type=options.precision,
            cpu_threads=options.threads,
            num_workers=options.at_once,
        )

    @cached_property
    def _batched(self) -> Any:
        from faster_whisper import BatchedInferencePipeline

        return BatchedInferencePipeline(self._whisper)

    def detect_language(self, channels: Sequence[SpeechChannel]) -> dict[str, float]:
        """Heard on the first batch of chunks, which is then recognised without being encoded again."""
        first = next(self._batches(channels))
        found = self._whisper.language_probabilities([read_chunk(chunk, channels) for chunk in first])
        heard_s = sum(chunk.duration_s for chunk in first)
        shares = [chunk.duration_s / heard_s for chunk in first]
        return {
            language: sum(share * answer.get(language, 0.0) for share, answer in zip(shares, found, strict=True))
            for language in sorted(set().union(*found))
        }

    def transcribe(
        self, channels: Sequence[SpeechChannel], language: str, vocabulary: Sequence[str]
    ) -> tuple[tuple[Segment, ...], ...]:
        def recognise(batch: Sequence[Chunk]) -> list[tuple[int, Segment]]:
            heard = self._recognise(batch, channels, language, vocabulary)
            return [(chunk.channel, _to_recording_time(segment, chunk)) for chunk, segment in heard]

        segments: list[list[Segment]] = [[] for _ in channels]
        with ThreadPoolExecutor(self._options.at_once) as threads:
            assert self._batched is not None  # loaded here: not by several threads at once
            for found in threads.map(recognise, self._batches(channels)):  # a batch's audio is read when its turn comes
                for channel, segment in found:
                    segments[channel].append(segment)
        return tuple(tuple(sorted(found, key=lambda segment: segment.start_s)) for found in segments)

    def _batches(self, channels: Sequence[SpeechChannel]) -> Iterator[tuple[Chunk, ...]]:
        return batches(tuple(lay_chunks(channels)), self._options.batch_size)

    def _recognise(
        self, chunks: Sequence[Chunk], channels: Sequence[SpeechChannel], language: str, vocabulary: Sequence[str]
    ) -> Iterator[tuple[Chunk, "_Heard"]]:
        audio = np.concatenate([read_chunk(chunk, channels) for chunk in chunks])
        edges = np.cumsum([0, *(chunk.sample_count for chunk in chunks)]) / SAMPLE_RATE_HZ
        exact = ((edges * SAMPLE_RATE_HZ + 0.5) / SAMPLE_RATE_HZ).tolist()  # half a sample on: it is cut off downwards
        found, _ = self._batched.transcribe(
            audio,
            language=language,
            beam_size=self._options.beam_size,
            batch_size=self._options.batch_size,
            word_timestamps=True,
            without_timestamps=False,  # with them short segments come out whole (measured)
            clip_timestamps=[{"start": start, "end": end} for start, end in pairwise(exact)],
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
