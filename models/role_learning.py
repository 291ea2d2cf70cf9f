"""Learns the weights by which words and sentence vectors tell agent from client: logistic regression.

`python -m models.role_learning` reads `data/corpus/`, reports cross-validated accuracy by whole lines of business, and
writes `configs/role_weights.json`.
"""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from models.usem3_encoder import Usem3Encoder
from pipeline.checklist import load_checklist
from pipeline.corpus import LabelledDialogue, load_corpus
from pipeline.interfaces import Encoder, Vectors
from pipeline.roles import WEIGHTS, RoleWeights, score_speakers, speaker_features, speaker_vectors

SMALLEST_WEIGHT = 0.03  # lighter words change no decision and triple the file
FOLDS = 8
REGULARISATION = 1.0  # scikit-learn's C; 0.1 to 5 do equally well, cross-validated


def said_in(dialogue: LabelledDialogue) -> list[tuple[str, str]]:
    """(role, text) in order: the roles stand where an unlabelled call has anonymous speakers."""
    return [(role, text) for turn in dialogue.turns for role, text in turn.items()]


def word_difference(dialogue: LabelledDialogue) -> dict[str, float]:
    """Features of the agent less those of the client: the decision is which of two speakers is which."""
    features = speaker_features(said_in(dialogue), dialogue.language)
    agent, client = features.get("agent", {}), features.get("client", {})
    return {name: agent.get(name, 0.0) - client.get(name, 0.0) for name in agent.keys() | client.keys()}


def vector_difference(dialogue: LabelledDialogue, encoder: Encoder) -> Vectors:
    """The same for the vectors; zeros where one side is silent. shape: (2 * dimension,)"""
    vectors = speaker_vectors(said_in(dialogue), encoder)
    some = next(iter(vectors.values()))
    difference: Vectors = vectors.get("agent", np.zeros_like(some)) - vectors.get("client", np.zeros_like(some))
    return difference


def learn(dialogues: Sequence[LabelledDialogue], encoder: Encoder) -> RoleWeights:
    """The weights that best tell the two sides apart."""
    from scipy.sparse import csr_matrix, hstack
    from sklearn.feature_extraction import DictVectorizer

    vectorizer = DictVectorizer()
    words = vectorizer.fit_transform([word_difference(dialogue) for dialogue in dialogues])
    vectors = csr_matrix(np.stack([vector_difference(dialogue, encoder) for dialogue in dialogues]))
    coefficients = _fit(hstack([words, vectors]).tocsr())
    names = [str(name) for name in vectorizer.get_feature_names_out()]
    by_word = dict(zip(names, coefficients[: len(names)].round(3).tolist(), strict=True))
    return RoleWeights(
        encoder=encoder.identity,
        words={name: weight for name, weight in sorted(by_word.items()) if abs(weight) >= SMALLEST_WEIGHT},
        vector=coefficients[len(names) :].round(3),
    )


def cross_validate(dialogues: Sequence[LabelledDialogue], encoder: Encoder) -> dict[str, tuple[int, int]]:
    """(right, all) by language; no dialogue is judged by weights that saw its line of business."""
    from sklearn.model_selection import GroupKFold

    right: dict[str, list[bool]] = {}
    trades = [dialogue.trade for dialogue in dialogues]
    for train, held_back in GroupKFold(FOLDS).split(dialogues, groups=trades):
        weights = learn([dialogues[index] for index in train], encoder)
        for dialogue in (dialogues[index] for index in held_back):
            scores = score_speakers(said_in(dialogue), dialogue.language, encoder, weights)
            right.setdefault(dialogue.language, []).append(scores.get("agent", 0.0) > scores.get("client", 0.0))
    return {language: (sum(answers), len(answers)) for language, answers in right.items()}


def _fit(matrix: Any) -> Any:
    """Every pair enters twice, once mirrored, so that the model has no bias toward either side."""
    from scipy.sparse import vstack
    from sklearn.linear_model import LogisticRegression

    labels = np.repeat([1, 0], matrix.shape[0])
    model = LogisticRegression(C=REGULARISATION, max_iter=1000, fit_intercept=False)
    return model.fit(vstack([matrix, -matrix]), labels).coef_[0]


def main() -> None:
    dialogues, encoder = load_corpus(load_checklist("cqr")), Usem3Encoder()
    for language, (right, total) in sorted(cross_validate(dialogues, encoder).items()):
        print(f"{language}: {right} of {total} calls right ({right / total:.1%}), cross-validated by line of business")
    weights = learn(dialogues, encoder)
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
