"""The rung of learned heads over sentence vectors: which turns speak for what, and what follows for the call.

A first model says of each turn how strongly it speaks for each level of each criterion and for each call type; a second
one decides by the strongest turns of the call, which are also the evidence. Ordinal answers are two binary ones: more
than nothing, and done (Frank and Hall 2001, "A Simple Approach to Ordinal Classification"). Half of each answer is that
of small networks which read the whole dialogue at once (dialogue_reader.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.checklist import Criterion
from pipeline.errors import WeightsError
from pipeline.prescoring.call_features import CALL_TYPES, LEVELS, call_block, turn_blocks, word_blocks
from pipeline.prescoring.head_artefact import HEADS, HeadArtefact, artefact_identity, load_artefact
from pipeline.prescoring.head_evidence import choose_evidence, own_evidence, type_evidence
from pipeline.prescoring.head_names import head_name, is_own
from pipeline.prescoring.ladder import Case, Rung, seen_by
from pipeline.prescoring.reading import Reading
from pipeline.prescoring.rule_rung import RuleRung
from pipeline.prescoring.turn_features import Matrix, turn_matrix
from pipeline.records import CallTypeSuggestion, Suggestion

APPLIES = "applies:objection"
_LEVEL_REASONS = ("level_none", "level_partly", "level_done")


@dataclass(frozen=True)
class Scored:
    """One call as the heads see it. `reading` is what it was computed from."""

    reading: Reading
    turns: Matrix  # shape: (num_utterances, turn labels)
    features: Matrix  # shape: (num_features,)
    read: Mapping[str, Matrix]  # logits of the readers, by head


class LearnedHeads:
    """Answers the criteria that have a head, when the call has sentence vectors."""

    name = "heads"

    def __init__(self, artefact: HeadArtefact, rules: RuleRung, identity: str, fallback: Rung | None = None) -> None:
        """`fallback` answers what the heads cannot.

        It stands inside and not after them in the ladder, because the heads have already weighed what rules say:
        an unsure answer of theirs must not be overruled by a rule that they know.
        """
        self.artefact = artefact
        self._rules = rules
        self._fallback = fallback
        self._scored: Scored | None = None  # of the last call: its criteria are asked one after the other
        self.identity = f"heads-{identity}-{rules.identity}" + (f"-{fallback.identity}" if fallback else "")

    def classify(self, case: Case) -> CallTypeSuggestion | None:
        """The likeliest type, unknown included."""
        scored = self._score(case)
        if scored is None:
            return self._fallback.classify(case) if self._fallback else None
        head = self.artefact.heads["call_type"]
        probabilities = softmax(self._logits(scored, "call_type"))
        best = int(probabilities.argmax())
        cues = scored.turns[:, self.artefact.labels.cues_of(CALL_TYPES[best])].max(axis=1)
        evidence = type_evidence(case.reading, cues)
        return CallTypeSuggestion(CALL_TYPES[best], round(head.confidence(float(probabilities[best])), 4), evidence)

    def sees(self, criterion: Criterion) -> object:
        """Texts only where a head was learned for their very wording: it goes by another name when they change."""
        name = head_name(criterion)
        fallback = seen_by(self._fallback, criterion) if self._fallback else None
        return name if name in self.artefact.heads else None, self._rules.sees(criterion), fallback

    def suggest(self, case: Case, criterion: Criterion) -> Suggestion | None:
        """Applicability, then the value that is nearest to the expected one."""
        scored = self._score(case)
        name = head_name(criterion)
        if scored is None or name is None or name not in self.artefact.heads:
            return self._fall_back(case, criterion)
        if criterion.applies_when == "objection_raised":
            applies, confidence = self._applies(scored)
            if not applies:
                reason = f"{criterion.rule or 'objection'}.not_raised"
                return Suggestion(criterion.id, False, None, confidence, reason, rung=self.name)
        return (self._own_value if is_own(name) else self._value)(case, criterion, name, scored)

    def _fall_back(self, case: Case, criterion: Criterion) -> Suggestion | None:
        answer = self._fallback.suggest(case, criterion) if self._fallback else None
        if answer is None or self._fallback is None:
            return None
        return replace(answer, rung=answer.rung or self._fallback.name)

    def _applies(self, scored: Scored) -> tuple[bool, float]:
        head = self.artefact.heads[APPLIES]
        probability = float(sigmoid(self._logits(scored, APPLIES))[0])
        return probability >= 0.5, round(head.confidence(max(probability, 1 - probability)), 4)

    def _value(self, case: Case, criterion: Criterion, rule: str, scored: Scored) -> Suggestion:
        head = self.artefact.heads[rule]
        probabilities = level_probabilities(self._logits(scored, rule))
        place = nearest_level(probabilities)
        by_rule = self._rules.suggest(case, criterion)
        same = by_rule is not None and by_rule.applicable and by_rule.value == LEVELS[place]
        turns = scored.turns[:, self.artefact.labels.of(rule)][:, place]
        evidence = choose_evidence(case.reading, rule, LEVELS[place], turns, by_rule if same else None)
        reason = by_rule.reason if same and by_rule else f"{rule}.{_LEVEL_REASONS[place]}"
        confidence = round(head.confidence(float(probabilities[place])), 4)
        return Suggestion(criterion.id, True, LEVELS[place], confidence, reason, evidence, self.name)

    def _own_value(self, case: Case, criterion: Criterion, name: str, scored: Scored) -> Suggestion:
        """Of a criterion that verdicts alone have taught: the expected value, whatever levels its scale has."""
        head = self.artefact.heads[name]
        probabilities = level_probabilities(self._logits(scored, name))
        place = nearest_level(probabilities)
        turns = scored.turns[:, self.artefact.labels.of(name)][:, place]
        evidence = own_evidence(case.reading, criterion.role, turns) if place else ()
        confidence = round(head.confidence(float(probabilities[place])), 4)
        value = round(float(probabilities @ np.array(LEVELS)), 4)
        return Suggestion(criterion.id, True, value, confidence, f"own.{_LEVEL_REASONS[place]}", evidence, self.name)

    def _logits(self, scored: Scored, name: str) -> Matrix:
        return blend(
            self.artefact.heads[name].logits(scored.features), scored.read.get(name), self.artefact.facts.reader_share
        )

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
    facts = artefact.facts
    projected = artefact.projection.apply(case.vectors)
    rows = turn_matrix(case.reading, projected, facts.categories)
    turns = rows @ artefact.turn_weights + artefact.turn_bias
    words = word_blocks(case, facts.criteria, facts.categories)
    words |= call_block(case.reading, projected)
    blocks = turn_blocks(case, turns, artefact.labels) | words
    read = artefact.readers.read(rows, agent_turns(case), np.hstack(list(words.values())))
    return Scored(case.reading, turns, np.hstack(list(blocks.values())), read)


def agent_turns(case: Case) -> NDArray[np.bool_]:
    """Which turns are the agent's."""
    return np.array([line.role == "agent" for line in case.reading.lines], dtype=bool)


def blend(linear: Matrix, read: Matrix | None, share: float) -> Matrix:
    """The logits of a linear head and those of the readers, who answer not every head."""
    return linear if read is None else np.asarray((1 - share) * linear + share * read)


def load_heads(rules: RuleRung, path: Path = HEADS, fallback: Rung | None = None) -> LearnedHeads:
    """The rung from its file. Raises WeightsError."""
    return LearnedHeads(load_artefact(path), rules, artefact_identity(path), fallback)


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
