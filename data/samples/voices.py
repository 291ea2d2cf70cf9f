"""Written turns as the sound of a telephone call: voices, their places in time, line noise, band and codec.

Needs RHVoice with its Russian and English voices, espeak-ng and ffmpeg (README.md here says how to install them), and
the development dependencies.
"""

import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import soundfile
from numpy.typing import NDArray
from scipy.signal import resample_poly

Samples = NDArray[np.float32]

RATE_HZ = 16_000
LEAD_S = 0.8  # line noise before the first and after the last turn
GAP_S = (0.25, 0.8)  # between turns, drawn evenly
UNSPEAKABLE_S = 0.3
SPEECH_PEAK = 0.5
LOUDNESS_SPREAD_DB = 2.0  # nobody speaks every sentence equally loud
NOISE_DB = {"mono": -25.0, "stereo": -50.0}  # relative to speech; stereo: the hiss of a quiet line
TELEPHONE = ("-af", "highpass=f=300,lowpass=f=3400", "-ar", "8000")
WIDE = ("-af", "highpass=f=50,lowpass=f=7000", "-ar", "16000")  # an HD voice call
# Stereo is coded channel by channel: joint stereo lets each side leak into the other.
ENCODINGS: dict[str, tuple[str, ...]] = {
    "mulaw": (*TELEPHONE, "-c:a", "pcm_mulaw"),
    "alaw": (*TELEPHONE, "-c:a", "pcm_alaw"),
    "mp3": (*TELEPHONE, "-c:a", "libmp3lame", "-joint_stereo", "0", "-b:a", "32k"),
    "ogg": (*TELEPHONE, "-c:a", "libopus", "-application", "voip", "-b:a", "32k"),
    "ogg-wide": (*WIDE, "-c:a", "libopus", "-application", "voip", "-b:a", "48k"),
}
BIT_EXACT = ("-map_metadata", "-1", "-fflags", "+bitexact", "-flags:a", "+bitexact")


@dataclass(frozen=True, slots=True)
class Voice:
    """`rate` and `pitch` are per cent of the voice's own (RHVoice); `words_per_minute` is espeak's."""

    voice: str
    engine: Literal["rhvoice", "espeak"] = "rhvoice"
    rate: int = 100
    pitch: int = 100
    words_per_minute: int = 150


@dataclass(frozen=True, slots=True)
class Line:
    """One turn as written. It starts `pause_s` after the one before, or `overlap_s` before that one ends."""

    role: str
    text: str
    pause_s: float | None = None
    overlap_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Placed:
    """A line with its sound and its place in the recording."""

    line: Line
    start_s: float
    samples: Samples

    @property
    def end_s(self) -> float:
        return self.start_s + len(self.samples) / RATE_HZ


def synthesizer_command(voice: Voice, out: Path) -> list[str]:
    """Reads the text from its standard input."""
    if voice.engine == "espeak":
        return ["espeak-ng", "-v", voice.voice, "-s", str(voice.words_per_minute), "-w", str(out), "--stdin"]
    return ["RHVoice-test", "-p", voice.voice, "-r", str(voice.rate), "-t", str(voice.pitch), "-o", str(out)]


def speak(text: str, voice: Voice) -> Samples:
    """One turn at 16 kHz without the silence around it. shape: (num_samples,)

    A text that cannot be spoken (an emoji, an ellipsis) is a short silence.
    """
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch) / "turn.wav"
        command = synthesizer_command(voice, out)
        subprocess.run(command, input=text.encode(), check=True, capture_output=True)  # noqa: S603
        if not out.exists():  # RHVoice writes nothing where it has nothing to say
            return np.zeros(round(UNSPEAKABLE_S * RATE_HZ), np.float32)
        samples, rate_hz = soundfile.read(out, dtype="float32", always_2d=True)
    mono = samples[:, 0]
    if rate_hz != RATE_HZ:
        mono = resample_poly(mono, RATE_HZ, rate_hz).astype(np.float32)
    loud = np.flatnonzero(np.abs(mono) > 0.003)
    if not len(loud):
        return np.zeros(round(UNSPEAKABLE_S * RATE_HZ), np.float32)
    trimmed: Samples = mono[loud[0] : loud[-1] + 1]
    return trimmed * np.float32(SPEECH_PEAK / np.abs(trimmed).max())


def place(lines: list[Line], voices: dict[str, Voice], rng: np.random.Generator) -> list[Placed]:
    """One after the other, with gaps, pauses and overlaps."""
    placed: list[Placed] = []
    for line in lines:
        loudness = np.float32(10 ** (rng.uniform(-LOUDNESS_SPREAD_DB, 0) / 20))
        gap_s = float(rng.uniform(*GAP_S))
        before_s = placed[-1].end_s if placed else LEAD_S
        if line.pause_s is not None:
            gap_s = line.pause_s
        elif line.overlap_s:
            gap_s = -line.overlap_s
        elif not placed:
            gap_s = 0.0
        placed.append(Placed(line, before_s + gap_s, speak(line.text, voices[line.role]) * loudness))
    return placed


def channel_of(role: str, recording: dict[str, Any]) -> int:
    """Where this role is heard: 0 in mono; a third voice names its own channel."""
    if recording["layout"] == "mono":
        return 0
    agent = int(recording["agent_channel"])
    return {"agent": agent, "client": 1 - agent, "other": int(recording.get("other_channel", agent))}[role]


def mix(placed: list[Placed], recording: dict[str, Any], rng: np.random.Generator) -> Samples:
    """Voices on their channels, and the line's noise. shape: (num_samples, num_channels)"""
    tail_s = 0.0 if recording.get("cut_off") else LEAD_S
    num_samples = round((placed[-1].end_s + tail_s) * RATE_HZ) + 1
    audio = np.zeros((num_samples, 1 if recording["layout"] == "mono" else 2), np.float32)
    for turn in placed:
        first = round(turn.start_s * RATE_HZ)
        audio[first : first + len(turn.samples), channel_of(turn.line.role, recording)] += turn.samples
    speech = audio[np.abs(audio) > 0.01]
    noise_rms = np.sqrt((speech**2).mean()) * 10 ** (NOISE_DB[recording["layout"]] / 20)
    noisy: Samples = audio + rng.normal(0, noise_rms, audio.shape).astype(np.float32)
    return noisy


def encode(audio: Samples, encoding: str, out: Path) -> None:
    """Telephone band and codec, by ffmpeg."""
    with tempfile.TemporaryDirectory() as scratch:
        wide = Path(scratch) / "wide.wav"
        soundfile.write(wide, audio, RATE_HZ, subtype="FLOAT")
        command = ["ffmpeg", "-nostdin", "-y", "-loglevel", "error", "-i", str(wide), *ENCODINGS[encoding]]
        subprocess.run([*command, *BIT_EXACT, str(out)], check=True)  # noqa: S603
