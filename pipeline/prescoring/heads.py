"""The rung of learned heads: linear models over sentence vectors, phrases found, and the rules' own answers.

A first model says of each turn how strongly it speaks for each level of each criterion and for each call type; a second
one decides by the strongest turns of the call, which are also the evidence. Ordinal answers are two binary ones: more
than nothing, and done (Frank and Hall 2001).
"""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from pipeline.checklist import Criterion
from pipeline.errors import WeightsError
from pipeline.prescoring.call_features import CALL_TYPES, LEVELS, criterion_blocks, rule_blocks, type_block
from pipeline.prescoring.head_artefact import HEADS, HeadArtefact, artefact_identity, load_artefact
from pipeline.prescoring.head_evidence import choose_evidence, type_evidence
from pipeline.prescoring.ladder import Case
from pipeline.prescoring.reading import Reading
from pipeline.prescoring.rule_rung import RuleRung
from pipeline.prescoring.turn_features import Matrix, turn_matrix
from pipeline.records import CallTypeSuggestion, Suggestion

APPLIES = "applies:objection"


@dataclass(frozen=True)
class Scored:
    """One call as the heads see it. `reading` is what it was computed from."""

    reading: Reading
    turns: Matrix  # shape: (num_utterances, turn labels)
    features: Matrix  # shape: (num_features,)


class LearnedHeads:
    """Answers what it has a head for; the rules inside it answer the rest, and calls without vectors."""

    name = "heads"

    def __init__(self, artefact: HeadArtefact, rules: RuleRung, identity: str) -> None:
        self.artefact = artefact
        self._rules = rules
        self._scored: Scored | None = None  # of the last call: its criteria are asked one after the other
        self.identity = f"heads-{identity}-{rules.identity}"

    def classify(self, case: Case) -> CallTypeSuggestion | None:
        """The likeliest type, unknown included."""
        scored = self._score(case)
        if scored is None:
            return self._rules.classify(case)
        head = self.artefact.heads["call_type"]
        probabilities = softmax(head.logits(scored.features))
        best = int(probabilities.argmax())
        confidence = round(head.confidence(float(probabilities[best])), 3)
        evidence = type_evidence(case.reading, scored.turns[:, self.artefact.labels.types][:, best])
        return CallTypeSuggestion(CALL_TYPES[best], confidence, evidence)

    def suggest(self, case: Case, criterion: Criterion) -> Suggestion | None:
        """Applicability, then the value whose expectation is nearest."""
        by_rule = self._rules.suggest(case, criterion)
        scored = self._score(case)
        if scored is None or criterion.rule not in self.artefact.heads:
            return by_rule if by_rule is None else replace(by_rule, rung=self._rules.name)
        if criterion.applies_when == "objection_raised":
            applies, confidence = self._applies(scored)
            if not applies:
                return Suggestion(criterion.id, False, None, confidence, f"{criterion.rule}.not_raised", rung=self.name)
        return self._value(case, criterion, scored, by_rule)

    def _applies(self, scored: Scored) -> tuple[bool, float]:
        head = self.artefact.heads[APPLIES]
        probability = float(sigmoid(head.logits(scored.features))[0])
        return probability >= 0.5, round(head.confidence(max(probability, 1 - probability)), 3)

    def _value(self, case: Case, criterion: Criterion, scored: Scored, by_rule: Suggestion | None) -> Suggestion:
        rule = criterion.rule or criterion.id
        head = self.artefact.heads[rule]
        level = nearest_level(level_probabilities(head.logits(scored.features)))
        probabilities = level_probabilities(head.logits(scored.features))
        turns = scored.turns[:, self.artefact.labels.of(rule)][:, level]
        evidence = choose_evidence(case.reading, rule, LEVELS[level], turns, by_rule)
        agrees = by_rule is not None and by_rule.value == LEVELS[level]
        reason = by_rule.reason if agrees and by_rule else f"{rule}.level_{level}"
        confidence = round(head.confidence(float(probabilities[level])), 3)
        return Suggestion(criterion.id, True, LEVELS[level], confidence, reason, evidence, self.name)

    def _score(self, case: Case) -> Scored | None:
        """None without vectors. Raises WeightsError when they are another encoder's."""
        if case.vectors is None or not len(case.vectors):
            return None
        facts = self.artefact.facts
        if case.vectors.shape[1] != facts.dimension:
            raise WeightsError(
                f"sentence vectors of {case.vectors.shape[1]} numbers, the heads were trained on {facts.dimension} "
                f"({facts.encoder}): use that encoder, or train the heads again with `python -m models.head_learning`"
            )
        last = self._scored
        if last is None or last.reading is not case.reading:
            last = self._scored = score_call(case, self.artefact)
        return last


def score_call(case: Case, artefact: HeadArtefact) -> Scored:
    """Turns, then the call."""
    assert case.vectors is not None
    rows = turn_matrix(case, case.vectors, artefact.facts.categories, artefact.mean_vector)
    turns = rows @ artefact.turn_weights + artefact.turn_bias
    blocks = feature_blocks(case, turns, artefact)
    return Scored(case.reading, turns, np.hstack(list(blocks.values())))


def feature_blocks(case: Case, turns: Matrix, artefact: HeadArtefact) -> dict[str, Matrix]:
    """The features of a call by block, in order: `turns:` and `rules:` each criterion, then `types`."""
    labels, facts = artefact.labels, artefact.facts
    blocks = {f"turns:{name}": block for name, block in criterion_blocks(case, turns, labels).items()}
    blocks |= {f"rules:{name}": block for name, block in rule_blocks(case, facts.criteria).items()}
    return blocks | {"types": type_block(case, turns, labels, facts.categories)}


def load_heads(rules: RuleRung, path: Path = HEADS) -> LearnedHeads:
    """The rung from its file. Raises WeightsError."""
    return LearnedHeads(load_artefact(path), rules, artefact_identity(path))


def level_probabilities(logits: Matrix) -> Matrix:
    """0, 0.5, 1 from the two binary answers. shape: (..., 3)"""
    some, done = np.moveaxis(sigmoid(logits), -1, 0)
    done = np.minimum(some, done)
    return np.stack([1 - some, some - done, done], axis=-1)


def nearest_level(probabilities: Matrix) -> int:
    """The place in LEVELS nearest to the expected value: the least expected squared error."""
    return int(np.abs(np.array(LEVELS) - probabilities @ np.array(LEVELS)).argmin())


def sigmoid(logits: Matrix) -> Matrix:
    return np.asarray(1 / (1 + np.exp(-np.clip(logits, -30, 30))))


def softmax(logits: Matrix) -> Matrix:
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))
