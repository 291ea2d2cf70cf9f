"""Recordings through the real models and the pipeline's own steps, for the figures of audio.py. No store, no flow."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipeline.analysis import analyse, needs_diarization
from pipeline.audio import DecodedRecording, decode
from pipeline.ffmpeg_program import find_ffmpeg
from pipeline.hearing import hear
from pipeline.interfaces import Models
from pipeline.records import AnalysedDialogue, Call, Direction, Turn
from pipeline.settings import Settings


@contextmanager
def decoded(path: Path, settings: Settings, scratch: Path) -> Iterator[DecodedRecording]:
    with decode(path, settings.audio, settings.ingest.raw_formats, scratch, find_ffmpeg()) as recording:
        yield recording


@dataclass(frozen=True, slots=True)
class Recognised:
    """One recording's dialogue; `turns` are the diarizer's, None where each side had its own channel."""

    path: Path
    analysed: AnalysedDialogue
    turns: tuple[Turn, ...] | None
    duration_s: float


def recognise(
    calls: Sequence[tuple[Path, Direction]], settings: Settings, models: Models, scratch: Path
) -> Iterator[Recognised]:
    """Each recording as a run makes it, one after the other, with only the direction known of the call."""
    for path, direction in calls:
        with decoded(path, settings, scratch) as recording:
            transcription = hear(path, recording, models, settings)
            speaking = [channel for channel in transcription.channels if channel.words]
            diarization = None
            if needs_diarization(transcription):
                diarization = models.diarizer.diarize(recording.channels[speaking[0].channel])
        call = Call(call_id=path.stem, direction=direction)
        analysed = analyse(transcription, diarization, call, settings.roles, models.encoder)
        turns = diarization.turns if diarization else None
        yield Recognised(path, analysed, turns, transcription.audio.duration_s)


def diarize(
    paths: Sequence[Path], settings: Settings, models: Models, scratch: Path
) -> Iterator[tuple[Path, tuple[Turn, ...], float]]:
    """Who speaks when in each mono recording, and its duration in seconds."""
    for path in paths:
        with decoded(path, settings, scratch) as recording:
            yield path, models.diarizer.diarize(recording.channels[0]).turns, recording.facts.duration_s
