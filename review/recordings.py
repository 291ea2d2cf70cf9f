"""Recordings for the player: found where the store knows them, and copied once into what every browser plays."""

import tempfile
import threading
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import ffmpeg

from pipeline.audio import run_ffmpeg
from pipeline.data_folder import DataFolder
from pipeline.errors import RecordingError
from pipeline.ffmpeg_program import find_ffmpeg
from pipeline.ingest import identify, seen_facts
from pipeline.records import Recording
from pipeline.remote_files import at_hand
from pipeline.settings import Settings
from pipeline.streams import StreamFacts, probe

COPYING_PREFIX = "playable-"
CHANNEL_BITS = 24_000  # a second and channel: Opus speech that nobody tells from the original
TIMEOUT_S = 600.0
COPIED_AT_ONCE = 2  # ffmpeg takes a core each


@dataclass(frozen=True, slots=True)
class Place:
    """A path at which the store knows the recording, and the size that it had there.

    `removed_days`: after how many days retention removed it; None where it did not.
    """

    path: str
    size_bytes: int
    content_sha256: str
    removed_days: int | None = None


def find_recording(places: Sequence[Place]) -> Place | None:
    """The first place where a file of that size still lies; None when the recording is gone."""
    return next((place for place in places if _lies_there(place)), None)


def _lies_there(place: Place) -> bool:
    facts = seen_facts(Path(place.path))
    return facts is not None and facts.size_bytes == place.size_bytes


@dataclass(frozen=True)
class Recordings:
    """Makes the playable copies: Opus in Ogg, channels kept apart, under the sha256 of the recording."""

    data: DataFolder
    settings: Settings
    ffmpeg_program: str | None = None  # None: found when first needed
    _locks: defaultdict[str, threading.Lock] = field(default_factory=lambda: defaultdict(threading.Lock))
    _slots: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(COPIED_AT_ONCE))

    def playable(self, place: Place) -> Path:
        """The playable copy, made if there is none yet; a second request for it waits for the first.

        Raises RecordingError when the file is damaged or no longer holds that recording, ConfigurationError when
        there is no ffmpeg.
        """
        copy = self.data.playable / f"{place.content_sha256}.ogg"
        if copy.exists():
            return copy
        with self._locks[place.content_sha256], self._slots:
            if not copy.exists():
                recording = Recording(place.content_sha256, Path(place.path), place.size_bytes)
                with at_hand(recording, self.data.scratch) as here:
                    self._make(here.path, place.content_sha256, copy)
        return copy

    def _make(self, path: Path, content_sha256: str, copy: Path) -> None:
        if identify(path).content_sha256 != content_sha256:
            raise RecordingError("other_content", f"{path}: holds another recording now; deliver this one again")
        stream = probe(path, self.settings.ingest.raw_formats)
        for folder in (self.data.scratch, copy.parent):
            folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=COPYING_PREFIX, dir=self.data.scratch) as scratch:
            made = Path(scratch) / "copy.ogg"
            run_ffmpeg(path, self._command(path, stream, made), TIMEOUT_S, Path(scratch))
            if not made.exists() or made.stat().st_size == 0:
                raise RecordingError(
                    "not_playable", f"{path}: ffmpeg makes no Ogg of it; `prescore doctor` checks ffmpeg"
                )
            made.replace(copy)  # atomic: both lie under the data folder

    def _command(self, path: Path, stream: StreamFacts, made: Path) -> list[str]:
        channel_count = min(stream.channel_count, 2)
        output = (
            ffmpeg.input(f"file:{path}", **dict(stream.input_options))["a:0"]
            .output(
                f"file:{made}",
                f="ogg",
                acodec="libopus",
                ac=channel_count,
                audio_bitrate=CHANNEL_BITS * channel_count,
                t=self.settings.audio.max_duration_s,
                map_metadata=-1,
            )
            .global_args("-nostdin", "-hide_banner", "-loglevel", "error")
        )
        program = self.ffmpeg_program or find_ffmpeg()
        return [str(word) for word in output.compile(cmd=program, overwrite_output=True)]
