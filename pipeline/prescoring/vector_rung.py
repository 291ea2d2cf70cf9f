"""The second rung: how near the speaker's sentences are to the checklist's examples of each level.

A second opinion for criteria without a rule, so that a new criterion works from its text alone. Its confidence is kept
below what a rule reaches: nearness to an example says that something like it was said, never that nothing else was.
"""

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from pipeline.checklist import Checklist, Criterion
from pipeline.interfaces import Vectors
from pipeline.prescoring.findings import MAX_EVIDENCE
from pipeline.prescoring.ladder import Case
from pipeline.records import CallTypeSuggestion, Suggestion

NEAR = 0.45  # cosine below which an example says nothing about an utterance
_MAX_CONFIDENCE = 0.5


def level_phrases(criterion: Criterion) -> tuple[tuple[float, str], ...]:
    """(value, phrase) for every example of the levels, their definitions where a level has no example."""
    pairs: list[tuple[float, str]] = []
    for label in criterion.scale:
        examples = [text for texts in criterion.examples.get(label, {}).values() for text in texts]
        for text in examples or criterion.levels.get(label, {}).values():
            pairs.append((criterion.value_of(label), text))
    return tuple(pairs)


def phrases_of(checklist: Checklist) -> tuple[str, ...]:
    """Every phrase that the rung needs a vector for, each once: encode these with the same encoder as the calls."""
    return tuple(dict.fromkeys(text for criterion in checklist.criteria for _, text in level_phrases(criterion)))


class VectorRung:
    """Answers criteria by cosine to the levels' phrases. `phrase_vectors`: one row per phrase of `phrases_of`."""

    name = "vectors"

    def __init__(self, phrases: Sequence[str], phrase_vectors: Vectors, encoder_identity: str) -> None:
        """Raises ValueError when there is not one vector per phrase."""
        if len(phrases) != len(phrase_vectors):
            raise ValueError(f"{len(phrase_vectors)} vectors for {len(phrases)} phrases: encode phrases_of(checklist)")
        self._rows: Mapping[str, NDArray[np.float32]] = dict(zip(phrases, phrase_vectors, strict=True))
        content = f"{encoder_identity}|{NEAR}|" + "|".join(phrases)
        self.identity = f"vectors-{hashlib.sha256(content.encode()).hexdigest()[:12]}"

    def classify(self, case: Case) -> CallTypeSuggestion | None:  # noqa: ARG002
        """Abstains: openings alone tell too little."""
        return None

    def suggest(self, case: Case, criterion: Criterion) -> Suggestion | None:
        """The level whose phrases come nearest; None without vectors, phrases, or anything near."""
        pairs = [(value, self._rows[text]) for value, text in level_phrases(criterion) if text in self._rows]
        lines = [line for line in case.reading.of(criterion.role) if line.tokens]
        if case.vectors is None or not pairs or not lines:
            return None
        said = case.vectors[[line.position for line in lines]]  # shape: (num_lines, dimension)
        nearness = said @ np.stack([row for _, row in pairs]).T  # shape: (num_lines, num_phrases)
        if float(nearness.max()) < NEAR:
            return None
        values = np.array([value for value, _ in pairs])
        by_level = {value: float(nearness[:, values == value].max()) for value in sorted(set(values.tolist()))}
        ranked = sorted(by_level, key=lambda value: -by_level[value])
        margin = by_level[ranked[0]] - by_level[ranked[1]] if len(ranked) > 1 else by_level[ranked[0]]
        best = np.argsort(-nearness[:, values == ranked[0]].max(axis=1))
        evidence = tuple(lines[index].quote() for index in best[:MAX_EVIDENCE] if nearness[index].max() >= NEAR)
        confidence = min(_MAX_CONFIDENCE, 0.3 + margin)
        return Suggestion(criterion.id, True, ranked[0], confidence, "vectors.nearest_level", evidence)
