"""Options that every subcommand shares, and what is made of them: settings, data folder, work order."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from flows.workshop import WorkOrder, order_for
from pipeline.data_folder import DataFolder
from pipeline.errors import InputError
from pipeline.settings import CONFIGS, ROOT, Settings, load_settings
from pipeline.store import Store

# Options that may stand anywhere on the command line, and whether they take a value.
ANYWHERE = {"--data": True, "--profile": True, "--config": True, "--debug": False}


@dataclass(frozen=True)
class Common:
    """What the options before the subcommand said."""

    data: DataFolder
    config: Path
    profile: str | None

    @property
    def settings(self) -> Settings:
        return load_settings(self.config, self.profile)

    @property
    def store(self) -> Store:
        return Store(self.data.store)

    @property
    def work_order(self) -> WorkOrder:
        return order_for(self.settings, self.data)


def set_common(
    context: typer.Context,
    data: Annotated[
        Path, typer.Option("--data", envvar="PRESCORE_DATA", help="Folder of store, cache and published files.")
    ] = ROOT / "data",
    profile: Annotated[str | None, typer.Option("--profile", help="Profile of configs/pipeline.yaml.")] = None,
    config: Annotated[Path, typer.Option("--config", help="Another pipeline.yaml.")] = CONFIGS / "pipeline.yaml",
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,  # noqa: ARG001  main looks for it
) -> None:
    context.obj = Common(DataFolder(data.absolute()), config, profile)


def common(context: typer.Context) -> Common:
    """The shared options of a subcommand's context."""
    found = context.obj
    if not isinstance(found, Common):
        raise InputError("no options were read; start with `prescore`")
    return found
