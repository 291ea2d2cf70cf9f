"""How a terminal shows a run, a list of calls and one call."""

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from flows.batch import RunSummary
from flows.cli.options import Common
from pipeline.checklist import Checklist, Criterion
from pipeline.prescoring.expected_places import is_expected
from pipeline.prescoring.trained import is_tested
from pipeline.reasons import load_reasons
from pipeline.records import Evaluation, Suggestion, Utterance
from pipeline.stages import STAGES
from pipeline.store.rows import fetch
from pipeline.store.show import StoredCall, StoredEvaluation

LANGUAGE = "en"  # of the command; the page speaks more
SHORT_ID = 8  # `prescore show` takes the beginning of an id
PIPE_WIDTH = 120  # columns where the output is no terminal: a log should not lose what a table holds
DAMAGED = "the recording is damaged: part of it could not be heard, the rest is scored; if it matters, deliver it again"
MISSING = "; it was missing here:"
ROLE_STYLE = {"agent": "cyan", "client": "green", "other": "dim"}


def make_console() -> Console:
    """The terminal, or what stands in its place."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else PIPE_WIDTH)


def print_summary(out: Console, summary: RunSummary, options: Common) -> None:
    """What the run did, what failed and why, CQR by manager, and where to look further."""
    plan = summary.plan
    already = plan.recording_count - len(plan.tasks) - plan.standing_failures
    facts = Table(title="Run", title_justify="left", show_header=False, box=None, pad_edge=False)
    facts.add_row("recordings found", str(plan.recording_count))
    facts.add_row("done before", str(already))
    facts.add_row("processed now", str(summary.processed))
    facts.add_row("  no speech", str(summary.no_speech))
    facts.add_row("  failed", str(len(summary.failed)))
    for rung, count in sorted(summary.left_out.items()):
        facts.add_row(f"judged without {rung}", f"{count}; it could not be asked, the next run asks again")
    if plan.standing_failures:
        facts.add_row("failed before, or empty", f"{plan.standing_failures} (see `prescore failed`)")
    if summary.audio_s:
        facts.add_row("audio", f"{summary.audio_s / 60:.1f} min")
        facts.add_row("time", f"{summary.wall_s:.1f} s, {summary.audio_s / summary.wall_s:.1f} times real time")
    out.print(facts)
    if summary.audio_s:
        out.print(_stage_table(summary))
    for code, reason in summary.failed:
        out.print(f"[red]failed[/] ({code}): {escape(reason)}", soft_wrap=True)
    with options.store.reading() as con:
        calls, managers = fetch(con, "list_calls"), fetch(con, "managers")
    out.print(calls_table(calls))
    out.print(managers_table(managers))
    published = options.data.published / "snapshot.duckdb"
    out.print(
        f"look further:  prescore show CALL   |   prescore review   |   duckdb {escape(str(published))}", soft_wrap=True
    )


def calls_table(calls: Sequence[dict[str, Any]]) -> Table:
    table = Table(title="Calls", title_justify="left", box=None, pad_edge=False)
    for name in ("call", "file", "manager", "status", "type", "sure"):
        table.add_column(name, no_wrap=True, overflow="ellipsis")
    table.add_column("CQR", justify="right")
    table.add_column("good")
    for call in calls:
        table.add_row(
            call["call_id"][:SHORT_ID],
            escape(call["file_name"] or "-"),
            escape(call["manager"] or "-"),
            _status(call),
            call["call_type"] or "-",
            _percent(call["call_type_confidence"]),
            _number(call["cqr"]),
            _mark(call["passed"]),
        )
    return table


def managers_table(managers: Sequence[dict[str, Any]]) -> Table:
    table = Table(
        title="Managers (suggested CQR; few calls say little)", title_justify="left", box=None, pad_edge=False
    )
    table.add_column("manager")
    for name in ("calls", "scored", "mean CQR", "95 % from", "to", "good"):
        table.add_column(name, justify="right")
    for row in managers:
        table.add_row(
            escape(row["manager"] or "(unknown)"),
            str(row["call_count"]),
            str(row["scored_count"]),
            _number(row["mean_cqr"]),
            _number(row["low"]),
            _number(row["high"]),
            _percent(row["passed_share"]),
        )
    return table


def print_call(
    out: Console, stored: StoredCall, checklists: Mapping[str, Checklist | None], measured: frozenset[str]
) -> None:
    """One call: facts, transcript by role, and each checklist's suggestions with their evidence.

    `checklists`: by evaluation id, the version that was judged by; None where it is not stored. `measured`: names of
    the heads by whose answers a criterion counts as tested.
    """
    call = stored.call
    out.print(
        f"[bold]{call.call_id}[/]  {escape(call.file_name or '(no recording)')}  [dim]{stored.status}[/]",
        soft_wrap=True,
    )
    facts = [
        ("journal id", call.journal_call_id),
        ("manager", call.manager),
        ("direction", call.direction),
        ("started (UTC)", call.started_at and f"{call.started_at:%Y-%m-%d %H:%M:%S}"),
        ("client phone", call.client_phone_last4 and f"...{call.client_phone_last4}"),
        ("recording", stored.path),
    ]
    for name, value in facts:
        if value:
            out.print(f"  {name}: {escape(str(value))}", soft_wrap=True)
    if stored.transcription is not None and stored.transcription.audio.damaged:
        out.print(f"  [yellow]{DAMAGED}[/]", soft_wrap=True)
    for failure in stored.failures:
        out.print(f"[red]failed[/] at {failure.stage} ({failure.code}): {escape(failure.reason)}", soft_wrap=True)
    if stored.analysed is None:
        return
    roles = stored.analysed.roles
    out.print(f"  language: {stored.analysed.dialogue.language}   roles: {roles.confidence:.0%} sure ({roles.source})")
    _print_metrics(out, stored)
    out.print("\n[bold]Transcript[/]")
    for utterance in stored.analysed.dialogue.utterances:
        _print_utterance(out, utterance)
    for evaluation in stored.evaluations:
        _print_evaluation(out, evaluation, checklists.get(evaluation.evaluation_id), measured)
    _print_versions(out, stored)


def _print_metrics(out: Console, stored: StoredCall) -> None:
    assert stored.analysed is not None
    metrics = stored.analysed.metrics
    out.print(
        f"  {clock(metrics.duration_s)} long, silence {metrics.silence_share:.0%} "
        f"(longest {metrics.longest_silence_s:.0f} s), overlap {metrics.overlap_s:.1f} s"
    )
    for role in metrics.roles:
        pace = f"{role.pace_wpm:.0f} words/min" if role.pace_wpm else "no pace"
        answer = f"answers after {role.response_time_s:.1f} s" if role.response_time_s is not None else "never answers"
        share = f"{role.talk_share:.0%}" if role.talk_share is not None else "0%"
        out.print(
            f"  [{ROLE_STYLE[role.role]}]{role.role:6}[/] talks {share}, longest {role.longest_monologue_s:.0f} s, "
            f"{pace}, {answer}, {role.interruptions} interruptions",
            soft_wrap=True,
        )


def _print_utterance(out: Console, utterance: Utterance) -> None:
    at = clock(utterance.start_s) if utterance.start_s is not None else "     "
    style = ROLE_STYLE[utterance.role]
    out.print(f"[dim]{at}[/] [{style}]{utterance.role:6}[/] ", end="")
    out.print(utterance.text, markup=False, soft_wrap=True)


def _print_evaluation(
    out: Console, stored: StoredEvaluation, checklist: Checklist | None, measured: frozenset[str]
) -> None:
    evaluation = stored.evaluation
    version = stored.version_number or "?"
    out.print(f"\n[bold]Checklist {evaluation.checklist_id}[/] version {version}, judged by {evaluation.judge}")
    out.print(f"  type: {evaluation.call_type.call_type}, {evaluation.call_type.confidence:.0%} sure (suggested)")
    if not evaluation.scored:
        out.print("  too short or cut off: counted and shown, not scored")
        return
    out.print(f"  CQR: {_number(evaluation.cqr)}  {_verdict_of(evaluation)} (suggested)")
    for suggestion in evaluation.suggestions:
        criterion = checklist.criterion(suggestion.criterion_id) if checklist else None
        _print_suggestion(out, suggestion, criterion, measured)


def _print_versions(out: Console, stored: StoredCall) -> None:
    """Where several versions or checklists have judged the call, each in a line."""
    if len(stored.versions) < 2:
        return
    out.print("\n[bold]Judged by[/]  (prescore show CALL --checklist NAME --version N)")
    for item in stored.versions:
        now = "now" if item.is_current else ""
        verdicts = f"verdicts on {item.verdict_count}" if item.verdict_count else ""
        number = item.version_number or "?"
        line = f"  {item.checklist_id} version {number:<3} {now:4} CQR {_number(item.cqr):>4}  {verdicts}"
        out.print(escape(line.rstrip()), soft_wrap=True)


def _print_suggestion(
    out: Console, suggestion: Suggestion, criterion: Criterion | None, measured: frozenset[str]
) -> None:
    value = "does not apply" if not suggestion.applicable else "not enough evidence"
    if suggestion.applicable and suggestion.value is not None:
        value = criterion.label_of(suggestion.value) if criterion else f"{suggestion.value:g}"
    reason = load_reasons(LANGUAGE).get(suggestion.reason, suggestion.reason)
    reason += MISSING if is_expected(suggestion) else ""
    mark = "[yellow]untested[/]  " if criterion and not is_tested(criterion, measured) else ""
    out.print(
        f"  {suggestion.criterion_id:12} {escape(value):20} {suggestion.confidence:4.0%} sure  {mark}[dim]{reason}[/]",
        soft_wrap=True,
    )
    for evidence in suggestion.evidence:
        at = clock(evidence.start_s) if evidence.start_s is not None else f"turn {evidence.utterance_index}"
        out.print(f"      [dim]{at}[/] ", end="")
        out.print(f"«{evidence.quote}»", markup=False, soft_wrap=True)


def clock(seconds: float) -> str:
    """Minutes and seconds, as a player shows them."""
    return f"{int(seconds) // 60:02}:{int(seconds) % 60:02}"


def _stage_table(summary: RunSummary) -> Table:
    table = Table(title="Stages", title_justify="left", box=None, pad_edge=False)
    table.add_column("stage")
    for name in ("seconds", "share", "of real time"):
        table.add_column(name, justify="right")
    total = sum(summary.stage_s.values())
    for stage in STAGES:
        seconds = summary.stage_s[stage]
        if seconds:
            table.add_row(stage, f"{seconds:.1f}", f"{seconds / total:.0%}", f"{seconds / summary.audio_s:.3f}")
    return table


def _status(call: dict[str, Any]) -> str:
    status = str(call["status"])
    if status == "failed":
        return f"[red]failed[/] ({call['failure_code']})"
    return status


def _verdict_of(evaluation: Evaluation) -> str:
    if evaluation.passed is None:
        return "no result while the type is unknown"
    return "good" if evaluation.passed else "not good"


def _mark(passed: bool | None) -> str:
    return "-" if passed is None else "yes" if passed else "no"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.0f}"


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{value:.0%}"
