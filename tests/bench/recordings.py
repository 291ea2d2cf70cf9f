"""The recordings that speed is measured on, made from data/samples with ffmpeg. Names begin with the language."""

import random
import subprocess
from collections.abc import Callable, Mapping, Sequence
from itertools import cycle
from pathlib import Path

from pipeline.ffmpeg_program import find_ffmpeg
from pipeline.settings import ROOT

SAMPLES = ROOT / "data" / "samples"
COPIES = 2  # of each sample: enough work that loading the models does not decide the ratio
SHORT, SHORT_S = 30, (20.0, 90.0)  # calls, and their lengths
MANY_S = (8.0, 16.0)  # where the number of calls counts, and not their lengths
LONG_S, LONGEST_S = 1800.0, 10_800.0
JOINED_S = 600.0
SEED = 7


def samples(channels: int) -> list[Path]:
    """Those with one channel, or with two that differ."""
    from tests.bench.channels import read_channels

    found = sorted(path for path in SAMPLES.iterdir() if path.suffix in (".wav", ".mp3", ".ogg"))
    return [path for path in found if len(read_channels(path)) == channels]


def convert(source: Path, target: Path, *options: str, before: Sequence[str] = ()) -> Path:
    """`options` are ffmpeg's own, `before` those that come before the source."""
    command = [find_ffmpeg(), "-v", "error", *before, "-i", str(source), *options, str(target)]
    subprocess.run(command, check=True)
    return target


def copies_of(paths: Sequence[Path], folder: Path, copies: int = COPIES) -> list[Path]:
    """The same sound with another comment, so that each copy has a content, and is a call, of its own."""
    return [
        convert(
            path, folder / f"{path.stem}-{number}{path.suffix}", "-c", "copy", "-metadata", f"comment=copy {number}"
        )
        for number in range(copies)
        for path in paths
    ]


def resampled(paths: Sequence[Path], folder: Path, rate_hz: int, codec: str) -> list[Path]:
    return [convert(path, folder / f"{path.stem}-0.wav", "-ar", str(rate_hz), "-c:a", codec) for path in paths]


def joined(paths: Sequence[Path], folder: Path, seconds: float, name: str) -> Path:
    """One Russian stereo call of that length: the samples one after the other, over and over, as a PBX stores it."""
    parts = []
    for path in (path for path in paths if path.name.startswith("ru")):
        parts.append(convert(path, folder / f"part-{path.stem}.wav", "-ar", "8000", "-ac", "2", "-c:a", "pcm_alaw"))
    listed = folder / "parts.txt"
    lengths = {part: part.stat().st_size / 16_000 for part in parts}  # two channels of 8,000 bytes a second
    lines, total_s = [], 0.0
    for part in cycle(parts):
        lines.append(f"file '{part}'")
        total_s += lengths[part]
        if total_s >= seconds:
            break
    listed.write_text("\n".join(lines), encoding="utf-8")
    made = folder / f"ru-{name}.wav"
    before = ["-f", "concat", "-safe", "0"]
    convert(listed, made, "-c", "copy", "-t", str(seconds), before=before)
    for path in (listed, *parts):
        path.unlink()
    return made


def cuts(paths: Sequence[Path], folder: Path, number: int, lengths_s: tuple[float, float] = SHORT_S) -> list[Path]:
    """Calls of such lengths, each from another place of the joined samples; the same ones each time."""
    whole = joined(paths, folder, JOINED_S, "whole")
    dealt, made = random.Random(SEED), []
    for place in range(number):
        length_s = dealt.uniform(*lengths_s)
        start = ["-ss", f"{dealt.uniform(0, JOINED_S - length_s):.2f}", "-t", f"{length_s:.2f}"]
        made.append(convert(whole, folder / f"ru-cut-{place}.wav", "-c", "copy", before=start))
    whole.unlink()
    return made


def make_set(name: str, folder: Path, limit: int | None = None) -> list[Path]:
    """The recordings of a set, in the folder. `limit`: of so few samples, to try a command."""
    stereo, mono = samples(2)[:limit], samples(1)[:limit]
    makers: Mapping[str, Callable[[], list[Path]]] = {
        "stereo": lambda: copies_of(stereo, folder, 1 if limit else COPIES),
        "mono": lambda: copies_of(mono, folder, 1 if limit else COPIES),
        "8khz": lambda: resampled(stereo, folder, 8000, "pcm_mulaw"),
        "16khz": lambda: resampled(stereo, folder, 16_000, "pcm_s16le"),
        "short": lambda: cuts(samples(2), folder, limit or SHORT),
        "long": lambda: [joined(samples(2), folder, 60.0 * limit if limit else LONG_S, "long")],
        "longest": lambda: [joined(samples(2), folder, LONGEST_S, "longest")],
    }
    return makers[name]()
