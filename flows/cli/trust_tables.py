"""How a terminal shows agreement and auto-confirmation."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from rich.markup import escape
from rich.table import Table

from pipeline.agreement import RECENT, Agreement, AnswerPair, Figure, agreement_by
from pipeline.auto_confirmation.rules import StopReason
from pipeline.settings import TrustSettings
from pipeline.store.trust import RuleStanding
from pipeline.store.trust_application import Applied

WIDE = 105  # columns that the table of agreement takes with each interval beside its figure
REASONS: dict[StopReason, str] = {
    "by_person": "by a person",
    "audit": "the audit broke the promise",
    "checklist_changed": "the checklist has a new version",
    "judge_changed": "another judge",
    "recogniser_changed": "another recogniser, or other parameters of it",
    "promise_changed": "promised_error or confidence was changed in the configuration",
    "untested": "no learned head was measured on it and its scale",
}


def agreement_table(
    pairs: Sequence[AnswerPair], key: Callable[[AnswerPair], str], name: str, width: int = WIDE
) -> Table:
    """A row per group over all its verdicts, and one over the last 25. In a narrow terminal intervals stand below."""
    whole, recent = agreement_by(pairs, key), agreement_by(pairs, key, RECENT)
    interval = " " if width >= WIDE else "\n"
    table = _table("Agreement")
    table.add_column(name, overflow="fold")
    for column in ("verdicts", "abst.", "kappa", "exact", f"half{interval}a step", "identical", "applies"):
        table.add_column(column, justify="right", no_wrap=True)
    for group in sorted(whole, key=str):
        table.add_row(escape(str(group)), *_row(whole[group], interval))
        if whole[group].pair_count > RECENT:
            table.add_row(f" last {RECENT}", *_row(recent[group], interval), style="dim")
    return table


def _table(title: str) -> Table:
    """One space between columns, not two: these tables have many."""
    return Table(title=title, title_justify="left", box=None, pad_edge=False, collapse_padding=True)


def _row(found: Agreement, interval: str) -> list[str]:
    shares = (found.exact, found.near, found.identical, found.applicability)
    counts = [str(found.pair_count), str(found.abstained_count)]
    return [*counts, _figure(found.kappa, 2, interval), *(_figure(_percents(share), 0, interval) for share in shares)]


def _percents(share: Figure) -> Figure:
    value, low, high = (None if part is None else 100 * part for part in (share.value, share.low, share.high))
    return Figure(value, low, high)


def _figure(figure: Figure, digits: int, interval: str) -> str:
    if figure.value is None:
        return "-"
    shown = f"{figure.value:.{digits}f}" + ("" if digits else "%")
    if figure.low is None or figure.high is None:
        return shown
    ends = f"{figure.low:.{digits}f}..{figure.high:.{digits}f}"
    return f"{shown}\n{ends}" if interval == "\n" else f"{shown} ({ends})"


def standings_table(standings: Sequence[RuleStanding]) -> Table:
    table = _table("Auto-confirmation")
    table.add_column("criterion", no_wrap=True)
    for column in ("state", "allowed\nby", "sure\nfrom", "rests on", "error\nat most"):
        table.add_column(column, overflow="fold", no_wrap=column == "state")
    for column in ("confirmed", "audited", "wrong"):
        table.add_column(column, justify="right", no_wrap=True)
    for item in standings:
        started = item.threshold is not None
        table.add_row(
            f"{item.checklist_id}.{item.criterion_id}",
            item.state,
            escape(item.allowed_by),
            f"{item.threshold:.0%}" if started else "-",
            f"{item.verdict_count} verdicts, {item.error_count} wrong" if started else "-",
            f"{item.upper_bound:.1%}" if item.upper_bound is not None else "-",
            str(item.confirmed_count),
            f"{item.audit_answered_count} of {item.audit_count}",
            str(item.audit_error_count),
        )
    return table


def stop_lines(standings: Sequence[RuleStanding]) -> Iterator[str]:
    """Why each stopped rule stopped."""
    for item in standings:
        if item.stop_reason is not None:
            yield f"{item.checklist_id}.{item.criterion_id} stopped: {REASONS[item.stop_reason]}"


def waiting_audits_table(waiting: Sequence[dict[str, Any]]) -> Table:
    table = Table(title=f"{len(waiting)} audits wait", title_justify="left", box=None, pad_edge=False)
    for column in ("call", "criterion", "drawn (UTC)"):
        table.add_column(column)
    for row in waiting:
        criterion = f"{row['checklist_id']}.{row['criterion_id']}"
        table.add_row(escape(row["call_id"]), criterion, f"{row['drawn_at']:%Y-%m-%d %H:%M}")
    return table


def applied_lines(applied: Sequence[Applied], trust: TrustSettings) -> Iterator[str]:
    """A sentence for each rule: what it did, or what it waits for."""
    for item in applied:
        yield f"{item.criterion_id}: {_sentence(item, trust)}"


def _sentence(item: Applied, trust: TrustSettings) -> str:
    if item.state == "stopped":
        assert item.stop_reason is not None
        reason = REASONS[item.stop_reason]
        return f"stopped: {reason}; what it confirmed stands (`prescore trust stop --withdraw` takes it back)"
    if item.state == "waiting":
        return _missing(item, trust)
    did = f"{item.confirmed_count} confirmed, {item.audited_count} left for a person to check"
    if item.is_paused:
        return f"{did}; paused: {item.waiting_audit_count} audits wait for a verdict (`prescore trust audits`)"
    return f"{did}, {item.waiting_audit_count} such audits wait for a verdict"


def _missing(item: Applied, trust: TrustSettings) -> str:
    assert item.verdict_count is not None and item.next_look is not None
    missing = item.next_look - item.verdict_count
    tested = f", tested at {item.tested_count}: too many errors among the sure ones" if item.tested_count else ""
    least = (
        f"an error of at most {trust.promised_error:.0%} with {trust.confidence:.0%} confidence needs at least "
        f"{trust.min_verdicts} verdicts without an error"
    )
    return f"waits: {item.verdict_count} verdicts{tested}, {missing} more until the next test ({least})"
