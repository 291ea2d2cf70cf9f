"""Rows of the tables that report a re-score; plain data, so that the terminal, Prefect or a test can show them."""

from typing import Any

from flows.rescore_run import RescoreSummary
from pipeline.changes import CHANGES, Change, Changes

Rows = list[dict[str, Any]]
HEADINGS: dict[Change, str] = {
    "up": "up",
    "down": "down",
    "newly_applicable": "newly applicable",
    "no_longer_applicable": "no longer applicable",
    "new_value": "new value",
    "lost_value": "value lost",
    "unchanged": "unchanged",
    "not_asked_before": "not asked before",
}


def change_rows(changes: Changes) -> Rows:
    """A row per criterion, in the checklist's order: how many calls changed in which way."""
    return [
        {"criterion": criterion_id} | {HEADINGS[change]: counts[change] for change in CHANGES}
        for criterion_id, counts in changes.by_criterion.items()
    ]


def outcome_rows(changes: Changes) -> Rows:
    """What became of CQR, passes and call types."""
    rows: Rows = [
        {"what": "mean CQR", "before": _rounded(changes.cqr_before), "after": _rounded(changes.cqr_after)},
        {"what": "judged before by another judge", "before": changes.other_judge, "after": None},
        {"what": "passes gained", "before": None, "after": changes.passes_gained},
        {"what": "passes lost", "before": None, "after": changes.passes_lost},
        {"what": "call types changed", "before": None, "after": sum(changes.call_types.values())},
    ]
    return rows


def call_type_rows(changes: Changes) -> Rows:
    """From which call type to which, the most frequent first."""
    return [{"from": before, "to": after, "calls": n} for (before, after), n in changes.call_types.most_common()]


def rescore_rows(summary: RescoreSummary) -> Rows:
    """One row of counts."""
    return [
        {
            "run": summary.plan.run_id,
            "checklist": summary.checklist_id,
            "version": summary.plan.version_number,
            "judged now": len(summary.fresh),
            "done before": len(summary.plan.done),
            "without transcript": summary.plan.without_dialogue,
            "vectors made": summary.encoded,
            "answers": summary.given,
            "answers kept": summary.kept,
            "failed": len(summary.failed),
            "dry run": summary.dry_run,
            "seconds": round(summary.wall_s, 1),
        }
    ]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
