"""The part of a conversation that a cross-encoder can hold: the turns that matter and what stands beside them."""

from collections.abc import Sequence

import numpy as np

from pipeline.interfaces import Vectors
from pipeline.prescoring.ladder import Case
from pipeline.prescoring.prompts import NliPrompts
from pipeline.prescoring.reading import Line, Reading
from pipeline.records import Role

MIN_WORDS = 12  # fewer do not tell what a call is for
_MOST_LINES = 8
_OPENING_LINES = 10  # what a call is for is said early
_MOST_WORDS = 260  # about 500 tokens of a Russian sentence piece vocabulary


def choose_lines(case: Case, role: Role, wanted: Vectors) -> list[Line]:
    """The lines of a role nearest to what is asked, in order of speaking.

    `wanted` are vectors of the texts asked about; shape: (num_texts, dimension). Without vectors of the call its first
    and last lines stand for it.
    """
    lines = [line for line in case.reading.of(role) if line.tokens]
    if len(lines) <= _MOST_LINES:
        return lines
    if case.vectors is None:
        return [*lines[: _MOST_LINES // 2], *lines[-_MOST_LINES // 2 :]]
    said = case.vectors[[line.position for line in lines], : wanted.shape[1]]  # shape: (num_lines, dimension)
    nearness = (said @ wanted.T).max(axis=1)
    nearest = np.argsort(-nearness, kind="stable")[:_MOST_LINES]
    return [lines[place] for place in sorted(nearest)]


def opening_lines(reading: Reading) -> list[Line]:
    """What both sides say first."""
    return [line for line in reading.lines if line.role != "other" and line.tokens][:_OPENING_LINES]


def write_premise(lines: Sequence[Line], prompts: NliPrompts, reading: Reading | None = None) -> str:
    """The lines with their speakers, with `reading` also each line's neighbours: a question and what answers it.

    Lines beyond the words that a cross-encoder holds are left out, neighbours first.
    """
    kept: dict[int, Line] = {}
    words = 0
    beside = [reading.lines[place] for line in lines for place in _neighbours(line, reading)] if reading else []
    for line in [*lines, *beside]:
        if line.position in kept or (kept and words + len(line.tokens) > _MOST_WORDS):
            continue
        kept[line.position] = line
        words += len(line.tokens)
    return "\n".join(f"{prompts.speakers[kept[place].role]}: {kept[place].utterance.text}" for place in sorted(kept))


def _neighbours(line: Line, reading: Reading) -> list[int]:
    return [place for place in (line.position - 1, line.position + 1) if 0 <= place < len(reading.lines)]
