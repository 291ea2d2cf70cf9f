"""Fitting of the learned heads: ridge regression over turns, penalised logistic regression over calls."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.prescoring.call_features import CALL_TYPES, LEVELS
from pipeline.prescoring.heads import level_probabilities, nearest_level
from pipeline.prescoring.projection import COMPONENTS, Projection
from pipeline.prescoring.turn_features import Matrix

_NEVER = -30.0
_SPREAD = 24.0  # so that vectors of 512 numbers keep a length of about 1
_CERTAIN = 3.0  # logit of an answer that nobody ever contradicted
Rows = NDArray[np.int_]
Fitted = tuple[Matrix, Matrix]  # weights (features, outputs) and bias (outputs,)


@dataclass(frozen=True)
class Options:
    """Chosen by cross-validation over whole lines of business; see docs/quality.md."""

    turn_penalty: float = 45.0
    example_weight: float = 0.3
    type_example_weight: float = 2.0
    type_lines: int = 6  # what a call is for is said at its beginning
    own_rules: float = 1.0  # weight of what the criterion's own rule says
    others: float = 0.3  # weight of the features that belong to other criteria
    types_in_criteria: float = 0.2
    phrases: float = 0.2
    phrases_in_types: float = 0.7
    criteria_in_types: float = 0.8
    cues_in_types: float = 1.0
    cues_in_criteria: float = 0.2
    calls_in_types: float = 0.6  # weight of the call's mean vectors
    calls_in_criteria: float = 0.2
    strength: float = 0.1  # inverse penalty of the criteria's heads
    type_strength: float = 0.007
    applies_strength: float = 0.02
    readers: int = 3  # networks that read whole dialogues; what they say is averaged
    reader_share: float = 0.5  # of the answer's logits; the linear heads have the rest
    reader_width: int = 160
    reader_epochs: int = 18
    reader_batch: int = 32
    heard_times: int = 3  # a copy that was spoken and heard counts so often for the readers


def fit_projection(vectors: Matrix) -> Projection:
    """Principal components of the vectors, scaled. shape of `vectors`: (num_turns, dimension)"""
    mean_vector = vectors.mean(axis=0)
    # Every number of a vector weighs the same: in a language model's states a few vary a hundred times more.
    scale = 1 / (_SPREAD * np.maximum(vectors.std(axis=0), 1e-6))
    _, directions = np.linalg.eigh(np.cov((vectors - mean_vector) * scale, rowvar=False))
    directions = (directions * scale[:, None])[:, ::-1][:, :COMPONENTS]
    return Projection(mean_vector.astype(np.float32), np.ascontiguousarray(directions, dtype=np.float32))


@dataclass(frozen=True)
class TurnData:
    """Rows with targets and weights; `columns` are the labels that these rows say something about."""

    rows: Matrix
    targets: Matrix
    columns: Rows
    weight: float = 1.0


def fit_turns(data: Iterable[TurnData], count: int, penalty: float) -> Fitted:
    """Ridge regression, each label over the rows that speak of it. shape: (features, count), (count,)"""
    sums: dict[int, _Sums] = {}
    data = list(data)
    groups: dict[tuple[int, ...], list[int]] = {}
    for column in range(count):
        key = tuple(number for number, part in enumerate(data) if column in part.columns)
        if key:  # a label of which no row speaks scores every turn 0
            groups.setdefault(key, []).append(column)
    for number, part in enumerate(data):
        sums[number] = _Sums(part)
    width = data[0].rows.shape[1]
    weights, bias = np.zeros((width, count)), np.zeros(count)
    for key, columns in groups.items():
        total = sum(sums[number].total for number in key)
        mean = sum(sums[number].first for number in key) / total
        target = sum(sums[number].targets[columns] for number in key) / total
        square = sum(sums[number].square for number in key) - total * np.outer(mean, mean)
        cross = sum(sums[number].cross[:, columns] for number in key) - total * np.outer(mean, target)
        weights[:, columns] = np.linalg.solve(square + penalty * np.eye(width), cross)
        bias[columns] = target - mean @ weights[:, columns]
    return weights, bias


class _Sums:
    def __init__(self, part: TurnData) -> None:
        self.total = part.weight * len(part.rows)
        self.first = part.weight * part.rows.sum(axis=0)
        self.targets = part.weight * part.targets.sum(axis=0)
        self.square = part.weight * part.rows.T @ part.rows
        self.cross = part.weight * part.rows.T @ part.targets


def fit_linear(
    features: Matrix, answers: Sequence[Any], scale: Matrix, strength: float, balanced: bool = False
) -> Fitted:
    """Logistic regression on standardised, scaled features, folded back: (features, outputs), (outputs,)."""
    from sklearn.linear_model import LogisticRegression

    mean, spread = features.mean(axis=0), features.std(axis=0)
    factor = np.where(spread > 1e-9, scale / np.maximum(spread, 1e-9), 0.0)
    model = LogisticRegression(C=strength, max_iter=400, class_weight="balanced" if balanced else None)
    model.fit((features - mean) * factor, answers)
    weights = model.coef_.T * factor[:, None]
    return weights, model.intercept_ - mean @ weights


def fit_levels(
    features: Matrix, values: Matrix, scale: Matrix, strength: float, coarse: NDArray[np.bool_] | None = None
) -> Fitted:
    """Two binary answers: more than 0, and 1. Where all agree, that answer, whatever the features.

    `coarse` values come from a scale without a middle: a 0 there may be a 0.5, and says nothing about the first answer.
    """
    told = np.ones(len(values), bool) if coarse is None else ~coarse | (values > 0)
    pairs = [
        fit_binary(features[rows], values[rows] > bound, scale, strength)
        for bound, rows in zip(LEVELS[:2], (told, np.ones(len(values), bool)), strict=True)
    ]
    return np.hstack([weights for weights, _ in pairs]), np.hstack([bias for _, bias in pairs])


def fit_binary(features: Matrix, answers: NDArray[np.bool_], scale: Matrix, strength: float) -> Fitted:
    """One output: yes or no."""
    if answers.all() or not answers.any():
        return np.zeros((features.shape[1], 1)), np.array([_CERTAIN if answers.all() else -_CERTAIN])
    return fit_linear(features, answers.astype(int).tolist(), scale, strength)


def fit_types(features: Matrix, types: Sequence[str], scale: Matrix, strength: float) -> Fitted:
    """One output per call type, in the order of CALL_TYPES; a type without an example is never answered."""
    names: list[str] = list(CALL_TYPES)
    places = [names.index(name) for name in types]
    found = sorted(set(places))
    weights, bias = np.zeros((features.shape[1], len(names))), np.full(len(names), _NEVER)
    bias[found] = 0.0
    if len(found) > 1:
        fitted = fit_linear(features, places, scale, strength, balanced=True)
        used = found[1:] if len(found) == 2 else found  # of two classes the model has one output, for the second
        weights[:, used], bias[used] = fitted
    return weights, bias


def chosen(logits: Matrix) -> Fitted:
    """Level and its probability for each row."""
    probabilities = level_probabilities(logits)
    places = np.array([nearest_level(row) for row in probabilities])
    return np.array(LEVELS)[places], probabilities[np.arange(len(places)), places]


def fit_calibration(probabilities: Matrix, right: Matrix) -> tuple[float, float]:
    """Platt scaling: slope and offset on the logit (Platt 1999), on answers to calls that the model never saw."""
    from sklearn.linear_model import LogisticRegression

    if len(set(right.tolist())) < 2:
        return 1.0, 0.0
    bounded = np.clip(probabilities, 1e-4, 1 - 1e-4)
    logits = np.log(bounded / (1 - bounded))[:, None]
    model = LogisticRegression(C=1.0).fit(logits, right.astype(int))
    return max(0.05, float(model.coef_[0, 0])), float(model.intercept_[0])


def calibration_error(confidences: Matrix, right: Matrix, bins: int = 10) -> float:
    """Expected calibration error over equally wide bins."""
    places = np.minimum((confidences * bins).astype(int), bins - 1)
    gaps = [
        abs(float(confidences[places == place].mean() - right[places == place].mean()))
        * float((places == place).mean())
        for place in range(bins)
        if (places == place).any()
    ]
    return float(sum(gaps))


def scales(blocks: Mapping[str, int], criterion_id: str, options: Options) -> Matrix:
    """A weight per feature: its own blocks fully, those of other criteria and of the call type less."""
    weights = {f"turns:{criterion_id}": 1.0, f"rules:{criterion_id}": options.own_rules}
    weights |= {"types": options.types_in_criteria, "cues": options.cues_in_criteria}
    weights |= {"phrases": options.phrases, "calls": options.calls_in_criteria}
    return np.hstack([np.full(width, weights.get(name, options.others)) for name, width in blocks.items()])


def type_scales(blocks: Mapping[str, int], options: Options) -> Matrix:
    """The type's own block fully, what the criteria see less."""
    weights = {"types": 1.0, "rules:call_type": 1.0, "phrases": options.phrases_in_types}
    weights |= {"cues": options.cues_in_types, "calls": options.calls_in_types}
    return np.hstack([np.full(width, weights.get(name, options.criteria_in_types)) for name, width in blocks.items()])
