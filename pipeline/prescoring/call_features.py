"""From scores per turn to numbers per call: what the heads of criteria and of the call type decide by."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from pipeline.prescoring.call_types import classify
from pipeline.prescoring.ladder import Case
from pipeline.prescoring.reading import Reading
from pipeline.prescoring.rules import BY_CALL_TYPE, RULES, find_by_rule
from pipeline.prescoring.rules.greeting import opening_parts
from pipeline.prescoring.turn_features import Matrix, phrase_hits
from pipeline.records import CallType, Cue

LEVELS = (0.0, 0.5, 1.0)
CALL_TYPES: tuple[CallType, ...] = (
    "qualification",
    "objection",
    "spam",
    "accelerating",
    "reanimation",
    "unknown",
)
CONCERN = "concern"
CUES: dict[Cue, CallType] = {  # with the call type that each speaks for
    "first": "qualification",
    "known": "objection",
    "worry": "objection",
    "deal": "accelerating",
    "past": "reanimation",
    "foreign": "spam",
    "none": "unknown",
}
_BEST = 3
CALL_COMPONENTS = 64
_FIRST, _ENDING = 3, 4  # lines
_OPENING, _EARLY, _LATE = 4, 6, 0.6  # lines, lines, share of the call


@dataclass(frozen=True)
class TurnLabels:
    """Which column of the turn scores is what: each criterion at each level, a concern, each call type, each cue."""

    criteria: tuple[str, ...]

    @property
    def count(self) -> int:
        return self.concern + 1 + len(CALL_TYPES) + len(CUES)

    def of(self, criterion_id: str) -> slice:
        """The columns of a criterion's levels."""
        first = self.criteria.index(criterion_id) * len(LEVELS)
        return slice(first, first + len(LEVELS))

    @property
    def concern(self) -> int:
        return len(self.criteria) * len(LEVELS)

    @property
    def types(self) -> slice:
        return slice(self.concern + 1, self.concern + 1 + len(CALL_TYPES))

    @property
    def cues(self) -> slice:
        return slice(self.count - len(CUES), self.count)

    def cues_of(self, call_type: CallType) -> list[int]:
        """The columns of the cues that speak for a call type."""
        return [self.cues.start + place for place, speaks_for in enumerate(CUES.values()) if speaks_for == call_type]


def criterion_blocks(case: Case, scores: Matrix, labels: TurnLabels) -> dict[str, Matrix]:
    """By criterion: how strongly its best turns speak for each level, and what the rules say."""
    agent, client = _rows(case, scores)
    best, of_client = _best(agent, _BEST), _best(client, 2)
    mean = agent.mean(axis=0) * 3 if len(agent) else np.zeros(agent.shape[1])
    told = np.stack([best[0], best[:2].sum(axis=0), best.sum(axis=0), mean, of_client[0]])
    concern = of_client[:, labels.concern]
    return {
        criterion_id: np.hstack([told[:, labels.of(criterion_id)].ravel(), concern])
        if criterion_id == "objection"
        else told[:, labels.of(criterion_id)].ravel()
        for criterion_id in labels.criteria
    }


def _best(rows: Matrix, count: int) -> Matrix:
    """The largest of each column, downwards; zeros where there are fewer rows. shape: (count, columns)"""
    best = np.zeros((count, rows.shape[1]))
    found = np.sort(rows, axis=0)[::-1][:count]
    best[: len(found)] = found
    return best


def _rows(case: Case, scores: Matrix) -> tuple[Matrix, Matrix]:
    roles = np.array([line.role for line in case.reading.lines])
    return scores[roles == "agent"], scores[roles == "client"]


def rule_blocks(case: Case, criteria: Sequence[str]) -> dict[str, Matrix]:
    """The rules' answers as numbers, for a call in general and for a running deal."""
    blocks = {}
    for criterion_id in criteria:
        if criterion_id not in RULES:  # a user's own criterion: no rule of ours speaks of it
            continue
        answers: list[float] = []
        for call_type in _types_that_matter(criterion_id):
            found = find_by_rule(criterion_id, replace(case, call_type=call_type))
            sure = found.confidence
            answers += [sure * (found.value == level) for level in LEVELS]
            answers += [float(not found.applicable), 0.5 if found.value is None else found.value]
        if criterion_id == "greeting":
            answers += _greeting_parts(case)
        blocks[criterion_id] = np.array(answers)
    return blocks


