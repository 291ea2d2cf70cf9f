"""`prescore checklist check`, `diff`, `import` and `list`: for whoever writes the standards."""

import os
import re
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from flows.cli.checklist_tables import print_change, print_check, print_import, row
from flows.cli.options import common
from flows.cli.tables import make_console
from pipeline.checklist import CHECKLISTS, Checklist, load_checklist
from pipeline.checklist.diff import compare
from pipeline.checklist.importing import import_draft
from pipeline.checklist.list_files import read_list
from pipeline.checklist.pasted import read_text
from pipeline.errors import ConfigurationError, InputError
from pipeline.store import Store
from pipeline.store.checklist_versions import StoredVersion, read_versions
from pipeline.store.heads import measured_heads_of

STORED_NAME = re.compile(r"^(?P<id>[a-z][a-z0-9_]*)@(?P<number>\d+)$")
PASTED = "-"

CHECK_EXAMPLE = "[bold]Example[/]: prescore checklist check configs/checklists/mine.yaml"
DIFF_EXAMPLES = """[bold]Examples[/]

prescore checklist diff cqr                   the file against the version stored last

prescore checklist diff cqr@1 cqr@2           two stored versions

prescore checklist diff old.yaml new.yaml
"""
IMPORT_EXAMPLES = """[bold]Examples[/]

prescore checklist import our-list.xlsx --id ours

prescore checklist import - --id ours         paste the list, then Ctrl-D
"""


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(no_args_is_help=True, help="Check, compare and import checklists.")
    group.command("check", epilog=CHECK_EXAMPLE)(check)
    group.command("diff", epilog=DIFF_EXAMPLES)(diff)
    group.command("import", epilog=IMPORT_EXAMPLES)(import_)
    group.command("list")(list_)
    app.add_typer(group, name="checklist")


def check(
    context: typer.Context,
    sources: Annotated[list[str], typer.Argument(metavar="FILE...", help="Files, or names in configs/checklists.")],
) -> None:
    """Say what is wrong with a checklist, and what a valid one still lacks."""
    out, errors = make_console(), Console(stderr=True, highlight=False)
    measured = measured_heads_of(common(context).store)
    is_valid = True
    for source in sources:
        try:
            print_check(out, load(source), measured)
        except ConfigurationError as error:
            is_valid = False
            errors.print("[bold red]error:[/]", end=" ")
            errors.print(str(error), markup=False, soft_wrap=True)
    if not is_valid:
        raise typer.Exit(2)


def diff(
    context: typer.Context,
    before: Annotated[str, typer.Argument(metavar="A", help="A file, a name, or NAME@NUMBER of a stored version.")],
    after: Annotated[str | None, typer.Argument(metavar="B", help="Likewise; without it, A against the store.")] = None,
) -> None:
    """What changed from A to B, criterion by criterion."""
    store = common(context).store
    new = find_checklist(store, after or before)
    old = latest_stored(store, new.id) if after is None else find_checklist(store, before)
    out = make_console()
    changes = compare(old, new)
    if not changes:
        out.print(f"the same version, {new.version}")
    for change in changes:
        print_change(out, change)
    if changes:
        count = f"{len(changes)} {'change' if len(changes) == 1 else 'changes'}"
        out.print(f"[dim]{old.version} to {new.version}: {count}[/]")


def import_(
    source: Annotated[str, typer.Argument(metavar="FILE", help="CSV, XLSX or text; - for pasted text.")],
    out: Annotated[Path | None, typer.Option(help="Where the YAML goes; else configs/checklists/ID.yaml.")] = None,
    id_: Annotated[str | None, typer.Option("--id", help="Id of the checklist; else made of its title.")] = None,
) -> None:
    """Make a checklist of a list with points: stages become groups, points weights, yes or no the scale."""
    draft = read_text(sys.stdin.read()) if source == PASTED else read_list(Path(source))
    if not draft.lines:
        raise InputError("the pasted text holds no criteria; write one a line, e.g. `1. Greeting - 10 points`")
    imported = import_draft(draft, (id_ or "imported") if source == PASTED else Path(source).stem, id_)
    target = out or CHECKLISTS / f"{imported.checklist.id}.yaml"
    write_new(target, imported.text)
    print_import(make_console(), imported, target)


def list_(context: typer.Context) -> None:
    """The checklists in configs/checklists, and which versions evaluations were made by."""
    store = common(context).store
    stored = {(item.checklist_id, item.version): item for item in stored_versions(store)}
    table = Table(title="Checklists", title_justify="left", box=None, pad_edge=False)
    for name in ("checklist", "criteria", "version", "stored as", "published", "title"):
        table.add_column(name, no_wrap=name != "title")
    out = make_console()
    shown = set()
    for path in sorted(CHECKLISTS.glob("*.yaml")):
        try:
            checklist = load_checklist(path)
        except ConfigurationError:
            table.add_row(path.stem, "-", "[red]not valid[/]", "-", "-", f"see: prescore checklist check {path.stem}")
            continue
        key = (checklist.id, checklist.version)
        shown.add(key)
        table.add_row(*row(checklist, checklist.version, stored.get(key)))
    for key, item in stored.items():
        if key not in shown:
            table.add_row(*row(item.checklist, item.version, item))
    out.print(table)


def load(source: str) -> Checklist:
    """By path where it looks like one, else by its name in configs/checklists."""
    is_path = source.endswith((".yaml", ".yml")) or os.sep in source or Path(source).is_file()
    return load_checklist(Path(source) if is_path else source)


def find_checklist(store: Store, name: str) -> Checklist:
    """A file's, or a stored version's as `cqr@2`. Raises InputError when there is no such version."""
    asked = STORED_NAME.match(name)
    if not asked:
        return load(name)
    versions = [item for item in stored_versions(store) if item.checklist_id == asked["id"]]
    for item in versions:
        if item.number == int(asked["number"]):
            return item.checklist
    known = ", ".join(f"{item.checklist_id}@{item.number}" for item in versions) or "none"
    raise InputError(f"{name}: no such stored version (there are: {known}); see `prescore checklist list`")


def latest_stored(store: Store, checklist_id: str) -> Checklist:
    versions = [item for item in stored_versions(store) if item.checklist_id == checklist_id]
    if not versions:
        raise InputError(f"{checklist_id}: no version is stored yet; name two files to compare")
    return versions[-1].checklist


def stored_versions(store: Store) -> tuple[StoredVersion, ...]:
    """None before the first run: there is no store then."""
    if not store.path.exists():
        return ()
    with store.reading() as con:
        return read_versions(con)


def write_new(target: Path, text: str) -> None:
    """Raises InputError rather than replace somebody's checklist."""
    try:
        with target.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise InputError(f"{target}: exists already; give another --id or --out") from error
    except OSError as error:
        raise InputError(f"{target}: cannot be written: {error.strerror}; choose another --out") from error
