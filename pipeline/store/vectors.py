"""Sentence vectors of utterances, in bulk through numpy: one flat column in, one flat column out."""

import json
from collections.abc import Sequence
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from pipeline.errors import StoreError
from pipeline.interfaces import Vectors
from pipeline.stages import DialogueVectors, StageResult
from pipeline.store.rows import fetch, fetch_among, query


def vectors_payload(record: DialogueVectors, dialogue_key: str) -> str:
    """What `base.stage_results` says of vectors: enough to read back those of a dialogue without utterances too."""
    count, dimension = _table(record).shape
    head = {
        "encoder": record.encoder,
        "dialogue_key": dialogue_key,
        "utterance_count": count,
        "dimension": dimension,
    }
    return json.dumps(head)


def append_vectors(con: duckdb.DuckDBPyConnection, placed: Sequence[tuple[StageResult, str]]) -> None:
    """Adds the vectors among the results, each with the key of its dialogue.

    The values go in as one flat column and are grouped again: a list parameter would cost 50 ms a vector on 1.5.
    """
    made = [(result, key, result.record) for result, key in placed if isinstance(result.record, DialogueVectors)]
    if not made:
        return
    tables = [_table(record) for _, _, record in made]
    flat = {
        "value": np.concatenate([table.ravel() for table in tables]),
        "owner": np.concatenate([np.full(table.size, number, np.int32) for number, table in enumerate(tables)]),
        "utterance_index": np.concatenate([_places(table)[0] for table in tables]),
        "place": np.concatenate([_places(table)[1] for table in tables]),
    }
    owners = {
        "shas": [result.content_sha256 for result, _, _ in made],
        "dialogue_keys": [dialogue_key for _, dialogue_key, _ in made],
        "keys": [result.stage_key for result, _, _ in made],
        "encoders": [record.encoder for _, _, record in made],
    }
    con.register("flat_vectors", flat)
    try:
        con.execute(query("insert_vectors"), owners)
    finally:
        con.unregister("flat_vectors")


def _places(table: Vectors) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Row and column of each value of the table, in the order of `ravel`."""
    rows, columns = np.indices(table.shape, dtype=np.int32)
    return rows.ravel(), columns.ravel()


def read_vectors(con: duckdb.DuckDBPyConnection, content_sha256: str, stage_key: str) -> DialogueVectors:
    """The vectors stored under a stage key; KeyError when there are none."""
    heads = fetch(con, "vectors_by_key", sha=content_sha256, key=stage_key)
    return next(iter(_read(con, heads).values()))


def read_newest_vectors(
    con: duckdb.DuckDBPyConnection, shas: Sequence[str], encoder: str
) -> dict[tuple[str, str], DialogueVectors]:
    """The newest vectors that the encoder made, by recording and dialogue key."""
    return _read(con, fetch_among(con, "newest_vectors", "vectors", list(shas), encoder=encoder))


def _read(con: duckdb.DuckDBPyConnection, heads: Sequence[dict[str, Any]]) -> dict[tuple[str, str], DialogueVectors]:
    """The vectors of the stage results `heads`, by recording and dialogue key."""
    keys = {"shas": [head["content_sha256"] for head in heads], "keys": [head["stage_key"] for head in heads]}
    (between,) = fetch(con, "vector_rows", shas=keys["shas"])
    found = con.execute(query("vectors_of"), keys | between).fetchnumpy()
    owners = list(zip(found["content_sha256"], found["stage_key"], strict=True))
    starts = {owner: place for place, owner in reversed(list(enumerate(owners)))}  # rows of one owner stand together
    read = {}
    for head in heads:
        start = starts.get((head["content_sha256"], head["stage_key"]), 0)
        rows = list(found["vector"][start : start + head["utterance_count"]])
        table = np.stack(rows) if rows else np.zeros((0, head["dimension"]), np.float32)
        read[head["content_sha256"], head["dialogue_key"]] = DialogueVectors(head["encoder"], table)
    return read


def _table(record: DialogueVectors) -> Vectors:
    if record.vectors.ndim != 2:
        raise StoreError(f"vectors have the shape {record.vectors.shape}; expected (utterances, dimension)")
    return np.ascontiguousarray(record.vectors, dtype=np.float32)
