"""One row of numbers per turn: what the learned heads see of it and of its neighbours."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from pipeline.prescoring.questions import find_questions
from pipeline.prescoring.reading import Line, Reading
from pipeline.records import Role

Matrix = NDArray[np.float64]

FEATURE_VERSION = "3"  # raise it with any change here or in call_features: an older artefact is then refused
QUESTION_KINDS = ("need", "logistics", "decision", "schedule", "offer", "check", "phatic")
SHAPE_WIDTH = 18
NEIGHBOUR_COMPONENTS = 96  # of the turn before and after
_MOST_HITS = 2  # a phrase list that fits thrice says no more
_SIDES: tuple[Role, Role] = ("agent", "client")


# How much a block counts beside the others where weights are penalised alike.
BLOCK_SCALE = {
    "vector": 1.0,
    "vector_before": 0.7,
    "vector_after": 0.7,
    "phrases": 0.35,
    "questions": 0.35,
    "phrases_before": 0.2,
    "phrases_after": 0.2,
    "shape": 0.6,
}


def block_widths(categories: int, components: int) -> dict[str, int]:
    """Columns of `turn_matrix` by block, in order."""
    beside = min(NEIGHBOUR_COMPONENTS, components)
    return {
        "vector": components,
        "vector_before": beside,
        "vector_after": beside,
        "phrases": categories,
        "questions": len(QUESTION_KINDS),
        "phrases_before": categories,
        "phrases_after": categories,
        "shape": SHAPE_WIDTH,
    }


def turn_matrix(reading: Reading, projected: Matrix, categories: Sequence[str]) -> Matrix:
    """Blocks of `block_widths` side by side, scaled. shape: (num_utterances, sum of widths)

    `projected`: the turns' vectors as Projection makes them. A neighbour that is not there says nothing: zeros.
    """
    phrases = phrase_hits(reading, tuple(categories))
    widths = block_widths(len(categories), projected.shape[1])
    rows = np.zeros((len(projected), sum(widths.values())))
    ends = np.cumsum(list(widths.values()))
    block = dict(zip(widths, np.split(rows, ends[:-1], axis=1), strict=True))  # views
    beside = projected[:, : widths["vector_before"]]
    block["vector"][:] = projected
    block["vector_before"][1:], block["vector_after"][:-1] = beside[:-1], beside[1:]
    block["phrases"][:] = phrases
    block["phrases_before"][1:], block["phrases_after"][:-1] = phrases[:-1], phrases[1:]
    block["questions"][:], block["shape"][:] = _questions(reading), _shapes(reading)
    for name, columns in block.items():
        columns *= BLOCK_SCALE[name]
    return rows


@lru_cache(maxsize=2)  # turns and the call as a whole ask about the same dialogue
def phrase_hits(reading: Reading, categories: tuple[str, ...]) -> Matrix:
    """How often each category is found in each line, twice at most. shape: (num_utterances, categories)"""
    place = _columns(categories)
    counts = np.zeros((len(reading.lines), len(categories)))
    found = [
        (line.position, place[category], min(_MOST_HITS, len(hits)))
        for line in reading.lines
        for category, hits in line.hits.items()
        if category in place
    ]
    if found:
        rows, columns, times = zip(*found, strict=True)
        counts[rows, columns] = times
    return counts


@lru_cache(maxsize=8)
def _columns(categories: tuple[str, ...]) -> Mapping[str, int]:
    return {category: column for column, category in enumerate(categories)}


def _questions(reading: Reading) -> Matrix:
    counts = np.zeros((len(reading.lines), len(QUESTION_KINDS)))
    for role in _SIDES:
        for question in find_questions(reading, role):
            counts[question.line.position, QUESTION_KINDS.index(question.kind)] += 1
    return counts


def _shapes(reading: Reading) -> Matrix:
    """Place in the call, length, marks and digits."""
    lines = reading.lines
    agent = [line.position for line in lines if line.role == "agent"]
    lengths = [0.0, *(_log(len(line.tokens)) for line in lines), 0.0]
    return np.array([_shape(line, len(lines), agent, lengths) for line in lines], dtype=float)


@lru_cache(maxsize=1024)
def _log(count: int) -> float:
    return float(np.log1p(count) / 3)


def _shape(line: Line, count: int, agent: Sequence[int], lengths: Sequence[float]) -> list[float]:
    position, text, words = line.position, line.utterance.text, len(line.tokens)
    order = agent.index(position) if line.role == "agent" else None
    return [
        position / count,
        (count - 1 - position) / count,
        position == 0,
        position == 1,
        order == 0,
        order == 1,
        order == len(agent) - 1,
        order == len(agent) - 2 and order is not None,
        lengths[position + 1],
        words <= 4,
        words >= 20,
        "?" in text,
        "!" in text,
        sum(map(str.isdigit, text)) / 10,
        lengths[position],
        lengths[position + 2],
        _log(count),
        line.role == "agent",
    ]
