"""Stages are keyed: a result is stored under (content sha256, stage, key of everything that changes the answer).

Present means done, so a re-run after any crash, a second delivery, a second night do only what is missing.
"""

import hashlib
import json
from dataclasses import dataclass
from typing import Literal

from pipeline.interfaces import Vectors
from pipeline.records import AnalysedDialogue, Diarization, Evaluation, Transcription

Stage = Literal["transcription", "diarization", "dialogue", "vectors", "evaluation"]
STAGES: tuple[Stage, ...] = ("transcription", "diarization", "dialogue", "vectors", "evaluation")


@dataclass(frozen=True)
class DialogueVectors:
    """Sentence vectors of a dialogue's utterances. shape: (num_utterances, dimension)"""

    encoder: str
    vectors: Vectors


Record = Transcription | Diarization | AnalysedDialogue | DialogueVectors | Evaluation


@dataclass(frozen=True)
class StageResult:
    """One finished stage of one recording. `audio_s` is the call's length, for the real-time factor.

    `dialogue_key`: stage key of the dialogue that vectors or an evaluation were made from; None: the newest stored.
    """

    content_sha256: str
    stage: Stage
    stage_key: str
    record: Record
    processing_s: float
    audio_s: float
    dialogue_key: str | None = None


@dataclass(frozen=True)
class Failure:
    """Why a recording's stage has no result. `code` is stable and short; `reason` names the file and the remedy."""

    content_sha256: str
    stage: Stage
    stage_key: str
    code: str
    reason: str


def stage_key(*parts: object) -> str:
    """16 hexadecimal digits over the parts, which JSON must be able to write."""
    content = json.dumps(parts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(content.encode()).hexdigest()[:16]
