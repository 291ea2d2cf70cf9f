"""`prescore doctor` and `prescore weights`: is this machine ready?"""

import typer
from rich.markup import escape

from flows.checks import examine
from flows.cli.options import common
from flows.cli.tables import make_console
from models.weights import fetch_and_prepare, load_sources

MARK = {"ok": "[green]ok[/]     ", "note": "[yellow]note[/]   ", "problem": "[red]problem[/]"}


def add_to(app: typer.Typer) -> None:
    app.command("doctor")(doctor)
    app.command("weights")(weights)


def doctor(context: typer.Context) -> None:
    """Check the machine: ffmpeg, GPU, weights, disk, database lock; says what to do."""
    out = make_console()
    findings = examine(common(context).work_order)
    for finding in findings:
        out.print(f"{MARK[finding.level]} {finding.what}: {escape(finding.found)}", soft_wrap=True)
        if finding.remedy:
            out.print(f"         {escape(finding.remedy)}", soft_wrap=True)
    if any(finding.level == "problem" for finding in findings):
        raise typer.Exit(4)


def weights() -> None:
    """Fetch the models' weights into the cache, once, each checked by its sha256."""
    out = make_console()
    for name, source in load_sources().items():
        fetched = fetch_and_prepare(name)
        out.print(
            f"{'fetched' if fetched else 'present':8} {name:14} {source.title} ({source.licence})", soft_wrap=True
        )
