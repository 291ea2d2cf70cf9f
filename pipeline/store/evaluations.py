"""Checklist versions, and what the judge suggested by them; added, never overwritten."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import duckdb

from pipeline.checklist import Checklist
from pipeline.records import Evaluation, Evidence
from pipeline.stages import StageResult, stage_key
from pipeline.store.rows import append, fetch, utc_now

CALL_TYPE = "call_type"  # stands for the criterion in the evidence of a call type


def write_checklist(con: duckdb.DuckDBPyConnection, checklist: Checklist) -> int:
    """Stores the version of the checklist, once; returns its number. Do it before evaluations by it are written."""
    numbers = {
        row["version"]: int(row["version_number"]) for row in fetch(con, "checklist_numbers", checklist_id=checklist.id)
    }
    if checklist.version in numbers:
        return numbers[checklist.version]
    number = max(numbers.values(), default=0) + 1
    own = {"checklist_id": checklist.id, "version": checklist.version}
    head = {
        "version_number": number,
        "title": _title(checklist.title),
        "threshold": checklist.threshold,
        "content": checklist.model_dump_json(),
        "published_at": utc_now(),
    }
    append(con, "checklist_versions", [own | head])
    append(con, "criteria", [own | row for row in _criteria(checklist)])
    append(con, "criterion_weights", [own | row for row in _weights(checklist)])
    return number


def read_checklist(con: duckdb.DuckDBPyConnection, checklist_id: str, version: str) -> Checklist | None:
    """The checklist as it stood in that version; None when it was never stored."""
    rows = fetch(con, "checklist_content", checklist_id=checklist_id, version=version)
    return Checklist.model_validate_json(rows[0]["content"]) if rows else None


def evaluation_id(result: StageResult, dialogue_key: str) -> str:
    """The identity of an evaluation, from all that it was made of: a run twice gives the same one."""
    record = result.record
    assert isinstance(record, Evaluation)
    made_of = (result.content_sha256, dialogue_key, record.checklist_id, record.checklist_version, record.judge)
    return stage_key(*made_of, result.stage_key)


def append_evaluations(
    con: duckdb.DuckDBPyConnection, placed: Sequence[tuple[StageResult, str]], now: datetime
) -> None:
    """Adds the evaluations among the results, each with the key of its dialogue."""
    heads: list[dict[str, Any]] = []
    suggestions: list[dict[str, Any]] = []
    evidence: list[dict[str, Any]] = []
    for result, dialogue_key in placed:
        if isinstance(result.record, Evaluation):
            own = {"evaluation_id": evaluation_id(result, dialogue_key)}
            heads.append(own | _head(result, result.record, dialogue_key) | {"created_at": now})
            evidence.extend(_evidence(own, CALL_TYPE, result.record.call_type.evidence))
            for item in result.record.suggestions:
                suggestions.append(
                    own
                    | {
                        "criterion_id": item.criterion_id,
                        "applicable": item.applicable,
                        "value": item.value,
                        "confidence": item.confidence,
                        "reason": item.reason,
                        "rung": item.rung,
                    }
                )
                evidence.extend(_evidence(own, item.criterion_id, item.evidence))
    append(con, "evaluations", heads)
    append(con, "suggestions", suggestions)
    append(con, "evidence", evidence)


def _head(result: StageResult, record: Evaluation, dialogue_key: str) -> dict[str, Any]:
    return {
        "content_sha256": result.content_sha256,
        "stage_key": result.stage_key,
        "dialogue_key": dialogue_key,
        "checklist_id": record.checklist_id,
        "checklist_version": record.checklist_version,
        "judge": record.judge,
        "call_type": record.call_type.call_type,
        "call_type_confidence": record.call_type.confidence,
        "cqr": record.cqr,
        "passed": record.passed,
        "scored": record.scored,
    }


def _evidence(own: Mapping[str, str], criterion_id: str, evidence: Sequence[Evidence]) -> list[dict[str, Any]]:
    return [
        {
            **own,
            "criterion_id": criterion_id,
            "evidence_rank": rank,
            "utterance_index": item.utterance_index,
            "quote": item.quote,
            "start_s": item.start_s,
            "end_s": item.end_s,
        }
        for rank, item in enumerate(evidence)
    ]


def _criteria(checklist: Checklist) -> list[dict[str, Any]]:
    return [
        {
            "criterion_id": criterion.id,
            "criterion_order": order,
            "title": _title(criterion.title),
            "criterion_group": criterion.group,
            "critical": criterion.critical,
            "scale": criterion.scale,
        }
        for order, criterion in enumerate(checklist.criteria)
    ]


def _weights(checklist: Checklist) -> list[dict[str, Any]]:
    return [
        {"criterion_id": criterion.id, "call_type": call_type, "weight": weight}
        for criterion in checklist.criteria
        for call_type, weight in criterion.weights.items()
    ]


def _title(title: Mapping[str, str]) -> str:
    """The title that views show: Russian, else English, else the first that there is."""
    return title.get("ru") or title.get("en") or next(iter(title.values()))
