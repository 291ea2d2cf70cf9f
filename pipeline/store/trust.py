"""The rules of auto-confirmation as they stand in the store: append-only events, and what people do to them."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import uuid4

import duckdb

from pipeline.auto_confirmation.rules import (
    AUTO_CONFIRMATION,
    LEARNED_RUNG,
    Identity,
    Rule,
    RuleState,
    StopReason,
    TrustEvent,
    TrustEventName,
    rules_of,
)
from pipeline.errors import InputError
from pipeline.prescoring.trained import is_tested
from pipeline.settings import TrustSettings
from pipeline.store.evaluations import read_checklist
from pipeline.store.heads import read_measured_heads
from pipeline.store.rows import append, fetch, utc_now

IDENTITY = tuple(field.name for field in fields(Identity))


@dataclass(frozen=True, slots=True)
class RuleStanding:
    """A row of main.auto_confirmation: where a rule stands and what it has done."""

    checklist_id: str
    criterion_id: str
    state: RuleState
    allowed_by: str
    allowed_at: datetime
    started_at: datetime | None
    stopped_at: datetime | None
    stop_reason: StopReason | None
    threshold: float | None
    verdict_count: int | None
    error_count: int | None
    upper_bound: float | None
    promised_error: float | None
    confirmed_count: int
    audit_count: int
    audit_answered_count: int
    audit_error_count: int


def read_rules(con: duckdb.DuckDBPyConnection) -> tuple[Rule, ...]:
    """Every rule that was ever allowed."""
    events = []
    for row in fetch(con, "trust_events"):
        identity = Identity(**{name: row.pop(name) for name in IDENTITY})
        events.append(TrustEvent(identity=identity, **row))
    return rules_of(events)


def read_rule(con: duckdb.DuckDBPyConnection, checklist_id: str, criterion_id: str) -> Rule:
    """The rule of one criterion; off where it was never allowed."""
    known = {(rule.checklist_id, rule.criterion_id): rule for rule in read_rules(con)}
    return known.get((checklist_id, criterion_id), Rule(checklist_id, criterion_id))


def read_standings(con: duckdb.DuckDBPyConnection) -> list[RuleStanding]:
    """Where every rule stands; before one was ever allowed no verdict is looked at."""
    has_rules = fetch(con, "trust_has_events")[0]["has_events"]
    return [RuleStanding(**row) for row in fetch(con, "trust_states")] if has_rules else []


def read_identity(con: duckdb.DuckDBPyConnection, checklist_id: str) -> Identity | None:
    """What a call would be judged with now; None while nothing was judged by the checklist."""
    rows = fetch(con, "current_identity", checklist_id=checklist_id)
    return Identity(**rows[0]) if rows else None


def is_criterion_tested(
    con: duckdb.DuckDBPyConnection, checklist_id: str, checklist_version: str, criterion_id: str
) -> bool:
    """Whether a head that is in use was measured on the criterion of that version, on its scale."""
    checklist = read_checklist(con, checklist_id, checklist_version)
    criteria = checklist.criteria if checklist else ()
    measured = read_measured_heads(con)
    return any(is_tested(criterion, measured) for criterion in criteria if criterion.id == criterion_id)


def append_event(
    con: duckdb.DuckDBPyConnection, rule: Rule, event: TrustEventName, actor: str, identity: Identity, **more: Any
) -> TrustEvent:
    """Adds an event to the rule; returns it. `more`: the columns that belong to its kind."""
    number = max((known.event_number for known in rule.events), default=0) + 1
    row: dict[str, Any] = {
        "event_id": uuid4().hex,
        "event_number": number,
        "checklist_id": rule.checklist_id,
        "criterion_id": rule.criterion_id,
        "event": event,
        "actor": actor,
        "reason": "",
        "occurred_at": utc_now(),
    } | more
    append(con, "trust_events", [row | {name: getattr(identity, name) for name in IDENTITY}])
    return TrustEvent(identity=identity, **row)


def allow(
    con: duckdb.DuckDBPyConnection,
    checklist_id: str,
    criterion_id: str,
    person: str,
    trust: TrustSettings,
    first_look: int | None = None,
) -> TrustEvent:
    """A person allows the criterion to be confirmed once verdicts bear it out, as calls are judged now.

    `first_look`: how many verdicts there shall be when they are first tested; the first test is the strongest. Without
    it the configured number, and a start that a person stopped and that still holds is gone on with.

    Raises InputError when it is allowed already, there is no such criterion, no learned head answers it or was measured
    on it, or the first look would come before the fewest verdicts that can bear anything out.
    """
    _check_person(person)
    identity = read_identity(con, checklist_id)
    if identity is None:
        raise InputError(f'checklist "{checklist_id}": no call was judged by it yet; process some, and give verdicts')
    _check_criterion(con, checklist_id, criterion_id, identity)
    rule = read_rule(con, checklist_id, criterion_id)
    if rule.state in {"waiting", "running"}:
        raise InputError(f'criterion "{criterion_id}": allowed already; `prescore trust status` shows it')
    if first_look is not None and first_look < trust.min_verdicts:
        raise InputError(f"a first look after {first_look} verdicts: give at least {trust.min_verdicts} (min_verdicts)")
    return append_event(
        con,
        rule,
        "allowed",
        person,
        identity,
        first_look=first_look,
        promised_error=trust.promised_error,
        confidence=trust.confidence,
        audit_share=trust.audit_share,
    )


def stop(
    con: duckdb.DuckDBPyConnection,
    checklist_id: str,
    criterion_id: str,
    person: str,
    *,
    withdraw: bool = False,
    since: datetime | None = None,
) -> int:
    """A person stops the rule; with `withdraw`, its confirmations since a moment are taken back. Returns how many.

    Raises InputError when there is nothing to stop, and nothing is to be withdrawn.
    """
    _check_person(person)
    rule = read_rule(con, checklist_id, criterion_id)
    allowed = rule.allowed
    if allowed is None or (rule.state == "stopped" and not withdraw):
        raise InputError(
            f'criterion "{criterion_id}": not allowed, so nothing is to be stopped; see `prescore trust status`'
        )
    if rule.state != "stopped":
        append_event(con, rule, "stopped", person, allowed.identity, reason="by_person")
    if not withdraw:
        return 0
    rule = read_rule(con, checklist_id, criterion_id)
    return _withdraw(con, rule, person, allowed.identity, since)


def _withdraw(
    con: duckdb.DuckDBPyConnection, rule: Rule, person: str, identity: Identity, since: datetime | None
) -> int:
    own = {"checklist_id": rule.checklist_id, "criterion_id": rule.criterion_id}
    standing = fetch(con, "trust_confirmations", **own, since=since)
    event = append_event(con, rule, "withdrawn", person, identity, verdict_count=len(standing))
    rows = [
        {
            "verdict_id": uuid4().hex,
            "evaluation_id": row["evaluation_id"],
            "criterion_id": rule.criterion_id,
            "comment": "",
            "override_reason": "",
            "reviewer": AUTO_CONFIRMATION,
            "withdrawn": True,
            "submitted_at": event.occurred_at,
            "trust_event_id": event.event_id,
        }
        for row in standing
    ]
    append(con, "verdicts", rows)
    return len(rows)


def _check_person(person: str) -> None:
    if not person.strip() or person == AUTO_CONFIRMATION:
        raise InputError(f'"{person}": give the name of the person who decides this')


def _check_criterion(con: duckdb.DuckDBPyConnection, checklist_id: str, criterion_id: str, identity: Identity) -> None:
    rows = fetch(
        con,
        "trust_criterion",
        checklist_id=checklist_id,
        criterion_id=criterion_id,
        checklist_version=identity.checklist_version,
        judge=identity.judge,
        rung=LEARNED_RUNG,
    )
    if not rows:
        raise InputError(f'checklist "{checklist_id}": its newest version in use has no criterion "{criterion_id}"')
    if not rows[0]["learned_count"]:
        raise InputError(
            f'criterion "{criterion_id}": no learned head answers it, so it is untested and never auto-confirmed'
        )
    if not is_criterion_tested(con, checklist_id, identity.checklist_version, criterion_id):
        raise InputError(
            f'criterion "{criterion_id}": no learned head was measured on it and its scale, '
            "so it is untested and never auto-confirmed"
        )
