"""What differs between two versions of a checklist, in the reader's words."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.checklist import Checklist, Criterion
from pipeline.checklist.diff import Change, Kind, compare
from review.catalogue import Catalogue
from review.pages.checklist_text import applies_text, judged_lines

LANGUAGE = re.compile(r"[a-z]{2,3}")
JUDGED = ("rule", "phrases", "metric")  # what decides the criterion: told as a whole
TOLD_WHOLE = (*JUDGED, "applies_when")


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One difference; `is_foreign`: only in texts that the reader does not read, because they have others."""

    kind: Kind
    what: str
    before: str
    after: str
    is_foreign: bool = False


@dataclass(frozen=True, slots=True)
class ChangeGroup:
    """The differences of one criterion, or of the checklist itself, whose `criterion_id` is None."""

    criterion_id: str | None
    title: str
    kind: Kind
    lines: tuple[ChangeLine, ...]
    foreign: tuple[ChangeLine, ...]


def change_groups(words: Catalogue, before: Checklist, after: Checklist) -> tuple[ChangeGroup, ...]:
    """The checklist's own first, then by criterion, as `pipeline.checklist.diff` orders them."""
    by_criterion: dict[str | None, list[Change]] = {}
    for change in compare(before, after):
        by_criterion.setdefault(change.criterion_id, []).append(change)
    old = {item.id: item for item in before.criteria}
    new = {item.id: item for item in after.criteria}
    return tuple(
        _group(words, changes, old.get(criterion_id or ""), new.get(criterion_id or ""))
        for criterion_id, changes in by_criterion.items()
    )


def _group(words: Catalogue, changes: Sequence[Change], old: Criterion | None, new: Criterion | None) -> ChangeGroup:
    shown = new or old
    lines: list[ChangeLine] = []
    if shown is None or (old and new):
        lines = [_line(words, change) for change in changes if change.key.partition(".")[0] not in TOLD_WHOLE]
    if old and new:
        lines += _whole_lines(words, old, new, {change.key.partition(".")[0] for change in changes})
    return ChangeGroup(
        criterion_id=shown.id if shown else None,
        title=words.of(shown.title) if shown else words("compare.own"),
        kind="added" if shown and not old else "removed" if shown and not new else "changed",
        lines=tuple(line for line in lines if not line.is_foreign),
        foreign=tuple(line for line in lines if line.is_foreign),
    )


def _whole_lines(words: Catalogue, old: Criterion, new: Criterion, heads: set[str]) -> Iterator[ChangeLine]:
    """What decides the criterion and when it applies, as sentences: the parts of a rule mean little alone."""
    told = {
        "judged": (bool(heads & set(JUDGED)), [" ".join(judged_lines(words, item)) for item in (old, new)]),
        "applies_when": (
            "applies_when" in heads,
            [applies_text(words, item) or words("applies.always") for item in (old, new)],
        ),
    }
    for key, (is_changed, (before, after)) in told.items():
        if is_changed:
            yield ChangeLine("changed", words(f"checklist_keys.{key}"), before, after, is_foreign=before == after)


def _line(words: Catalogue, change: Change) -> ChangeLine:
    head, _, path = change.key.partition(".")
    head = "order" if head == "order of criteria" else head
    path, language = _without_language(head, path)
    parts = [words(f"checklist_keys.{head}"), _part(words, head, path)]
    return ChangeLine(
        kind=change.kind,
        what=", ".join(part for part in parts if part),
        before=_value(words, head, change.before),
        after=_value(words, head, change.after),
        is_foreign=language not in (None, words.language),
    )


def _without_language(head: str, path: str) -> tuple[str, str | None]:
    """The path without the language at its end, and that language."""
    rest, _, last = path.rpartition(".")
    has_texts = head == "title" or (head in ("groups", "levels", "examples") and rest)
    return (rest, last) if has_texts and LANGUAGE.fullmatch(last) else (path, None)


def _part(words: Catalogue, head: str, path: str) -> str:
    """Which call type, level or group the key is about."""
    if head == "weights":
        return words.call_type(path)
    if head in ("levels", "examples") and path:
        return words("compare.level", label=words.label(path))
    return path


def _value(words: Catalogue, head: str, text: str) -> str:
    parts = text.split(" | ") if text else []
    if head in ("critical", "scale"):
        return " / ".join(words.label(part) for part in parts)
    if head == "call_types":
        return ", ".join(words.call_type(part) for part in parts)
    if head == "role":
        return words.named("speakers", text)
    if head in ("weights", "threshold"):
        return text.replace(".", words.texts["formats.decimal_sign"])
    return "; ".join(parts)
