"""Results of stages: stored once under their key, unpacked into the tables that people query, and read back."""

from collections.abc import Sequence
from datetime import datetime

import duckdb

from pipeline.errors import StoreError
from pipeline.records import AnalysedDialogue, Diarization, Evaluation, Transcription
from pipeline.stages import DialogueVectors, Record, Stage, StageResult
from pipeline.store import dialogues, evaluations, vectors
from pipeline.store.clock import read_now
from pipeline.store.payloads import from_payload, to_payload
from pipeline.store.rows import append, fetch, fetch_among


def write_results(
    con: duckdb.DuckDBPyConnection, results: Sequence[StageResult], run_id: str, *, expect_new: bool = False
) -> int:
    """Stores a shard's results; returns how many were new. What is stored under a key already is left as it is.

    `expect_new`: do not look for what is stored, which reads a column of all results there are. If something is after
    all, the table's index finds it: ConstraintException, and the transaction is lost.

    Raises StoreError when a record is not one of its stage, or when vectors or an evaluation have no dialogue.
    """
    new, now = _different(results) if expect_new else _only_new(con, results), read_now(con)
    dialogues.append_dialogues(con, new, now)
    keys = _dialogue_keys(con, new)
    append(con, "stage_results", [_stage_row(result, key, run_id, now) for result, key in zip(new, keys, strict=True)])
    _append_transcriptions(con, new, now)
    placed = list(zip(new, keys, strict=True))
    vectors.append_vectors(con, placed)
    evaluations.append_evaluations(con, placed, now)
    return len(new)


def read_known_stages(
    con: duckdb.DuckDBPyConnection, shas: Sequence[str]
) -> dict[str, dict[Stage, dict[str, datetime]]]:
    """Which stage keys are done: recording, stage, then stage key with the time it was stored, oldest first."""
    known: dict[str, dict[Stage, dict[str, datetime]]] = {sha: {} for sha in shas}
    for row in fetch(con, "known_stages", shas=list(shas)):
        known[row["content_sha256"]].setdefault(row["stage"], {})[row["stage_key"]] = row["created_at"]
    return known


def read_result(con: duckdb.DuckDBPyConnection, content_sha256: str, stage: Stage, stage_key: str) -> Record:
    """The record stored under the key. Raises StoreError when there is none: ask `read_known_stages` first."""
    rows = fetch(con, "stage_payload", sha=content_sha256, stage=stage, key=stage_key)
    if not rows:
        raise StoreError(f"recording {content_sha256[:12]}: no {stage} under the key {stage_key}; run the stage first")
    if stage == "vectors":
        return vectors.read_vectors(con, content_sha256, stage_key)
    record: Record = from_payload(stage, rows[0]["payload"])
    return record


def read_results(
    con: duckdb.DuckDBPyConnection, stage: Stage, keys: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], Transcription | Diarization | AnalysedDialogue | Evaluation]:
    """The records of many (content sha256, stage key) of one stage other than vectors; absent ones are left out."""
    rows = fetch_among(con, "stage_payloads", stage, [sha for sha, _ in keys], keys=[key for _, key in keys])
    return {(row["content_sha256"], row["stage_key"]): from_payload(stage, row["payload"]) for row in rows}


def _only_new(con: duckdb.DuckDBPyConnection, results: Sequence[StageResult]) -> list[StageResult]:
    known = read_known_stages(con, sorted({result.content_sha256 for result in results}))
    different = _different(results)
    return [item for item in different if item.stage_key not in known[item.content_sha256].get(item.stage, {})]


def _different(results: Sequence[StageResult]) -> list[StageResult]:
    """The first result under each key."""
    found: dict[tuple[str, Stage, str], StageResult] = {}
    for result in results:
        found.setdefault((result.content_sha256, result.stage, result.stage_key), result)
    return list(found.values())


def _stage_row(result: StageResult, dialogue_key: str, run_id: str, now: datetime) -> dict[str, object]:
    if result.stage == "vectors" and isinstance(result.record, DialogueVectors):
        payload = vectors.vectors_payload(result.record, dialogue_key)
    else:
        payload = to_payload(result.stage, result.record)
    return {
        "content_sha256": result.content_sha256,
        "stage": result.stage,
        "stage_key": result.stage_key,
        "payload": payload,
        "processing_s": result.processing_s,
        "audio_s": result.audio_s,
        "run_id": run_id,
        "created_at": now,
    }


def _append_transcriptions(con: duckdb.DuckDBPyConnection, results: Sequence[StageResult], now: datetime) -> None:
    rows = []
    for result in results:
        if isinstance(result.record, Transcription):
            record, audio = result.record, result.record.audio
            row = {
                "content_sha256": result.content_sha256,
                "stage_key": result.stage_key,
                "language": record.language,
                "language_probability": record.language_probability,
                "duration_s": audio.duration_s,
                "sample_rate_hz": audio.sample_rate_hz,
                "channel_count": audio.channel_count,
                "codec": audio.codec,
                "layout": audio.layout,
                "speech_s": record.speech_s,
                "word_count": sum(len(channel.words) for channel in record.channels),
                "dropped_count": sum(len(channel.dropped) for channel in record.channels),
                "damaged": audio.damaged,
                "created_at": now,
            }
            rows.append(row)
    append(con, "transcriptions", rows)


def _dialogue_keys(con: duckdb.DuckDBPyConnection, results: Sequence[StageResult]) -> list[str]:
    """For each result the key of the dialogue that it was made from; empty for those that come before dialogues."""
    needing = [isinstance(result.record, DialogueVectors | Evaluation) for result in results]
    asking = {r.content_sha256 for r, needs in zip(results, needing, strict=True) if needs and not r.dialogue_key}
    current = dialogues.read_current_keys(con, sorted(asking)) if asking else {}
    keys = []
    for result, needs in zip(results, needing, strict=True):
        key = result.dialogue_key or current.get(result.content_sha256, "")
        if needs and not key:
            raise StoreError(
                f"recording {result.content_sha256[:12]}: {result.stage} without a dialogue; store the dialogue first"
            )
        keys.append(key if needs else "")
    return keys
