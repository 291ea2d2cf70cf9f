"""Pre-scoring: one dialogue against one checklist, by a ladder of judges."""

from pipeline.prescoring.evaluation import evaluate
from pipeline.prescoring.ladder import Judge, Ladder, Rung
from pipeline.prescoring.lexicon import Lexicons
from pipeline.prescoring.phrase_head_rung import PhraseHeadRung
from pipeline.prescoring.phrase_heads import PhraseHeads, load_phrase_heads
from pipeline.prescoring.rule_rung import RuleRung

__all__ = ["Judge", "Ladder", "Lexicons", "RuleRung", "Rung", "evaluate", "phrase_judge", "rules_judge"]


def rules_judge() -> Ladder:
    """The ladder of rules alone: needs no model."""
    lexicons = Lexicons()
    return Ladder([RuleRung(lexicons)], lexicons)


def phrase_judge(heads: PhraseHeads | None = None) -> Ladder:
    """Fitted heads over the phrases found, then the rules; needs no encoder."""
    lexicons = Lexicons()
    rules = RuleRung(lexicons)
    return Ladder([PhraseHeadRung(heads or load_phrase_heads(), rules), rules], lexicons)
