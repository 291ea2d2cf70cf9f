"""Applying the rules: stop what no longer holds, start what verdicts bear out, confirm what is sure enough.

Runs after calls were stored, in one transaction; a second run straight after the first changes nothing.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import duckdb
import numpy as np

from pipeline.auto_confirmation.audits import breaks_promise, is_audited
from pipeline.auto_confirmation.rules import (
    AUTO_CONFIRMATION,
    LEARNED_RUNG,
    Identity,
    Rule,
    RuleState,
    StopReason,
    TrustEvent,
)
from pipeline.auto_confirmation.thresholds import (
    ROUNDING,
    Threshold,
    chance_of_look,
    choose_threshold,
    next_look,
    upper_bound,
)
from pipeline.settings import TrustSettings
from pipeline.store.rows import append, fetch, utc_now
from pipeline.store.trust import append_event, is_criterion_tested, read_identity, read_rules
from pipeline.store.verdicts import Verdict, append_verdicts


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of one rule. `verdict_count` of those that a promise may rest on; `next_look`: how many it needs.

    `tested_count`: how many there were at the last test, which bore nothing out.
    """

    checklist_id: str
    criterion_id: str
    state: RuleState
    stop_reason: StopReason | None = None
    confirmed_count: int = 0
    audited_count: int = 0
    waiting_audit_count: int = 0
    is_paused: bool = False  # too many audits wait for a person
    verdict_count: int | None = None
    next_look: int | None = None
    tested_count: int | None = None


def apply_rules(con: duckdb.DuckDBPyConnection, trust: TrustSettings) -> tuple[Applied, ...]:
    """Applies every rule that waits or runs, and says what became of it."""
    active = [rule for rule in read_rules(con) if rule.state in {"waiting", "running"}]
    return tuple(_apply(con, rule, trust) for rule in active)


def _apply(con: duckdb.DuckDBPyConnection, rule: Rule, trust: TrustSettings) -> Applied:
    allowed = rule.allowed
    assert allowed is not None
    now = read_identity(con, rule.checklist_id)
    reason = allowed.identity.change(now) if now else None
    if allowed.promise != (trust.promised_error, trust.confidence):
        reason = "promise_changed"
    if not is_criterion_tested(con, rule.checklist_id, allowed.identity.checklist_version, rule.criterion_id):
        reason = reason or "untested"
    if reason:
        return _stopped(con, rule, allowed.identity, reason)
    started = rule.started
    if started is None:
        found = _look(con, rule, allowed, trust)
        if isinstance(found, Applied):
            return found
        started = found
    return _confirm(con, rule, started, trust)


def _look(
    con: duckdb.DuckDBPyConnection, rule: Rule, allowed: TrustEvent, trust: TrustSettings
) -> Applied | TrustEvent:
    """Tests the verdicts when there are enough for the next look: the start, or how far off it is."""
    resumed = rule.start_to_resume(allowed.identity, (trust.promised_error, trust.confidence))
    if resumed is not None and allowed.first_look is None:
        return _start(con, rule, resumed, trust)
    looks = rule.looks(allowed.identity)
    needed = next_look(allowed.first_look or trust.first_test, looks[-1].verdict_count if looks else None)
    verdicts = fetch(con, "trust_verdicts", **_made_of(rule, allowed.identity), since=rule.broken_at)
    if len(verdicts) < needed:
        return _waiting(rule, len(verdicts), needed, looks[-1].verdict_count if looks else None)
    looked = append_event(con, rule, "looked", AUTO_CONFIRMATION, allowed.identity, verdict_count=len(verdicts))
    found = choose_threshold(
        np.array([row["confidence"] for row in verdicts]),
        np.array([row["is_error"] for row in verdicts]),
        trust.promised_error,
        chance_of_look(trust, len(looks)),
    )
    if found is None:
        return _waiting(rule, len(verdicts), next_look(needed, len(verdicts)), len(verdicts))
    return _start(con, replace(rule, events=(*rule.events, looked)), found, trust)


