"""`prescore retention` and `prescore erase`: recordings that are too old, and clients who are to be forgotten."""

import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from flows.backup import keep_erasures
from flows.cli.options import Common, common
from flows.cli.tables import make_console
from flows.erasing import Client, ErasureReport, Target, client_of_phone, erase, read_target
from flows.publishing import copy_again
from flows.workshop import read_environment, read_phone_key
from pipeline.errors import InputError
from pipeline.known_files import LeftFile
from pipeline.retention import RetentionSummary, remove_aged
from pipeline.store.lock import locked
from pipeline.store.rows import utc_now
from review.desk.audit import record
from review.desk.database import Desk

RUN_LOCK_S = 1.0
INCOMPLETE = 2  # exit code: something is left, and named
MIB = 2**20
SHOWN_CALLS = 20
FROM_INPUT = "-"


def add_to(app: typer.Typer) -> None:
    app.command("retention", epilog="[bold]Example[/]: prescore retention --audio-days 90 --dry-run")(retention)
    app.command("erase", epilog="[bold]Example[/]: prescore erase --phone - (asks for the number)")(erase_client)


def retention(
    context: typer.Context,
    audio_days: Annotated[int, typer.Option(min=1, help="Recordings of calls older than so many days go.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be removed, remove nothing.")] = False,
) -> None:
    """Remove recordings that are too old, from where they were found; scores and transcripts stay.

    Files that are not what was delivered are left and named; then the exit code is 2.
    """
    options = common(context)
    with options.store.reading():  # there must be one: else the lock would be made in a folder that is not there
        pass
    with locked(options.data.run_lock, exclusive=True, timeout_s=RUN_LOCK_S):
        summary = remove_aged(options.store, options.data, audio_days, utc_now(), dry_run=dry_run)
    if summary.files and not dry_run and options.data.desk.exists():
        record(Desk(options.data.desk), None, "recordings.removed", days=audio_days, recordings=summary.recordings)
    out = make_console()
    print_retention(out, summary, dry_run=dry_run)
    leave_if_left(out, summary.left)


def print_retention(out: Console, summary: RetentionSummary, *, dry_run: bool) -> None:
    what = "would be removed" if dry_run else "removed"
    size = f"{summary.size_bytes / MIB:.1f} MiB"
    counts = f"{summary.recordings} recordings ({summary.files} files, {size})"
    out.print(f"{what}: {counts}, {summary.copies} of the page's copies")
    if summary.unjudged:
        out.print(f"[yellow]note:[/] {summary.unjudged} of them were never pre-scored, and cannot be any more")


def erase_client(
    context: typer.Context,
    phone: Annotated[
        str | None, typer.Option(help="The client's number; - asks for it, and it stays out of the shell's history.")
    ] = None,
    call: Annotated[str | None, typer.Option(help="One call: its id, journal id or file name.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Remove a client from recordings, transcripts, verdicts, the desk and the published files, and prove it.

    Safe to stop: the same command goes on. Afterwards every file of the data folder is searched; the exit code is 2
    when something is left. Backups, exports elsewhere and the PBX are yours to clean.
    """
    options = common(context)
    client = read_client(phone, call)
    out = make_console()
    target = read_target(options.store, client)
    print_target(out, target, options)
    if target.traces.calls and not yes and not confirmed():
        out.print("nothing was erased")
        return
    report = erase(options.store, options.data, client, target)
    keep_erasures(options.data, read_environment().get("PRESCORE_BACKUPS"))
    print_erasure(out, report, target, options)
    copy_again(options.work_order)
    leave_if_left(out, report.left)
    if not report.is_proved:
        raise typer.Exit(INCOMPLETE)


def read_client(phone: str | None, call: str | None) -> Client:
    """Raises InputError unless exactly one of them is given."""
    if (phone is None) == (call is None):
        raise InputError("give either --phone NUMBER or --call ID")
    if phone is None:
        return Client(call=call)
    if phone == FROM_INPUT:
        phone = typer.prompt("the client's number", hide_input=sys.stdin.isatty())
    return client_of_phone(phone, read_phone_key())


def confirmed() -> bool:
    """Raises InputError where nobody can be asked."""
    if not sys.stdin.isatty():
        raise InputError("nobody can be asked here; look at the list above, then repeat with --yes")
    return typer.confirm("erase these calls for ever?")


def print_target(out: Console, target: Target, options: Common) -> None:
    """Ids, times and managers; nothing of the client."""
    calls = target.traces.calls
    if not calls:
        out.print(
            f"no call of this client is in {escape(str(options.data.store))}; its files are searched all the same"
        )
    table = Table(title=f"{len(calls)} calls to be erased", title_justify="left", box=None)
    for name in ("call", "began (UTC)", "manager", "recordings"):
        table.add_column(name)
    for item in calls[:SHOWN_CALLS]:
        began = f"{item.started_at:%Y-%m-%d %H:%M}" if item.started_at else "-"
        table.add_row(item.call_id, began, escape(item.manager or "-"), str(item.recording_count))
    if calls:
        out.print(table)
    if len(calls) > SHOWN_CALLS:
        out.print(f"and {len(calls) - SHOWN_CALLS} more")
    if target.alike:
        out.print(
            f"[yellow]note:[/] {target.alike} calls have the same last four digits and no hash: they came while "
            "PRESCORE_PHONE_KEY was not set. Look at them (`prescore status --calls`) and erase theirs with --call"
        )


def print_erasure(out: Console, report: ErasureReport, target: Target, options: Common) -> None:
    if report.calls:
        out.print(
            f"erased: {report.calls} calls, {report.recordings} recordings ({report.files} files), {report.copies} of "
            f"the page's copies, {report.desk_rows} rows of the desk; the store is written anew"
        )
    found, wanted = report.search, target.wanted
    what = [f"{len(wanted.texts)} phrases, names and hashes"]
    what += ["the number in any spelling"] if wanted.number else []
    what += [f"{sum(map(len, wanted.sizes.values()))} recordings by content"] if wanted.sizes else []
    out.print(
        f"searched for {', '.join(what)}: {found.files} files of {escape(str(options.data.root))}, "
        f"{found.size_bytes / MIB:.1f} MiB, {found.tables} tables read row by row",
        soft_wrap=True,
    )
    if wanted.common:
        out.print(f"[yellow]note:[/] {wanted.common} phrases or names are said in other calls too and prove nothing")
    if found.unopened:
        packed = ", ".join(escape(str(path)) for path in found.unopened)
        out.print(f"[yellow]note:[/] packed, not looked into: {packed}", soft_wrap=True)
    for path in found.unread:
        out.print(
            f"[bold red]not searched:[/] {escape(str(path))} is damaged or held by another program", soft_wrap=True
        )
    if found.found:
        out.print("[bold red]left behind in:[/]")
        for path in found.found:
            out.print(f"  {escape(str(path))}", soft_wrap=True)
    else:
        out.print("nothing was found")
    if report.calls:
        out.print(
            "restart `prescore review` if it runs: it keeps the last calls in memory. Backups hold them until they "
            "age out, and `prescore restore` erases them again: make one now, so that it knows (docs/operator.md)"
        )


def leave_if_left(out: Console, left: tuple[LeftFile, ...]) -> None:
    """Names the files that stay, and ends with the exit code that says so."""
    if not left:
        return
    out.print("[bold red]not removed:[/]")
    for item in left:
        out.print(f"  {escape(str(item.path))}: {escape(item.reason)}", soft_wrap=True)
    raise typer.Exit(INCOMPLETE)
