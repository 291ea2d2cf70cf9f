"""What a re-score asks of the store: which calls, what they were made of, and what was answered before."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

import duckdb

from pipeline.changes import Answer, Answers
from pipeline.records import CallType
from pipeline.store.rows import fetch, fetch_among


@dataclass(frozen=True, slots=True)
class Selection:
    """Which calls: all that fit every given condition. `since` and `until` (not included) are UTC, naive."""

    since: datetime | None = None
    until: datetime | None = None
    manager: str | None = None
    call_type: CallType | None = None  # the one that counts: a verdict where there is one
    call_ids: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class SelectedCall:
    """A call that fits; `dialogue_key` is None where nothing was transcribed."""

    call_id: str
    content_sha256: str | None
    dialogue_key: str | None


@dataclass(frozen=True, slots=True)
class MadeAnswers:
    """A stored evaluation; `is_current` is False where a newer one by the same checklist stands before it."""

    answers: Answers
    is_current: bool


@dataclass(frozen=True, slots=True)
class EarlierAnswers:
    """The evaluation that stood before another one: by which version, and under which key it is stored."""

    answers: Answers
    checklist_id: str
    checklist_version: str
    stage_key: str


@dataclass(frozen=True, slots=True)
class UnparsedEvaluation:
    """A stored evaluation as its JSON, so that a worker and not the one reader parses it."""

    payload: str
    audio_s: float  # the length of its call


def select_calls(con: duckdb.DuckDBPyConnection, selection: Selection) -> list[SelectedCall]:
    """The calls that fit, in order of their start."""
    wanted = asdict(selection) | {"call_ids": None if selection.call_ids is None else list(selection.call_ids)}
    return [SelectedCall(**row) for row in fetch(con, "select_dialogues", **wanted)]


def read_earlier_answers(
    con: duckdb.DuckDBPyConnection, keys: Sequence[tuple[str, str]], checklist_id: str, default_checklist_id: str
) -> dict[str, EarlierAnswers]:
    """By recording, what stood before the evaluation of each (content sha256, stage key), which need not exist yet.

    The newest evaluation by the same checklist, else by the default one; recordings without either are left out.
    """
    rows = fetch(
        con,
        "earlier_answers",
        shas=[sha for sha, _ in keys],
        keys=[key for _, key in keys],
        checklist_id=checklist_id,
        default_checklist_id=default_checklist_id,
    )
    return {sha: _earlier(of_call) for sha, of_call in _by_recording(rows)}


def read_unparsed_evaluations(
    con: duckdb.DuckDBPyConnection, keys: Sequence[tuple[str, str]]
) -> dict[str, UnparsedEvaluation]:
    """By recording, the evaluations that are stored under (content sha256, stage key); the others are left out."""
    shas = [sha for sha, _ in keys]
    rows = fetch_among(con, "stage_payloads", "evaluation", shas, keys=[key for _, key in keys]) if keys else []
    return {row["content_sha256"]: UnparsedEvaluation(row["payload"], row["audio_s"]) for row in rows}


def read_made_answers(con: duckdb.DuckDBPyConnection, keys: Sequence[tuple[str, str]]) -> dict[str, MadeAnswers]:
    """By recording, the evaluations that are stored under (content sha256, stage key); the others are left out."""
    rows = fetch(con, "made_answers", shas=[sha for sha, _ in keys], keys=[key for _, key in keys])
    return {sha: MadeAnswers(_answers(of_call), bool(of_call[0]["is_current"])) for sha, of_call in _by_recording(rows)}


def _by_recording(rows: Sequence[dict[str, Any]]) -> Iterable[tuple[str, list[dict[str, Any]]]]:
    return ((sha, list(group)) for sha, group in groupby(rows, key=lambda row: row["content_sha256"]))


def _earlier(rows: Sequence[dict[str, Any]]) -> EarlierAnswers:
    first = rows[0]
    return EarlierAnswers(_answers(rows), first["checklist_id"], first["checklist_version"], first["stage_key"])


def _answers(rows: Sequence[dict[str, Any]]) -> Answers:
    by_criterion = {
        row["criterion_id"]: Answer(row["applicable"], row["value"]) for row in rows if row["criterion_id"] is not None
    }
    return Answers(rows[0]["call_type"], rows[0]["cqr"], rows[0]["passed"], by_criterion, rows[0]["judge"])
