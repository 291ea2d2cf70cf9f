"""`prescore rescore`: stored calls judged again by another version of a checklist, and what changed."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from flows.change_report import call_type_rows, change_rows
from flows.cli.options import common
from flows.cli.tables import make_console
from flows.rescore_run import RescorePlan, RescoreSummary, run_rescore
from flows.rescoring import rescore_order
from flows.selection import choose_calls
from pipeline.changes import Changes
from pipeline.rescore_progress import Planned, ProgressWriter, told_progress

SHOWN_FAILURES = 20
EXAMPLES = """[bold]Examples[/]

prescore rescore --checklist cqr --dry-run         what a changed standard would change

prescore rescore --checklist mystery_call --since 2026-10-01 --until 2026-10-31

prescore rescore --call 1000 --call ru-03-objection.wav
"""


def add_to(app: typer.Typer) -> None:
    app.command("rescore", epilog=EXAMPLES)(rescore)


def rescore(
    context: typer.Context,
    checklist: Annotated[
        str | None, typer.Option(help="Name in configs/checklists, or a path; without it the configured one.")
    ] = None,
    since: Annotated[str | None, typer.Option(help="First day of calls, as 2026-10-05.")] = None,
    until: Annotated[str | None, typer.Option(help="Last day of calls, included.")] = None,
    manager: Annotated[str | None, typer.Option(help="Only calls of this manager.")] = None,
    call_type: Annotated[str | None, typer.Option("--type", help="Only calls of this type, e.g. objection.")] = None,
    call: Annotated[list[str] | None, typer.Option(help="Only this call; may be given again.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change; write nothing.")] = False,
    workers: Annotated[int | None, typer.Option(min=0, help="Processes side by side; 0: in this one.")] = None,
    progress_file: Annotated[
        Path | None, typer.Option(help="Also write how far it is to this file, as lines of JSON for other programs.")
    ] = None,
) -> None:
    """Judge stored calls again, without their audio: after a standard changed, or by another checklist.

    Results are added; earlier ones and the verdicts on them stay. What this version has judged is not judged again.
    """
    options = common(context)
    with told_progress(progress_file) as told:
        order = rescore_order(options.work_order, checklist)
        selection = choose_calls(
            options.store,
            options.settings,
            since=since,
            until=until,
            manager=manager,
            call_type=call_type,
            calls=call or (),
        )
        out = make_console()
        summary = _watched(out, told, partial(run_rescore, order, selection, workers, dry_run=dry_run))
        told.finished(len(summary.fresh), summary.failed, summary.changes)
    print_rescore(out, summary)


def _watched(out: Console, told: ProgressWriter, run: Callable[..., RescoreSummary]) -> RescoreSummary:
    """What `run` did, with its progress in the terminal and in the file for other programs."""
    columns = [TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("calls,")]
    columns += [TimeElapsedColumn(), TextColumn("left:"), TimeRemainingColumn()]
    with Progress(*columns, console=out, transient=True) as progress:
        bar = progress.add_task("looking", total=None)

        def on_plan(plan: RescorePlan) -> None:
            progress.update(bar, description="judging", total=len(plan.tasks))
            told.planned(planned_of(plan))

        def on_calls(count: int) -> None:
            progress.advance(bar, count)
            told.judged(count)

        return run(on_plan=on_plan, on_calls=on_calls)


def planned_of(plan: RescorePlan) -> Planned:
    """The plan as whoever watches from outside is told."""
    return Planned(
        run_id=plan.run_id,
        version_number=plan.version_number,
        is_new_version=plan.is_new_version,
        total=len(plan.tasks),
        done_before=len(plan.done),
        without_dialogue=plan.without_dialogue,
    )


def print_rescore(out: Console, summary: RescoreSummary) -> None:
    """What was done, what changed, and what could not be judged."""
    plan = summary.plan
    title = f"Re-score by {escape(summary.checklist_id)}, version {plan.version_number}"
    facts = Table(title=title, title_justify="left", show_header=False, box=None, pad_edge=False)
    facts.add_row("version", "new" if plan.is_new_version else "known")
    facts.add_row("calls judged now", str(len(summary.fresh)))
    facts.add_row("judged before by this version", str(len(plan.done)))
    if plan.superseded:
        facts.add_row("  of them shown by a newer one", str(plan.superseded))
    if plan.without_dialogue:
        facts.add_row("without a transcript", f"{plan.without_dialogue} (missed, failed, nobody speaks)")
    if summary.encoded:
        facts.add_row("vectors made", f"{summary.encoded} calls")
    if summary.kept:
        facts.add_row("answers kept", f"{summary.kept} of {summary.given}")
    facts.add_row("failed", str(len(summary.failed)))
    facts.add_row("time", _time(summary))
    out.print(facts)
    print_changes(out, summary.changes)
    for code, reason in summary.failed[:SHOWN_FAILURES]:
        out.print(f"[red]failed[/] ({code}): {escape(reason)}", soft_wrap=True)
    if summary.failed:
        out.print("their earlier evaluations stand; run the same command again to try them again")
    if summary.dry_run:
        out.print("[yellow]dry run[/]: nothing was written")
    else:
        out.print("look further:  prescore show CALL --checklist NAME --version N   |   prescore review")


def print_changes(out: Console, changes: Changes) -> None:
    """The tables of changes against what stood before; suggestions only, verdicts are not counted."""
    compared = changes.calls - changes.first_time
    if not compared:
        out.print(f"\nno earlier evaluation to compare with: {changes.calls} calls were judged for the first time")
        return
    out.print()
    out.print(_table(f"Changed against the earlier evaluation ({compared} calls)", change_rows(changes)))
    if changes.cqr_before is not None and changes.cqr_after is not None:
        out.print(
            f"mean CQR: {changes.cqr_before:.1f} before, {changes.cqr_after:.1f} now "
            f"(suggested; {changes.cqr_calls} calls with a CQR on both sides)"
        )
    if changes.other_judge:
        out.print(
            f"[yellow]{changes.other_judge} of these calls were judged before by another judge[/] (other models or "
            "rules): not all of the difference is the checklist's"
        )
    out.print(f"good calls: {changes.passes_gained} gained, {changes.passes_lost} lost")
    if changes.call_types:
        out.print(_table("Call types changed", call_type_rows(changes)))
    else:
        out.print("call types: none changed")


def _table(title: str, rows: list[dict[str, Any]]) -> Table:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, collapse_padding=True)
    for place, name in enumerate(rows[0]):
        is_text = place == 0 or isinstance(rows[0][name], str)
        table.add_column(name, justify="left" if is_text else "right", no_wrap=place == 0)
    for row in rows:
        table.add_row(*(escape(str(value)) if value else "-" if value == 0 else "" for value in row.values()))
    return table


def _time(summary: RescoreSummary) -> str:
    if not summary.fresh:
        return f"{summary.wall_s:.1f} s"
    return f"{summary.wall_s:.1f} s, {len(summary.fresh) / summary.wall_s:.0f} calls a second"
