"""`prescore publish`, `export` and `review`: what is stored, for others."""

from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.markup import escape

from flows.cli.options import common
from flows.cli.tables import make_console
from flows.detached import start_page, stop_page
from flows.watch_export import watch_from_environment
from flows.workshop import read_environment
from pipeline.data_folder import DataFolder
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
    host: Annotated[str, typer.Option(help="Address; 127.0.0.1 is this machine alone.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8000,
    proxy: Annotated[
        str | None,
        typer.Option(help="Name under which a proxy with TLS on this machine serves the page, e.g. calls.example.com."),
    ] = None,
    detach: Annotated[
        bool, typer.Option("--detach", help="Go on in the background; the terminal is free again.")
    ] = False,
    stop: Annotated[bool, typer.Option("--stop", help="End the page that --detach started over this folder.")] = False,
) -> None:
    """Serve the review page: queue, calls with player and transcript, managers, trust, people."""
    options = common(context)
    if detach or stop:
        review_detached(options.data, host, port, stop)
        return
    from review.app import create_app
    from review.server import serve
    from review.vendor import are_installed

    watch_from_environment()
    app = create_app(options.data, options.settings, secrets=read_environment())
    out = make_console()
    address = f"https://{proxy}/" if proxy else f"http://{host}:{port}/"
    out.print(f"review page: {escape(address)}   (Ctrl-C ends it)", soft_wrap=True)
    for line in hints(app.state.site.has_people(), are_installed(), host, proxy):
        out.print(f"[yellow]note:[/] {escape(line)}", soft_wrap=True)
    serve(app, host, port, proxy)


def review_detached(data: DataFolder, host: str, port: int, stop: bool) -> None:
    out = make_console()
    if stop:
        out.print("the page has ended" if stop_page(data) else "no page was running in the background over this folder")
        return
    start_page(data, host, port)
    out.print(f"review page: http://{host}:{port}/   (in the background; `prescore review --stop` ends it)")


def hints(has_people: bool, has_libraries: bool, host: str, proxy: str | None) -> list[str]:
    """What keeps people from logging in, and from hearing a call."""
    found = []
    if not has_libraries:
        found.append("pages lack their player and charts: `make setup` installs the browser's libraries with npm")
    if not has_people:
        found.append("nobody may log in yet; add the first person: prescore user add LOGIN --role administrator")
    if proxy is None and host not in ("127.0.0.1", "localhost", "::1"):
        found.append("browsers on other machines log in only over TLS: docs/operator.md, option --proxy")
    return found
