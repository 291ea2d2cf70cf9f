"""Everything known of one call, found by whatever part of its names a person has at hand."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb

from pipeline.errors import InputError
from pipeline.records import AnalysedDialogue, Call, Evaluation, Transcription
from pipeline.store.dialogues import read_current_keys
from pipeline.store.failures import StoredFailure, read_open_failures
from pipeline.store.results import read_results
from pipeline.store.rows import fetch
from pipeline.store.versions import JudgedVersion, read_versions

LISTED = 10


@dataclass(frozen=True, slots=True)
class CurrentScore:
    """One criterion of a call: what the machine suggested, what a person said, and what counts."""

    criterion_id: str
    title: str
    criterion_group: str
    weight: float | None
    critical: bool
    applicable: bool
    value: float | None
    suggested_applicable: bool | None
    suggested_value: float | None
    suggested_confidence: float | None
    is_verdict: bool
    reviewer: str | None


@dataclass(frozen=True, slots=True)
class StoredEvaluation:
    """The evaluation by one version of a checklist, with the scores that count on that version."""

    evaluation_id: str
    version_number: int | None
    evaluation: Evaluation
    call_type: str
    cqr: float | None
    passed: bool | None
    scores: tuple[CurrentScore, ...]
    evaluated_at: datetime


@dataclass(frozen=True, slots=True)
class StoredCall:
    """One call with the newest of everything. `evaluations`: one by each checklist, the default one's first.

    `versions` are all that have judged the call; `read_evaluation` reads any of them.
    """

    call: Call
    status: str
    path: str | None
    transcription: Transcription | None
    dialogue_key: str | None
    analysed: AnalysedDialogue | None
    evaluations: tuple[StoredEvaluation, ...]
    failures: tuple[StoredFailure, ...]
    versions: tuple[JudgedVersion, ...] = ()


def find_call(con: duckdb.DuckDBPyConnection, name: str) -> str:
    """The call id for a call id, a journal id or a file name, or for the beginning of a call id or of a sha256.

    Whole names win over beginnings. Raises InputError when there is no such call, or more than one: it lists them.
    """
    rows = fetch(con, "find_call", name=name)
    found = [row for row in rows if row["is_whole"]] or rows
    if not found:
        raise InputError(f"{name}: no such call; give a call id, journal id, file name or the start of a sha256")
    if len(found) > 1:
        lines = [f"  {row['call_id']}  {row['file_name'] or '(no recording)'}" for row in found[:LISTED]]
        more = [f"  and {len(found) - LISTED} more"] if len(found) > LISTED else []
        raise InputError("\n".join([f"{name}: {len(found)} calls fit; give more of one of these:", *lines, *more]))
    return str(found[0]["call_id"])


def read_call(con: duckdb.DuckDBPyConnection, name: str) -> StoredCall:
    """The call that `find_call` finds, with everything. Raises InputError like it."""
    row = fetch(con, "call_by_id", call_id=find_call(con, name))[0]
    status, path = row.pop("status"), row.pop("path")
    call = Call(**row)
    sha = call.content_sha256
    if sha is None:
        return StoredCall(call, status, path, None, None, None, (), ())
    key = read_current_keys(con, [sha]).get(sha)
    versions = read_versions(con, call.call_id)
    return StoredCall(
        call=call,
        status=status,
        path=path,
        transcription=_newest_transcription(con, sha),
        dialogue_key=key,
        analysed=_record(con, "dialogue", sha, key),
        evaluations=tuple(read_evaluation(con, version) for version in versions if version.is_current),
        failures=tuple(failure for failure in read_open_failures(con) if failure.content_sha256 == sha),
        versions=versions,
    )


def read_evaluation(con: duckdb.DuckDBPyConnection, version: JudgedVersion) -> StoredEvaluation:
    """What that version says of its call, with the scores that count on it: verdicts stay with their version."""
    scores = fetch(con, "call_scores", evaluation_id=version.evaluation_id)
    return StoredEvaluation(
        evaluation_id=version.evaluation_id,
        version_number=version.version_number,
        evaluation=_record(con, "evaluation", version.content_sha256, version.stage_key),
        call_type=version.call_type,
        cqr=version.cqr,
        passed=version.passed,
        scores=tuple(CurrentScore(**score) for score in scores),
        evaluated_at=version.evaluated_at,
    )


def _newest_transcription(con: duckdb.DuckDBPyConnection, sha: str) -> Transcription | None:
    rows = fetch(con, "newest_transcription", sha=sha)
    return _record(con, "transcription", sha, rows[0]["stage_key"]) if rows else None


def _record(con: duckdb.DuckDBPyConnection, stage: Any, sha: str, key: str | None) -> Any:
    return None if key is None else read_results(con, stage, [(sha, key)])[sha, key]
