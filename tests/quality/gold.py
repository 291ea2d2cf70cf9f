"""The gold of data/samples: what was said, by whom, when; and reference turns in RTTM."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.records import Direction, Role, Turn

SAMPLES = Path(__file__).resolve().parents[2] / "data" / "samples"


@dataclass(frozen=True, slots=True)
class GoldTurn:
    role: Role
    text: str
    start_s: float
    end_s: float
    channel: int


@dataclass(frozen=True, slots=True)
class GoldCall:
    """One rendered sample. `criteria` has the shape of docs/labelling.md."""

    path: Path
    language: str
    layout: str
    direction: Direction
    manager: str
    call_type: str
    scored: bool
    turns: tuple[GoldTurn, ...]
    criteria: dict[str, Any]

    @property
    def speaker_turns(self) -> tuple[Turn, ...]:
        """The same as a diarizer would say it: a role is a speaker here."""
        return tuple(Turn(turn.role, turn.start_s, turn.end_s) for turn in self.turns)


def load_gold(samples: Path = SAMPLES) -> list[GoldCall]:
    """Every sample's gold, in order of name."""
    return [load_gold_call(path, samples) for path in sorted((samples / "gold").glob("*.json"))]


def load_gold_call(path: Path, samples: Path) -> GoldCall:
    content = json.loads(path.read_text(encoding="utf-8"))
    facts = ("language", "layout", "direction", "manager", "call_type", "scored", "criteria")
    return GoldCall(
        path=samples / content["file"],
        turns=tuple(GoldTurn(**turn) for turn in content["turns"]),
        **{fact: content[fact] for fact in facts},
    )


def load_rttm(path: Path) -> dict[str, tuple[Turn, ...]]:
    """Turns by recording. Columns: SPEAKER uri channel start_s duration_s NA NA speaker."""
    turns: dict[str, list[Turn]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        fields = line.split()
        if fields and fields[0] == "SPEAKER":
            start_s = float(fields[3])
            turns.setdefault(fields[1], []).append(Turn(fields[7], start_s, start_s + float(fields[4])))
    return {uri: tuple(found) for uri, found in turns.items()}
