"""`prescore publish`, `export` and `review`: what is stored, for others."""

from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.markup import escape

from flows.cli.options import common
from flows.cli.tables import make_console
from pipeline.store.export import export as export_calls
from pipeline.store.publish import publish as publish_store


def add_to(app: typer.Typer) -> None:
    app.command("publish")(publish)
    app.command("export", epilog="[bold]Example[/]: prescore export --format jsonl --out calls.jsonl")(export)
    app.command("review")(review)


def publish(context: typer.Context) -> None:
    """Write snapshot.duckdb and Parquet for the data team; readers of the old ones are not disturbed."""
    options = common(context)
    publish_store(options.store, options.data.published)
    make_console().print(f"published {escape(str(options.data.published))}", soft_wrap=True)


def export(
    context: typer.Context,
    out: Annotated[Path, typer.Option(help="File; for csv and parquet also a folder with a file per table.")],
    format_: Annotated[Literal["jsonl", "csv", "parquet"], typer.Option("--format")] = "jsonl",
) -> None:
    """Calls with utterances, type, criteria and metrics, as files for other programs."""
    with common(context).store.reading() as con:
        count = export_calls(con, format_, out)
    make_console().print(f"{count} calls written to {escape(str(out))}", soft_wrap=True)


def review(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="Address; there is no log-in yet: keep it local.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8000,
) -> None:
    """Serve the review page: calls with player, transcript and suggestions."""
    from review.app import create_app
    from review.server import serve

    options = common(context)
    make_console().print(f"review page: http://{host}:{port}/   (Ctrl-C ends it)")
    serve(create_app(options.data, options.settings), host, port)
