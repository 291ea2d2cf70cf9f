"""`prescore trust`: how far machine and people agree, and what the machine may confirm by itself."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Literal

import typer
from rich.markup import escape

from flows.cli.options import common
from flows.cli.tables import make_console
from flows.cli.trust_tables import agreement_table, applied_lines, standings_table, stop_lines, waiting_audits_table
from flows.confirming import confirm_stored
from pipeline.agreement import AnswerPair
from pipeline.errors import InputError
from pipeline.store.rows import fetch
from pipeline.store.trust import allow as allow_rule
from pipeline.store.trust import read_standings
from pipeline.store.trust import stop as stop_rule
from pipeline.store.trust_pairs import read_machine_pairs, read_supervisor_pairs

GroupName = Literal["criterion", "call-type", "supervisor", "version", "judge"]
GROUPS: dict[GroupName, Callable[[AnswerPair], str]] = {
    "criterion": lambda pair: pair.criterion_id,
    "call-type": lambda pair: pair.call_type,
    "supervisor": lambda pair: pair.reviewer,
    "version": lambda pair: f"version {pair.version_number}",
    "judge": lambda pair: pair.judge or "-",
}
Criterion = Annotated[str, typer.Argument(help="Id of the criterion, e.g. greeting.")]
ChecklistName = Annotated[str | None, typer.Option("--checklist", help="Id of the checklist; else the configured one.")]
Person = Annotated[str, typer.Option("--by", help="Who decides this.")]

EXAMPLES = {
    "agreement": "[bold]Examples[/]: prescore trust agreement --by supervisor   |   --between-supervisors",
    "allow": '[bold]Example[/]: prescore trust allow greeting --by "Anna K."',
    "stop": '[bold]Example[/]: prescore trust stop greeting --by "Anna K." --withdraw --since 2026-11-20',
}
app = typer.Typer(help="Agreement between machine and people, and auto-confirmation (off until you allow it).")


def add_to(parent: typer.Typer) -> None:
    for command in (agreement, allow, stop, status, audits, apply):
        app.command(command.__name__, epilog=EXAMPLES.get(command.__name__))(command)
    parent.add_typer(app, name="trust", no_args_is_help=True)


def agreement(
    context: typer.Context,
    checklist: ChecklistName = None,
    by: Annotated[GroupName, typer.Option(help="What a row stands for.")] = "criterion",
    criterion: Annotated[str | None, typer.Option(help="Only this criterion.")] = None,
    judge: Annotated[str | None, typer.Option(help="Only suggestions of this judge.")] = None,
    between_supervisors: Annotated[
        bool, typer.Option("--between-supervisors", help="Two people with each other, not with the machine.")
    ] = False,
) -> None:
    """How far verdicts agree with the suggestions, over all and over the last 25. Auto-confirmations never count.

    Kappa 1 is full agreement, 0 is chance. "-": nothing to measure, or all answers are the same. In brackets the 95 %
    interval: few verdicts say little.
    """
    options = common(context)
    name = checklist or options.settings.checklist
    with options.store.reading() as con:
        pairs = (read_supervisor_pairs if between_supervisors else read_machine_pairs)(con, name)
    kept = [pair for pair in pairs if criterion in (None, pair.criterion_id) and judge in (None, pair.judge)]
    if pairs and not kept:
        raise InputError(f'checklist "{name}": --criterion or --judge leaves none of {len(pairs)} verdicts to compare')
    if not kept:
        what = "calls that two people have scored" if between_supervisors else "verdicts"
        raise InputError(f'checklist "{name}": no {what} to compare; give some on the review page')
    out = make_console()
    out.print(agreement_table(kept, GROUPS[by], by, out.width))


def allow(
    context: typer.Context,
    criterion: Criterion,
    by: Person,
    checklist: ChecklistName = None,
    after: Annotated[
        int | None, typer.Option(help="How many verdicts there shall be at the first test; it is the strongest one.")
    ] = None,
) -> None:
    """Allow the machine to confirm a criterion where it is sure, once verdicts bear out that few of those are wrong."""
    options = common(context)
    with options.store.writing() as con:
        allow_rule(con, checklist or options.settings.checklist, criterion, by, options.settings.trust, after)
    make_console().print(f"{criterion}: allowed by {escape(by)}; `prescore trust stop {criterion}` ends it")
    _apply(context)


def stop(
    context: typer.Context,
    criterion: Criterion,
    by: Person,
    checklist: ChecklistName = None,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Also take back what it has confirmed.")] = False,
    since: Annotated[datetime | None, typer.Option(help="Only what it confirmed from then on, UTC.")] = None,
) -> None:
    """Stop the auto-confirmation of a criterion. What it confirmed stands unless it is withdrawn."""
    if since is not None and not withdraw:
        raise InputError("--since says what to take back: give --withdraw with it")
    options = common(context)
    with options.store.writing() as con:
        name = checklist or options.settings.checklist
        count = stop_rule(con, name, criterion, by, withdraw=withdraw, since=since)
    taken_back = f"; {count} confirmations taken back" if withdraw else "; what it confirmed stands"
    make_console().print(f"{criterion}: stopped by {escape(by)}{taken_back}")


def status(context: typer.Context) -> None:
    """Where each auto-confirmation stands: its threshold, what it confirmed, what the audits say."""
    with common(context).store.reading() as con:
        standings = read_standings(con)
    out = make_console()
    if not standings:
        out.print("off: nobody has allowed a criterion to be confirmed; `prescore trust allow CRITERION --by NAME`")
        return
    out.print(standings_table(standings))
    for line in stop_lines(standings):
        out.print(line, soft_wrap=True)


def audits(context: typer.Context) -> None:
    """Calls that were left for a person to check: answer them on the review page, as if there were no suggestion."""
    with common(context).store.reading() as con:
        waiting = fetch(con, "trust_waiting_audits")
    out = make_console()
    if not waiting:
        out.print("no audit waits for a verdict")
        return
    out.print(waiting_audits_table(waiting))


def apply(context: typer.Context) -> None:
    """Apply what is allowed now; every run does so at its end."""
    if not _apply(context):
        make_console().print("nothing is allowed to be confirmed; `prescore trust status`")


def _apply(context: typer.Context) -> bool:
    options = common(context)
    trust = options.settings.trust
    applied = confirm_stored(options.store, trust)
    for line in applied_lines(applied, trust):
        make_console().print(line, soft_wrap=True)
    return bool(applied)
