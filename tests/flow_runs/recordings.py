"""Small recordings for the fakes of tests/fakes.py: tones in real wav files, good ones and bad ones."""

import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tests.audio.signals import voice, write_audio
from tests.fakes import BREAKING_HZ, SAMPLE_RATE_HZ, Samples, tones

WORD_S, GAP_S = 0.2, 0.1
AGENT_TURNS, CLIENT_TURNS = (11, 11), (6, 6)  # words
Spans = list[tuple[float, float]]

JOURNAL = """\
call_id,started_at,direction,manager,client_phone,duration_s,answered,file_name,source
1,2026-10-05T10:12:04,outgoing,Анна,+7 000 555-01-01,12,yes,stereo-1.wav,office
2,2026-10-05T11:12:04,incoming,Анна,+7 000 555-01-02,12,yes,stereo-2.wav,office
3,2026-10-05T12:12:04,incoming,Борис,+7 000 555-01-03,12,yes,mono-1.wav,branch
4,2026-10-05T13:12:04,missed,,+7 000 555-01-04,0,no,,office
"""


def stereo_call(path: Path, number: int) -> Path:
    """Agent on the first channel, client on the second; `number` makes the content differ."""
    agent, client = _conversation(0.5 + number / 50)
    duration_s = 12.0 + number / 10
    return write_wav(path, tones(agent, duration_s), tones(client, duration_s, hz=550.0))


def mono_call(path: Path, number: int) -> Path:
    """Both on one channel: FakeDiarizer gives every other tone to the other speaker."""
    agent, client = _conversation(0.5 + number / 50)
    return write_wav(path, tones(sorted(agent + client), 12.0 + number / 10))


def breaking_call(path: Path, kind: str) -> Path:
    """A recording that breaks the recognition in one of the ways of BREAKING_HZ."""
    agent, client = _conversation(0.5)
    hz = BREAKING_HZ[kind]
    return write_wav(path, tones(agent, 12.0, hz), tones(client, 12.0, 550.0))


def bad_recordings(folder: Path) -> dict[str, str]:
    """Writes one of each; returns the code of the failure by file name."""
    (folder / "empty.wav").write_bytes(b"")
    (folder / "text.wav").write_bytes(b"this is not sound, whatever the name says\n" * 400)
    write_wav(folder / "silent.wav", np.zeros(12 * SAMPLE_RATE_HZ, np.float32))
    whole = write_audio(folder / "truncated.wav", voice(1), options=("-c:a", "pcm_mulaw"))
    whole.write_bytes(whole.read_bytes()[:4000])
    return {
        "empty.wav": "empty_file",
        "text.wav": "not_audio",
        "silent.wav": "no_speech",
        "truncated.wav": "truncated",
    }


def write_wav(path: Path, *channels: Samples) -> Path:
    """16-bit PCM."""
    with wave.open(str(path), "wb") as file:
        file.setparams((len(channels), 2, SAMPLE_RATE_HZ, 0, "NONE", ""))
        file.writeframes((np.stack(channels, axis=1) * 32_767).astype("<i2").tobytes())
    return path


def _conversation(start_s: float) -> tuple[Spans, Spans]:
    """Where each side's words lie: they take turns."""
    agent: Spans = []
    client: Spans = []
    clock = _words(start_s)
    for said, heard in zip(AGENT_TURNS, CLIENT_TURNS, strict=True):
        agent += [next(clock) for _ in range(said)]
        client += [next(clock) for _ in range(heard)]
    return agent, client


def _words(start_s: float) -> Iterator[tuple[float, float]]:
    index = 0
    while True:
        at_s = start_s + index * (WORD_S + GAP_S)
        yield round(at_s, 3), round(at_s + WORD_S, 3)
        index += 1
