"""Pre-scoring: one dialogue against one checklist, by a ladder of judges."""

from pipeline.prescoring.evaluation import evaluate
from pipeline.prescoring.judges import build_judge, heads_judge, rules_judge
from pipeline.prescoring.ladder import Judge, Ladder, Rung
from pipeline.prescoring.lexicon import Lexicons
from pipeline.prescoring.rule_rung import RuleRung

__all__ = [
    "Judge",
    "Ladder",
    "Lexicons",
    "RuleRung",
    "Rung",
    "build_judge",
    "evaluate",
    "heads_judge",
    "rules_judge",
]
