"""`prescore run` and `prescore retry`: recordings in, suggestions out."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from flows.batch import RunSummary, run_batch
from flows.cli.options import Common, common
from flows.cli.tables import make_console, print_summary
from flows.planning import RunPlan
from flows.workshop import inbox_of, read_phone_key
from models.hardware import find_hardware, workers_for
from pipeline.errors import InputError
from pipeline.remote_files import is_remote
from pipeline.store.failures import request_retries
from pipeline.store.retrying import choose_retries

SHOWN_PROBLEMS = 20

RUN_EXAMPLES = """[bold]Examples[/]

prescore run                                      what lies in data/inbox

prescore run recordings/2026-11-21 --journal calls.csv

prescore run one.wav two.mp3 --data /srv/prescore
"""


def add_to(app: typer.Typer) -> None:
    app.command("run", epilog=RUN_EXAMPLES)(run)
    app.command("retry")(retry)


def run(
    context: typer.Context,
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Folders and files, also s3://...; without any: the inbox.")
    ] = None,
    journal: Annotated[Path | None, typer.Option(help="Call journal in CSV.")] = None,
    workers: Annotated[int | None, typer.Option(min=0, help="Processes side by side; 0: in this one.")] = None,
) -> None:
    """Process recordings: transcribe, tell agent from client, pre-fill the checklist, store, publish.

    What is stored already is not done again. Ctrl-C is safe: run the same command again to go on.
    """
    options = common(context)
    _process(options, paths or [_inbox(options)], journal, workers)


def retry(
    context: typer.Context,
    names: Annotated[list[str] | None, typer.Argument(help="Call ids or file names; without any: all.")] = None,
    workers: Annotated[int | None, typer.Option(min=0, help="Processes side by side; 0: in this one.")] = None,
) -> None:
    """Try failed calls again, after their cause was mended."""
    options = common(context)
    with options.store.reading() as con:
        retries = choose_retries(con, names or ())
    if names and not retries.failures and not retries.gone:
        raise InputError(f"{', '.join(names)}: no failed call of that id or file name; `prescore failed` lists them")
    out = make_console()
    if retries.gone:
        out.print(f"{len(retries.gone)} recordings are no longer where they were found; deliver them again")
    if not retries.failures:
        out.print("nothing to retry")
        return
    with options.store.writing() as con:
        request_retries(con, retries.failures)
    _process(options, retries.paths, None, workers)


def _process(options: Common, paths: Sequence[Path], journal: Path | None, workers: int | None) -> RunSummary:
    order = options.work_order
    if workers is None:
        workers = workers_for(order.settings.run.workers, order.settings.active.transcriber, find_hardware())
    out = make_console()
    columns = [TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("calls,")]
    columns += [TimeElapsedColumn(), TextColumn("left:"), TimeRemainingColumn()]
    with Progress(*columns, console=out, transient=True) as progress:
        bar = progress.add_task("looking", total=None)

        def on_plan(plan: RunPlan) -> None:
            for line in plan.problems[:SHOWN_PROBLEMS]:
                out.print(f"[yellow]note:[/] {escape(line)}", soft_wrap=True)
            if len(plan.problems) > SHOWN_PROBLEMS:
                out.print(f"[yellow]note:[/] and {len(plan.problems) - SHOWN_PROBLEMS} more")
            progress.update(bar, description="processing", total=len(plan.tasks))

        summary = run_batch(
            order, paths, journal, read_phone_key(), workers,
            on_plan, lambda count, _audio_s: progress.advance(bar, count),
        )  # fmt: skip
    print_summary(out, summary, options)
    return summary


def _inbox(options: Common) -> Path:
    inbox = inbox_of(options.settings, options.data)
    if not is_remote(inbox) and not inbox.is_dir():
        raise InputError(f"{inbox}: no such folder; put recordings there or name a folder to `prescore run`")
    return inbox
