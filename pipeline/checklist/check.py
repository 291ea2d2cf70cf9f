"""What a valid checklist still lacks: call types without weight, and criteria that the judge can hardly answer."""

from collections.abc import Iterator, Mapping

from pipeline.checklist.rules import WITHOUT_TIMES
from pipeline.checklist.schema import SCORED_TYPES, Checklist, Criterion, ScoredType

_ENOUGH_EXAMPLES = 2  # of the best level and language: one sentence alone is met by chance


def weight_sums(checklist: Checklist) -> Mapping[ScoredType, float]:
    """Sum of weights by call type, 0 where no criterion has one."""
    return {
        call_type: sum(criterion.weights.get(call_type, 0.0) for criterion in checklist.criteria)
        for call_type in SCORED_TYPES
    }


def find_warnings(checklist: Checklist) -> tuple[str, ...]:
    """One line per doubt, with the criterion that it is about."""
    return tuple(
        [f"no criterion has a weight for {name}: such calls get no CQR" for name in _weightless(checklist)]
        + [f'criterion "{item.id}": {text}' for item in checklist.criteria for text in _doubts(item)]
    )


def answers_by(criterion: Criterion) -> str:
    """In a word, what answers the criterion first."""
    if criterion.rule:
        return f"rule {criterion.rule}"
    if criterion.phrases:
        return "phrases"
    if criterion.metric:
        return f"metric {criterion.metric.name}"
    if any(criterion.examples.values()):
        return "examples"
    return "levels" if any(criterion.levels.values()) else "nothing"


def _weightless(checklist: Checklist) -> list[ScoredType]:
    wanted = checklist.call_types or SCORED_TYPES
    return [call_type for call_type, total in weight_sums(checklist).items() if total == 0 and call_type in wanted]


def _doubts(criterion: Criterion) -> Iterator[str]:
    way = answers_by(criterion)
    if way == "nothing":
        yield "only a language model could answer it: state phrases or a metric, or write examples of its levels"
    elif way == "levels":
        yield "no examples: add short sentences under examples for each level; definitions alone are weak"
    elif way == "examples":
        yield from _thin_examples(criterion)
    if criterion.metric and criterion.metric.name not in WITHOUT_TIMES and not _is_dropped_in_chats(criterion):
        yield "a chat has no such metric: there it answers not enough evidence (without_audio: does_not_apply)"
    if criterion.rule == "objection" and criterion.applies_when == "always":
        yield 'also scores calls without an objection; write applies_when: "objection_raised"'


def _is_dropped_in_chats(criterion: Criterion) -> bool:
    return criterion.metric is not None and criterion.metric.without_audio == "does_not_apply"


def _thin_examples(criterion: Criterion) -> Iterator[str]:
    best, worst = criterion.scale[-1], criterion.scale[0]
    if not criterion.examples.get(best):
        yield f'no examples of the best level "{best}"; add two or more'
    for language, texts in criterion.examples.get(best, {}).items():
        if len(texts) < _ENOUGH_EXAMPLES:
            yield f'one example of "{best}" in {language}; add another, worded otherwise'
    if not criterion.examples.get(worst):
        yield f'no examples of "{worst}": add what is said when it is not done, if anything typical is'
