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

VERSION = 2  # raise it when the code changes an answer
NEAR = 0.25  # cosine below which the examples say nothing about the call
_LONE_NEAR = 0.45  # what a level must beat where no other level has phrases
_SENTENCES = 2  # a level is as near as its nearest two sentences on average: one alone is met by chance
_MAX_CONFIDENCE = 0.5
_BASE_CONFIDENCE = 0.28  # plus the margin to the next level: 0.06 more is the least that the ladder takes for an answer

_SEEN = {"id", "scale", "role", "metric", "levels", "examples"}  # of a criterion

LevelPhrases = Mapping[float, tuple[str, ...]]  # by value


def level_phrases(criterion: Criterion, language: str | None = None) -> LevelPhrases:
    """Examples of each level; definitions where no level has an example, for nobody talks as a definition is written.

    In the language of the call where there are any: a sentence is nearer to its own language than to its meaning.
    """
    definitions = {label: {key: (text,) for key, text in texts.items()} for label, texts in criterion.levels.items()}
    phrases = criterion.examples if any(criterion.examples.values()) else definitions
    return {criterion.value_of(label): _in_language(phrases.get(label, {}), language) for label in criterion.scale}


def phrases_of(checklist: Checklist) -> tuple[str, ...]:
    """Every phrase that the rung needs a vector for, each once: encode these with the same encoder as the calls."""
    return tuple(
        dict.fromkeys(
            text
            for criterion in checklist.criteria
            for label in criterion.scale
            for texts in (*criterion.examples.get(label, {}).values(), tuple(criterion.levels.get(label, {}).values()))
            for text in texts
        )
    )


class VectorRung:
    """Answers criteria by cosine to the levels' phrases. `phrase_vectors`: one row per phrase of `phrases_of`."""

    name = "vectors"

    def __init__(self, phrases: Sequence[str], phrase_vectors: Vectors, encoder_identity: str) -> None:
        """Raises ValueError when there is not one vector per phrase."""
        if len(phrases) != len(phrase_vectors):
            raise ValueError(f"{len(phrase_vectors)} vectors for {len(phrases)} phrases: encode phrases_of(checklist)")
        self._rows: Mapping[str, NDArray[np.float32]] = dict(zip(phrases, phrase_vectors, strict=True))
        self._dimension = phrase_vectors.shape[1]  # a dialogue's rows may go on with what the encoder knows in context
        content = f"{encoder_identity}|{VERSION}|" + "|".join(phrases)
        self.identity = f"vectors-{hashlib.sha256(content.encode()).hexdigest()[:12]}"

    def classify(self, case: Case) -> CallTypeSuggestion | None:  # noqa: ARG002
        """Abstains: openings alone tell too little."""
        return None

    def sees(self, criterion: Criterion) -> object:
        """Texts of the levels, never the title."""
        return criterion.model_dump(include=_SEEN)

    def suggest(self, case: Case, criterion: Criterion) -> Suggestion | None:
        """The level whose phrases come nearest; None without vectors, phrases, or anything near.

        Words cannot tell a metric: such a criterion is not answered here.
        """
        lines = [line for line in case.reading.of(criterion.role) if line.tokens]
        levels = self._levels(criterion, case.dialogue.language)
        if case.vectors is None or not levels or not lines or criterion.metric is not None:
            return None
        said = case.vectors[[line.position for line in lines], : self._dimension]  # shape: (num_lines, dimension)
        nearness = {value: (said @ rows.T).max(axis=1) for value, rows in levels.items()}  # by value: (num_lines,)
        score = {value: float(np.sort(near)[-_SENTENCES:].mean()) for value, near in nearness.items()}
        best, *others = sorted(score, key=lambda value: -score[value])
        if score[best] < NEAR:
            return None
        margin = score[best] - (score[others[0]] if others else _LONE_NEAR)
        order = np.argsort(-nearness[best])[:MAX_EVIDENCE]
        evidence = tuple(lines[index].quote() for index in order if nearness[best][index] >= NEAR)
        confidence = min(_MAX_CONFIDENCE, _BASE_CONFIDENCE + margin)
        return Suggestion(criterion.id, True, best, confidence, "vectors.nearest_level", evidence)

    def _levels(self, criterion: Criterion, language: str) -> dict[float, NDArray[np.float32]]:
        """Vectors of each level that has phrases, by its value. shape of each: (num_phrases, dimension)"""
        known = {
            value: [self._rows[text] for text in texts if text in self._rows]
            for value, texts in level_phrases(criterion, language).items()
        }
        return {value: np.stack(rows) for value, rows in known.items() if rows}


def _in_language(texts: Mapping[str, Sequence[str]], language: str | None) -> tuple[str, ...]:
    """The texts in that language, else in all languages."""
    own = tuple(texts.get(language or "", ()))
    return own or tuple(text for by_language in texts.values() for text in by_language)
