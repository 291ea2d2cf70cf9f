"""What a file says about its audio, found with PyAV before ffmpeg decodes it (ffprobe comes in no package).

A recording comes from outside, so only containers that hold audio themselves are opened (`CONTAINERS`): a playlist
named `.wav` can then name neither a host nor another file. ffmpeg gets the same limits (`input_options`).
"""

import wave
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer

from pipeline.errors import RecordingError
from pipeline.settings import RawFormat

MAX_CHANNELS = 8
LOWEST_HZ, HIGHEST_HZ = 1_000, 768_000  # resampled from a few samples a second, a small file takes gigabytes of memory
PROTOCOLS = "file,pipe"
CONTAINERS = (
    "aac,aiff,amr,amrnb,amrwb,asf,au,avi,caf,flac,flv,g722,gsm,loas,matroska,mov,mp3,mpeg,mpegts,ogg,voc,w64,wav,wv"
)
# Containers whose header or last page tells the length; elsewhere it is a guess from the bit rate.
STATED_LENGTH = frozenset({"aiff", "au", "caf", "flac", "matroska", "mov", "ogg", "w64", "wav"})
AUDIO_STARTS = (b"RIFF", b"RIFX", b"OggS", b"fLaC", b"ID3", b"#!AMR", b"FORM", b"caff", b"\x1aE\xdf\xa3", b".snd")
MP4_BRAND = b"ftyp"  # at byte 4
UNFILLED_BYTES = 0x7FFF_0000  # a length from here on stands for one that is not known yet
RAW_CODECS = {"alaw": ("pcm_alaw", 1), "mulaw": ("pcm_mulaw", 1), "s16le": ("pcm_s16le", 2)}  # codec, bytes a sample
BIG_ENDIAN = {f"pcm_{kind}le": f"pcm_{kind}be" for kind in ("s16", "s24", "s32", "f32", "f64")}
BAD_PACKETS = 50  # a stream may start in the middle of a frame

Option = tuple[str, str | int]


@dataclass(frozen=True, slots=True)
class StreamFacts:
    """A file's first audio stream, and how ffmpeg must be told to read it."""

    codec: str
    sample_rate_hz: int
    channel_count: int
    stated_duration_s: float | None  # None where the file does not say
    input_options: tuple[Option, ...]
    header_duration_s: float | None = None  # what a header says that ffmpeg does not believe; it may be any number


def probe(path: Path, raw_formats: Mapping[str, RawFormat], max_duration_s: float | None = None) -> StreamFacts:
    """The facts of the first audio stream of `path`; `raw_formats` maps extensions to headerless formats.

    The first frame is decoded: a header promises, a frame is proof.

    Raises RecordingError with the code no_such_file, unreadable, empty_file, not_audio, truncated or too_long.
    """
    start = read_start(path)
    raw_format = raw_formats.get(path.suffix.lower().removeprefix("."))
    if raw_format is not None and not looks_like_audio(start):
        facts = probe_raw(path, raw_format)
    else:
        facts = probe_container(path, start)
    if max_duration_s is not None and facts.stated_duration_s is not None:
        refuse_too_long(path, facts.stated_duration_s, max_duration_s)
    return facts


def read_start(path: Path) -> bytes:
    """The first bytes, which tell a damaged recording from something else."""
    try:
        with path.open("rb") as file:
            start = file.read(128)
    except FileNotFoundError as error:
        raise RecordingError("no_such_file", f"{path}: no such file; was it moved during the run?") from error
    except OSError as error:
        raise RecordingError("unreadable", f"{path}: cannot be read: {error.strerror}; check its rights") from error
    if not start:
        raise RecordingError("empty_file", f"{path}: has 0 bytes; ask the PBX for this recording again")
    return start


def looks_like_audio(start: bytes) -> bool:
    return start.startswith(AUDIO_STARTS) or start[4:8] == MP4_BRAND


def refuse_too_long(path: Path, duration_s: float, max_duration_s: float) -> None:
    if duration_s > max_duration_s:
        raise RecordingError(
            "too_long",
            f"{path}: lasts {duration_s:.0f} s, more than audio.max_duration_s ({max_duration_s:.0f}): "
            "split it, or raise the limit",
        )


