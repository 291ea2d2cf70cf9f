"""The learned rung: heads over the features of the words decide, the rules show where."""

from pipeline.checklist import Criterion
from pipeline.prescoring.call_types import evidence_for
from pipeline.prescoring.ladder import Case
from pipeline.prescoring.phrase_features import features
from pipeline.prescoring.phrase_heads import PhraseHeads
from pipeline.prescoring.rule_rung import RuleRung
from pipeline.prescoring.rules import RULES
from pipeline.prescoring.rules.quotes import quotes_for
from pipeline.records import CallType, CallTypeSuggestion, Suggestion

CALL_TYPE_HEAD = "call_type"
_TYPES: dict[str, CallType] = {
    "qualification": "qualification",
    "objection": "objection",
    "spam": "spam",
    "accelerating": "accelerating",
    "reanimation": "reanimation",
    "unknown": "unknown",
}


class PhraseHeadRung:
    """Answers the criteria that have a fitted head; the rest is left to the next rung."""

    name = "phrase-heads"

    def __init__(self, heads: PhraseHeads, rules: RuleRung) -> None:
        self._heads = heads
        self._rules = rules
        self.identity = f"phrase-heads-{heads.identity}-{rules.identity}"

    def classify(self, case: Case) -> CallTypeSuggestion | None:
        """The likeliest type."""
        chances = self._chances(case, CALL_TYPE_HEAD)
        if not chances:
            return None
        best = max(chances, key=lambda name: chances[name])
        return CallTypeSuggestion(_TYPES[best], round(chances[best], 4), evidence_for(case.reading, _TYPES[best]))

    def suggest(self, case: Case, criterion: Criterion) -> Suggestion | None:
        """The value nearest to the expected one; its confidence is the probability of that value."""
        if criterion.rule is None:
            return None
        if criterion.applies_when == "objection_raised":
            chance = self._chances(case, f"{criterion.rule}.applies").get("yes", 1.0)
            if chance < 0.5:
                reason = f"{criterion.rule}.not_raised"
                return Suggestion(criterion.id, False, None, round(1 - chance, 4), reason, rung=self.name)
        chances = self._chances(case, criterion.rule)
        if not chances:
            return None
        expected = sum(float(label) * chance for label, chance in chances.items())
        value = min((float(label) for label in chances), key=lambda level: abs(level - expected))
        return self._with_evidence(case, criterion, value, round(chances[f"{value:g}"], 4))

    def _with_evidence(self, case: Case, criterion: Criterion, value: float, confidence: float) -> Suggestion:
        """The rule's words where it came to the same value, else the phrases that such a value rests on."""
        assert criterion.rule is not None
        found = RULES[criterion.rule](case)
        same = found.applicable and found.value == value
        evidence = found.evidence if same else quotes_for(criterion.rule, value, case.reading) or found.evidence
        reason = f"{criterion.rule}.{found.reason if same else _LEVEL_REASONS[value]}"
        return Suggestion(criterion.id, True, value, confidence, reason, evidence, self.name)

    def _chances(self, case: Case, head: str) -> dict[str, float]:
        if head not in self._heads.heads:
            return {}
        return self._heads.probabilities(head, self._heads.row(features(case.dialogue, case.reading)))


_LEVEL_REASONS = {0.0: "level_none", 0.5: "level_partly", 1.0: "level_done"}
__all__ = ["CALL_TYPE_HEAD", "PhraseHeadRung"]
