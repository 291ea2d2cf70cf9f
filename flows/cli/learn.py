"""`prescore learn`: verdicts made into new heads; `prescore heads`: which heads there are, and which judge."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from flows.cli.options import common
from flows.cli.tables import make_console
from flows.learning import choose, read_heads, run_learning
from flows.learning import roll_back as roll_back_heads
from flows.learning_report import comparison_rows, event_lines, model_rows
from flows.selection import choose_calls

EXAMPLES = """[bold]Examples[/]

prescore learn --dry-run              would the verdicts make the judge better?

prescore learn                        learn, compare on held-out verdicts, adopt what is better

prescore heads rollback --by Anna     back to the heads before
"""
USE_EXAMPLE = '[bold]Example[/]: prescore heads use shipped --by "Anna K." --reason "the comparison was too small"'
ROLLBACK_EXAMPLE = '[bold]Example[/]: prescore heads rollback --by "Anna K."'
NEXT = "calls that come are judged by the new heads; `prescore rescore` judges the stored ones again"
Person = Annotated[str, typer.Option("--by", help="Who decides this.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; it is kept.")]

heads = typer.Typer(help="The learned heads that judge: list them, choose others, go back.")


def add_to(app: typer.Typer) -> None:
    app.command("learn", epilog=EXAMPLES)(learn)
    heads.command("list")(list_heads)
    heads.command("use", epilog=USE_EXAMPLE)(use)
    heads.command("rollback", epilog=ROLLBACK_EXAMPLE)(rollback)
    app.add_typer(heads, name="heads", no_args_is_help=True)


def learn(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Compare and say; keep nothing.")] = False,
    since: Annotated[str | None, typer.Option(help="Only verdicts from this day on, as 2026-10-05.")] = None,
) -> None:
    """Learn from people's verdicts. The new heads are adopted only if no criterion is worse on held-out verdicts.

    The newest quarter of the calls is held out. Auto-confirmations teach nothing. Every model is kept.
    """
    options = common(context)
    first = choose_calls(options.store, options.settings, since=since).since
    out = make_console()
    with out.status("learning: some minutes"):
        summary = run_learning(options.work_order, since=first, dry_run=dry_run)
    out.print(f"{summary.calls} calls with {summary.verdicts} verdicts; heads in use: {summary.current}")
    if summary.learned is not None:
        print_rows(out, f"On {len(summary.held.newer)} held-out calls", comparison_rows(summary))
    out.print(summary.sentence, soft_wrap=True, markup=False)
    if summary.version is not None:
        out.print(f"new heads: {summary.version}")
        if summary.adopted:
            out.print(NEXT, soft_wrap=True)


def list_heads(context: typer.Context) -> None:
    """Every model of learned heads, which is in use, and what became of each."""
    out = make_console()
    history = read_heads(common(context).work_order)
    print_rows(out, "Learned heads", model_rows(history))
    for line in event_lines(history):
        out.print(line, soft_wrap=True, markup=False)


def use(
    context: typer.Context,
    version: Annotated[str, typer.Argument(help="A version, or its beginning; `shipped` came with the program.")],
    by: Person,
    reason: Reason = "",
) -> None:
    """Judge by these heads from now on, whatever the comparison said."""
    found = choose(common(context).work_order, version, by, reason)
    make_console().print(f"heads in use: {found}; {NEXT}", soft_wrap=True)


def rollback(context: typer.Context, by: Person, reason: Reason = "") -> None:
    """Back to the heads that were in use before."""
    found = roll_back_heads(common(context).work_order, by, reason)
    make_console().print(f"heads in use: {found}; {NEXT}", soft_wrap=True)


def print_rows(out: Console, title: str, rows: Sequence[dict[str, Any]]) -> None:
    """Rows as a table; numbers to the right."""
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, collapse_padding=True)
    for place, name in enumerate(rows[0] if rows else ()):
        is_number = any(isinstance(row[name], int | float) for row in rows)
        table.add_column(name, justify="right" if is_number else "left", no_wrap=place == 0)
    for row in rows:
        table.add_row(*("-" if value is None else escape(str(value)) for value in row.values()))
    out.print(table)
