"""Rows of the tables about learned heads; plain data, so that the terminal, Prefect or a test can show them."""

from typing import Any

from flows.learning import LearningSummary
from pipeline.learning.versions import SHIPPED, HeadHistory

Rows = list[dict[str, Any]]


def comparison_rows(summary: LearningSummary) -> Rows:
    """A row per criterion with held-out verdicts: the heads in use and the new ones."""
    if summary.learned is None:
        return []
    return [
        {
            "criterion": item.name,
            "verdicts": item.verdicts,
            "kappa now": _rounded(item.current_kappa),
            "kappa new": _rounded(item.candidate_kappa),
            "exact now": _rounded(item.current_exact),
            "exact new": _rounded(item.candidate_exact),
            "error now": _rounded(item.current_error, 4),
            "error new": _rounded(item.candidate_error, 4),
            "worse by chance": _rounded(item.p_worse),
            "worse": "yes" if item.is_worse else "",
        }
        for item in summary.learned.decision.comparisons
    ]


def learning_rows(summary: LearningSummary) -> Rows:
    """One row: what was learned from and what was decided."""
    return [
        {
            "calls with verdicts": summary.calls,
            "verdicts": summary.verdicts,
            "held out": len(summary.held.newer),
            "compared with": summary.current,
            "new heads": summary.version,
            "decision": summary.sentence,
        }
    ]


def model_rows(history: HeadHistory) -> Rows:
    """A row per model, the shipped one first, with what last happened to it."""
    rows: Rows = [_model_row(SHIPPED, history)]
    for model in history.models:
        figures = model.figures
        rows.append(
            _model_row(model.version, history)
            | {
                "made": f"{model.created_at:%Y-%m-%d %H:%M}" if model.created_at else None,
                "compared with": model.parent,
                "calls": model.verdict_call_count,
                "verdicts": model.verdict_count,
                "error before": _rounded(figures.get("current_error"), 4),
                "error": _rounded(figures.get("candidate_error"), 4),
            }
        )
    return rows


def event_lines(history: HeadHistory) -> list[str]:
    """What happened, oldest first, a sentence each."""
    return [
        f"{event.occurred_at:%Y-%m-%d %H:%M} UTC: {event.version} {event.event.replace('_', ' ')} by {event.actor}"
        + (f": {event.reason}" if event.reason else "")
        for event in history.events
    ]


def _model_row(version: str, history: HeadHistory) -> dict[str, Any]:
    events = history.events_of(version)
    return {
        "version": version,
        "in use": "in use" if version == history.in_use else "",
        "made": None,
        "compared with": None,
        "calls": None,
        "verdicts": None,
        "error before": None,
        "error": None,
        "last": events[-1].event if events else None,
    }


def _rounded(value: float | None, digits: int = 2) -> float | None:
    return None if value is None else round(value, digits)
