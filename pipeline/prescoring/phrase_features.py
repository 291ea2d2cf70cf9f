"""A dialogue as numbers that mean the same in every language: who used which kind of phrase how often and when.

The learned heads go by them. No word, name or trade is among them, so what is learned in one line of business holds in
another.
"""

import math
from collections import defaultdict
from functools import lru_cache

from pipeline.prescoring.ladder import Case
from pipeline.prescoring.questions import find_questions
from pipeline.prescoring.reading import Line, Reading
from pipeline.prescoring.rules import RULES
from pipeline.records import CallType, Dialogue

_EARLY_SHARE = 0.35
_EARLY_LINES = 4
_LATE_SHARE = 0.6
_PER_LINE = 2  # more phrases of a kind in one line say no more
_ASSUMED: tuple[CallType, ...] = ("qualification", "accelerating")  # rules differ between new and running deals


@lru_cache(maxsize=2)
def features(dialogue: Dialogue, reading: Reading) -> dict[str, float]:
    """Counts on a logarithmic scale, shares, and what the rules found. Absent means 0."""
    counts: defaultdict[str, float] = defaultdict(float)
    early = max(_EARLY_LINES, _EARLY_SHARE * len(reading.lines))
    late = _LATE_SHARE * len(reading.lines)
    for line in reading.lines:
        for category, hits in line.hits.items():
            for name in _names(line, category, line.position < early, line.position >= late):
                counts[name] += min(len(hits), _PER_LINE)
    for question in find_questions(reading):
        counts[f"question.{question.kind}"] += 1
    return {name: math.log1p(count) for name, count in counts.items()} | _shape(reading) | _findings(dialogue, reading)


def _names(line: Line, category: str, early: bool, late: bool) -> list[str]:
    names = [f"{line.role}.{category}"]
    if early and category.startswith(("type_", "concern", "think_about")):
        names.append(f"{names[0]}.early")
    if late and not category.startswith(("type_", "question")):
        names.append(f"{names[0]}.late")
    return names


def _shape(reading: Reading) -> dict[str, float]:
    """How long the dialogue is and who carries it."""
    agent = [len(line.tokens) for line in reading.of("agent")]
    client = [len(line.tokens) for line in reading.of("client")]
    return {
        "lines": math.log1p(len(reading.lines)),
        "words.agent": math.log1p(sum(agent)),
        "words.client": math.log1p(sum(client)),
        "words.share": sum(agent) / max(1, sum(agent) + sum(client)),
        "words.longest": math.log1p(max(agent, default=0)),
        "words.mean": math.log1p(sum(agent) / max(1, len(agent))),
        "agent_first": float(bool(reading.lines) and reading.lines[0].role == "agent"),
    }


def _findings(dialogue: Dialogue, reading: Reading) -> dict[str, float]:
    """Each rule's value from -1 to 1 with its reason."""
    found: dict[str, float] = {}
    for call_type in _ASSUMED:
        for name, rule in RULES.items():
            if call_type == "accelerating" and name != "needs":
                continue
            finding = rule(Case(dialogue, reading, call_type))
            key = f"rule.{call_type}.{name}"
            found[f"{key}.{finding.reason}"] = 1.0
            if finding.applicable and finding.value is not None:
                found[key] = 2 * finding.value - 1
    return found