def probe_raw(path: Path, raw_format: RawFormat) -> StreamFacts:
    """A file without a header is what the configuration says it is; only its size can be checked."""
    codec, sample_bytes = RAW_CODECS[raw_format.codec]
    frames = path.stat().st_size // (sample_bytes * raw_format.channels)
    if frames == 0:
        raise no_samples(path)
    options = (("f", raw_format.codec), ("ar", raw_format.sample_rate_hz), ("ac", raw_format.channels))
    return StreamFacts(
        codec=codec,
        sample_rate_hz=raw_format.sample_rate_hz,
        channel_count=raw_format.channels,
        stated_duration_s=frames / raw_format.sample_rate_hz,
        input_options=(("protocol_whitelist", PROTOCOLS), *options),
    )


def probe_container(path: Path, start: bytes) -> StreamFacts:
    options = {"protocol_whitelist": PROTOCOLS, "format_whitelist": CONTAINERS}
    try:
        with av.open(f"file:{path}", options=options) as container:
            if not container.streams.audio:
                raise RecordingError("not_audio", f"{path}: holds no audio stream; take it out of the folder")
            return stream_facts(path, start, container, container.streams.audio[0])
    except (av.FFmpegError, UnicodeError, OSError) as error:
        raise cannot_open(path, start) from error


def stream_facts(path: Path, start: bytes, container: InputContainer, stream: AudioStream) -> StreamFacts:
    names = container.format.name.split(",")
    if "gsm" in names and start[0] >> 4 != 0xD:  # the demuxer takes any file of that name, the decoder any bytes
        raise cannot_open(path, start)
    duration_s = container.duration / av.time_base if container.duration else None
    frame = next(frames(container, stream), None)
    if frame is None:
        raise no_samples(path)
    if not LOWEST_HZ <= frame.sample_rate <= HIGHEST_HZ:
        found = f"states {frame.sample_rate} samples a second, which no recorder writes"
        raise RecordingError("truncated", f"{path}: {found}; fetch it again")
    channel_count = frame.layout.nb_channels
    if channel_count > MAX_CHANNELS:
        found = f"has {channel_count} channels, a call has at most {MAX_CHANNELS}"
        raise RecordingError("not_audio", f"{path}: {found}; export the call's own channels")
    codec = stream.codec_context.codec.canonical_name
    if start.startswith(b"RIFX"):
        codec = BIG_ENDIAN.get(codec, codec)
    return StreamFacts(
        codec=codec,
        sample_rate_hz=frame.sample_rate,
        channel_count=channel_count,
        stated_duration_s=duration_s if STATED_LENGTH.intersection(names) else None,
        input_options=container_options(start, codec),
        header_duration_s=wav_length_s(path) if "wav" in names else None,
    )


def wav_length_s(path: Path) -> float | None:
    """What the header of a PCM wav says, also of a file that was cut: ffmpeg tells only what is left.

    None for anything else, and where the recorder never filled its length in.
    """
    try:
        with wave.open(str(path)) as file:
            frames, frame_bytes = file.getnframes(), file.getnchannels() * file.getsampwidth()
            return frames / file.getframerate() if 0 < frames * frame_bytes < UNFILLED_BYTES else None
    except (wave.Error, EOFError, OSError, ZeroDivisionError):
        return None


def container_options(start: bytes, codec: str) -> tuple[Option, ...]:
    """A RIFX file's samples are big-endian, ffmpeg reads them as little-endian noise unless told the codec."""
    limits: tuple[Option, ...] = (("protocol_whitelist", PROTOCOLS), ("format_whitelist", CONTAINERS))
    return (*limits, ("acodec", codec)) if start.startswith(b"RIFX") else limits


def frames(container: InputContainer, stream: AudioStream) -> Iterator[AudioFrame]:
    """Decoded frames, passing over some damaged packets at the start."""
    bad_packets = 0
    for packet in container.demux(stream):
        try:
            yield from (frame for frame in packet.decode() if isinstance(frame, AudioFrame) and frame.samples)
        except av.FFmpegError:
            bad_packets += 1
            if bad_packets > BAD_PACKETS:
                return


def no_samples(path: Path) -> RecordingError:
    return RecordingError("truncated", f"{path}: has a header and no sound; ask the PBX for this recording again")


def cannot_open(path: Path, start: bytes) -> RecordingError:
    """A damaged recording where the file starts like audio, else no audio at all."""
    if looks_like_audio(start):
        return RecordingError("truncated", f"{path}: starts like audio and is damaged or cut off; fetch it again")
    return RecordingError(
        "not_audio",
        f"{path}: is no audio that ffmpeg knows; take it out of the folder, "
        "or, if it is audio without a header, name its extension under ingest.raw_formats",
    )
