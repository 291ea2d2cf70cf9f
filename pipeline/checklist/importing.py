"""Somebody's list as a checklist of ours: a YAML file that validates, what was guessed, and what is left to write."""

import re
from dataclasses import dataclass
from typing import Any

import yaml

from pipeline.checklist.draft import Draft, Line
from pipeline.checklist.reading import parse_checklist, parse_yaml
from pipeline.checklist.scales import SCALES
from pipeline.checklist.schema import Checklist
from pipeline.checklist.wording import KnownCriterion, language_of, make_id, recognise

_CALL_TYPES = ("qualification", "objection", "accelerating", "reanimation")
_OBJECTION = re.compile(r"возражен|objection|obiekcj", re.IGNORECASE)
_TITLE = {"ru": "Чек-лист", "en": "Checklist", "pl": "Lista kontrolna"}
_EXAMPLES_NOTE = (
    "# For the machine to answer this one, write what is said: examples: {{{best}: {{{language}: [...]}}}}, or phrases."
)


@dataclass(frozen=True, slots=True)
class Imported:
    """`text` is the file; `guesses` what was assumed; `to_do` what the writer should look at or fill in."""

    checklist: Checklist
    text: str
    guesses: tuple[str, ...]
    to_do: tuple[str, ...]


def import_draft(draft: Draft, name: str, checklist_id: str | None = None) -> Imported:
    """The checklist under `checklist_id`, else under an id made of its title or of `name`."""
    language = language_of(" ".join(line.title for line in draft.lines))
    guesses, to_do = list(draft.guesses), []
    group_ids = _group_ids(draft)
    head: dict[str, Any] = {
        "id": checklist_id or make_id(draft.title or name, ()),
        "title": {language: draft.title or f"{_TITLE[language]} {name}"},
        "call_types": list(_CALL_TYPES),
    }
    if group_ids:
        head["groups"] = {group_id: {language: group} for group, group_id in group_ids.items()}
    parts = [_dump(head, ""), "criteria:\n"]
    taken: set[str] = set()
    for line in draft.lines:
        criterion, known = _criterion(line, language, group_ids, taken)
        taken.add(criterion["id"])
        guesses += _guesses(criterion, known)
        to_do += _to_do(line, criterion, known)
        parts.append(_entry(criterion, known, line, language))
    text = _HEADER + "".join(parts)
    checklist = parse_checklist(parse_yaml(text, head["id"]), head["id"])
    return Imported(checklist, text, (*guesses, *_sums(draft)), tuple(to_do))


_HEADER = """# Imported. Weights are the list's points, for each type under call_types: spam calls are not scored by it.
# docs/checklists.md tells what else can be written here.
"""


def _group_ids(draft: Draft) -> dict[str, str]:
    """An id for each stage, in order."""
    ids: dict[str, str] = {}
    for line in draft.lines:
        if line.group and line.group not in ids:
            ids[line.group] = make_id(line.group, set(ids.values()) | {"general"})
    if ids and any(line.group is None for line in draft.lines):
        ids[""] = "general"
    return ids


def _criterion(
    line: Line, language: str, group_ids: dict[str, str], taken: set[str]
) -> tuple[dict[str, Any], KnownCriterion | None]:
    known = recognise(line.title)
    if known and not known.rule and line.scale:  # yes or no: no answer on levels of the list's own
        known = None
    base = known.id if known else None
    content: dict[str, Any] = {
        "id": base if base and base not in taken else make_id(line.title, taken),
        "title": {language: line.title},
    }
    if group_ids:
        content["group"] = group_ids[line.group or ""]
    content["scale"] = _scale(line)
    content["weights"] = _weight(line)
    if line.critical:
        content["critical"] = True
    if _OBJECTION.search(line.title):
        content["applies_when"] = "objection_raised"
    content |= _answered_by(known)
    if line.levels:
        content["levels"] = {label: {language: text} for label, text in line.levels}
    return content, known


def _scale(line: Line) -> Any:
    """The name of the scale where it has one; yes or no unless the list has levels."""
    if line.scale is None:
        return "yes_no"
    return next((name for name, labels in SCALES.items() if labels == line.scale), list(line.scale))


def _weight(line: Line) -> float:
    points = line.points or 1.0
    return int(points) if points == int(points) else points


def _answered_by(known: KnownCriterion | None) -> dict[str, Any]:
    if known is None:
        return {}
    if known.rule:
        return {"rule": known.rule}
    if known.metric:
        return {"metric": known.metric.model_dump(exclude_none=True)}
    assert known.phrases is not None
    found = {"yes": {language: list(texts) for language, texts in known.found.items()}}
    return {"phrases": {"found": found, "otherwise": known.phrases.otherwise, "within": known.phrases.within}}


def _guesses(criterion: dict[str, Any], known: KnownCriterion | None) -> list[str]:
    title = next(iter(criterion["title"].values()))
    lines = []
    if known and known.rule:
        lines.append(f'"{title}" is our criterion {known.rule}, which the judge has learned (rule: {known.rule})')
    elif known and known.metric:
        lines.append(
            f'"{title}" is answered by a metric (metric: {known.metric.name}): look whether its bound is yours'
        )
    elif known:
        lines.append(f'"{title}" is answered by common phrases (phrases:): look whether your people say them so')
    if "applies_when" in criterion:
        lines.append(f'"{title}" applies only where the client objects (applies_when: objection_raised)')
    return lines


def _to_do(line: Line, criterion: dict[str, Any], known: KnownCriterion | None) -> list[str]:
    lines = []
    if not line.points:
        lines.append(f'criterion "{criterion["id"]}": the list gives no points; weight 1 was written')
    if known is None:
        lines.append(
            f'criterion "{criterion["id"]}": write examples or phrases, else only a language model can answer it'
        )
    return lines


def _sums(draft: Draft) -> list[str]:
    total = sum(line.points or 1.0 for line in draft.lines)
    if draft.total is not None and draft.total != total:
        return [f"the list says {draft.total:g} in all, its criteria add up to {total:g}: check the points"]
    return [f"{len(draft.lines)} criteria, {total:g} points in all"]


def _entry(criterion: dict[str, Any], known: KnownCriterion | None, line: Line, language: str) -> str:
    """One criterion as it stands in the file, with a note where something is left to write."""
    note = ""
    if known is None:
        best = line.scale[-1] if line.scale else "yes"
        note = "    " + _EXAMPLES_NOTE.format(best=f'"{best}"', language=language) + "\n"
    body = _dump(criterion, "    ")
    return "  - " + body[4:] + note


def _dump(content: dict[str, Any], indent: str) -> str:
    text: str = yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=1000, default_flow_style=None)
    return "".join(f"{indent}{line}\n" for line in text.splitlines())
