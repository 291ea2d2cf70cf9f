"""Who speaks a written dialogue, and how the call is recorded: for hear.py, with the voices of data/samples."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from voices import Line, Placed, Voice, channel_of, encode, mix, place

from pipeline.corpus import LabelledDialogue
from pipeline.corpus_heard import Engine
from tests.quality.gold import GoldCall, GoldTurn

MONO_SHARE = 1 / 3
RHVOICES = {"ru": ("anna", "elena", "irina", "aleksandr"), "en": ("alan", "bdl", "clb", "slt")}
RATES, PITCHES = (100, 122), (92, 110)  # per cent of a voice's own; RHVoice speaks slowly by itself
ESPEAK = ("pl+m1", "pl+m7", "pl+f2")  # RHVoice has no Polish voice that a business may use: data/samples/README.md
ESPEAK_WORDS_PER_MINUTE = (130, 150)


@dataclass(frozen=True, slots=True)
class Casting:
    """Who speaks a dialogue and how it is recorded; `recording` is what `voices.mix` takes."""

    voices: dict[str, Voice]
    recording: dict[str, Any]
    encoding: str

    @property
    def engine(self) -> Engine:
        return self.voices["agent"].engine


def cast(language: str, rng: np.random.Generator) -> Casting:
    """Different voices for each role, at rates and pitches of their own; one call in three is mono."""
    layout = "mono" if rng.random() < MONO_SHARE else "stereo"
    recording = {"layout": layout, "agent_channel": int(rng.integers(2))}
    roles = ("agent", "client", "other")
    if language not in RHVOICES:
        chosen = zip(roles, rng.permutation(ESPEAK), strict=True)
        voices = {
            role: Voice(str(n), "espeak", words_per_minute=_draw(ESPEAK_WORDS_PER_MINUTE, rng)) for role, n in chosen
        }
        return Casting(voices, recording, "ogg-wide")  # even so Whisper base mishears four words in ten of espeak
    names = rng.permutation(RHVOICES[language])[: len(roles)]
    voices = {
        role: Voice(str(name), rate=_draw(RATES, rng), pitch=_draw(PITCHES, rng))
        for role, name in zip(roles, names, strict=True)
    }
    return Casting(voices, recording, "mulaw")


def _draw(limits: tuple[int, int], rng: np.random.Generator) -> int:
    return int(rng.integers(limits[0], limits[1] + 1))


def render(labelled: LabelledDialogue, out: Path) -> tuple[Casting, GoldCall]:
    """Write the call to `out`. The seed is the dialogue's id, so that one changed text changes one recording."""
    rng = np.random.default_rng(zlib.crc32(labelled.id.encode()))
    casting = cast(labelled.language, rng)
    lines = [Line(role, text) for turn in labelled.turns for role, text in turn.items()]
    placed = place(lines, casting.voices, rng)
    encode(mix(placed, casting.recording, rng), casting.encoding, out)
    return casting, gold_of(labelled, placed, casting, out)


def gold_of(labelled: LabelledDialogue, placed: Sequence[Placed], casting: Casting, path: Path) -> GoldCall:
    """What is said when, for measuring."""
    recording = casting.recording
    return GoldCall(
        path=path,
        language=labelled.language,
        layout=recording["layout"],
        direction=labelled.direction,
        manager="",
        call_type=labelled.call_type,
        scored=True,
        turns=tuple(
            GoldTurn(p.line.role, p.line.text, p.start_s, p.end_s, channel_of(p.line.role, recording)) for p in placed
        ),
        criteria={},
    )
