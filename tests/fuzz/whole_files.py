"""Undamaged recordings to start from: one conversation of tones in every format, and some of the sample calls."""

import random
import shutil
import struct
import subprocess
from dataclasses import dataclass
from pathlib import Path

from pipeline.ffmpeg_program import packaged_program
from tests.flow_runs.recordings import mono_call, stereo_call

SAMPLES = Path(__file__).resolve().parents[2] / "data" / "samples"
SAMPLE_NAMES = ("ru-11-cut-off.wav", "ru-08-reanimation-gives-up.mp3", "ru-15-reanimation-hint.ogg")
NARROW = ("-ar", "8000")
ENCODINGS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("pcm.wav", (*NARROW, "-c:a", "pcm_s16le")),
    ("g711u.wav", (*NARROW, "-c:a", "pcm_mulaw")),
    ("g711a.wav", (*NARROW, "-c:a", "pcm_alaw")),
    ("float.wav", (*NARROW, "-c:a", "pcm_f32le")),
    ("wide.wav", (*NARROW, "-c:a", "pcm_s24le")),
    ("adpcm.wav", (*NARROW, "-c:a", "adpcm_ima_wav")),
    ("call.mp3", (*NARROW, "-b:a", "32k")),
    ("opus.ogg", ("-c:a", "libopus")),
    ("call.opus", ("-c:a", "libopus")),
    ("call.m4a", ("-c:a", "aac")),
    ("call.aac", ("-c:a", "aac")),
    ("call.amr", (*NARROW, "-ac", "1", "-c:a", "libopencore_amrnb")),
    ("call.flac", NARROW),
    ("call.webm", ("-c:a", "libopus")),
    ("call.wma", ("-c:a", "wmav2")),
    ("call.aiff", NARROW),
    ("call.caf", NARROW),
    ("call.al", (*NARROW, "-ac", "1", "-f", "alaw")),
    ("call.ul", (*NARROW, "-ac", "1", "-f", "mulaw")),
    ("call.s16", ("-ac", "1", "-f", "s16le")),
)
AMR_WB_MODE, AMR_WB_FRAME_BYTES, AMR_WB_FRAMES = 8, 60, 200


@dataclass(frozen=True)
class MadeFile:
    """A file before it is written; `done_to_it` names what happened to its content."""

    name: str
    content: bytes
    done_to_it: str = "nothing"

    @property
    def ending(self) -> str:
        return Path(self.name).suffix


def make_whole_files(folder: Path, *, samples: bool = True) -> list[MadeFile]:
    """One file per encoding, AMR-WB of random frames (nothing here writes it), and the samples."""
    source = stereo_call(folder / "source.wav", 1)
    made = [MadeFile(name, _encoded(source, folder / name, options)) for name, options in ENCODINGS]
    made.append(MadeFile("call-wb.amr", _amr_wb()))
    if samples:
        made += [MadeFile(name, (SAMPLES / name).read_bytes()) for name in SAMPLE_NAMES]
    return made


def write_neighbours(folder: Path, count: int) -> list[Path]:
    """Undamaged calls that differ; their names sort before, among and after those of other files."""
    places = ("!neighbour", "mid-neighbour", "zz-neighbour")
    paths = [folder / f"{places[number % 3]}-{number}.wav" for number in range(count)]
    return [(stereo_call if number % 2 else mono_call)(path, number + 3) for number, path in enumerate(paths)]


def _encoded(source: Path, target: Path, options: tuple[str, ...]) -> bytes:
    program = packaged_program() or shutil.which("ffmpeg") or "ffmpeg"
    words = [program, "-v", "error", "-y", "-i", str(source), "-bitexact", *options, str(target)]
    subprocess.run(words, check=True, stdin=subprocess.DEVNULL)
    return target.read_bytes()


def _amr_wb() -> bytes:
    """A decoder takes any bits of a frame for speech."""
    rng = random.Random(1)
    start = struct.pack("B", AMR_WB_MODE << 3 | 4)
    return b"#!AMR-WB\n" + b"".join(start + rng.randbytes(AMR_WB_FRAME_BYTES) for _ in range(AMR_WB_FRAMES))
