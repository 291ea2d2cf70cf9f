"""Dialogues unpacked: utterances, roles, interruptions and conversation metrics; and read back in bulk."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import duckdb

from pipeline.records import AnalysedDialogue
from pipeline.stages import DialogueVectors, StageResult
from pipeline.store.connection import Store
from pipeline.store.payloads import from_payload
from pipeline.store.rows import append, fetch, fetch_among
from pipeline.store.vectors import read_newest_vectors


@dataclass(frozen=True, slots=True)
class StoredDialogue:
    """The newest dialogue of a recording, with its vectors where the encoder asked for has made them."""

    content_sha256: str
    dialogue_key: str
    analysed: AnalysedDialogue
    vectors: DialogueVectors | None


@dataclass(frozen=True, slots=True)
class UnparsedDialogue:
    """A stored dialogue as its JSON, so that a worker and not the one reader parses it; and its vectors."""

    content_sha256: str
    dialogue_key: str
    payload: str
    vectors: DialogueVectors | None


def append_dialogues(con: duckdb.DuckDBPyConnection, results: Sequence[StageResult], now: datetime) -> None:
    """Adds the tables' rows of every dialogue among the results."""
    rows: dict[str, list[dict[str, Any]]] = {
        "utterances": [],
        "role_assignments": [],
        "interruptions": [],
        "conversation_metrics": [],
        "role_metrics": [],
    }
    for result in results:
        if isinstance(result.record, AnalysedDialogue):
            owner = {"content_sha256": result.content_sha256, "dialogue_key": result.stage_key}
            for table, added in _unpacked(result.record, now).items():
                rows[table].extend(owner | row for row in added)
    for table, table_rows in rows.items():
        append(con, table, table_rows)


def _unpacked(record: AnalysedDialogue, now: datetime) -> dict[str, list[dict[str, Any]]]:
    metrics = asdict(record.metrics)
    role_metrics = metrics.pop("roles")
    own = {"language": record.dialogue.language, "utterance_count": len(record.dialogue.utterances), "created_at": now}
    return {
        "utterances": [
            {
                "utterance_index": utterance.index,
                "role": utterance.role,
                "speaker": utterance.speaker,
                "start_s": utterance.start_s,
                "end_s": utterance.end_s,
                "text": utterance.text,
                "words": utterance.words,
            }
            for utterance in record.dialogue.utterances
        ],
        "role_assignments": [
            {"speaker": speaker, "role": role, "confidence": record.roles.confidence, "source": record.roles.source}
            for speaker, role in record.roles.role_by_speaker.items()
        ],
        "interruptions": [
            {"by_role": item.by, "of_role": item.of, "start_s": item.start_s, "overlap_s": item.overlap_s}
            for item in record.interruptions
        ],
        "conversation_metrics": [metrics | own],
        "role_metrics": list(role_metrics),
    }


def read_current_keys(con: duckdb.DuckDBPyConnection, shas: Sequence[str] | None = None) -> dict[str, str]:
    """The stage key of the newest dialogue by recording: of those given, or of all."""
    rows = fetch(con, "current_dialogues", shas=None if shas is None else list(shas))
    return {row["content_sha256"]: row["dialogue_key"] for row in rows}


def read_unparsed_dialogues(
    con: duckdb.DuckDBPyConnection, keys: Sequence[tuple[str, str]], encoder: str
) -> list[UnparsedDialogue]:
    """The dialogues under (content sha256, dialogue key), in the order given; absent ones are left out."""
    rows = fetch_among(con, "stage_payloads", "dialogue", [sha for sha, _ in keys], keys=[key for _, key in keys])
    payloads = {(row["content_sha256"], row["stage_key"]): row["payload"] for row in rows}
    vectors = read_newest_vectors(con, [sha for sha, _ in keys], encoder)
    return [UnparsedDialogue(*key, payloads[key], vectors.get(key)) for key in keys if key in payloads]


def read_dialogues_with_vectors(
    con: duckdb.DuckDBPyConnection, shas: Sequence[str], encoder: str
) -> list[StoredDialogue]:
    """The newest dialogues of the recordings, in the order given; those without a dialogue are left out."""
    current = read_current_keys(con, shas)
    unparsed = read_unparsed_dialogues(con, [(sha, current[sha]) for sha in shas if sha in current], encoder)
    return [
        StoredDialogue(item.content_sha256, item.dialogue_key, from_payload("dialogue", item.payload), item.vectors)
        for item in unparsed
    ]


def stream_dialogues_with_vectors(
    store: Store, encoder: str, shas: Sequence[str] | None = None, batch_size: int = 200
) -> Iterator[list[StoredDialogue]]:
    """Batches of the newest dialogues, of the recordings given or of all, for a re-score that touches no audio.

    Each batch is one short connection: the lock is free while the caller works.
    """
    if shas is None:
        with store.reading() as con:
            shas = list(read_current_keys(con))
    for start in range(0, len(shas), batch_size):
        with store.reading() as con:
            batch = read_dialogues_with_vectors(con, shas[start : start + batch_size], encoder)
        yield batch
