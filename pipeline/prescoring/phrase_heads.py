"""Learned heads: one small linear classifier per criterion and one for the call type, fitted with numpy alone."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import ConfigurationError
from pipeline.settings import CONFIGS

HEADS = CONFIGS / "judges" / "phrase_heads.json"
_MIN_CALLS = 4  # a feature seen in fewer calls teaches nothing
_SPREAD_FLOOR = 0.15  # keeps rare features from being blown up
_STEPS = 400

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Head:
    """Softmax over `classes`. weights shape: (num_classes, num_features + 1), the last column is the bias."""

    classes: tuple[str, ...]
    weights: Matrix


@dataclass(frozen=True, slots=True)
class PhraseHeads:
    """All heads over one list of features, standardised by `means` and `spreads`."""

    names: tuple[str, ...]
    means: Matrix
    spreads: Matrix
    heads: Mapping[str, Head]
    identity: str = ""

    def row(self, features: Mapping[str, float]) -> Matrix:
        """The standardised features of one dialogue. shape: (num_features,)"""
        values = np.array([features.get(name, 0.0) for name in self.names])
        return np.asarray((values - self.means) / self.spreads)

    def probabilities(self, head: str, row: Matrix) -> dict[str, float]:
        """Probability of each class of one head."""
        weights = self.heads[head].weights
        scores = weights[:, :-1] @ row + weights[:, -1]
        raised = np.exp(scores - scores.max())
        return dict(zip(self.heads[head].classes, (raised / raised.sum()).tolist(), strict=True))


def standardise(rows: Sequence[Mapping[str, float]]) -> PhraseHeads:
    """Feature names, means and spreads of a training set, without any head yet."""
    seen: dict[str, int] = {}
    for row in rows:
        for name in row:
            seen[name] = seen.get(name, 0) + 1
    names = tuple(sorted(name for name, count in seen.items() if count >= _MIN_CALLS))
    table = np.array([[row.get(name, 0.0) for name in names] for row in rows])
    return PhraseHeads(names, table.mean(axis=0), table.std(axis=0) + _SPREAD_FLOOR, {})


def fit_head(table: Matrix, labels: Sequence[str], penalty: float) -> Head:
    """Multinomial logistic regression with an L2 penalty by accelerated gradient descent (Nesterov 1983).

    table shape: (num_calls, num_features), standardised.
    """
    classes = tuple(sorted(set(labels)))
    wanted = np.eye(len(classes))[[classes.index(label) for label in labels]]
    inputs = np.hstack([table, np.ones((len(table), 1))])
    step = 1 / (0.5 * np.linalg.norm(inputs, 2) ** 2 + penalty)
    weights = previous = np.zeros((len(classes), inputs.shape[1]))
    for number in range(1, _STEPS + 1):
        ahead = weights + (number - 1) / (number + 2) * (weights - previous)
        scores = inputs @ ahead.T
        raised = np.exp(scores - scores.max(axis=1, keepdims=True))
        slope = (raised / raised.sum(axis=1, keepdims=True) - wanted).T @ inputs
        slope[:, :-1] += penalty * ahead[:, :-1]
        previous, weights = weights, ahead - step * slope
    return Head(classes, weights)


def save_phrase_heads(heads: PhraseHeads, path: Path) -> None:
    """Writes the heads as readable JSON."""
    content = {
        "features": [
            {"name": name, "mean": round(float(mean), 5), "spread": round(float(spread), 5)}
            for name, mean, spread in zip(heads.names, heads.means, heads.spreads, strict=True)
        ],
        "heads": {
            name: {"classes": list(head.classes), "weights": np.round(head.weights, 4).tolist()}
            for name, head in heads.heads.items()
        },
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")


def load_phrase_heads(path: Path = HEADS) -> PhraseHeads:
    """Raises ConfigurationError when the file is missing or is no file of heads."""
    try:
        text = path.read_text(encoding="utf-8")
        content = json.loads(text)
        rows = content["features"]
        heads = {
            name: Head(tuple(head["classes"]), np.array(head["weights"])) for name, head in content["heads"].items()
        }
        means, spreads = (np.array([row[key] for row in rows]) for key in ("mean", "spread"))
        names = tuple(row["name"] for row in rows)
    except (OSError, ValueError, KeyError, TypeError) as error:
        problem = f"{path}: no usable heads ({error!r}); fit them with `python -m tests.quality.fit_phrase_heads`"
        raise ConfigurationError(problem) from error
    return PhraseHeads(names, means, spreads, heads, hashlib.sha256(text.encode()).hexdigest()[:12])
