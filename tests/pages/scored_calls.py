"""Scored calls with chosen facts, written through the store's own doors, without a recording's file."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType

from pipeline.records import Call, CallTypeSuggestion, Evaluation, Recording, Suggestion
from pipeline.stages import StageResult
from pipeline.store import Store
from pipeline.store.calls import Delivery, register_recordings
from pipeline.store.evaluations import write_checklist
from pipeline.store.results import write_results
from pipeline.store.rows import append, fetch
from tests.pages.calls import CHECKLIST, START, _analysed

SURE = {criterion.id: (True, 1.0, 0.95) for criterion in CHECKLIST.criteria}
Answers = Mapping[str, tuple[bool, float | None, float]]


def add_call(
    store: Store,
    name: str,
    manager: str | None = "Olga",
    days: float = 0,
    answers: Answers = MappingProxyType({}),
    confidence: float = 0.9,
    judge: str = "rules:1",
    scored: bool = True,
) -> str:
    """A call of that many days after the start; sure of everything except what `answers` say. Returns its id."""
    sha = hashlib.sha256(name.encode()).hexdigest()
    started_at = START + timedelta(days=days)
    call = Call(
        sha[:16], sha, f"j-{name}", "office", "incoming", manager, None, "0101", started_at, 60.0, True, f"{name}.wav"
    )
    delivery = Delivery(call, Recording(sha, Path("/inbox") / f"{name}.wav", 100), 1)
    result = StageResult(sha, "evaluation", judge, evaluation(answers, confidence, judge, scored), 0.1, 60.0, "d")
    with store.writing() as con:
        write_checklist(con, CHECKLIST)
        call_id = register_recordings(con, [delivery])[sha]
        write_results(con, [StageResult(sha, "dialogue", "d", _analysed(), 0.1, 60.0), result], "run")
    return call_id


def evaluation(answers: Answers, confidence: float, judge: str, scored: bool) -> Evaluation:
    suggestions = tuple(
        Suggestion(name, applicable, value, sure, "x.y", (), "heads")
        for name, (applicable, value, sure) in (SURE | dict(answers)).items()
    )
    made = Evaluation(
        "cqr", CHECKLIST.version, judge, CallTypeSuggestion("objection", confidence), suggestions, 90.0, True
    )
    return made if scored else replace(made, scored=False, cqr=None, passed=None)


def submit(
    store: Store, call_id: str, reviewer: str, flags: tuple[str, ...] = (), submitted_at: datetime = START
) -> None:
    """As the desk brings it into the store, without verdicts."""
    with store.writing(checkpoint=False) as con:
        (row,) = con.execute(
            "SELECT evaluation_id FROM base.evaluations JOIN base.recordings USING (content_sha256) WHERE call_id = ?"
            " ORDER BY created_at DESC LIMIT 1",
            [call_id],
        ).fetchall()
        own = {
            "submission_id": hashlib.md5(f"{call_id} {reviewer}".encode()).hexdigest(),
            "call_id": call_id,
            "evaluation_id": row[0],
            "reviewer": reviewer,
            "submitted_at": submitted_at,
        }
        head = {"blind": False, "call_type": "objection", "cqr": 90.0, "passed": True, "verdict_count": 0}
        append(con, "submissions", [own | head | {"withdrawn": False}])
        append(con, "flags", [own | {"flag": flag} for flag in flags])


def draw_audit(store: Store, call_id: str, criterion_id: str) -> None:
    """Auto-confirmation leaves that suggestion for a person."""
    with store.writing(checkpoint=False) as con:
        rows = fetch(con, "page_score_facts", **ALL)
        (found,) = [row["evaluation_id"] for row in rows if row["content_sha256"].startswith(call_id)]
        audit = {"evaluation_id": found, "criterion_id": criterion_id, "event_id": "e", "drawn_at": START}
        append(con, "audits", [audit])


ALL = {
    "shas": None,
    "first_suggestion": 0,
    "sure_from": 0.5,
    "doubtful_below": 0.8,
    "does_not_apply": "does_not_apply",
    "not_enough": "not_enough",
}
