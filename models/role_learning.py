"""Learns the weights by which words tell agent from client: logistic regression over labelled dialogues.

`python -m models.role_learning` reads `data/corpus/` (the trades that are not held back), reports cross-validated
accuracy by whole lines of business, and writes `configs/role_weights.json`.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.checklist import load_checklist
from pipeline.corpus import LabelledDialogue, load_corpus
from pipeline.roles import WEIGHTS, speaker_features

SMALLEST_WEIGHT = 0.03  # lighter features change no decision and triple the file
FOLDS = 8
REGULARISATION = 5.0  # scikit-learn's C; 0.3 to 5 do equally well, cross-validated


def difference(dialogue: LabelledDialogue) -> dict[str, float]:
    """Features of the agent less those of the client: the decision is which of two speakers is which."""
    features = speaker_features([pair for turn in dialogue.turns for pair in turn.items()], dialogue.language)
    agent, client = features.get("agent", {}), features.get("client", {})
    return {name: agent.get(name, 0.0) - client.get(name, 0.0) for name in agent.keys() | client.keys()}


def learn(dialogues: Sequence[LabelledDialogue]) -> dict[str, float]:
    """Weight by feature, light ones left out."""
    from sklearn.feature_extraction import DictVectorizer

    vectorizer = DictVectorizer()
    matrix = vectorizer.fit_transform([difference(dialogue) for dialogue in dialogues])
    coefficients = _fit(matrix)
    pairs = zip(vectorizer.get_feature_names_out(), coefficients, strict=True)
    return {str(name): round(float(weight), 3) for name, weight in sorted(pairs) if abs(weight) >= SMALLEST_WEIGHT}


def cross_validate(dialogues: Sequence[LabelledDialogue]) -> Mapping[str, tuple[int, int]]:
    """(right, all) by language; no dialogue is judged by weights that saw its line of business."""
    from sklearn.model_selection import GroupKFold

    counts: dict[str, list[int]] = {}
    trades = [dialogue.trade for dialogue in dialogues]
    for train, held_back in GroupKFold(FOLDS).split(dialogues, groups=trades):
        weights = learn([dialogues[index] for index in train])
        for index in held_back:
            score = sum(weights.get(name, 0.0) * value for name, value in difference(dialogues[index]).items())
            count = counts.setdefault(dialogues[index].language, [0, 0])
            count[0] += score > 0
            count[1] += 1
    return {language: (right, total) for language, (right, total) in counts.items()}


def _fit(matrix: Any) -> Any:
    """Every pair enters twice, once mirrored, so that the model has no bias toward either side."""
    import numpy as np
    from scipy.sparse import vstack
    from sklearn.linear_model import LogisticRegression

    labels = np.repeat([1, 0], matrix.shape[0])
    model = LogisticRegression(C=REGULARISATION, max_iter=1000, fit_intercept=False)
    return model.fit(vstack([matrix, -matrix]), labels).coef_[0]


def main() -> None:
    dialogues = load_corpus(load_checklist("cqr"), "dev")
    for language, (right, total) in sorted(cross_validate(dialogues).items()):
        print(f"{language}: {right} of {total} calls right ({right / total:.1%}), cross-validated by line of business")
    weights = learn(dialogues)
    content = {"learned_on": len(dialogues), "weights": weights}
    WEIGHTS.write_text(json.dumps(content, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")
    print(f"wrote {len(weights)} weights to {WEIGHTS}")


if __name__ == "__main__":
    main()
