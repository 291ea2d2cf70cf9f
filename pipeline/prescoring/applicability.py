"""Whether a criterion applies, where its checklist states a condition: decided before any rung is asked."""

from pipeline.checklist import Condition, Criterion
from pipeline.prescoring.ladder import Case
from pipeline.prescoring.stated_metrics import metric_value, unmeasured
from pipeline.prescoring.stated_phrases import find_said, lines_where
from pipeline.records import Suggestion

_NOT_SAID = 0.7  # the recogniser may have misheard the phrase
_NOT_MEASURED = 0.9
CONDITION = "condition"  # stands for the rung


def check_condition(case: Case, criterion: Criterion) -> Suggestion | None:
    """None where the criterion applies; else that it does not, or that one cannot tell."""
    condition = criterion.applies_when
    if isinstance(condition, str):
        return None
    if condition.said is not None:
        return _check_said(case, criterion, condition, condition.said.get(case.dialogue.language))
    return _check_metric(case, criterion, condition)


def _check_said(
    case: Case, criterion: Criterion, condition: Condition, phrases: tuple[str, ...] | None
) -> Suggestion | None:
    if phrases is None:  # written for other languages
        return Suggestion(criterion.id, True, None, 0.0, "condition.cannot_tell", rung=CONDITION)
    if find_said(lines_where(case, condition.said_by or "client", condition.within), phrases, case):
        return None
    return Suggestion(criterion.id, False, None, _NOT_SAID, "condition.not_met", rung=CONDITION)


def _check_metric(case: Case, criterion: Criterion, condition: Condition) -> Suggestion | None:
    assert condition.metric is not None
    value = metric_value(case, condition.metric, condition.of or criterion.role)
    if value is None:
        answer = unmeasured(criterion, condition.without_audio, "metric.no_audio")
        return Suggestion(criterion.id, answer.applicable, None, answer.confidence, answer.reason, rung=CONDITION)
    below = condition.at_least is not None and value < condition.at_least
    above = condition.at_most is not None and value > condition.at_most
    if not below and not above:
        return None
    return Suggestion(criterion.id, False, None, _NOT_MEASURED, "condition.not_met", rung=CONDITION)
