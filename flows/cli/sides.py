"""`prescore sides`: who of a call is the agent, where the words misled."""

import re
from typing import Annotated

import typer

from flows.cli.options import common
from flows.cli.tables import make_console
from flows.sides import name_sides
from pipeline.errors import InputError
from pipeline.store.show import StoredCall, read_call

EXAMPLES = """[bold]Examples[/]

prescore sides ru-08-reanimation-gives-up.mp3 --swap

prescore sides 1008 --agent-at 0:13        whoever speaks at 00:13 is the agent
"""
TIME = re.compile(r"(?:(?:(\d+):)?(\d+):)?(\d+(?:[.,]\d+)?)")
BY_COMMAND = "command"  # in place of a log-in


def add_to(app: typer.Typer) -> None:
    app.command("sides", epilog=EXAMPLES)(sides)


def sides(
    context: typer.Context,
    call: Annotated[str, typer.Argument(help="Call id, journal id or file name.")],
    agent_at: Annotated[str | None, typer.Option(help="When the agent speaks: seconds, or 1:05.")] = None,
    swap: Annotated[bool, typer.Option("--swap", help="Whoever is the client now is the agent.")] = False,
    login: Annotated[str, typer.Option("--by", help="Log-in of who says so.")] = BY_COMMAND,
) -> None:
    """Say who the agent is, where the words misled; the call is judged again, without its audio.

    What was said stays: also when the call is heard again by other models. Earlier suggestions and verdicts stay with
    the evaluation that they were given on.
    """
    if swap == (agent_at is not None):
        raise InputError("give one of --swap and --agent-at TIME")
    options = common(context)
    with options.store.reading() as con:
        before = cqr_of(read_call(con, call))
    stored = name_sides(options.work_order, call, None if agent_at is None else seconds(agent_at), login)
    make_console().print(
        f"{call}: judged again with the sides as you say; CQR {before} before, {cqr_of(stored)} now\n"
        f"look further:  prescore show {call}",
        markup=False,
    )


def cqr_of(stored: StoredCall) -> str:
    """By the default checklist, as a person reads it."""
    cqr = stored.evaluations[0].cqr if stored.evaluations else None
    return "none" if cqr is None else f"{cqr:.0f}"


def seconds(text: str) -> float:
    """Of 13, 13.5, 1:05 or 1:02:05. Raises InputError."""
    found = TIME.fullmatch(text.strip())
    if found is None:
        raise InputError(f"--agent-at {text}: is no time; write seconds as 13.5, or minutes and seconds as 1:05")
    hours, minutes, rest = found.groups()
    return 3600 * int(hours or 0) + 60 * int(minutes or 0) + float(rest.replace(",", "."))
