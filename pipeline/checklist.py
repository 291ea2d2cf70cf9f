"""Checklists belong to users: YAML, validated with messages that name file, criterion, key and remedy.

The version is a hash of the content that is judged by, so a reformatted or re-commented file stays the same version.
"""

import hashlib
import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, ValidationError, model_validator

from pipeline.errors import ConfigurationError
from pipeline.records import CallType, Role
from pipeline.settings import CONFIGS, Frozen, load_yaml

CHECKLISTS = CONFIGS / "checklists"
SCALES: dict[str, tuple[str, ...]] = {
    "yes_no": ("no", "yes"),
    "0/0.5/1": ("0", "0.5", "1"),
    **{f"1-{best}": tuple(str(level) for level in range(1, best + 1)) for best in (4, 5, 10)},
}

Text = dict[str, str]  # by language
RuleName = Literal["greeting", "needs", "initiative", "product", "objection", "closing", "upsell", "politeness"]
ScoredType = Literal["qualification", "objection", "spam", "accelerating", "reanimation"]


def _labels(scale: object) -> object:
    """The labels of a scale, worst first, from its name or from a list."""
    if isinstance(scale, str):
        if scale not in SCALES:
            raise ValueError(f"unknown scale; use one of {', '.join(SCALES)} or a list of labels, worst first")
        return SCALES[scale]
    return tuple(str(label) for label in scale) if isinstance(scale, Sequence) else scale


class Criterion(Frozen):
    """One line of the checklist. `levels` says in words what each label of the scale means."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: Text = Field(min_length=1)
    group: str = "sales"
    scale: Annotated[tuple[str, ...], BeforeValidator(_labels)] = Field(default=SCALES["0/0.5/1"], min_length=2)
    weights: dict[ScoredType, Annotated[float, Field(gt=0)]] = Field(min_length=1)
    critical: bool = False
    role: Role = "agent"  # whose words are judged
    applies_when: Literal["always", "objection_raised"] = "always"
    rule: RuleName | None = None  # the deterministic rule that answers first; none: the words and examples below
    levels: dict[str, Text] = {}  # by label, then by language
    examples: dict[str, dict[str, tuple[str, ...]]] = {}  # by label, then by language: short sentences

    @model_validator(mode="after")
    def _labels_are_known(self) -> Self:
        if len(set(self.scale)) != len(self.scale):
            raise ValueError("scale: each label may stand once")
        for key in ("levels", "examples"):
            for label in getattr(self, key):
                if label not in self.scale:
                    raise ValueError(f'{key}: "{label}" is no label of the scale; use {", ".join(self.scale)}')
        return self

    @cached_property
    def values(self) -> tuple[float, ...]:
        """0..1 for each label: by its number where all labels are ascending numbers, else evenly spaced."""
        try:
            numbers = [float(label) for label in self.scale]
        except ValueError:
            numbers = []
        if not numbers or numbers != sorted(numbers):
            numbers = [float(place) for place in range(len(self.scale))]
        return tuple((number - numbers[0]) / (numbers[-1] - numbers[0]) for number in numbers)

    def value_of(self, label: str) -> float:
        """0..1 for a label of the scale."""
        return self.values[self.scale.index(label)]

    def snap(self, value: float) -> float:
        """The value of the scale nearest to `value`; the lower one when two are as near."""
        return min(self.values, key=lambda level: (abs(level - value), level))

    def label_of(self, value: float) -> str:
        """How the scale itself calls a value."""
        return self.scale[self.values.index(self.snap(value))]


class Checklist(Frozen):
    """A set of criteria. `threshold` is the CQR from which a call is good."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: Text = Field(min_length=1)
    threshold: float = Field(default=80, ge=0, le=100)
    groups: dict[str, Text] = {}
    criteria: tuple[Criterion, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _ids_and_groups_hold(self) -> Self:
        seen: set[str] = set()
        for criterion in self.criteria:
            if criterion.id in seen:
                raise ValueError(f'criterion "{criterion.id}" stands twice; give each its own id')
            seen.add(criterion.id)
            if self.groups and criterion.group not in self.groups:
                raise ValueError(
                    f'criterion "{criterion.id}": group "{criterion.group}" is not under groups: '
                    f"add it there or use one of {', '.join(self.groups)}"
                )
        return self

    @cached_property
    def version(self) -> str:
        """Hash of everything that is judged by; a frozen version is found again by it."""
        content = json.dumps(self.model_dump(mode="json"), ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()[:16]

    def criterion(self, criterion_id: str) -> Criterion:
        """The criterion of that id. Raises KeyError when the checklist has none."""
        for criterion in self.criteria:
            if criterion.id == criterion_id:
                return criterion
        raise KeyError(criterion_id)

    def criteria_for(self, call_type: CallType) -> tuple[Criterion, ...]:
        """Criteria with a weight for the type; all of them while the type is unknown."""
        if call_type == "unknown":
            return self.criteria
        return tuple(criterion for criterion in self.criteria if call_type in criterion.weights)


def load_checklist(source: str | Path, folder: Path = CHECKLISTS) -> Checklist:
    """The checklist in a file, or by its name in `folder`.

    Raises ConfigurationError with one line per problem: file, criterion, key, what was found, what to do.
    """
    path = source if isinstance(source, Path) else folder / f"{source}.yaml"
    if not path.exists() and not isinstance(source, Path):
        known = ", ".join(sorted(file.stem for file in folder.glob("*.yaml"))) or "none"
        raise ConfigurationError(f'{path}: there is no checklist "{source}" (there are: {known})')
    return parse_checklist(load_yaml(path), str(path))


def parse_checklist(content: Any, name: str) -> Checklist:
    """The checklist in already read YAML; `name` stands at the start of every message."""
    if not isinstance(content, dict):
        raise ConfigurationError(f"{name}: expected keys (id, title, criteria), found {type(content).__name__}")
    try:
        return Checklist.model_validate(content)
    except ValidationError as error:
        raise ConfigurationError("\n".join(_describe(problem, content, name) for problem in error.errors())) from error


def _describe(problem: Any, content: dict[str, Any], name: str) -> str:
    """One problem for the supervisor who wrote the file."""
    place = list(problem["loc"])
    where = name
    if len(place) >= 2 and place[0] == "criteria" and isinstance(place[1], int):
        criterion = content["criteria"][place[1]]
        known_id = criterion.get("id") if isinstance(criterion, dict) else None
        where += f': criterion "{known_id}"' if known_id else f": criterion number {place[1] + 1}"
        place = place[2:]
    key = ".".join(str(part) for part in place if part != "[key]")
    message, found = str(problem["msg"]).removeprefix("Value error, "), problem.get("input")
    remedy = _REMEDIES.get(problem["type"], "")
    shown = "" if problem["type"] in {"missing", "value_error"} and not key else f" (is {found!r})"
    shown = "" if problem["type"] == "missing" or len(shown) > 90 else shown
    return f"{where}: {key + ': ' if key else ''}{message[:1].lower() + message[1:]}{shown}{remedy}"


_REMEDIES = {
    "missing": "; add it",
    "extra_forbidden": "; remove it or correct its name",
    "greater_than": "; give a weight above 0, or leave the call type out where the criterion does not apply",
    "literal_error": "; use one of those",
    "string_pattern_mismatch": "; use small Latin letters, digits and _",
}
