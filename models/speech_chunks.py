"""Speech laid into chunks that Whisper hears at once, and the way back from a chunk's times to the recording's."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.interfaces import Samples, SpeechChannel
from pipeline.records import Span

SAMPLE_RATE_HZ = 16_000
CHUNK_S = 28.0  # Whisper hears 30 s at once; the rest is room for rounding
WASTED_S = 12.0  # a batch is as long as its longest chunk: more silence than this costs more than another batch


@dataclass(frozen=True)
class Chunk:
    """Up to 28 s of one channel's speech, laid end to end without the silence between."""

    channel: int
    spans: tuple[Span, ...]

    @property
    def duration_s(self) -> float:
        return sum(span.duration_s for span in self.spans)

    @property
    def sample_count(self) -> int:
        return round(self.duration_s * SAMPLE_RATE_HZ)

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


def lay_chunks(channels: Sequence[SpeechChannel]) -> Iterator[Chunk]:
    """The speech of each channel in order, as few chunks as it fits into."""
    for index, channel in enumerate(channels):
        gathered: list[Span] = []
        for span in _split_long(channel.speech):
            if gathered and sum(part.duration_s for part in gathered) + span.duration_s > CHUNK_S:
                yield Chunk(index, tuple(gathered))
                gathered = []
            gathered.append(span)
        if gathered:
            yield Chunk(index, tuple(gathered))


def batches(chunks: Sequence[Chunk], size: int) -> Iterator[tuple[Chunk, ...]]:
    """At most `size` chunks each, the longest first, alike in length: a batch is as long as its longest chunk."""
    batch: list[Chunk] = []
    wasted_s = 0.0
    for chunk in sorted(chunks, key=lambda chunk: -chunk.duration_s):  # stable: equal ones stay in order
        wasted_s += batch[0].duration_s - chunk.duration_s if batch else 0.0
        if batch and (len(batch) == size or wasted_s > WASTED_S):
            yield tuple(batch)
            batch, wasted_s = [], 0.0
        batch.append(chunk)
    if batch:
        yield tuple(batch)


def read_chunk(chunk: Chunk, channels: Sequence[SpeechChannel]) -> Samples:
    """shape: (sample_count,); a detector may round a span past the last sample: silence stands there."""
    audio = channels[chunk.channel].audio
    joined = np.concatenate([audio.read(span.start_s, span.end_s) for span in chunk.spans])
    return np.pad(joined[: chunk.sample_count], (0, max(0, chunk.sample_count - len(joined))))


def _split_long(speech: Sequence[Span]) -> Iterator[Span]:
    """Spans of at most one chunk; a monologue without a pause is cut where it must be."""
    for span in speech:
        start_s = span.start_s
        while span.end_s - start_s > CHUNK_S:
            yield Span(start_s, start_s + CHUNK_S)
            start_s += CHUNK_S
        yield Span(start_s, span.end_s)
