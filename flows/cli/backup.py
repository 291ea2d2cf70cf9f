"""`prescore backup` and `prescore restore`: what cannot be made again, kept elsewhere and brought back."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from flows.backup import AUDIO, Backup, check_backup, make_backup
from flows.cli.options import common
from flows.cli.tables import make_console
from flows.restoring import RESTORED_SETTINGS, Restored, restore
from pipeline.backup_manifest import Manifest
from pipeline.errors import InputError
from pipeline.store.publish import publish as publish_store

MIB = 2**20


def add_to(app: typer.Typer) -> None:
    app.command("backup", epilog="[bold]Example[/]: prescore backup /mnt/backups --keep 14")(backup)
    app.command("restore", epilog="[bold]Example[/]: prescore restore /mnt/backups/prescore-... --data /tmp/drill")(
        restore_backup
    )


def backup(
    context: typer.Context,
    target: Annotated[
        Path | None, typer.Argument(envvar="PRESCORE_BACKUPS", help="Folder that gets a dated folder.")
    ] = None,
    audio: Annotated[bool, typer.Option("--audio", help="The recordings too, each once.")] = False,
    keep: Annotated[int | None, typer.Option(min=1, help="How many backups stay; older ones are removed.")] = None,
    check: Annotated[Path | None, typer.Option(help="Make none; read this one and say whether it is whole.")] = None,
) -> None:
    """Copy store, desk, heads, outlines and settings into a dated folder, also while a night runs and people work."""
    options, out = common(context), make_console()
    if check is not None:
        out.print(f"{escape(str(check))}: whole", soft_wrap=True)
        print_manifest(out, check_backup(check))
        return
    if target is None:
        raise InputError("name a folder for the backup: prescore backup FOLDER, or set PRESCORE_BACKUPS")
    made = make_backup(options.data, options.store, options.config, target.absolute(), audio=audio, keep=keep)
    print_backup(out, made)


def restore_backup(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="BACKUP", help="A folder that `prescore backup` made.")],
    replace: Annotated[bool, typer.Option("--replace", help="Move what is in the data folder aside.")] = False,
) -> None:
    """Check a backup, put it into the data folder (--data), bring it up to date, publish.

    Whoever was erased after the backup is erased from it again. End the page and the worker before.
    """
    options, out = common(context), make_console()
    restored = restore(folder.absolute(), options.data, replace=replace)
    if options.data.store.exists():
        publish_store(options.store, options.data.published)
    print_restored(out, restored, options.data.root)


def print_manifest(out: Console, manifest: Manifest) -> None:
    audio = f"{len(manifest.below(AUDIO))} with sound" if manifest.has_audio else "without sound"
    out.print(
        f"made {manifest.made_at:%Y-%m-%d %H:%M:%S} UTC by Prescore {manifest.program}: {manifest.calls} calls, "
        f"{manifest.recordings} recordings, {audio}; {len(manifest.files)} files, {manifest.size_bytes / MIB:.1f} MiB; "
        f"schema {manifest.store_version or '-'} of the store, {manifest.desk_version or '-'} of the desk",
        soft_wrap=True,
    )


def print_backup(out: Console, made: Backup) -> None:
    out.print(escape(str(made.folder)), soft_wrap=True)
    print_manifest(out, made.manifest)
    if made.missing_audio:
        out.print(f"[yellow]note:[/] the files of {made.missing_audio} recordings are gone; their calls are in it")
    if made.removed:
        out.print(f"older ones removed: {', '.join(path.name for path in made.removed)}", soft_wrap=True)


def print_restored(out: Console, restored: Restored, root: Path) -> None:
    print_manifest(out, restored.manifest)
    out.print(f"restored into {escape(str(root))}, and published; {restored.migrations} newer migrations applied")
    if restored.erased_calls:
        out.print(f"{restored.erased_calls} calls that were erased after the backup are erased from it again")
    if restored.audio:
        out.print(f"{restored.audio} recordings lie in {escape(str(root / 'audio'))}", soft_wrap=True)
    if restored.aside is not None:
        out.print(f"what was there lies in {escape(str(restored.aside))}; remove it when all is well", soft_wrap=True)
    out.print(f"settings lie in {escape(str(root / RESTORED_SETTINGS))}: compare them with configs/", soft_wrap=True)
    out.print(
        f"[yellow]note:[/] {restored.sessions} sessions were ended; look at People: tokens that were revoked and "
        "people who were disabled after the backup are as they were then. Restart the page"
    )
