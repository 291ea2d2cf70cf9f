"""The supervisors' answers beside the machine's: append-only, and taken back by a later row."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4, uuid5

import duckdb

from pipeline.auto_confirmation.rules import AUTO_CONFIRMATION
from pipeline.errors import InputError
from pipeline.records import CallType
from pipeline.store.rows import append, fetch, utc_now


@dataclass(frozen=True, slots=True)
class Verdict:
    """A supervisor's answer to the suggestion of one criterion. `value` is 0..1; None where it does not apply.

    None while it applies is a person's "not enough evidence": answered, and in no sum.

    `blind`: given before the machine's answer was seen. `trust_event_id`: the start of the auto-confirmation that gave
    it; None for a person's.
    """

    evaluation_id: str
    criterion_id: str
    applicable: bool
    value: float | None
    reviewer: str
    comment: str = ""
    override_reason: str = ""
    blind: bool = False
    trust_event_id: str | None = None


@dataclass(frozen=True, slots=True)
class CallTypeVerdict:
    """A supervisor's call type of one call."""

    evaluation_id: str
    call_type: CallType
    reviewer: str
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Origin:
    """The submission that verdicts came in with, and when: it gives them their ids, the same ones each time."""

    submission_id: str  # 32 hexadecimal digits
    submitted_at: datetime

    def row_id(self, row: dict[str, Any]) -> str:
        """Of a verdict, or of what takes it back; without a criterion: of the call type."""
        made_of = ("withdrawn" if row["withdrawn"] else "given", row.get("criterion_id", ""))
        return uuid5(UUID(self.submission_id), " ".join(made_of)).hex


def append_verdicts(
    con: duckdb.DuckDBPyConnection, verdicts: Sequence[Verdict], origin: Origin | None = None
) -> list[str]:
    """Adds the verdicts; returns their ids. The newest of a criterion counts, the earlier ones stay.

    Raises InputError when an evaluation is not in the store, a value is outside 0..1 or does not fit `applicable`, or
    a person calls themselves auto-confirmation.
    """
    _check_evaluations(con, [verdict.evaluation_id for verdict in verdicts])
    for verdict in verdicts:
        if (verdict.reviewer == AUTO_CONFIRMATION) != (verdict.trust_event_id is not None):
            raise InputError(f'"{AUTO_CONFIRMATION}" stands for what a rule confirms; give the reviewer\'s own name')
        if not _holds(verdict):
            raise InputError(
                f'evaluation {verdict.evaluation_id}, criterion "{verdict.criterion_id}": '
                f"value {verdict.value} with applicable {verdict.applicable}; give a value of 0..1 where the criterion "
                "applies and none where it does not; a person gives none, too, where there is not enough evidence"
            )
    return _append(con, "verdicts", [asdict(verdict) | {"withdrawn": False} for verdict in verdicts], origin)


def withdraw_submitted(
    con: duckdb.DuckDBPyConnection, verdicts: Sequence[Verdict], call_type: CallTypeVerdict, origin: Origin
) -> None:
    """Adds rows that take back what came in with one submission, at the moment of `origin`."""
    empty: dict[str, Any] = {"comment": "", "withdrawn": True}
    no_answer = empty | {"applicable": None, "value": None, "override_reason": ""}
    _append(con, "verdicts", [asdict(verdict) | no_answer for verdict in verdicts], origin)
    _append(con, "call_type_verdicts", [asdict(call_type) | empty | {"call_type": None}], origin)


def append_call_type_verdict(
    con: duckdb.DuckDBPyConnection, verdict: CallTypeVerdict, origin: Origin | None = None
) -> str:
    """Adds the verdict; returns its id. Raises InputError when its evaluation is not in the store."""
    _check_evaluations(con, [verdict.evaluation_id])
    return _append(con, "call_type_verdicts", [asdict(verdict) | {"withdrawn": False}], origin)[0]


def _holds(verdict: Verdict) -> bool:
    """Whether value and applicability fit; only a rule has to know a value wherever the criterion applies."""
    if verdict.value is None:
        return not verdict.applicable or verdict.trust_event_id is None
    return verdict.applicable and 0 <= verdict.value <= 1


def _append(
    con: duckdb.DuckDBPyConnection, table: str, rows: Sequence[dict[str, Any]], origin: Origin | None = None
) -> list[str]:
    now = utc_now()
    if origin is None:
        identified = [row | {"verdict_id": uuid4().hex, "submitted_at": now} for row in rows]
    else:
        own = {"submission_id": origin.submission_id, "submitted_at": origin.submitted_at}
        identified = [row | own | {"verdict_id": origin.row_id(row)} for row in rows]
    append(con, table, identified)
    return [str(row["verdict_id"]) for row in identified]


def _check_evaluations(con: duckdb.DuckDBPyConnection, evaluation_ids: Sequence[str]) -> None:
    known = {row["evaluation_id"] for row in fetch(con, "known_evaluations", ids=list(evaluation_ids))}
    for evaluation_id in evaluation_ids:
        if evaluation_id not in known:
            raise InputError(f"evaluation {evaluation_id}: not in the store; reload the call and answer again")
