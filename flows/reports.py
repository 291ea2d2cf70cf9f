"""Rows of the tables that report a night; plain data, so that Prefect, a webhook or a test can show them."""

from typing import Any

from flows.batch import RunSummary
from pipeline.stages import STAGES
from pipeline.store import Store
from pipeline.store.failures import read_open_failures
from pipeline.store.rows import fetch

Rows = list[dict[str, Any]]


def night_rows(summary: RunSummary) -> Rows:
    """One row of counts."""
    return [
        {
            "run": summary.plan.run_id,
            "recordings": summary.plan.recording_count,
            "processed": summary.processed,
            "done": summary.done,
            "no speech": summary.no_speech,
            "failed": len(summary.failed),
            "failed before": summary.plan.standing_failures,
            "audio, min": round(summary.audio_s / 60, 1),
        }
    ]


def failures_rows(store: Store) -> Rows:
    """Calls that stand as failed, with the reason."""
    with store.reading() as con:
        failures = read_open_failures(con)
    return [{"call": item.call_id, "stage": item.stage, "code": item.code, "reason": item.reason} for item in failures]


def managers_rows(store: Store) -> Rows:
    """CQR by manager over all stored calls."""
    with store.reading() as con:
        rows = fetch(con, "managers")
    return [
        {
            "manager": row["manager"],
            "calls": row["call_count"],
            "scored": row["scored_count"],
            "mean CQR": None if row["mean_cqr"] is None else round(row["mean_cqr"], 1),
        }
        for row in rows
    ]


def stages_rows(summary: RunSummary) -> Rows:
    """Seconds and real-time factor (processing time / audio time) of each stage."""
    return [
        {
            "stage": stage,
            "seconds": round(summary.stage_s[stage], 1),
            "real-time factor": round(summary.stage_s[stage] / summary.audio_s, 4) if summary.audio_s else None,
        }
        for stage in STAGES
        if summary.stage_s[stage]
    ]