def _start(
    con: duckdb.DuckDBPyConnection, rule: Rule, found: Threshold | TrustEvent, trust: TrustSettings
) -> TrustEvent:
    """Begins with a threshold that was just found, or goes on with that of an earlier start."""
    verdicts, errors = found.verdict_count or 0, found.error_count or 0
    return append_event(
        con,
        rule,
        "started",
        AUTO_CONFIRMATION,
        rule.events[-1].identity,
        threshold=found.threshold,
        verdict_count=verdicts,
        error_count=errors,
        upper_bound=float(upper_bound(errors, verdicts, 1 - trust.confidence)),
        promised_error=trust.promised_error,
        confidence=trust.confidence,
        audit_share=trust.audit_share,
    )


def _confirm(con: duckdb.DuckDBPyConnection, rule: Rule, started: TrustEvent, trust: TrustSettings) -> Applied:
    """Draws audits first, by the recording alone; the rest is confirmed unless too many audits wait."""
    assert started.threshold is not None and started.promised_error is not None
    audits = fetch(con, "trust_audits", event_id=started.event_id)
    errors = np.array([row["is_error"] for row in audits if row["is_error"] is not None], dtype=bool)
    if breaks_promise(errors, started.promised_error, trust):
        counts = {"verdict_count": len(errors), "error_count": int(errors.sum())}
        return _stopped(con, rule, started.identity, "audit", **counts)
    made_of = _made_of(rule, started.identity)
    floor = started.threshold - ROUNDING
    found = fetch(con, "trust_candidates", **made_of, threshold=floor, event_id=started.event_id)
    drawn: list[dict[str, Any]] = []
    kept: list[dict[str, Any]] = []
    for row in found:
        (drawn if is_audited(row["content_sha256"], trust.audit_share) else kept).append(row)
    _append_audits(con, rule, started, drawn)
    waiting = sum(not row["is_answered"] for row in audits) + len(drawn)
    is_paused = waiting > trust.max_waiting_audits
    kept = [] if is_paused else kept
    append_verdicts(con, [_confirmation(rule, started, row) for row in kept])
    return Applied(
        rule.checklist_id, rule.criterion_id, "running", None, len(kept), len(drawn), waiting, is_paused
    )  # fmt: skip


def _append_audits(
    con: duckdb.DuckDBPyConnection, rule: Rule, started: TrustEvent, drawn: Sequence[dict[str, Any]]
) -> None:
    own = {"criterion_id": rule.criterion_id, "event_id": started.event_id, "drawn_at": utc_now()}
    append(con, "audits", [{"evaluation_id": row["evaluation_id"]} | own for row in drawn])


def _confirmation(rule: Rule, started: TrustEvent, row: dict[str, Any]) -> Verdict:
    return Verdict(
        evaluation_id=row["evaluation_id"],
        criterion_id=rule.criterion_id,
        applicable=row["applicable"],
        value=row["value"] if row["applicable"] else None,
        reviewer=AUTO_CONFIRMATION,
        trust_event_id=started.event_id,
    )


def _stopped(
    con: duckdb.DuckDBPyConnection, rule: Rule, identity: Identity, reason: StopReason, **counts: int
) -> Applied:
    append_event(con, rule, "stopped", AUTO_CONFIRMATION, identity, reason=reason, **counts)
    return Applied(rule.checklist_id, rule.criterion_id, "stopped", reason)


def _waiting(rule: Rule, verdict_count: int, needed: int, tested_count: int | None) -> Applied:
    own = rule.checklist_id, rule.criterion_id
    return Applied(*own, "waiting", verdict_count=verdict_count, next_look=needed, tested_count=tested_count)


def _made_of(rule: Rule, identity: Identity) -> dict[str, str]:
    own = {"checklist_id": rule.checklist_id, "criterion_id": rule.criterion_id, "rung": LEARNED_RUNG}
    return own | asdict(identity)
