"""The ladders that a run, or a measurement, judges by."""

from pathlib import Path

from pipeline.checklist import Checklist
from pipeline.interfaces import Encoder
from pipeline.prescoring.head_artefact import HEADS, load_artefact
from pipeline.prescoring.heads import load_heads
from pipeline.prescoring.ladder import Ladder, Rung
from pipeline.prescoring.lexicon import Lexicons
from pipeline.prescoring.rule_rung import RuleRung
from pipeline.prescoring.vector_rung import VectorRung, phrases_of


def build_judge(checklist: Checklist, encoder: Encoder, heads: Path = HEADS) -> Ladder:
    """Learned heads where the encoder is the one that they were trained with, rules, and examples for the rest.

    The checklist's examples are encoded only when it has criteria that no rule, and so no head, answers.
    """
    lexicons = Lexicons()
    rules = RuleRung(lexicons)
    fits = load_artefact(heads).facts.encoder == encoder.identity
    rungs: list[Rung] = [load_heads(rules, heads, fallback=rules) if fits else rules]
    if any(criterion.rule is None for criterion in checklist.criteria):
        phrases = phrases_of(checklist)
        rungs.append(VectorRung(phrases, encoder.encode(phrases), encoder.identity))
    return Ladder(rungs, lexicons)


def heads_judge(path: Path = HEADS) -> Ladder:
    """Learned heads for calls with sentence vectors; the rules for the rest."""
    lexicons = Lexicons()
    rules = RuleRung(lexicons)
    return Ladder([load_heads(rules, path, fallback=rules)], lexicons)


def rules_judge() -> Ladder:
    """The ladder of rules alone: needs no model."""
    lexicons = Lexicons()
    return Ladder([RuleRung(lexicons)], lexicons)
