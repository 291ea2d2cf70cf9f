"""What a call is for, from cues that both sides give."""

from pipeline.prescoring.ladder import Case
from pipeline.prescoring.reading import Line, Reading
from pipeline.prescoring.rules.objection import raised
from pipeline.records import CallType, CallTypeSuggestion, Evidence

_OPENING_SHARE = 0.4
_MIN_LINES = 6


def classify(case: Case) -> CallTypeSuggestion:
    """The type with most cues; cues in the first part of the call weigh double."""
    reading = case.reading
    scores: dict[CallType, float] = {
        "qualification": 1.5 + _score(reading, "type_first"),
        "objection": _score(reading, "type_known") + 0.8 * len(raised(reading)) - 0.5,
        "spam": 1.5 * _score(reading, "type_wrong_number", "type_not_sold", "type_sells_to_us", "type_robot"),
        "accelerating": _score(reading, "type_deal"),
        "reanimation": 1.5 * _score(reading, "type_past"),
        "unknown": 1.5 * _score(reading, "type_none") + (2 if len(reading.lines) < _MIN_LINES else 0),
    }
    ranked = sorted(scores, key=lambda name: -scores[name])
    best, second = scores[ranked[0]], scores[ranked[1]]
    confidence = best / (best + second) if best + second > 0 else 0.0
    evidence = evidence_for(reading, ranked[0])
    return CallTypeSuggestion(ranked[0], round(min(confidence, 0.95), 3), evidence)


_CATEGORIES: dict[CallType, tuple[str, ...]] = {
    "qualification": ("type_first",),
    "objection": ("concern", "type_known"),
    "spam": ("type_wrong_number", "type_not_sold", "type_sells_to_us", "type_robot"),
    "accelerating": ("type_deal",),
    "reanimation": ("type_past",),
    "unknown": ("type_none",),
}


def _score(reading: Reading, *categories: str) -> float:
    early = len(reading.lines) * _OPENING_SHARE
    total = 0.0
    for line in reading.lines:
        weight = 1.0 if line.position < max(early, 4) else 0.5
        total += weight * min(2, sum(len(line.hits.get(category, ())) for category in categories))
    return total


def evidence_for(reading: Reading, call_type: CallType) -> tuple[Evidence, ...]:
    """The first lines with cues for a type."""
    categories = _CATEGORIES[call_type]
    lines: list[Line] = [line for line in reading.lines if line.has(*categories)]
    return tuple(line.quote_of(*categories) for line in lines[:3])
