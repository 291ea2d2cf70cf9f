"""`prescore status`, `show` and `failed`: reading what is stored."""

from dataclasses import replace
from typing import Annotated

import duckdb
import typer
from rich.markup import escape
from rich.table import Table

from flows.cli.options import common
from flows.cli.tables import calls_table, make_console, print_call
from pipeline.checklist import Checklist
from pipeline.records import Evaluation
from pipeline.store.calls import read_status_counts
from pipeline.store.evaluations import read_checklist
from pipeline.store.failures import read_open_failures
from pipeline.store.heads import read_measured_heads
from pipeline.store.rows import fetch
from pipeline.store.show import read_call, read_evaluation
from pipeline.store.versions import choose_version

SHOW_EXAMPLES = """[bold]Examples[/]

prescore show ru-03-objection.wav

prescore show ru-03-objection.wav --checklist cqr --version 1
"""
MEANING = {
    "done": "scored; suggestions wait for a supervisor",
    "not_scored": "too short or cut off: counted and shown, not scored",
    "no_speech": "nobody speaks in the recording",
    "failed": "see `prescore failed`",
    "waiting": "registered, not processed yet: `prescore run` goes on",
    "missed": "nobody answered",
    "no_recording": "answered, but no file was delivered",
}


def add_to(app: typer.Typer) -> None:
    app.command("status")(status)
    app.command("show", epilog=SHOW_EXAMPLES)(show)
    app.command("failed")(failed)


def status(
    context: typer.Context,
    calls: Annotated[bool, typer.Option("--calls", help="Also list every call.")] = False,
) -> None:
    """How many calls there are in each state."""
    options = common(context)
    with options.store.reading() as con:
        counts = read_status_counts(con)
        listed = fetch(con, "list_calls") if calls else []
    table = Table(
        title=f"{sum(counts.values())} calls in {escape(str(options.data.store))}", title_justify="left", box=None
    )
    table.add_column("status")
    table.add_column("calls", justify="right")
    table.add_column("")
    for name, meaning in MEANING.items():
        if counts.get(name):
            table.add_row(name, str(counts[name]), meaning)
    out = make_console()
    out.print(table)
    if calls:
        out.print(calls_table(listed))


def show(
    context: typer.Context,
    call: Annotated[str, typer.Argument(help="Call id, journal id, file name, or the start of a sha256.")],
    checklist: Annotated[str | None, typer.Option(help="Only what this checklist says, by its id.")] = None,
    version: Annotated[int | None, typer.Option(min=1, help="Another version than the current one.")] = None,
) -> None:
    """One call: transcript by role with times, type, and each criterion with its evidence.

    Without --checklist what each checklist says now; with it, and a version, what that version said.
    """
    with common(context).store.reading() as con:
        stored = read_call(con, call)
        if checklist is not None or version is not None:
            chosen = choose_version(stored.versions, checklist, version)
            stored = replace(stored, evaluations=(read_evaluation(con, chosen),))
        checklists = {item.evaluation_id: version_of(con, item.evaluation) for item in stored.evaluations}
        measured = read_measured_heads(con)
    print_call(make_console(), stored, checklists, measured)


def version_of(con: duckdb.DuckDBPyConnection, evaluation: Evaluation) -> Checklist | None:
    """The version of the checklist that an evaluation was made by."""
    return read_checklist(con, evaluation.checklist_id, evaluation.checklist_version)


def failed(context: typer.Context) -> None:
    """Calls that failed and why; `prescore retry` tries them again."""
    with common(context).store.reading() as con:
        failures = read_open_failures(con)
    out = make_console()
    if not failures:
        out.print("no call stands as failed")
    for failure in failures:
        out.print(f"[bold]{failure.call_id or failure.content_sha256[:16]}[/]  {failure.stage}  [red]{failure.code}[/]")
        out.print(f"  {escape(failure.reason)}", soft_wrap=True)
