"""What changed between two versions of a checklist, in the words of its writer."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pipeline.checklist.schema import Checklist, Criterion

Kind = Literal["added", "removed", "changed"]


@dataclass(frozen=True, slots=True)
class Change:
    """`criterion_id` None: of the checklist itself. `before` and `after` are short, one line each."""

    kind: Kind
    criterion_id: str | None
    key: str
    before: str = ""
    after: str = ""


def compare(before: Checklist, after: Checklist) -> tuple[Change, ...]:
    """Every difference that makes another version, the checklist's own first, then criteria in their new order."""
    return (*_own(before, after), *_criteria(before, after))


def _own(before: Checklist, after: Checklist) -> Iterator[Change]:
    for key in ("id", "title", "threshold", "call_types", "groups"):
        yield from _difference(None, key, getattr(before, key), getattr(after, key))
    kept = {c.id for c in before.criteria} & {c.id for c in after.criteria}
    orders = [[c.id for c in checklist.criteria if c.id in kept] for checklist in (before, after)]
    if orders[0] != orders[1]:
        yield Change("changed", None, "order of criteria", ", ".join(orders[0]), ", ".join(orders[1]))


def _criteria(before: Checklist, after: Checklist) -> Iterator[Change]:
    earlier = {criterion.id: criterion for criterion in before.criteria}
    later = {criterion.id for criterion in after.criteria}
    for criterion in before.criteria:
        if criterion.id not in later:
            yield Change("removed", criterion.id, "criterion", before=_summary(criterion))
    for criterion in after.criteria:
        if criterion.id not in earlier:
            yield Change("added", criterion.id, "criterion", after=_summary(criterion))
        else:
            yield from _changes(earlier[criterion.id], criterion)


def _changes(before: Criterion, after: Criterion) -> Iterator[Change]:
    for key in Criterion.model_fields:
        old, new = getattr(before, key), getattr(after, key)
        if key == "weights" and set(old) == set(new) and len(set(old.values())) == len(set(new.values())) == 1:
            old, new = next(iter(old.values())), next(iter(new.values()))  # one number for every type: one change
        yield from _difference(after.id, key, old, new)


def _difference(criterion_id: str | None, key: str, before: Any, after: Any) -> Iterator[Change]:
    """One change per leaf, so that one reworded sentence does not print the whole criterion."""
    old, new = _plain(before), _plain(after)
    if old == new:
        return
    if isinstance(old, dict) and isinstance(new, dict):
        for part in dict.fromkeys([*old, *new]):
            yield from _difference(criterion_id, f"{key}.{part}", old.get(part), new.get(part))
        return
    kind: Kind = "added" if old is None else "removed" if new is None else "changed"
    yield Change(kind, criterion_id, key, _shown(old), _shown(new))


def _plain(value: Any) -> Any:
    """Models as mappings; equal content is equal whatever holds it."""
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json", exclude_defaults=True)
    return list(value) if isinstance(value, tuple) else value


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {_shown(item)}" for key, item in value.items())
    if isinstance(value, list):
        return " | ".join(_shown(item) for item in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _summary(criterion: Criterion) -> str:
    """Its title, its scale and its weights."""
    weights = set(criterion.weights.values())
    weight = f"{weights.pop():g}" if len(weights) == 1 else _shown(criterion.weights)
    title = criterion.title.get("en") or next(iter(criterion.title.values()))
    return f"{title} (scale {' / '.join(criterion.scale)}; weight {weight})"
