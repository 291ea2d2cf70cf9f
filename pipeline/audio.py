"""Whatever a PBX writes becomes channels at 16 kHz, in memory that does not grow with the call.

ffmpeg writes interleaved 16-bit samples to one scratch file; they are read back piece by piece. ffmpeg halves them
first (6 dB of headroom), so that neither a float file above full scale nor the resampler's overshoot clips.

Loudness is one gain per channel (`loudness.py`), measured on the channel's own speech.
"""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import ffmpeg

from pipeline.channels import SAMPLE_BYTES, SAMPLE_RATE_HZ, DecodedChannel, choose_channels, measure
from pipeline.errors import ConfigurationError, RecordingError
from pipeline.ffmpeg_program import INSTALL
from pipeline.loudness import even_out
from pipeline.records import AudioFacts
from pipeline.settings import AudioSettings, RawFormat
from pipeline.streams import StreamFacts, cannot_open, no_samples, probe, read_start, refuse_too_long

__all__ = ["DecodedRecording", "StreamFacts", "decode", "probe"]

SCRATCH_PREFIX = "decoding-"
MIN_DAMAGED_S = 1.0  # less than this of a damaged file is not worth a score
SHORTFALL_S = 1.0  # a file may be this much, or 2 %, shorter than it says
SHORTFALL_SHARE = 0.02
TIMEOUT_S = 120.0  # plus half the recording's length: ffmpeg decodes some hundred times faster than it plays
LAST_BYTES = 4096
MAX_BLOCK_BYTES = 128 * 2**20  # of ffmpeg's memory: a damaged file may ask for gigabytes at once


@dataclass(frozen=True, slots=True)
class DecodedRecording:
    """A decoded file."""

    facts: AudioFacts
    channels: tuple[DecodedChannel, ...]


@contextmanager
def decode(
    path: Path,
    audio: AudioSettings,
    raw_formats: Mapping[str, RawFormat],
    scratch: Path,
    ffmpeg_program: str,
    timeout_s: float | None = None,
) -> Iterator[DecodedRecording]:
    """The recording at 16 kHz, evened out, for as long as the `with` block lasts.

    `scratch` is a folder: one file of 32 kB a second and channel lies there meanwhile. What a killed process leaves
    there is named `decoding-*` and may be deleted.

    Raises RecordingError with the code of `probe`, or decoder_crashed, timed_out, no_space; ConfigurationError when
    ffmpeg does not start.
    """
    stream = probe(path, raw_formats, audio.max_duration_s)
    scratch.mkdir(parents=True, exist_ok=True)
    refuse_without_space(path, stream, scratch)
    with tempfile.TemporaryDirectory(prefix=SCRATCH_PREFIX, dir=scratch) as folder:
        samples = Path(folder) / "samples.s16"
        limit_s = timeout_s or TIMEOUT_S + 0.5 * (stream.stated_duration_s or audio.max_duration_s)
        complained = run_ffmpeg(path, command(path, stream, samples, audio, ffmpeg_program), limit_s, Path(folder))
        frame_count = decoded_frames(path, samples, stream.channel_count)
        duration_s = frame_count / SAMPLE_RATE_HZ
        refuse_too_long(path, duration_s, audio.max_duration_s)
        damaged = complained or ends_early(stream.header_duration_s or stream.stated_duration_s, duration_s)
        if damaged and duration_s < MIN_DAMAGED_S:
            raise RecordingError("truncated", f"{path}: only {duration_s:.2f} s of it can be decoded; fetch it again")
        yield recording(stream, samples, frame_count, damaged)


def recording(stream: StreamFacts, samples: Path, frame_count: int, damaged: bool) -> DecodedRecording:
    levels = measure(samples, frame_count, stream.channel_count)
    layout, mixes = choose_channels(levels)
    facts = AudioFacts(
        duration_s=frame_count / SAMPLE_RATE_HZ,
        sample_rate_hz=stream.sample_rate_hz,
        channel_count=stream.channel_count,
        codec=stream.codec,
        layout=layout,
        damaged=damaged,
    )
    channels = tuple(DecodedChannel(samples, frame_count, weights) for weights in even_out(levels, mixes))
    return DecodedRecording(facts, channels)


def command(path: Path, stream: StreamFacts, samples: Path, audio: AudioSettings, program: str) -> list[str]:
    """The call of ffmpeg. `file:` keeps a name that begins with `-` or holds a `:` a name.

    One second more than allowed is decoded: enough to know that a file without a stated length is too long.
    """
    layout = (
        {"ac": stream.channel_count} if stream.channel_count <= 2 else {}
    )  # more would be mixed to a default layout
    output = (
        ffmpeg.input(f"file:{path}", **dict(stream.input_options))["a:0"]
        .filter("volume", "0.5", precision="float")
        .output(
            f"file:{samples}",
            f="s16le",
            acodec="pcm_s16le",
            ar=SAMPLE_RATE_HZ,
            t=audio.max_duration_s + 1,
            **layout,
        )
        .global_args("-nostdin", "-hide_banner", "-loglevel", "error", "-max_alloc", str(MAX_BLOCK_BYTES))
    )
    return [str(word) for word in output.compile(cmd=program, overwrite_output=True)]


def run_ffmpeg(path: Path, words: list[str], timeout_s: float, folder: Path) -> bool:
    """Runs ffmpeg; True when it complained. What it says goes to a file: a damaged hour says a lot."""
    complaints = folder / "complaints.txt"
    try:
        with complaints.open("wb") as file:
            done = subprocess.run(  # noqa: S603 - a list of words, no shell
                words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=file, timeout=timeout_s, check=False
            )
    except subprocess.TimeoutExpired as error:
        found = f"ffmpeg did not finish in {timeout_s:.0f} s"
        raise RecordingError("timed_out", f"{path}: {found}; retry it when the machine is less busy") from error
    except OSError as error:
        found = f"ffmpeg: {words[0]} does not start: {error.strerror}"
        raise ConfigurationError(f"{found}; install it with `{INSTALL}`") from error
    said = last_words(complaints)
    if "No space left on device" in said:
        raise no_space(path, folder)
    if done.returncode < 0:
        found = f"ffmpeg was ended by signal {-done.returncode}"
        raise RecordingError("decoder_crashed", f"{path}: {found}; retry it, or convert the file to wav")
    return done.returncode > 0 or bool(said.strip())


def last_words(complaints: Path) -> str:
    with complaints.open("rb") as file:
        file.seek(max(complaints.stat().st_size - LAST_BYTES, 0))
        return file.read().decode(errors="replace")


def decoded_frames(path: Path, samples: Path, channel_count: int) -> int:
    """How many whole frames ffmpeg wrote. Raises RecordingError when there are none."""
    frame_count = samples.stat().st_size // (SAMPLE_BYTES * channel_count) if samples.exists() else 0
    if frame_count == 0:
        raise no_samples(path) if samples.exists() else cannot_open(path, read_start(path))
    return frame_count


def ends_early(stated_s: float | None, decoded_s: float) -> bool:
    return stated_s is not None and stated_s - decoded_s > max(SHORTFALL_S, SHORTFALL_SHARE * stated_s)


def refuse_without_space(path: Path, stream: StreamFacts, scratch: Path) -> None:
    needed = (stream.stated_duration_s or 0) * SAMPLE_RATE_HZ * SAMPLE_BYTES * stream.channel_count
    if shutil.disk_usage(scratch).free < needed:
        raise no_space(path, scratch)


def no_space(path: Path, folder: Path) -> RecordingError:
    return RecordingError("no_space", f"{path}: no space left in {folder} to decode it; free some and retry it")
