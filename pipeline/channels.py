"""Which channels a recording really has, and reading them from the scratch file."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pipeline.interfaces import Samples
from pipeline.loudness import BLOCK_S, FLOOR, BlockLevels, Weights, levels_of_blocks, soften

SAMPLE_RATE_HZ = 16_000
SAMPLE_BYTES = 2
SCALE = 2 / 32_768  # ffmpeg halves the samples to leave headroom, see audio.py
CHUNK_S = 60
BLOCK_FRAMES = round(BLOCK_S * SAMPLE_RATE_HZ)

LOUD = 0.01  # of the loudest blocks: there coding noise is small beside the signal
SAME_SHARE = 0.99  # of the loud blocks have to agree
SAME_RESIDUE = 0.2  # of a block may differ: coding noise came to 0.15 (mp3, 16 kb/s), another voice to 0.25 and more
SAME_CORRELATION = 0.9  # squared, over the whole recording
SAME_GAIN = 10 ** (24 / 10)  # ratio of powers; further apart it is crosstalk, not the same recording


@dataclass(frozen=True, slots=True)
class DecodedChannel:
    """One channel at 16 kHz: a weighted sum of the scratch file's channels, read piece by piece.

    It holds no open file: it may be sent to another process, and lives as long as the scratch file.
    """

    path: Path
    frame_count: int
    weights: Weights  # gain included

    @property
    def duration_s(self) -> float:
        return self.frame_count / SAMPLE_RATE_HZ

    def read(self, start_s: float = 0.0, end_s: float | None = None) -> Samples:
        """Samples from `start_s` to `end_s`, cut to what there is. shape: (num_samples,)"""
        start = min(max(round(start_s * SAMPLE_RATE_HZ), 0), self.frame_count)
        end = self.frame_count if end_s is None else min(round(end_s * SAMPLE_RATE_HZ), self.frame_count)
        samples = np.empty(max(end - start, 0), np.float32)
        row = np.asarray(self.weights, np.float32)
        chunk = CHUNK_S * SAMPLE_RATE_HZ
        for offset in range(0, len(samples), chunk):
            part = samples[offset : offset + chunk]
            part[:] = soften(read_frames(self.path, start + offset, len(part), len(row)) @ row)
        return samples


def read_frames(path: Path, first: int, count: int, channel_count: int) -> NDArray[np.float32]:
    """Frames of the scratch file, read and not mapped: mapped pages count as memory. shape: (count, num_channels)"""
    offset = first * channel_count * SAMPLE_BYTES
    values = np.fromfile(path, "<i2", count * channel_count, offset=offset)
    return values.reshape(-1, channel_count).astype(np.float32) * np.float32(SCALE)


def measure(path: Path, frame_count: int, channel_count: int) -> BlockLevels:
    """Levels of every block of the scratch file, in one pass; a last part of a block counts as a block."""
    parts = []
    chunk = CHUNK_S * SAMPLE_RATE_HZ
    for first in range(0, frame_count, chunk):
        frames = read_frames(path, first, min(chunk, frame_count - first), channel_count)
        whole = len(frames) // BLOCK_FRAMES * BLOCK_FRAMES
        if whole:
            parts.append(levels_of_blocks(frames[:whole].reshape(-1, BLOCK_FRAMES, channel_count)))
        if whole < len(frames):
            parts.append(levels_of_blocks(frames[np.newaxis, whole:]))
    return BlockLevels(
        np.concatenate([part.products for part in parts]), np.concatenate([part.peaks for part in parts])
    )


def choose_channels(levels: BlockLevels) -> tuple[Literal["mono", "stereo"], tuple[Weights, ...]]:
    """The recording's layout, and each of its channels as a weighted sum of the file's.

    Two channels stay apart unless they are the same signal; a silent one stays, somebody else decides what it means.
    Of more than two channels those that carry signal count; more than two of them are mixed into one, because only
    two separate channels promise one speaker each.
    """
    count = levels.channel_count
    chosen = tuple(range(count)) if count <= 2 else sounding(levels) or (0,)
    if len(chosen) == 2:
        return split_or_join(levels, chosen[0], chosen[1])
    return "mono", (weights(count, dict.fromkeys(chosen, 1 / len(chosen))),)


def sounding(levels: BlockLevels) -> tuple[int, ...]:
    """The channels of which at least one block carries signal."""
    return tuple(
        channel for channel in range(levels.channel_count) if bool((levels.products[:, channel, channel] > FLOOR).any())
    )


def split_or_join(levels: BlockLevels, left: int, right: int) -> tuple[Literal["mono", "stereo"], tuple[Weights, ...]]:
    """Stereo, or the mean of both channels, with the right one's polarity put right, where they are one signal."""
    count = levels.channel_count
    sign = same_signal(levels, left, right)
    if sign is None:
        return "stereo", (weights(count, {left: 1.0}), weights(count, {right: 1.0}))
    return "mono", (weights(count, {left: 0.5, right: 0.5 * sign}),)


def weights(count: int, weight_by_channel: dict[int, float]) -> Weights:
    return tuple(weight_by_channel.get(channel, 0.0) for channel in range(count))


def same_signal(levels: BlockLevels, left: int, right: int) -> float | None:
    """1 where both channels are one signal, whatever the gain; -1 where one is inverted; None where they differ.

    One gain must explain nearly every loud block: with crosstalk the gain differs by who speaks. Two channels
    without any signal are the same.
    """
    xx, yy = levels.products[:, left, left], levels.products[:, right, right]
    xy = levels.products[:, left, right]
    if max(xx.max(), yy.max()) <= FLOOR:
        return 1.0
    x_power, y_power, together = xx.sum(), yy.sum(), xy.sum()
    if together**2 < SAME_CORRELATION * x_power * y_power or min(x_power, y_power) == 0:
        return None
    if max(x_power / y_power, y_power / x_power) > SAME_GAIN:
        return None
    gain = together / x_power
    expected = gain**2 * xx
    residue = yy - 2 * gain * xy + expected
    loud = (xx > LOUD * np.percentile(xx, 95)) | (yy > LOUD * np.percentile(yy, 95))
    agrees = residue[loud] <= SAME_RESIDUE * np.maximum(yy, expected)[loud]
    return float(np.sign(gain)) if agrees.mean() >= SAME_SHARE else None
