"""Pre-scoring: one dialogue against one checklist, by a ladder of judges."""

from pipeline.prescoring.evaluation import evaluate
from pipeline.prescoring.ladder import Judge, Ladder, Rung
from pipeline.prescoring.lexicon import Lexicons
from pipeline.prescoring.rule_rung import RuleRung

__all__ = ["Judge", "Ladder", "Lexicons", "RuleRung", "Rung", "evaluate", "rules_judge"]


def rules_judge() -> Ladder:
    """The ladder of rules alone: needs no model."""
    lexicons = Lexicons()
    return Ladder([RuleRung(lexicons)], lexicons)
