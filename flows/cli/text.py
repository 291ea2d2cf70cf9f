"""`prescore score-text`: text channels through the same judge, without audio and without the store."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from flows.cli.options import common
from flows.text_scoring import score_file
from flows.workshop import checklist_named
from pipeline.prescoring.trained import untested_criteria
from pipeline.store.heads import measured_heads_of

EXAMPLE = "[bold]Example[/]: prescore score-text chats.jsonl --checklist cqr --out scored.jsonl"


def add_to(app: typer.Typer) -> None:
    app.command("score-text", epilog=EXAMPLE)(score_text)


def score_text(
    context: typer.Context,
    source: Annotated[Path, typer.Argument(metavar="IN.jsonl", help="A dialogue a line: id, language, turns.")],
    out: Annotated[Path, typer.Option(help="Where the evaluations go, a line each.")],
    checklist: Annotated[str, typer.Option(help="Name in configs/checklists, or a path.")] = "cqr",
) -> None:
    """Score dialogues that are text already: chats, or transcripts from elsewhere.

    IN, a line each: {"id", "language", "turns": [{"role": "agent"|"client", "text"}]}
    """
    console = Console(stderr=True, highlight=False)
    result = score_file(source, out, checklist, common(context).work_order)
    for problem in result.problems:
        console.print(f"[yellow]left out:[/] {escape(problem)}", soft_wrap=True)
    console.print(
        f"{result.scored} dialogues scored to {escape(str(out))}, {len(result.problems)} left out", soft_wrap=True
    )
    untested = untested_criteria(checklist_named(checklist), measured_heads_of(common(context).store))
    if untested:
        names = ", ".join(sorted(untested))
        console.print(f"untested, nobody has compared these answers with people's: {names}", soft_wrap=True)
    if result.problems:
        raise typer.Exit(2)
