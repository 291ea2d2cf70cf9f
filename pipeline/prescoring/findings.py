"""What a deterministic rule answers, before it becomes a suggestion."""

from collections.abc import Callable
from dataclasses import dataclass

from pipeline.prescoring.ladder import Case
from pipeline.records import Evidence


@dataclass(frozen=True, slots=True)
class Finding:
    """`value` is 0..1, None for not enough evidence; `reason` the second part of the reason's code."""

    value: float | None
    confidence: float
    reason: str
    evidence: tuple[Evidence, ...] = ()
    applicable: bool = True


Rule = Callable[[Case], Finding]
MAX_EVIDENCE = 4


def distinct(evidence: list[Evidence]) -> tuple[Evidence, ...]:
    """The best few pieces of evidence, one per utterance."""
    by_utterance = {item.utterance_index: item for item in reversed(evidence)}
    kept = sorted(by_utterance.values(), key=evidence.index)
    return tuple(kept[:MAX_EVIDENCE])
