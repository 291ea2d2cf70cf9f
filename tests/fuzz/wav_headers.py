"""Wav files whose headers lie: channels, rates, widths, lengths and chunks that no recorder writes, or a broken one."""

import random
import struct
from collections.abc import Callable, Sequence

from tests.fuzz.whole_files import MadeFile

Chunk = tuple[bytes, bytes, int | None]  # name, content, and its stated length where that is another
SOUND = bytes(range(256)) * 250  # 8 s at 8 kHz, one byte a sample
PCM, FLOAT, A_LAW, MU_LAW, EXTENSIBLE = 1, 3, 6, 7, 0xFFFE


def wav(*chunks: Chunk, form: bytes = b"RIFF", length: int | None = None) -> bytes:
    body = b"".join(
        name + struct.pack("<I", len(content) if stated is None else stated) + content + bytes(len(content) % 2)
        for name, content, stated in chunks
    )
    return form + struct.pack("<I", 4 + len(body) if length is None else length) + b"WAVE" + body


def wav_format(tag: int = MU_LAW, channels: int = 1, rate_hz: int = 8000, width: int = 8, align: int = 1) -> Chunk:
    return b"fmt ", struct.pack("<HHIIHH", tag, channels, rate_hz, rate_hz * align % 2**32, align, width), None


def odd_format(rng: random.Random, _file: MadeFile, _others: Sequence[MadeFile]) -> MadeFile:
    """Any tag, 0 to 65,535 channels, rates from 0 to 4 GHz."""
    found = wav_format(
        rng.choice((PCM, FLOAT, A_LAW, MU_LAW, EXTENSIBLE, 0, 2, 0x11, 0x31, 0x50, 0x55, 0xFF, rng.randrange(65_536))),
        rng.choice((0, 1, 2, 3, 7, 8, 9, 64, 255, 65_535)),
        rng.choice((0, 1, 10, 7_999, 8_000, 192_000, 0x7FFF_FFFF, 0xFFFF_FFFF)),
        rng.choice((0, 1, 8, 12, 16, 24, 64, 255, 65_535)),
        rng.choice((0, 1, 2, 65_535)),
    )
    return MadeFile("format.wav", wav(found, (b"data", SOUND, None)))


def odd_channels(rng: random.Random, _file: MadeFile, _others: Sequence[MadeFile]) -> MadeFile:
    count = rng.choice((0, 3, 4, 5, 6, 7, 8, 9, 63, 64, 65, 512, 65_535))
    return MadeFile(f"{count}-channels.wav", wav(wav_format(channels=count, align=count), (b"data", SOUND, None)))


def odd_rate(rng: random.Random, _file: MadeFile, _others: Sequence[MadeFile]) -> MadeFile:
    rate_hz = rng.choice((0, 1, 3, 50, 1_000, 6_000, 11_025, 47_999, 384_000, 10_000_000, 0x7FFF_FFFF, 0xFFFF_FFFF))
    return MadeFile(f"{rate_hz}-hz.wav", wav(wav_format(rate_hz=rate_hz), (b"data", SOUND, None)))


def lengths(rng: random.Random, _file: MadeFile, _others: Sequence[MadeFile]) -> MadeFile:
    """Lengths of nothing, of too little, and of up to 4 GB."""
    choices = (None, 0, 1, 100, len(SOUND) + 1, 0x7FFF_EFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF)
    name, content, _ = wav_format()
    return MadeFile(
        "lengths.wav",
        wav(
            (name, content, rng.choice((None, None, 0, 2, 15, 0xFFFF_FFFF))),
            (b"data", SOUND, rng.choice(choices)),
            form=rng.choice((b"RIFF", b"RIFX", b"RF64", b"RIFF")),
            length=rng.choice(choices),
        ),
    )


def chunks(rng: random.Random, _file: MadeFile, _others: Sequence[MadeFile]) -> MadeFile:
    """No data, data before its format, cue points by the million, texts of megabytes, thousands of chunks."""
    data: Chunk = (b"data", SOUND, None)
    cue = struct.pack("<I", 0xFFFF_FFFF) + struct.pack("<II4sIII", 1, 0, b"data", 0, 0, 0xFFFF_FFFF) * 1000
    info = b"INFOINAM" + struct.pack("<I", 1_000_000) + b"\x1b[31m" * 200_000
    choices: tuple[tuple[Chunk, ...], ...] = (
        (wav_format(),),
        (data,),
        (data, wav_format()),
        (wav_format(), (b"cue ", cue, None), data),
        (wav_format(), data, (b"cue ", cue, 0xFFFF_FFF0)),
        (wav_format(), (b"LIST", info, None), data),
        (wav_format(), (b"bext", b"\xff" * 602, None), data),
        (*((b"junk", b"", None) for _ in range(20_000)), wav_format(), data),
        (wav_format(), *((b"data", b"", None) for _ in range(1_000)), data),
        (wav_format(), wav_format(PCM, 2, 48_000, 24, 6), data),
        (wav_format(), (b"id3 ", b"ID3\x04\x00\x00\x7f\x7f\x7f\x7f", None), data),
    )
    return MadeFile("chunks.wav", wav(*rng.choice(choices)))


MUTATIONS: tuple[Callable[[random.Random, MadeFile, Sequence[MadeFile]], MadeFile], ...] = (
    odd_format,
    odd_channels,
    odd_rate,
    lengths,
    chunks,
)
