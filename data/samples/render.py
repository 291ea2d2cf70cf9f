"""Render data/samples/dialogues/*.yaml as telephone recordings with their gold turns and the call journal.

Only for whoever changes the samples: the recordings are committed, the demo needs no synthesizer. Needs RHVoice
with its Russian and English voices and espeak-ng (README.md here says how to install them), ffmpeg, and the
development dependencies. A rerun on the same versions writes the same bytes.

    .venv/bin/python data/samples/render.py [ID ...]
"""

import csv
import json
import subprocess
import sys
import tempfile
import zlib
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import numpy as np
import soundfile
import yaml
from numpy.typing import NDArray
from scipy.signal import resample_poly

Samples = NDArray[np.float32]

SAMPLES = Path(__file__).resolve().parent
RATE_HZ = 16_000
LEAD_S = 0.8  # line noise before the first and after the last turn
GAP_S = (0.25, 0.8)  # between turns, drawn evenly
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
JOURNAL = ("call_id", "started_at", "direction", "manager", "client_phone", "duration_s", "answered", "file_name")
COLUMNS = (*JOURNAL, "source")


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


def read_line(turn: dict[str, Any]) -> Line:
    """`{role: text}`, or `{role: {text, pause_s, overlap_s}}`."""
    ((role, content),) = turn.items()
    return Line(role, **content) if isinstance(content, dict) else Line(role, content)


def synthesizer_command(voice: Voice, out: Path) -> list[str]:
    """Reads the text from its standard input."""
    if voice.engine == "espeak":
        return ["espeak-ng", "-v", voice.voice, "-s", str(voice.words_per_minute), "-w", str(out), "--stdin"]
    return ["RHVoice-test", "-p", voice.voice, "-r", str(voice.rate), "-t", str(voice.pitch), "-o", str(out)]


def speak(text: str, voice: Voice) -> Samples:
    """One turn at 16 kHz without the silence around it. shape: (num_samples,)"""
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch) / "turn.wav"
        command = synthesizer_command(voice, out)
        subprocess.run(command, input=text.encode(), check=True, capture_output=True)  # noqa: S603
        samples, rate_hz = soundfile.read(out, dtype="float32", always_2d=True)
    mono = samples[:, 0]
    if rate_hz != RATE_HZ:
        mono = resample_poly(mono, RATE_HZ, rate_hz).astype(np.float32)
    loud = np.flatnonzero(np.abs(mono) > 0.003)
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


def overlaps_of(placed: list[Placed]) -> list[dict[str, Any]]:
    """Turns that start before the one before has ended."""
    return [
        {"turn": index, "start_s": round(turn.start_s, 2), "overlap_s": round(before.end_s - turn.start_s, 2)}
        for index, (before, turn) in enumerate(pairwise(placed), start=1)
        if turn.start_s < before.end_s
    ]


def gold_of(dialogue: dict[str, Any], placed: list[Placed]) -> dict[str, Any]:
    """What is audible, who says it when, and the labels of docs/labelling.md."""
    turns = [
        {
            "role": turn.line.role,
            "text": turn.line.text,
            "start_s": round(turn.start_s, 2),
            "end_s": round(turn.end_s, 2),
            "channel": channel_of(turn.line.role, dialogue["recording"]),
        }
        for turn in placed
    ]
    return {
        "file": dialogue["recording"]["file"],
        "call_type": dialogue["call_type"],
        "scored": dialogue.get("scored", True),
        "direction": dialogue["direction"],
        "manager": dialogue["journal"]["manager"],
        "language": dialogue["language"],
        "layout": dialogue["recording"]["layout"],
        "turns": turns,
        "overlaps": overlaps_of(placed),
        "criteria": dialogue["gold"],
    }


def render(dialogue: dict[str, Any]) -> None:
    """Write the recording and its gold. The seed is the dialogue's id: one changed text changes one recording."""
    rng = np.random.default_rng(zlib.crc32(dialogue["id"].encode()))
    recording = dialogue["recording"]
    voices = {role: Voice(**voice) for role, voice in dialogue["voices"].items()}
    placed = place([read_line(turn) for turn in dialogue["turns"]], voices, rng)
    encode(mix(placed, recording, rng), recording["format"], SAMPLES / recording["file"])
    gold = json.dumps(gold_of(dialogue, placed), ensure_ascii=False, indent=1)
    (SAMPLES / "gold" / f"{dialogue['id']}.json").write_text(gold + "\n", encoding="utf-8")


def journal_row(dialogue: dict[str, Any]) -> dict[str, str]:
    """The PBX's row of an answered call."""
    gold = json.loads((SAMPLES / "gold" / f"{dialogue['id']}.json").read_text(encoding="utf-8"))
    return {
        **dialogue["journal"],
        "direction": dialogue["direction"],
        "duration_s": str(round(gold["turns"][-1]["end_s"] + LEAD_S)),
        "answered": "yes",
        "file_name": dialogue["recording"]["file"],
    }


def write_journal(dialogues: list[dict[str, Any]]) -> None:
    """calls.csv: every recorded call and the missed ones, in order of time."""
    missed = load_yaml(SAMPLES / "missed_calls.yaml")
    rows = [journal_row(dialogue) for dialogue in dialogues]
    rows += [{**call, "direction": "missed", "duration_s": "0", "answered": "no", "file_name": ""} for call in missed]
    rows.sort(key=lambda row: datetime.fromisoformat(row["started_at"]))
    with (SAMPLES / "calls.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def load_yaml(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def main(wanted: list[str]) -> None:
    """Render the wanted dialogues (all without any) and write the journal."""
    dialogues = [load_yaml(path) for path in sorted((SAMPLES / "dialogues").glob("*.yaml"))]
    (SAMPLES / "gold").mkdir(exist_ok=True)
    for dialogue in dialogues:
        if not wanted or dialogue["id"] in wanted:
            render(dialogue)
            print(dialogue["recording"]["file"])
    write_journal(dialogues)


if __name__ == "__main__":
    main(sys.argv[1:])
