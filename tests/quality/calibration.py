"""Whether the judge's confidence can be believed: of the answers at 80 %, are 80 % right?"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.checklist import Checklist
from tests.quality.judging import Judged
from tests.quality.tables import NOTHING, number, table

BINS = 10
BY_TYPE = "weights"  # the rung of a "does not apply" that only follows from the call type, whose own table counts it


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer that was given: an abstention claims nothing."""

    confidence: float
    right: bool


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers whose confidence lies from `low` up to `high`."""

    low: float
    high: float
    mean_confidence: float
    right_share: float
    count: int


def type_answers(judged: Iterable[Judged]) -> list[Answer]:
    return [
        Answer(answer.confidence, answer.call_type == item.labelled.call_type)
        for item in judged
        for answer in (item.evaluation.call_type,)
    ]


def criterion_answers(judged: Iterable[Judged], criterion_id: str) -> list[Answer]:
    """Right is: the same value, or the same "does not apply"."""
    return [
        Answer(answer.confidence, (answer.applicable, answer.value) == (gold.applicable, gold.value))
        for item in judged
        if (answer := item.suggestion(criterion_id)) is not None
        and answer.rung != BY_TYPE
        and not (answer.applicable and answer.value is None)
        for gold in (item.labelled.gold[criterion_id],)
    ]


def reliability(answers: Sequence[Answer], bins: int = BINS) -> list[Bin]:
    """Equally wide bins; those without an answer are left out."""
    if not answers:
        return []
    confidences = np.array([answer.confidence for answer in answers])
    right = np.array([answer.right for answer in answers], dtype=float)
    places = np.minimum((confidences * bins).astype(int), bins - 1)
    return [
        Bin(
            place / bins,
            (place + 1) / bins,
            float(confidences[places == place].mean()),
            float(right[places == place].mean()),
            int((places == place).sum()),
        )
        for place in sorted(set(places.tolist()))
    ]


def expected_error(bins: Sequence[Bin]) -> float:
    """Expected calibration error: the mean distance of confidence and share right (Naeini et al. 2015)."""
    total = sum(found.count for found in bins)
    if not total:
        return float("nan")
    return sum(abs(found.mean_confidence - found.right_share) * found.count for found in bins) / total


def reliability_table(answers: Sequence[Answer]) -> str:
    rows = [
        [
            f"{found.low:.1f} to {found.high:.1f}",
            number(found.mean_confidence),
            number(found.right_share),
            str(found.count),
        ]
        for found in reliability(answers)
    ]
    return table(["confidence", "mean confidence", "share right", "answers"], rows)


def criteria_table(by_criterion: Mapping[str, Sequence[Answer]]) -> str:
    """A row for each criterion, a column for each bin that any of them has answers in."""
    found = {name: {one.low: one for one in reliability(answers)} for name, answers in by_criterion.items()}
    lows = sorted({low for bins in found.values() for low in bins})
    rows = [[name, *(_cell(bins.get(low)) for low in lows)] for name, bins in found.items()]
    return table(["criterion", *(f"{low:.1f} to {low + 1 / BINS:.1f}" for low in lows)], rows)


def _cell(found: Bin | None) -> str:
    """`0.75 / 0.80 of 15`"""
    if found is None:
        return NOTHING
    return f"{number(found.mean_confidence)} / {number(found.right_share)} of {found.count}"


def section(judged: Sequence[Judged], checklist: Checklist) -> list[str]:
    """The call type, all criteria together, then each criterion: its bins, its error."""
    by_criterion = {criterion.id: criterion_answers(judged, criterion.id) for criterion in checklist.criteria}
    every = [answer for answers in by_criterion.values() for answer in answers]
    rows = [
        [name, number(expected_error(reliability(answers)), 3), *_means(answers), str(len(answers))]
        for name, answers in {"call type": type_answers(judged), **by_criterion, "all criteria": every}.items()
    ]
    return [
        "The machine says how sure it is. Here that is held against how often it was right: in a good table the two",
        "middle columns are alike. An abstention claims nothing and is not counted; nor is a criterion that is left",
        "out because of the call type. The calibration error is the mean distance between the two columns.",
        "",
        "Call type:",
        "",
        reliability_table(type_answers(judged)),
        "",
        "All criteria together:",
        "",
        reliability_table(every),
        "",
        "Each criterion by itself. A cell says: mean confidence / share right of so many answers. Few answers say",
        "little.",
        "",
        criteria_table(by_criterion),
        "",
        table(["", "calibration error", "mean confidence", "share right", "answers"], rows),
    ]


def _means(answers: Sequence[Answer]) -> list[str]:
    if not answers:
        return ["-", "-"]
    return [
        number(float(np.mean([answer.confidence for answer in answers]))),
        number(float(np.mean([answer.right for answer in answers]))),
    ]
