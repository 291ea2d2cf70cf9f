"""Render data/samples/dialogues/*.yaml as telephone recordings with their gold turns and the call journal.

Only for whoever changes the samples: the recordings are committed, the demo needs no synthesizer. Needs RHVoice
with its Russian and English voices and espeak-ng (README.md here says how to install them), ffmpeg, and the
development dependencies. A rerun on the same versions writes the same bytes.

    .venv/bin/python data/samples/render.py [ID ...]
"""

import csv
import json
import sys
import zlib
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from voices import LEAD_S, Line, Placed, Voice, channel_of, encode, mix, place

SAMPLES = Path(__file__).resolve().parent
JOURNAL = ("call_id", "started_at", "direction", "manager", "client_phone", "duration_s", "answered", "file_name")
COLUMNS = (*JOURNAL, "source")


def read_line(turn: dict[str, Any]) -> Line:
    """`{role: text}`, or `{role: {text, pause_s, overlap_s}}`."""
    ((role, content),) = turn.items()
    return Line(role, **content) if isinstance(content, dict) else Line(role, content)


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
