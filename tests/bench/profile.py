"""Where the time of recognition goes, in CPU seconds: ours beside plain batched faster-whisper.

`python -m tests.bench.profile [--limit N]`: every sample with two channels in one process, no store and no judge.
"""

import argparse
import os
import platform
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from pkgutil import resolve_name
from typing import Any
from unittest.mock import patch

from models.build import build_models
from pipeline.audio import decode
from pipeline.ffmpeg_program import find_ffmpeg
from pipeline.hearing import hear
from pipeline.settings import load_settings
from tests.bench.channels import SAMPLE_RATE_HZ, read_channels
from tests.bench.pages import write_section
from tests.bench.plain_whisper import BEAM_SIZE, recogniser
from tests.bench.recordings import samples

HEADING = "## Where the time goes"
TEXT = """\
Whisper pads whatever it hears to 30 s and encodes that. Ours hears chunks that hold speech alone, as few as it fits
into and alike in length within a batch (`models/speech_chunks.py`), cut 1.5 s after the speech; the language is heard
on the first batch, whose encoding is kept for recognising it (`models/sparing_whisper.py`). Plain faster-whisper is
told the language here. What is left is beam search, the largest part: the words themselves."""
READING, REST = "reading the file", "the rest"
PARTS = {
    "finding speech": ("faster_whisper.vad.get_speech_timestamps", "faster_whisper.transcribe.get_speech_timestamps"),
    "features": ("faster_whisper.feature_extractor.FeatureExtractor.__call__",),
    "encoder": ("faster_whisper.transcribe.WhisperModel.encode",),
    "beam search": ("faster_whisper.transcribe.BatchedInferencePipeline.generate_segment_batched",),
    "word times": ("faster_whisper.transcribe.WhisperModel.find_alignment",),
    "language, without its encoding": ("models.sparing_whisper.SparingWhisper.language_probabilities",),
}


@dataclass
class CpuClock:
    """CPU seconds of each part without those of the parts inside it; of all threads of the process."""

    seconds: Counter[str] = field(default_factory=Counter)
    _inner_s: list[float] = field(default_factory=list)  # of the parts that are open, the outermost first

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        started_s = time.process_time()
        self._inner_s.append(0.0)
        try:
            yield
        finally:
            whole_s = time.process_time() - started_s
            self.seconds[name] += whole_s - self._inner_s.pop()
            if self._inner_s:
                self._inner_s[-1] += whole_s

    def timing(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def timed(*words: Any, **more: Any) -> Any:
            with self.part(name):
                return function(*words, **more)

        return timed


@contextmanager
def watched(clock: CpuClock) -> Iterator[None]:
    """The library's own functions, timed while the block lasts."""
    with ExitStack() as stack:
        for part, names in PARTS.items():
            for name in names:
                stack.enter_context(patch(name, clock.timing(part, resolve_name(name))))
        yield


def profile_ours(paths: Sequence[Path]) -> CpuClock:
    """What a worker does with each recording up to its words."""
    settings, clock = load_settings(), CpuClock()
    models, ffmpeg = build_models(settings.active), find_ffmpeg()
    with watched(clock), clock.part(REST), tempfile.TemporaryDirectory() as scratch, ExitStack() as stack:
        for path in paths:
            with clock.part(READING):
                decoding = decode(path, settings.audio, settings.ingest.raw_formats, Path(scratch), ffmpeg)
                recording = stack.enter_context(decoding)
            hear(path, recording, models, settings)
    return clock


def profile_plain(paths: Sequence[Path], threads: int) -> CpuClock:
    """Both channels of each file, one after the other."""
    clock = CpuClock()
    with watched(clock), clock.part(REST):
        transcribe = recogniser("batched", threads)
        for path in paths:
            with clock.part(READING):
                channels = read_channels(path)
            for channel in channels:
                segments, _ = transcribe(channel, beam_size=BEAM_SIZE, word_timestamps=True, language=path.name[:2])
                list(segments)  # lazy: the work happens here
    return clock


def render(ours: CpuClock, plain: CpuClock, calls: int, audio_s: float) -> str:
    """The section of docs/performance.md."""
    intro = (
        f"Written by `python -m tests.bench.profile` on {datetime.now(UTC):%Y-%m-%d} ({platform.machine()}): "
        f"{calls} stereo samples, {audio_s / 60:.1f} minutes, recognition alone with the loading of its model, CPU "
        f"seconds of one process. Decoding by ffmpeg is a process of its own and not in it."
    )
    names = [name for name, _ in (ours.seconds + plain.seconds).most_common() if name != REST]
    lines = [HEADING, "", intro, "", "| | ours | share | plain, batched |", "|---|---:|---:|---:|"]
    total_s = sum(ours.seconds.values())
    for name in [*names, REST]:
        mine_s = ours.seconds[name]
        lines.append(f"| {name} | {mine_s:.1f} | {mine_s / total_s:.0%} | {plain.seconds[name]:.1f} |")
    lines.append(f"| **all** | {total_s:.1f} | | {sum(plain.seconds.values()):.1f} |")
    return "\n".join([*lines, "", TEXT, ""])


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.profile", description=__doc__)
    parser.add_argument("--limit", type=int, help="so many samples, to try it; nothing is written")
    asked = parser.parse_args(arguments)
    paths = samples(2)[: asked.limit]
    audio_s = sum(len(read_channels(path)[0]) for path in paths) / SAMPLE_RATE_HZ
    ours, plain = profile_ours(paths), profile_plain(paths, len(os.sched_getaffinity(0)))
    section = render(ours, plain, len(paths), audio_s)
    print(section)
    if not asked.limit:
        write_section(HEADING, section)
    return 0


if __name__ == "__main__":
    sys.exit(main())
