"""Outlines of recordings for the wave: how loud each piece of each channel is, computed once and stored."""

import json
import tempfile
import threading
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import ffmpeg
import numpy as np
from numpy.typing import NDArray

from pipeline.audio import run_ffmpeg
from pipeline.data_folder import DataFolder
from pipeline.errors import RecordingError
from pipeline.ffmpeg_program import find_ffmpeg
from pipeline.records import AnalysedDialogue, Role

POINTS = 900  # of an outline: more than a wave of half a screen is wide
LOUDEST = 100  # the value of a piece as loud as the loudest hundredth of its channel
RATE_HZ = 4000  # speech keeps its outline
SAMPLE_BYTES = 2
CHUNK_FRAMES = 60 * RATE_HZ
TIMEOUT_S = 300.0
CHANNEL = "CHANNEL_"  # how a speaker is called whose channel is known
SCRATCH_PREFIX = "outline-"


@dataclass(frozen=True, slots=True)
class Outline:
    """The peaks of each channel, 0..LOUDEST, evenly over the recording. shape: (num_channels, num_points)"""

    duration_s: float
    channels: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Lane:
    """The wave of one role."""

    role: Role
    peaks: tuple[int, ...]


@dataclass(frozen=True)
class Outlines:
    """Keeps them under the sha256 of the recording, as JSON of a few kB; made from the playable copy."""

    data: DataFolder
    ffmpeg_program: str | None = None  # None: found when first needed
    _locks: defaultdict[str, threading.Lock] = field(default_factory=lambda: defaultdict(threading.Lock))

    def outline(self, content_sha256: str, copy: Path) -> Outline:
        """The outline of the playable copy; a second request for it waits for the first.

        Raises RecordingError when the copy cannot be decoded, ConfigurationError when there is no ffmpeg.
        """
        path = self.data.peaks / f"{content_sha256}.json"
        with self._locks[content_sha256]:
            if not path.exists():
                self._make(copy, path)
        content = json.loads(path.read_text(encoding="utf-8"))
        return Outline(content["duration_s"], tuple(tuple(channel) for channel in content["channels"]))

    def _make(self, copy: Path, path: Path) -> None:
        for folder in (self.data.scratch, path.parent):
            folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=SCRATCH_PREFIX, dir=self.data.scratch) as scratch:
            samples, made = Path(scratch) / "samples.s16", Path(scratch) / "outline.json"
            program = self.ffmpeg_program or find_ffmpeg()
            run_ffmpeg(copy, command(copy, samples, program), TIMEOUT_S, Path(scratch))
            made.write_text(json.dumps(asdict(measure(copy, samples))), encoding="utf-8")
            made.replace(path)  # atomic: both lie under the data folder


def command(copy: Path, samples: Path, program: str) -> list[str]:
    """Two channels always: a recording with one has the same twice."""
    output = (
        ffmpeg.input(f"file:{copy}")["a:0"]
        .output(f"file:{samples}", f="s16le", acodec="pcm_s16le", ar=RATE_HZ, ac=2)
        .global_args("-nostdin", "-hide_banner", "-loglevel", "error")
    )
    return [str(word) for word in output.compile(cmd=program, overwrite_output=True)]


def measure(copy: Path, samples: Path, channel_count: int = 2) -> Outline:
    """The outline of interleaved samples. Raises RecordingError when there are none."""
    frame_count = samples.stat().st_size // (SAMPLE_BYTES * channel_count) if samples.exists() else 0
    if frame_count == 0:
        raise RecordingError("not_playable", f"{copy}: no sound comes out of it; delete it, it is made again")
    highest = np.zeros((POINTS, channel_count))
    for first in range(0, frame_count, CHUNK_FRAMES):
        count = min(CHUNK_FRAMES, frame_count - first)
        values = np.fromfile(samples, "<i2", count * channel_count, offset=first * SAMPLE_BYTES * channel_count)
        points = np.arange(first, first + count) * POINTS // frame_count
        np.maximum.at(highest, points, np.abs(values.astype(np.int32)).reshape(-1, channel_count))
    return Outline(round(frame_count / RATE_HZ, 2), tuple(evened(channel) for channel in highest.T))


def evened(peaks: NDArray[np.float64]) -> tuple[int, ...]:
    """Each channel by its own loudness: a click louder than all speech does not flatten it. shape: (num_points,)"""
    loudest = max(float(np.percentile(peaks, 99)), 1.0)
    return tuple(int(value) for value in np.minimum(LOUDEST * peaks / loudest, LOUDEST).round())


def lanes_of(outline: Outline, analysed: AnalysedDialogue | None) -> tuple[Lane, ...]:
    """A wave per role: its channel where each side has its own, else the sound while it speaks.

    Without a dialogue there is one lane for all.
    """
    mixed = tuple(max(pair) for pair in zip(*outline.channels, strict=True))
    if analysed is None or not analysed.roles.role_by_speaker:
        return (Lane("other", mixed),)
    by_role: dict[Role, list[Sequence[int]]] = defaultdict(list)
    for speaker, role in sorted(analysed.roles.role_by_speaker.items()):
        channel = speaker.removeprefix(CHANNEL)
        if speaker.startswith(CHANNEL) and channel.isdigit() and int(channel) < len(outline.channels):
            by_role[role].append(outline.channels[int(channel)])
        else:
            by_role[role].append(_while_speaking(mixed, outline.duration_s, analysed, speaker))
    return tuple(
        Lane(role, tuple(max(values) for values in zip(*by_role[role], strict=True)))
        for role in ("agent", "client", "other")
        if role in by_role
    )


def _while_speaking(
    peaks: Sequence[int], duration_s: float, analysed: AnalysedDialogue, speaker: str
) -> tuple[int, ...]:
    shown = [0] * len(peaks)
    for utterance in analysed.dialogue.utterances:
        if utterance.speaker == speaker and utterance.start_s is not None and utterance.end_s is not None:
            first, last = (int(at_s / duration_s * len(peaks)) for at_s in (utterance.start_s, utterance.end_s))
            shown[first : last + 1] = peaks[first : last + 1]
    return tuple(shown)
