"""Learns the weights by which words and sentence vectors tell agent from client: logistic regression.

`python -m models.role_learning` reads `data/corpus/`, reports cross-validated accuracy by whole lines of business, and
writes `configs/role_weights.json`.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.turn_noise import noisy_copy
from models.usem3_encoder import Usem3Encoder
from pipeline.checklist import load_checklist
from pipeline.corpus import LabelledDialogue, load_corpus
from pipeline.interfaces import Encoder, Vectors
from pipeline.records import Dialogue
from pipeline.roles import (
    DIRECTION_SCORE,
    WEIGHTS,
    RoleWeights,
    likely_agent,
    score_speakers,
    speaker_features,
    speaker_vectors,
)

SMALLEST_WEIGHT = 0.03  # lighter words hardly decide anything and make most of the file
FOLDS = 8
REGULARISATION = 0.1  # scikit-learn's C; 0.1 to 5 do equally well, cross-validated
OPENINGS = (2, 4, 6)  # turns
EXCERPT_WEIGHT = 0.5
Said = list[tuple[str, str]]  # (role or speaker, text) in order


@dataclass(frozen=True)
class Example:
    """One (part of a) dialogue: features of the agent less those of the client, and how much it counts."""

    words: dict[str, float]
    vector: Vectors
    weight: float


def said_in(dialogue: Dialogue) -> Said:
    """(role, text) in order: the roles stand where an unlabelled call has anonymous speakers."""
    return [(utterance.role, utterance.text) for utterance in dialogue.utterances]


def excerpts(labelled: LabelledDialogue) -> Iterator[tuple[Said, float]]:
    """The dialogue and what calls lack or lose, each with its weight: cut-off openings, a late start, misheard words.

    With them 92 instead of 86 of 100 Russian openings of two turns are told apart, and whole calls as well as before.
    """
    said = said_in(labelled.dialogue)
    yield said, 1.0
    yield said_in(noisy_copy(labelled.dialogue, labelled.id)), 1.0
    for part in (*(said[:turns] for turns in OPENINGS), said[len(said) // 2 :]):
        if len({role for role, _ in part}) > 1:
            yield part, EXCERPT_WEIGHT


def word_difference(said: Said, language: str) -> dict[str, float]:
    """Features of the agent less those of the client: the decision is which of two speakers is which."""
    features = speaker_features(said, language)
    agent, client = features.get("agent", {}), features.get("client", {})
    return {name: agent.get(name, 0.0) - client.get(name, 0.0) for name in agent.keys() | client.keys()}


def vector_difference(said: Said, encoder: Encoder) -> Vectors:
    """The same for the vectors; zeros where one side is silent. shape: (2 * dimension,)"""
    vectors = speaker_vectors(said, encoder)
    some = next(iter(vectors.values()))
    difference: Vectors = vectors.get("agent", np.zeros_like(some)) - vectors.get("client", np.zeros_like(some))
    return difference


def examples_of(labelled: LabelledDialogue, encoder: Encoder) -> list[Example]:
    """What is learned from one dialogue."""
    return [
        Example(word_difference(said, labelled.language), vector_difference(said, encoder), weight)
        for said, weight in excerpts(labelled)
    ]


def learn(examples: Sequence[Example], encoder: str) -> RoleWeights:
    """The weights that best tell the two sides apart."""
    from scipy.sparse import csr_matrix, hstack
    from sklearn.feature_extraction import DictVectorizer

    vectorizer = DictVectorizer()
    words = vectorizer.fit_transform([example.words for example in examples])
    vectors = csr_matrix(np.stack([example.vector for example in examples]))
    coefficients = _fit(hstack([words, vectors]).tocsr(), np.array([example.weight for example in examples]))
    names = [str(name) for name in vectorizer.get_feature_names_out()]
    by_word = dict(zip(names, coefficients[: len(names)].round(3).tolist(), strict=True))
    return RoleWeights(
        encoder=encoder,
        words={name: weight for name, weight in sorted(by_word.items()) if abs(weight) >= SMALLEST_WEIGHT},
        vector=coefficients[len(names) :].round(3),
    )


def cross_validate(
    dialogues: Sequence[LabelledDialogue], examples: Sequence[Sequence[Example]], encoder: Encoder
) -> dict[str, tuple[int, int, int]]:
    """(right by the words, right with the direction, all) by language.

    No dialogue is judged by weights that saw its line of business.
    """
    from sklearn.model_selection import GroupKFold

    right: dict[str, list[tuple[bool, bool]]] = {}
    trades = [dialogue.trade for dialogue in dialogues]
    for train, held_back in GroupKFold(FOLDS).split(dialogues, groups=trades):
        weights = learn([example for index in train for example in examples[index]], encoder.identity)
        for dialogue in (dialogues[index] for index in held_back):
            said = said_in(dialogue.dialogue)
            scores = score_speakers(said, dialogue.language, encoder, weights)
            margin = scores.get("agent", 0.0) - scores.get("client", 0.0)
            opener = likely_agent(said, dialogue.direction)
            shift = DIRECTION_SCORE if opener == "agent" else -DIRECTION_SCORE if opener == "client" else 0.0
            right.setdefault(dialogue.language, []).append((margin > 0, margin + shift > 0))
    return {
        language: (sum(words for words, _ in answers), sum(both for _, both in answers), len(answers))
        for language, answers in right.items()
    }


def _fit(matrix: Any, weights: NDArray[np.float64]) -> Any:
    """Every pair enters twice, once mirrored, so that the model has no bias toward either side."""
    from scipy.sparse import vstack
    from sklearn.linear_model import LogisticRegression

    labels = np.repeat([1, 0], matrix.shape[0])
    model = LogisticRegression(C=REGULARISATION, max_iter=1000, fit_intercept=False)
    return model.fit(vstack([matrix, -matrix]), labels, np.tile(weights, 2)).coef_[0]


def main() -> None:
    dialogues, encoder = load_corpus(load_checklist("cqr"), "dev"), Usem3Encoder()
    examples = [examples_of(dialogue, encoder) for dialogue in dialogues]
    print("calls right, cross-validated by line of business:")
    for language, (words, both, total) in sorted(cross_validate(dialogues, examples, encoder).items()):
        print(f"{language}: {words} of {total} by the words, {both} with the direction of the call")
    weights = learn([example for found in examples for example in found], encoder.identity)
    content = {
        "learned_on": len(dialogues),
        "encoder": weights.encoder,
        "words": weights.words,
        "vector": [round(float(weight), 3) for weight in weights.vector],
    }
    WEIGHTS.write_text(json.dumps(content, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")
    print(f"wrote {len(weights.words)} words and {len(weights.vector)} dimensions to {WEIGHTS}")


if __name__ == "__main__":
    main()
