"""Signals with the loudness pattern of speech, and files made of them with ffmpeg."""

import subprocess
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.ffmpeg_program import packaged_program

RATE_HZ = 8_000
Signal = NDArray[np.float64]


def voice(seed: int, duration_s: float = 4.0, rms: float = 0.1) -> Signal:
    """Noise in syllables (4 a second) and phrases (1.5 s on, 0.5 s off)."""
    times = np.arange(round(duration_s * RATE_HZ)) / RATE_HZ
    noise = np.random.default_rng(seed).standard_normal(len(times))
    smooth = np.convolve(noise, np.ones(4) / 4, mode="same")
    signal = smooth * np.sin(2 * np.pi * 2 * times) ** 2 * ((times + seed % 3 * 0.4) % 2.0 < 1.5)
    return signal / np.sqrt(np.mean(signal**2)) * rms


def decibel(ratio: float) -> float:
    """The factor on samples of a change in dB."""
    return float(10 ** (ratio / 20))


def loudness(samples: NDArray[np.float32]) -> float:
    """Of the whole signal, in dB under full scale."""
    return float(20 * np.log10(np.sqrt(np.mean(np.square(samples, dtype=np.float64))) + 1e-9))


def write_audio(path: Path, *channels: Signal, options: tuple[str, ...] = (), program: str | None = None) -> Path:
    """The channels as whatever the extension and `options` of ffmpeg say. Float samples, so nothing clips here."""
    words = [program or packaged_program() or "ffmpeg", "-v", "error", "-y"]
    words += ["-f", "f32le", "-ar", str(RATE_HZ), "-ac", str(len(channels)), "-i", "-", *options, f"file:{path}"]
    subprocess.run(words, input=np.stack(channels, axis=1).astype("<f4").tobytes(), check=True)
    return path
