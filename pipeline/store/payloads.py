"""Records as JSON and back: what is read equals what was written, floats included."""

from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter

from pipeline.errors import StoreError
from pipeline.records import AnalysedDialogue, Diarization, Evaluation, Transcription
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