def _greeting_parts(case: Case) -> list[float]:
    """Which parts the opening has, one by one, and how many."""
    parts = [float(line is not None) for line in opening_parts(case.reading).values()]
    return [*parts, float(all(parts)), float(sum(parts) >= 2), float(any(parts))]


def _types_that_matter(criterion_id: str) -> tuple[CallType, ...]:
    return ("qualification", "accelerating") if criterion_id in BY_CALL_TYPE else ("qualification",)


def type_block(case: Case, scores: Matrix, labels: TurnLabels) -> Matrix:
    """What the turns say about the call type: the opening, then each side."""
    columns = scores[:, labels.types]
    parts = [columns[:_OPENING].mean(axis=0), columns[:_EARLY].max(axis=0)]
    for rows in _rows(case, scores):
        found = rows[:, labels.types]
        parts += [found.mean(axis=0), found.max(axis=0)] if len(rows) else [np.zeros(2 * len(CALL_TYPES))]
    return np.hstack(parts)


def cue_block(case: Case, scores: Matrix, labels: TurnLabels) -> Matrix:
    """How strongly the best turns tell each cue: of the call, of each side, of its opening and its end."""
    columns = scores[:, labels.cues]
    parts = []
    for rows in (columns, *(side[:, labels.cues] for side in _rows(case, scores))):
        best = _best(rows, _BEST)
        parts += [best[0], best[:2].sum(axis=0), best.sum(axis=0)]
    return np.hstack([*parts, columns[:_EARLY].max(axis=0), columns.mean(axis=0) * 3, columns[-_ENDING:].max(axis=0)])


def turn_blocks(case: Case, scores: Matrix, labels: TurnLabels) -> dict[str, Matrix]:
    """What follows from the turns: `turns:` each criterion, `types`, and `cues`."""
    blocks = {f"turns:{name}": block for name, block in criterion_blocks(case, scores, labels).items()}
    return blocks | {"types": type_block(case, scores, labels), "cues": cue_block(case, scores, labels)}


def word_blocks(case: Case, criteria: Sequence[str], categories: Sequence[str]) -> dict[str, Matrix]:
    """What follows from the words alone: `rules:` of each criterion and of the type, and how often each phrase fits."""
    blocks = {f"rules:{name}": block for name, block in rule_blocks(case, criteria).items()}
    answer = classify(case)
    blocks["rules:call_type"] = np.array([answer.confidence * (answer.call_type == name) for name in CALL_TYPES])
    return blocks | {"phrases": phrase_counts(case, categories)}


def call_block(reading: Reading, projected: Matrix) -> dict[str, Matrix]:
    """What the call is about as a whole: mean vectors of its opening, of each side, of its end; and its first turns.

    `projected`: the turns' vectors as Projection makes them, of which the widest directions are looked at.
    """
    rows = projected[:, :CALL_COMPONENTS]
    roles = np.array([line.role for line in reading.lines])
    places = np.arange(len(rows))
    parts = (places < _EARLY, roles == "agent", roles == "client", places >= len(rows) - _ENDING)
    means = [rows[part].mean(axis=0) if part.any() else np.zeros(rows.shape[1]) for part in parts]
    first = np.vstack([rows[:_FIRST], np.zeros((_FIRST, rows.shape[1]))])[:_FIRST]
    return {"calls": np.hstack([*means, first.ravel()])}


def phrase_counts(case: Case, categories: Sequence[str]) -> Matrix:
    """In how many lines of the agent, the client, the opening and the end each category is found, as logarithms."""
    lines = case.reading.lines
    found = (phrase_hits(case.reading, tuple(categories)) > 0).astype(float)
    is_agent = np.array([line.role == "agent" for line in lines])
    places = np.arange(len(lines))
    is_early = places < _EARLY
    parts = np.stack([is_agent, ~is_agent, is_early, ~is_early & (places >= len(lines) * _LATE)])
    return np.asarray(np.log1p(parts @ found).ravel())
