"""Is a new model to be adopted? Both answer the same held-out verdicts, and no criterion may get worse.

The error of an answer is its squared distance from the verdict: 1 where they disagree on whether the criterion applies,
and that of half a scale where the model abstains. A criterion is worse when its mean error rises by more than chance
explains: a one-sided paired sign-flip test of the differences, call by call (Fisher 1935), which is exact for few calls
and needs no distribution. Its level is not corrected for the number of criteria: refusing a good model costs a week,
adopting a bad one costs trust. A rise that chance may explain is refused all the same where it is large. And the mean
over all criteria must fall: a model that wins nothing is not worth another judge, with whom every auto-confirmation
starts again (docs/trust.md).
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.settings import LearningSettings

ABSTENTION = 0.25
CALL_TYPE = "call_type"
_FLIPS = 9999
_SEED = 20_261
Errors = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Answer:
    """A model's or a person's answer; a value of None while applicable is an abstention."""

    applicable: bool
    value: float | None


@dataclass(frozen=True, slots=True)
class Pair:
    """Both models' answers to one held-out verdict. `name`: the criterion's head."""

    name: str
    call: str
    gold: Answer
    current: Answer
    candidate: Answer


@dataclass(frozen=True, slots=True)
class Comparison:
    """One criterion, or the call type, over its held-out verdicts. Errors are mean squared.

    Kappa is None where it is undefined, and for the call type, which has no order.
    """

    name: str
    verdicts: int
    current_error: float
    candidate_error: float
    current_exact: float
    candidate_exact: float
    current_kappa: float | None
    candidate_kappa: float | None
    p_worse: float  # how probable a rise of the error as large is by chance; 1 where it does not rise
    is_worse: bool


@dataclass(frozen=True, slots=True)
class Decision:
    """`reason` is a sentence for people."""

    adopted: bool
    reason: str
    comparisons: tuple[Comparison, ...]
    current_error: float  # mean over the comparisons
    candidate_error: float

    def as_figures(self) -> dict[str, Any]:
        return {
            "adopted": self.adopted,
            "current_error": self.current_error,
            "candidate_error": self.candidate_error,
            "held_out": [asdict(item) for item in self.comparisons],
        }


def error(answer: Answer, gold: Answer) -> float:
    """0..1; see the module."""
    if answer.applicable != gold.applicable:
        return 1.0
    if gold.value is None:
        return 0.0
    return ABSTENTION if answer.value is None else (answer.value - gold.value) ** 2


def decide(pairs: Sequence[Pair], settings: LearningSettings) -> Decision:
    """Compare the two models over the pairs."""
    if not pairs:
        return Decision(False, "no held-out verdict could be compared", (), 0.0, 0.0)
    groups: dict[str, list[Pair]] = {}
    for pair in pairs:
        groups.setdefault(pair.name, []).append(pair)
    found = tuple(_compare(name, groups[name], settings) for name in sorted(groups))
    current = float(np.mean([item.current_error for item in found]))
    candidate = float(np.mean([item.candidate_error for item in found]))
    worse = [item.name for item in found if item.is_worse]
    if worse:
        reason = f"worse on held-out verdicts of {', '.join(worse)}"
    elif candidate >= current:
        reason = f"no better: mean squared error {candidate:.4f}, that of the model in use {current:.4f}"
    else:
        reason = f"no criterion is worse; mean squared error {candidate:.4f}, before {current:.4f}"
    return Decision(not worse and candidate < current, reason, found, current, candidate)


def _compare(name: str, pairs: Sequence[Pair], settings: LearningSettings) -> Comparison:
    current = np.array([error(pair.current, pair.gold) for pair in pairs])
    candidate = np.array([error(pair.candidate, pair.gold) for pair in pairs])
    rise = float(candidate.mean() - current.mean())
    chance = p_worse(candidate - current)
    return Comparison(
        name=name,
        verdicts=len(pairs),
        current_error=float(current.mean()),
        candidate_error=float(candidate.mean()),
        current_exact=float((current < 1e-9).mean()),
        candidate_exact=float((candidate < 1e-9).mean()),
        current_kappa=None if name == CALL_TYPE else kappa([(pair.current, pair.gold) for pair in pairs]),
        candidate_kappa=None if name == CALL_TYPE else kappa([(pair.candidate, pair.gold) for pair in pairs]),
        p_worse=chance,
        is_worse=rise > settings.largest_rise or (rise > 0 and chance < settings.chance),
    )


def p_worse(differences: Errors) -> float:
    """How probable so large a mean is when each difference could have had either sign; the same each time."""
    if differences.sum() <= 1e-9:
        return 1.0
    from scipy.stats import permutation_test  # half a second that only whoever learns waits for

    test = permutation_test(
        (differences,), np.mean, permutation_type="samples", alternative="greater", n_resamples=_FLIPS, rng=_SEED
    )
    return float(test.pvalue)


def kappa(answers: Sequence[tuple[Answer, Answer]]) -> float | None:
    """Quadratic weighted kappa (Cohen 1968) where both sides gave a value; None where all values are the same."""
    pairs = [(one.value, two.value) for one, two in answers if one.value is not None and two.value is not None]
    if not pairs:
        return None
    one, two = np.array(pairs).T
    by_chance = float(one.var() + two.var() + (one.mean() - two.mean()) ** 2)
    return None if by_chance < 1e-9 else float(1 - ((one - two) ** 2).mean() / by_chance)
