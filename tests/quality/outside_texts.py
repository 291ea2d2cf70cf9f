"""Readers of the dialogues in shared/data_dev/text, which others made. They stay outside the repository."""

import csv
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from pipeline.records import Dialogue, Role, Utterance
from pipeline.settings import ROOT

OUTSIDE = ROOT.parent / "shared" / "data_dev" / "text"
ROLES: dict[str, Role] = {
    "persuader": "agent",
    "persuadee": "client",
    "assistant": "agent",
    "user": "client",
    "agent": "agent",
    "customer": "client",
    "caller": "client",
}


@dataclass(frozen=True)
class OutsideDialogue:
    """`acts`: by utterance, what its author's annotators say that it does; empty where nobody annotated it."""

    dialogue: Dialogue
    acts: tuple[frozenset[str], ...] = ()


def assemble(said: Iterable[tuple[str, str, str]]) -> OutsideDialogue:
    """From (speaker, text, act) per sentence: what one side says in a row is one utterance."""
    utterances: list[Utterance] = []
    acts: list[frozenset[str]] = []
    known = [(ROLES[speaker.lower()], text, act) for speaker, text, act in said if speaker.lower() in ROLES]
    for role, group in groupby(known, key=lambda sentence: sentence[0]):
        sentences = list(group)
        utterances.append(Utterance(len(utterances), role, " ".join(text.strip() for _, text, _ in sentences)))
        acts.append(frozenset(act for *_, act in sentences if act))
    return OutsideDialogue(Dialogue("en", tuple(utterances)), tuple(acts))


def load_robocalls(folder: Path) -> list[OutsideDialogue]:
    """One voice that calls us: the client's."""
    return [assemble([("caller", row["transcript"], "")]) for row in _rows(folder / "robocall_ftc_sample.csv", ",")]


def load_persuasion(folder: Path) -> list[OutsideDialogue]:
    """PersuasionForGood (Wang et al. 2019): one human asks another, online, for a donation."""
    rows = _rows(folder / "persuasionforgood_annotated.csv", ",")
    return [
        assemble((row["role"], row["sentence"], row["persuader_act"] or row["persuadee_act"]) for row in group)
        for _, group in groupby(rows, key=lambda row: row["dialogue_id"])
    ]


def load_taskmaster(folder: Path) -> list[OutsideDialogue]:
    """Orders at a coffee bar, and the booking of a table."""
    content: list[Any] = _json(folder / "taskmaster4_data_07.json")
    content = [*content, _json(folder / "taskmaster1_sample.json")]
    return [assemble((said["speaker"], said["text"], "") for said in one["utterances"]) for one in content]


def load_abcd(folder: Path) -> list[OutsideDialogue]:
    """Chats with a shop's support; what is neither side's words is left out."""
    return [
        assemble((speaker, text, "") for speaker, text in one["original"]) for one in _json(folder / "abcd_sample.json")
    ]


def load_harpervalley(folder: Path) -> list[OutsideDialogue]:
    """One call to a bank, as people wrote it down."""
    (path,) = folder.glob("harpervalley_*.tsv")
    rows = _rows(path, "\t")
    return [assemble((row["speaker_role"], row["human_transcript"], "") for row in rows)]


def _rows(path: Path, delimiter: str) -> Sequence[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
