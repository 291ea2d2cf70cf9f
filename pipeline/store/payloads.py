"""Records as JSON and back: what is read equals what was written, floats included."""

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from pydantic import TypeAdapter

from pipeline.errors import StoreError
from pipeline.records import AnalysedDialogue, Dialogue, Diarization, Evaluation, Transcription
from pipeline.stages import DialogueVectors, Record, Stage

KINDS: dict[Stage, type[Any]] = {
    "transcription": Transcription,
    "diarization": Diarization,
    "dialogue": AnalysedDialogue,
    "evaluation": Evaluation,
}


@lru_cache
def adapter(stage: Stage) -> TypeAdapter[Any]:
    """Writes and checks records of a stage."""
    return TypeAdapter(KINDS[stage])


def to_payload(stage: Stage, record: Record) -> str:
    """The record's JSON. Raises StoreError when the record is not one of that stage."""
    kind = KINDS.get(stage, DialogueVectors)
    if not isinstance(record, kind):
        raise StoreError(f"stage {stage}: expected a {kind.__name__}, found a {type(record).__name__}")
    return adapter(stage).dump_json(record).decode()


def from_payload(stage: Stage, payload: str) -> Any:
    """The record of a stage from its JSON."""
    return adapter(stage).validate_json(payload)


@dataclass(frozen=True, slots=True)
class _WordsAlone:
    """The part of an AnalysedDialogue that a judge sees; the rest is passed over unread."""

    dialogue: Dialogue


@cache
def _words_adapter() -> TypeAdapter[_WordsAlone]:
    return TypeAdapter(_WordsAlone)


def dialogue_of(payload: str) -> Dialogue:
    """The dialogue in the JSON of an AnalysedDialogue, without the cost of its metrics."""
    return _words_adapter().validate_json(payload).dialogue
