"""What a checklist says, in the reader's words: levels with examples, and what decides a criterion."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import get_args

from pipeline.checklist import SCORED_TYPES, Checklist, Condition, Criterion, MetricRule, PhraseRule
from pipeline.checklist.check import answers_by, weight_sums
from pipeline.checklist.rules import SHARES, CallMetric
from pipeline.checklist.schema import NOT_ENOUGH
from review.catalogue import REFERENCE, Catalogue

OF_THE_CALL: tuple[str, ...] = get_args(CallMetric)
SIGNS = str.maketrans({"|": "/", "~": "…", "=": "", "^": ""})  # of phrases, as docs/checklists.md has them


@dataclass(frozen=True, slots=True)
class LevelText:
    """One label of the scale; `value` is what it is worth, 0..1."""

    label: str
    value: float
    meaning: str
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CriterionText:
    """`judged`: what decides it, a line each; `applies`: when it applies, empty where always."""

    criterion_id: str
    title: str
    critical: bool
    untested: bool
    judged_role: str
    scale: tuple[str, ...]
    levels: tuple[LevelText, ...]  # the best first
    judged: tuple[str, ...]
    applies: str


@dataclass(frozen=True, slots=True)
class GroupText:
    title: str
    criteria: tuple[CriterionText, ...]


@dataclass(frozen=True, slots=True)
class WeightRow:
    """Weights in the order of the table's call types; None: no part of the CQR there."""

    title: str
    critical: bool
    weights: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class WeightTable:
    call_types: tuple[str, ...]
    rows: tuple[WeightRow, ...]
    sums: tuple[float, ...]


def text_in(words: Catalogue, texts: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """A user's own sentences in the reader's language, else in English, else in the first that there is."""
    return texts.get(words.language) or texts.get(REFERENCE) or next(iter(texts.values()), ())


def group_texts(words: Catalogue, checklist: Checklist, untested: frozenset[str]) -> tuple[GroupText, ...]:
    """The criteria by their groups, in the order of the checklist."""
    by_group: dict[str, list[CriterionText]] = {}
    for criterion in checklist.criteria:
        text = criterion_text(words, criterion, criterion.id in untested)
        by_group.setdefault(criterion.group, []).append(text)
    titles = {group: words.of(checklist.groups.get(group, {"en": group})) for group in by_group}
    return tuple(GroupText(titles[group], tuple(criteria)) for group, criteria in by_group.items())


def criterion_text(words: Catalogue, criterion: Criterion, untested: bool) -> CriterionText:
    levels = [
        LevelText(
            label=words.label(label),
            value=value,
            meaning=words.of(criterion.levels.get(label, {})),
            examples=text_in(words, criterion.examples.get(label, {})),
        )
        for label, value in zip(criterion.scale, criterion.values, strict=True)
    ]
    return CriterionText(
        criterion_id=criterion.id,
        title=words.of(criterion.title),
        critical=criterion.critical,
        untested=untested,
        judged_role=criterion.role,
        scale=tuple(words.label(label) for label in criterion.scale),
        levels=tuple(reversed(levels)),
        judged=tuple(judged_lines(words, criterion)),
        applies=applies_text(words, criterion),
    )


def weight_table(words: Catalogue, checklist: Checklist) -> WeightTable:
    """Only the call types that the checklist scores."""
    sums = weight_sums(checklist)
    types = [call_type for call_type in SCORED_TYPES if sums[call_type]]
    rows = tuple(
        WeightRow(words.of(item.title), item.critical, tuple(item.weights.get(call_type) for call_type in types))
        for item in checklist.criteria
    )
    return WeightTable(tuple(types), rows, tuple(sums[call_type] for call_type in types))


def judged_lines(words: Catalogue, criterion: Criterion) -> Iterator[str]:
    """What decides the criterion first."""
    if criterion.rule:
        yield words("judged.rule", name=words.named("rules", criterion.rule))
    elif criterion.phrases:
        yield from _phrase_lines(words, criterion, criterion.phrases)
    elif criterion.metric:
        yield from _metric_lines(words, criterion, criterion.metric)
    else:
        yield words(f"judged.{answers_by(criterion)}")


def applies_text(words: Catalogue, criterion: Criterion) -> str:
    """When the criterion applies; empty where always."""
    condition = criterion.applies_when
    if not isinstance(condition, Condition):
        return "" if condition == "always" else words.named("applies", condition)
    if condition.said is not None:
        return words(
            "applies.said",
            who=words.named("speakers", condition.said_by or "client"),
            where=words.named("places_said", condition.within),
            phrases=_quoted(words, text_in(words, condition.said)),
        )
    metric = condition.metric or ""
    bounds = [
        words(f"applies.{name}", number=metric_value(words, metric, bound))
        for name, bound in (("at_least", condition.at_least), ("at_most", condition.at_most))
        if bound is not None
    ]
    name = metric_name(words, metric, condition.of or criterion.role)
    return words("applies.metric", metric=name, bounds=", ".join(bounds))


def metric_name(words: Catalogue, metric: str, role: str) -> str:
    """The metric with whose it is; some are of the whole call."""
    name = words.named("metric_names", metric)
    return name if metric in OF_THE_CALL else f"{name} ({words.named('speakers', role)})"


def metric_value(words: Catalogue, metric: str, value: float) -> str:
    """A bound of a metric: shares in percent, the rest as a number."""
    return words.percent(value) if metric in SHARES else words.number(value, 0 if value == int(value) else 1)


def _phrase_lines(words: Catalogue, criterion: Criterion, rule: PhraseRule) -> Iterator[str]:
    who, where = words.named("speakers", rule.said_by or criterion.role), words.named("places_said", rule.within)
    for label, phrases in rule.found.items():
        said = _quoted(words, text_in(words, phrases))
        yield words("judged.phrases", label=words.label(label), who=who, where=where, phrases=said)
    if rule.otherwise == NOT_ENOUGH:
        yield words("judged.otherwise_examples")
    else:
        yield words("judged.otherwise", label=words.label(rule.otherwise))
    if len(rule.found) > 1:
        yield words(f"judged.prefer_{rule.prefer}")


def _metric_lines(words: Catalogue, criterion: Criterion, rule: MetricRule) -> Iterator[str]:
    yield words("judged.metric", metric=metric_name(words, rule.name, rule.of or criterion.role))
    below = ""
    for threshold in rule.thresholds:
        label = words.label(threshold.label)
        if threshold.up_to is not None:
            below = metric_value(words, rule.name, threshold.up_to)
            yield words("judged.up_to", number=below, label=label)
        else:
            yield words("judged.above", number=below, label=label)
    yield words(f"without_audio.{rule.without_audio}")


def _quoted(words: Catalogue, phrases: tuple[str, ...]) -> str:
    """The phrases without the signs that only their matching needs."""
    return ", ".join(words("judged.quoted", text=phrase.translate(SIGNS)) for phrase in phrases)
