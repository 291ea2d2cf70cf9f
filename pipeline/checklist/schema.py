"""What a checklist is: criteria with scales, weights by call type, and how each is judged."""

import hashlib
import json
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from pipeline.checklist.rules import Condition, MetricRule, PhraseRule, refuse
from pipeline.checklist.scales import SCALES, Text, Texts, read_label_keys, read_labels, values_of
from pipeline.frozen import Frozen
from pipeline.records import CallType, Role

RuleName = Literal["greeting", "needs", "initiative", "product", "objection", "closing", "upsell", "politeness"]
ScoredType = Literal["qualification", "objection", "spam", "accelerating", "reanimation"]
SCORED_TYPES: tuple[ScoredType, ...] = get_args(ScoredType)
NOT_ENOUGH = "not_enough_evidence"
_LATER_KEYS = ("phrases", "metric", "call_types")  # left out of the hash where unused: older versions keep theirs


def _weights(weights: object) -> object:
    """One number is the weight for every call type."""
    if isinstance(weights, int | float) and not isinstance(weights, bool):
        if weights <= 0:
            raise ValueError(f"must be above 0 (is {weights:g}); give a weight above 0, or remove the criterion")
        return dict.fromkeys(SCORED_TYPES, weights)
    return weights


def _form(applies_when: object) -> str:
    return "(condition)" if isinstance(applies_when, Mapping | Condition) else "(one word)"


class Criterion(Frozen):
    """One line of the checklist. `levels` says in words what each label of the scale means.

    At most one of `rule`, `phrases` and `metric` decides first; without any the words and examples of the levels do.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: Text = Field(min_length=1)
    group: str = "sales"
    scale: Annotated[tuple[str, ...], BeforeValidator(read_labels)] = Field(default=SCALES["0/0.5/1"], min_length=2)
    weights: Annotated[dict[ScoredType, Annotated[float, Field(gt=0)]], BeforeValidator(_weights)] = Field(min_length=1)
    critical: bool = False
    role: Role = "agent"  # whose words are judged
    applies_when: Annotated[
        Annotated[Literal["always", "objection_raised"], Tag("(one word)")] | Annotated[Condition, Tag("(condition)")],
        Discriminator(_form),
    ] = "always"
    rule: RuleName | None = None  # a rule of ours, and the head learned for it
    phrases: PhraseRule | None = None
    metric: MetricRule | None = None
    levels: Annotated[dict[str, Text], BeforeValidator(read_label_keys)] = {}  # by label, then by language
    examples: Annotated[dict[str, Texts], BeforeValidator(read_label_keys)] = {}  # short sentences, likewise

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if len(set(self.scale)) != len(self.scale):
            raise ValueError("scale: each label may stand once")
        problems = []
        for key, label in self._used_labels():
            if label not in self.scale:
                problems.append(f'{key}: "{label}" is no label of the scale; use {", ".join(self.scale)}')
        ways = [key for key in ("rule", "phrases", "metric") if getattr(self, key) is not None]
        if len(ways) > 1:
            problems.append(f"{' and '.join(ways)}: only one of them can decide; remove the other")
        condition = self.applies_when if isinstance(self.applies_when, Condition) else None
        for key, of in (
            ("metric", self.metric and (self.metric.of or self.role)),
            ("applies_when", condition and condition.metric and (condition.of or self.role)),
        ):
            if of == "other":
                problems.append(f"{key}.of: add it: whose metric, agent or client")
        refuse(problems)
        return self

    def _used_labels(self) -> list[tuple[str, str]]:
        """(key, label) wherever a label of the scale is named."""
        used = [("levels", label) for label in self.levels] + [("examples", label) for label in self.examples]
        if self.phrases:
            used += [("phrases.found", label) for label in self.phrases.found]
            if self.phrases.otherwise != NOT_ENOUGH:
                used.append(("phrases.otherwise", self.phrases.otherwise))
        if self.metric:
            used += [("metric.thresholds", threshold.label) for threshold in self.metric.thresholds]
        return used

    @cached_property
    def values(self) -> tuple[float, ...]:
        """0..1 for each label: by its number where all labels are ascending numbers, else evenly spaced."""
        return values_of(self.scale)

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
    """A set of criteria. `threshold` is the CQR from which a call is good.

    `call_types` are the types that a weight given as one number is for; without it, all of them.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: Text = Field(min_length=1)
    threshold: float = Field(default=80, ge=0, le=100)
    call_types: tuple[ScoredType, ...] | None = Field(default=None, min_length=1)
    groups: dict[str, Text] = {}
    criteria: tuple[Criterion, ...] = Field(min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _spread_weights(cls, content: Any) -> Any:
        """Weights given as one number, over `call_types`."""
        if not isinstance(content, dict) or not isinstance(content.get("criteria"), list | tuple):
            return content
        types = content.get("call_types")
        if not isinstance(types, list | tuple) or not types:
            return content
        return content | {"criteria": [_spread(criterion, types) for criterion in content["criteria"]]}

    @model_validator(mode="after")
    def _ids_and_groups_hold(self) -> Self:
        seen: set[str] = set()
        problems = []
        for criterion in self.criteria:
            if criterion.id in seen:
                problems.append(f'criterion "{criterion.id}" stands twice; give each its own id')
            seen.add(criterion.id)
            if self.groups and criterion.group not in self.groups:
                problems.append(
                    f'criterion "{criterion.id}": group "{criterion.group}" is not under groups: '
                    f"add it there or use one of {', '.join(self.groups)}"
                )
        refuse(problems)
        return self

    @cached_property
    def version(self) -> str:
        """Hash of everything that is judged by; a frozen version is found again by it."""
        content = self.model_dump(mode="json")
        for part in (content, *content["criteria"]):
            for key in _LATER_KEYS:
                if part.get(key, ...) is None:
                    del part[key]
        text = json.dumps(content, ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

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


def _spread(criterion: Any, types: Any) -> Any:
    weights = criterion.get("weights") if isinstance(criterion, dict) else None
    if not isinstance(weights, int | float) or isinstance(weights, bool) or weights <= 0:
        return criterion
    return criterion | {"weights": dict.fromkeys(types, weights)}
