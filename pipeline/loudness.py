"""One gain per channel: speech comes out at one loudness, noise is not raised, and nothing clips.

Why not ffmpeg's dynaudnorm with its channels uncoupled: it follows the level, so it raises whatever is there while a
speaker is silent. Measured on a stereo call, the empty channel before and after: hiss -62 -> -47 dBFS (here -65),
crosstalk -52 -> -36 (here -54): words on the wrong channel. Copies of one speech 10 to 40 dB apart came out 2 to 26 dB
apart (here 0.1). One gain per channel keeps what lies under a speaker under him. Its price: a speaker who walks away
from the telephone stays quiet, and on mono the quieter side does; the recognisers normalise each window anyway.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BLOCK_S = 0.1
TARGET = 10 ** (-23 / 10)  # mean power of speech blocks; 1 is a full-scale square wave
FLOOR = 10 ** (-80 / 10)  # quieter is no signal; real speech was met at -67 dB
CROSSTALK = 10 ** (-12 / 10)  # a block this far under the other channel is the other speaker, heard through
STEADY = 10 ** (6 / 10)  # hiss, hum and tones vary less than this between blocks, speech far more
MAX_GAIN = 10 ** (45 / 20)
MAX_GAIN_OVER_OTHER = 10 ** (20 / 20)  # breath on an empty channel must not become as loud as the other's speech
MIN_SPEECH_BLOCKS = 3
KNEE = 0.8  # rarer peaks above it are bent, see `soften`

Floats = NDArray[np.float64]
Weights = tuple[float, ...]  # one per channel of the file; the weighted sum is a channel that we hand out


@dataclass(frozen=True, slots=True, eq=False)
class BlockLevels:
    """What is known of each block of 0.1 s; the power of any weighted sum of channels follows from it."""

    products: Floats  # shape: (num_blocks, num_channels, num_channels), mean products of samples, means taken out
    peaks: Floats  # shape: (num_blocks, num_channels), largest absolute samples

    @property
    def channel_count(self) -> int:
        return int(self.peaks.shape[1])

    def power(self, weights: Weights) -> Floats:
        """Mean power per block of the weighted sum. shape: (num_blocks,)"""
        row = np.asarray(weights)
        power: Floats = np.einsum("i,bij,j->b", row, self.products, row)
        return np.maximum(power, 0.0)

    def peak(self, weights: Weights) -> Floats:
        """An upper bound of the weighted sum's peak per block. shape: (num_blocks,)"""
        peaks: Floats = self.peaks @ np.abs(np.asarray(weights))
        return peaks


def levels_of_blocks(blocks: NDArray[np.float32]) -> BlockLevels:
    """`blocks` has the shape (num_blocks, num_frames, num_channels)."""
    centred = blocks - blocks.mean(axis=1, keepdims=True)
    products = centred.transpose(0, 2, 1) @ centred / np.float32(blocks.shape[1])
    return BlockLevels(products.astype(np.float64), np.abs(blocks).max(axis=1).astype(np.float64))


def even_out(levels: BlockLevels, mixes: tuple[Weights, ...]) -> tuple[Weights, ...]:
    """`mixes` scaled so that the speech of each has the power `TARGET`.

    A channel without speech of its own (silent, hiss, crosstalk) gets the smallest gain of the others, so that what
    is under the other speaker stays under him; and no channel gets much more than another.
    """
    powers = [levels.power(weights) for weights in mixes]
    gains = [speech_gain(levels, mixes, powers, index) for index in range(len(mixes))]
    smallest = min((gain for gain in gains if gain is not None), default=1.0)
    evened = []
    for weights, gain in zip(mixes, gains, strict=True):
        if gain is None:
            gain = min(smallest, peak_limit(levels.peak(weights)))
        gain = min(gain, smallest * MAX_GAIN_OVER_OTHER)
        evened.append(tuple(weight * gain for weight in weights))
    return tuple(evened)


def speech_gain(levels: BlockLevels, mixes: tuple[Weights, ...], powers: list[Floats], index: int) -> float | None:
    """The gain that brings this channel's own speech to `TARGET`; None where it has none."""
    power = powers[index]
    own = power > FLOOR
    for other in powers[:index] + powers[index + 1 :]:
        own &= power > other * CROSSTALK
    level = gated_power(power[own])
    if level is None:
        return None
    wanted = min(float(np.sqrt(TARGET / level)), MAX_GAIN)
    return min(wanted, peak_limit(levels.peak(mixes[index])[own]))


def gated_power(power: Floats) -> float | None:
    """Mean power without pauses: the relative gate of ITU-R BS.1770 (10 dB under the mean), unweighted.

    The loudest hundredth is left out: a click outweighs minutes of quiet speech. None where the level is as steady as
    noise.
    """
    if len(power) < MIN_SPEECH_BLOCKS:
        return None
    low, high = np.percentile(power, (10, 95))
    if high < low * STEADY:
        return None
    power = power[power <= np.percentile(power, 99)]
    return float(power[power > power.mean() / 10].mean())


def peak_limit(peaks: Floats) -> float:
    """The largest gain that keeps 97 of 100 blocks under the knee: one click must not keep a call quiet."""
    loud = float(np.percentile(peaks, 97)) if len(peaks) else 0.0
    return KNEE / loud if loud > 0 else MAX_GAIN


def soften(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Bends what exceeds the knee, in place, so that it stays under 1: a click becomes softer, never square."""
    size = np.abs(samples)
    loud = size > KNEE
    if loud.any():
        room = np.float32(0.99 - KNEE)
        samples[loud] = np.sign(samples[loud]) * (KNEE + room * np.tanh((size[loud] - KNEE) / room))
    return samples
