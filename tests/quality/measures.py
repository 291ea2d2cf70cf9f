"""Agreement between the judge and the labels; nothing here knows a dialogue's words."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

VALUES = (0.0, 0.5, 1.0)


def weighted_kappa(gold: Sequence[float], answers: Sequence[float], values: Sequence[float] = VALUES) -> float:
    """Cohen's kappa with quadratic weights (Cohen 1968); 1 when both are constant and equal, nan without pairs."""
    if not gold:
        return float("nan")
    place = {value: index for index, value in enumerate(values)}
    seen = np.zeros((len(values), len(values)))
    for first, second in zip(gold, answers, strict=True):
        seen[place[first], place[second]] += 1
    expected = np.outer(seen.sum(1), seen.sum(0)) / seen.sum()
    cost = np.square(np.subtract.outer(np.arange(len(values)), np.arange(len(values))))
    by_chance = float((cost * expected).sum())
    return 1.0 if by_chance == 0 else 1 - float((cost * seen).sum()) / by_chance


def macro_f1(gold: Sequence[str], answers: Sequence[str]) -> float:
    """Mean F1 over the classes that the labels hold."""
    both = Counter(zip(gold, answers, strict=True))
    scores = []
    for name in set(gold):
        hits = both[name, name]
        total = sum(n for pair, n in both.items() for side in pair if side == name)
        scores.append(2 * hits / total if total else 0.0)
    return float(np.mean(scores)) if scores else float("nan")
