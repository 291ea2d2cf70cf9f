"""Pre-scoring: one dialogue against one checklist, by a ladder of judges."""

from pipeline.prescoring.evaluation import evaluate, evaluate_again
from pipeline.prescoring.judges import build_judge, heads_judge, rules_judge
from pipeline.prescoring.ladder import Judge, Ladder
from pipeline.prescoring.lexicon import Lexicons
from pipeline.prescoring.revision import Revision
from pipeline.prescoring.rule_rung import RuleRung

__all__ = [
    "Judge",
    "Ladder",
    "Lexicons",
    "Revision",
    "RuleRung",
    "build_judge",
    "evaluate",
    "evaluate_again",
    "heads_judge",
    "rules_judge",
]
