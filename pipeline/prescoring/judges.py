"""The ladders that a run, or a measurement, judges by."""

from pathlib import Path

from pipeline.checklist import Checklist
from pipeline.errors import ConfigurationError
from pipeline.interfaces import Encoder, Entailer, Instructor
from pipeline.prescoring.head_artefact import HEADS, load_artefact
from pipeline.prescoring.heads import load_heads
from pipeline.prescoring.instruct_rung import InstructRung
from pipeline.prescoring.ladder import Ladder, Rung
from pipeline.prescoring.lexicon import Lexicons
from pipeline.prescoring.nli_rung import NliRung
from pipeline.prescoring.prompts import load_call_types, load_instruct_prompts, load_nli_prompts
from pipeline.prescoring.rule_rung import RuleRung
from pipeline.prescoring.vector_rung import VectorRung, phrases_of
from pipeline.settings import JudgeSettings, RungName


def build_judge(
    checklist: Checklist,
    encoder: Encoder,
    heads: Path = HEADS,
    settings: JudgeSettings | None = None,
    entailer: Entailer | None = None,
    instructor: Instructor | None = None,
) -> Ladder:
    """The rungs that the settings name; without settings the learned heads and the examples.

    Raises ConfigurationError for a rung without its model or with a prompt that does not hold.
    """
    settings = settings or JudgeSettings()
    lexicons = Lexicons()
    rungs: list[Rung] = []
    for name in settings.rungs:
        rung = _build_rung(name, checklist, encoder, heads, lexicons, settings, entailer, instructor)
        if rung is not None:
            rungs.append(rung)
    return Ladder(rungs, lexicons)


def _build_rung(
    name: RungName,
    checklist: Checklist,
    encoder: Encoder,
    heads: Path,
    lexicons: Lexicons,
    settings: JudgeSettings,
    entailer: Entailer | None,
    instructor: Instructor | None,
) -> Rung | None:
    match name:
        case "rules":
            return RuleRung(lexicons)
        case "heads":
            return _heads_or_rules(encoder, heads, lexicons)
        case "vectors":
            return _vectors(checklist, encoder)
        case "nli":
            if entailer is None:
                raise ConfigurationError(_WITHOUT_MODEL.format(name))
            return NliRung(entailer, encoder, load_nli_prompts(), load_call_types())
        case "instruct":
            if instructor is None or settings.instruct is None:
                raise ConfigurationError(_WITHOUT_MODEL.format(name))
            return InstructRung(instructor, load_instruct_prompts(), load_call_types(), settings.instruct.max_words)


_WITHOUT_MODEL = "judge.rungs names {0}, and no model was built for it; add judge.{0} to the profile"


def _heads_or_rules(encoder: Encoder, heads: Path, lexicons: Lexicons) -> Rung:
    """Learned heads where the encoder is the one that they were trained with, else the rules alone."""
    rules = RuleRung(lexicons)
    fits = load_artefact(heads).facts.encoder == encoder.dialogue_identity
    return load_heads(rules, heads, fallback=rules) if fits else rules


def _vectors(checklist: Checklist, encoder: Encoder) -> Rung | None:
    """The checklist's examples are encoded only when it has criteria that no rule, and so no head, answers."""
    if all(criterion.rule is not None for criterion in checklist.criteria):
        return None
    phrases = phrases_of(checklist)
    return VectorRung(phrases, encoder.encode(phrases), encoder.identity)


def heads_judge(path: Path = HEADS) -> Ladder:
    """Learned heads for calls with sentence vectors; the rules for the rest."""
    lexicons = Lexicons()
    rules = RuleRung(lexicons)
    return Ladder([load_heads(rules, path, fallback=rules)], lexicons)


def rules_judge() -> Ladder:
    """The ladder of rules alone: needs no model."""
    lexicons = Lexicons()
    return Ladder([RuleRung(lexicons)], lexicons)
