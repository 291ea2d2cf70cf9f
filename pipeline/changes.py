"""What changed between two evaluations of the same calls: another version of a checklist, or another judge."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from pipeline.records import CallType, Evaluation

Change = Literal[
    "up",
    "down",
    "newly_applicable",
    "no_longer_applicable",
    "new_value",  # not enough evidence before, a value now
    "lost_value",  # a value before, not enough evidence now
    "unchanged",
    "not_asked_before",  # the earlier evaluation has no such criterion, or the call was not scored
]
CHANGES: tuple[Change, ...] = get_args(Change)


@dataclass(frozen=True, slots=True)
class Answer:
    """A suggestion as far as it can be compared. `value` is 0..1; None while applicable: not enough evidence."""

    applicable: bool
    value: float | None


@dataclass(frozen=True, slots=True)
class Answers:
    """One evaluation as far as it can be compared; `by_criterion` is empty where the call was not scored.

    `judge`: its identity; empty where that does not matter.
    """

    call_type: CallType
    cqr: float | None
    passed: bool | None
    by_criterion: Mapping[str, Answer]
    judge: str = ""


def answers_of(evaluation: Evaluation) -> Answers:
    """What a re-score compares of an evaluation."""
    by_criterion = {item.criterion_id: Answer(item.applicable, item.value) for item in evaluation.suggestions}
    return Answers(evaluation.call_type.call_type, evaluation.cqr, evaluation.passed, by_criterion, evaluation.judge)


def change_of(before: Answer | None, after: Answer) -> Change:
    """Applicability first: a value that appears because the criterion applies now is no better value."""
    if before is None:
        return "not_asked_before"
    if before.applicable != after.applicable:
        return "newly_applicable" if after.applicable else "no_longer_applicable"
    if before.value is None or after.value is None:
        if before.value is after.value:
            return "unchanged"
        return "new_value" if before.value is None else "lost_value"
    if before.value == after.value:
        return "unchanged"
    return "up" if after.value > before.value else "down"


@dataclass
class Changes:
    """The changes of many calls, growing call by call. CQR and passes are the machine's, without verdicts."""

    calls: int = 0
    first_time: int = 0  # calls without an earlier evaluation to compare with
    other_judge: int = 0  # compared calls whose earlier evaluation another judge made: not all is the checklist's doing
    by_criterion: dict[str, Counter[Change]] = field(default_factory=dict)
    cqr_calls: int = 0  # calls with a CQR on both sides: the means are over these
    cqr_before_sum: float = 0.0
    cqr_after_sum: float = 0.0
    passes_gained: int = 0
    passes_lost: int = 0
    call_types: Counter[tuple[str, str]] = field(default_factory=Counter)  # (before, after), where they differ

    def add(self, before: Answers | None, after: Answers) -> None:
        """Counts one call."""
        self.calls += 1
        earlier = before.by_criterion if before else {}
        for criterion_id, answer in after.by_criterion.items():
            change = change_of(earlier.get(criterion_id), answer)
            self.by_criterion.setdefault(criterion_id, Counter())[change] += 1
        if before is None:
            self.first_time += 1
            return
        self.other_judge += before.judge != after.judge
        if before.cqr is not None and after.cqr is not None:
            self.cqr_calls += 1
            self.cqr_before_sum += before.cqr
            self.cqr_after_sum += after.cqr
        self.passes_gained += bool(after.passed) and not before.passed
        self.passes_lost += bool(before.passed) and not after.passed
        if before.call_type != after.call_type:
            self.call_types[before.call_type, after.call_type] += 1

    @property
    def cqr_before(self) -> float | None:
        return self.cqr_before_sum / self.cqr_calls if self.cqr_calls else None

    @property
    def cqr_after(self) -> float | None:
        return self.cqr_after_sum / self.cqr_calls if self.cqr_calls else None
