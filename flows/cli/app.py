"""The command's entry: subcommands brought together, errors as plain sentences, exit codes.

Exit codes: 0 done; 2 the command line, configuration or input does not hold; 3 the database is busy or damaged;
4 weights or a program are missing; 130 stopped with Ctrl-C. Recordings that fail do not fail the run.
"""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from types import FrameType

import typer
from rich.console import Console

from flows.cli import (
    backup,
    checklist,
    learn,
    look,
    machine,
    privacy,
    process,
    rescore,
    share,
    sides,
    text,
    trust,
    user,
)
from flows.cli.options import ANYWHERE, set_common
from flows.json_logs import log_end, logs_from_environment
from pipeline.errors import PrescoreError, StoreError, WeightsError

app = typer.Typer(
    name="prescore",
    help="Pre-scored quality control of sales calls: recordings in, checklists filled in with evidence.",
    epilog="--data, --profile, --config and --debug may stand anywhere. Start with: prescore doctor",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)
app.callback()(set_common)
for group in (process, rescore, sides, look, text, checklist, share, user, trust, learn, privacy, backup, machine):
    group.add_to(app)


def main() -> None:
    """Run the command line and end the process with its exit code."""
    arguments = hoist(sys.argv[1:])
    errors, is_json = Console(stderr=True, highlight=False), False
    with interruptible() as interrupt:
        try:
            is_json = logs_from_environment()
            app(arguments, prog_name="prescore")
        except BaseException as error:
            if interrupt.is_set() and getattr(error, "code", 1) != 0:
                errors.print("\n[yellow]stopped[/]; what is stored stays stored: run the same command again to go on")
                sys.exit(130)
            if not isinstance(error, PrescoreError) or "--debug" in arguments:
                raise
            if is_json:
                log_end(error, exit_code(error))
            else:
                errors.print("[bold red]error:[/]", end=" ")
                errors.print(str(error), markup=False, soft_wrap=True)
            sys.exit(exit_code(error))


@contextmanager
def interruptible() -> Iterator[Event]:
    """Set when Ctrl-C was pressed: DuckDB and typer turn what is raised then into errors of their own."""
    pressed = Event()

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        pressed.set()
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, interrupt)
    try:
        yield pressed
    finally:
        signal.signal(signal.SIGINT, before)


def exit_code(error: PrescoreError) -> int:
    if isinstance(error, StoreError):
        return 3
    return 4 if isinstance(error, WeightsError) else 2


def hoist(arguments: list[str]) -> list[str]:
    """The same arguments with the options that may stand anywhere brought to the front, where click looks for them."""
    front: list[str] = []
    rest: list[str] = []
    waiting = iter(arguments)
    for argument in waiting:
        name = argument.partition("=")[0]
        if name not in ANYWHERE:
            rest.append(argument)
            continue
        front.append(argument)
        if ANYWHERE[name] and "=" not in argument:
            front += [value for value in [next(waiting, None)] if value is not None]
    return front + rest
