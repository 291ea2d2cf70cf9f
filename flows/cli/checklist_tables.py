"""How a terminal shows a checklist, what changed in one, and what an import made of a list."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pipeline.checklist import Checklist
from pipeline.checklist.check import answers_by, find_warnings, weight_sums
from pipeline.checklist.diff import Change
from pipeline.checklist.importing import Imported
from pipeline.prescoring.trained import is_tested
from pipeline.store.checklist_versions import StoredVersion

SIGN = {"added": "[green]+[/]", "removed": "[red]-[/]", "changed": "[yellow]~[/]"}


def print_check(out: Console, checklist: Checklist, measured: frozenset[str]) -> None:
    """`measured`: names of the heads by whose answers a criterion counts as tested."""
    title = checklist.title.get("en") or next(iter(checklist.title.values()))
    out.print(f"[bold]{checklist.id}[/]  {escape(title)}  version {checklist.version}: valid")
    table = Table(box=None, pad_edge=False)
    for name in ("criterion", "scale", "weight", "answered by", ""):
        table.add_column(name, no_wrap=name in ("criterion", "answered by"))
    for criterion in checklist.criteria:
        weights = sorted(set(criterion.weights.values()))
        span = f"{weights[0]:g}" if len(weights) == 1 else f"{weights[0]:g}-{weights[-1]:g}"
        tested = "" if is_tested(criterion, measured) else "[yellow]untested[/]"
        critical = "[red]critical[/] " if criterion.critical else ""
        scale = escape(shown_scale(criterion.scale))
        table.add_row(criterion.id, scale, span, answers_by(criterion), critical + tested)
    out.print(table)
    sums = ", ".join(
        f"{name} {total:g}" if total else f"{name} is not scored" for name, total in weight_sums(checklist).items()
    )
    out.print(f"{len(checklist.criteria)} criteria; sum of weights: {sums}", soft_wrap=True)
    for warning in find_warnings(checklist):
        out.print("[yellow]warning:[/]", end=" ")
        out.print(warning, markup=False, soft_wrap=True)


def shown_scale(scale: Sequence[str]) -> str:
    """Long rows of numbers by their ends: 1-5."""
    counted = [str(number) for number in range(1, len(scale) + 1)]
    return f"1-{len(scale)}" if len(scale) > 3 and list(scale) == counted else " / ".join(scale)


def print_change(out: Console, change: Change) -> None:
    out.print(f"{SIGN[change.kind]} [bold]{change.criterion_id or '(checklist)'}[/] {escape(change.key)}:", end=" ")
    parts = [part for part in (change.before, change.after) if part]
    out.print(" -> ".join(parts), markup=False, soft_wrap=True)


def print_import(out: Console, imported: Imported, target: Path) -> None:
    out.print(f"[bold]{len(imported.checklist.criteria)} criteria[/] written to {escape(str(target))}", soft_wrap=True)
    for title, lines in (("guessed", imported.guesses), ("to fill in", imported.to_do)):
        if lines:
            out.print(f"[bold]{title}[/]")
        for line in lines:
            out.print(f"  {line}", markup=False, soft_wrap=True)
    out.print(f"next: prescore checklist check {escape(str(target))}", soft_wrap=True)


def row(checklist: Checklist, version: str, stored: StoredVersion | None) -> tuple[str, ...]:
    title = checklist.title.get("en") or next(iter(checklist.title.values()))
    number = f"{stored.checklist_id}@{stored.number}" if stored else "not yet"
    published = f"{stored.published_at:%Y-%m-%d}" if stored else "-"
    return checklist.id, str(len(checklist.criteria)), version, number, published, escape(title)
