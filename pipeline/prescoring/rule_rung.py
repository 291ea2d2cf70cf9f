"""The first rung: deterministic rules, ours over phrases found in the words and those that a checklist states."""

from pipeline.checklist import Criterion
from pipeline.prescoring.call_types import classify
from pipeline.prescoring.ladder import Case
from pipeline.prescoring.lexicon import Lexicons
from pipeline.prescoring.rules import find_by_rule
from pipeline.prescoring.rules.objection import raised
from pipeline.prescoring.stated_metrics import judge_metric
from pipeline.prescoring.stated_phrases import judge_phrases
from pipeline.records import CallTypeSuggestion, Suggestion

RULES_VERSION = "1"  # raise it when a rule's code changes an answer


class RuleRung:
    """Answers the criteria whose checklist names a rule or states phrases or a metric, and the call type."""

    name = "rules"

    def __init__(self, lexicons: Lexicons) -> None:
        self.identity = f"rules-{RULES_VERSION}-{lexicons.identity}"

    def classify(self, case: Case) -> CallTypeSuggestion | None:
        """By cues; never abstains, but may answer unknown."""
        return classify(case)

    def sees(self, criterion: Criterion) -> object:
        """No title, definition or example."""
        stated = criterion.rule, criterion.phrases, criterion.metric
        return criterion.id, criterion.scale, criterion.role, criterion.applies_when, stated

    def suggest(self, case: Case, criterion: Criterion) -> Suggestion | None:
        """The rule's finding under the criterion's own id."""
        if criterion.applies_when == "objection_raised" and not raised(case.reading):
            return Suggestion(criterion.id, False, None, 0.65, "objection.not_raised")
        if criterion.phrases is not None:
            return judge_phrases(case, criterion, criterion.phrases)
        if criterion.metric is not None:
            return judge_metric(case, criterion, criterion.metric)
        if criterion.rule is None:
            return None
        found = find_by_rule(criterion.rule, case)
        reason = f"{criterion.rule}.{found.reason}"
        return Suggestion(criterion.id, found.applicable, found.value, found.confidence, reason, found.evidence)
