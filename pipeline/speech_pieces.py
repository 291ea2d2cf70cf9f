"""Speech cut into pieces that one voice speaks, and a diarization told anew by whose voice each piece is."""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import pairwise

from pipeline.conversation import merge_spans
from pipeline.records import Diarization, Span, Turn

SHORTEST_PIECE_S = 0.3  # a boundary nearer than this to the last one is a slip of the diarizer


def cut_into_pieces(speech: Sequence[Span], exclusive: Sequence[Turn]) -> list[Span]:
    """Stretches of `speech` (cut at each pause), cut again where the diarizer heard the speaker change; in order."""
    changes = sorted({time_s for turn in exclusive for time_s in (turn.start_s, turn.end_s)})
    return [piece for span in speech for piece in _cut(span, changes)]


def told_by_voice(diarization: Diarization, pieces: Sequence[Span], voices: Sequence[int]) -> Diarization:
    """The diarizer's speech, each part of it the voice's whose piece is there or nearest.

    `voices`: 0, 1, ... by piece. Where the diarizer heard two at once, the second voice speaks as well.
    """
    speech = merge_spans([Span(turn.start_s, turn.end_s) for turn in diarization.exclusive])
    stretches = _stretches(pieces, voices)
    exclusive = tuple(
        Turn(_name(voice), max(span.start_s, stretch.start_s), min(span.end_s, stretch.end_s))
        for span in speech
        for stretch, voice in stretches
        if stretch.start_s < span.end_s and span.start_s < stretch.end_s
    )
    names = sorted({turn.speaker for turn in exclusive})
    second = [turn for span in _overlaps(diarization.turns) for turn in _second_voice(span, exclusive, names)]
    return Diarization(tuple(sorted([*exclusive, *second], key=lambda turn: turn.start_s)), exclusive)


def _stretches(pieces: Sequence[Span], voices: Sequence[int]) -> list[tuple[Span, int]]:
    """All time, by voice: one voice follows the other in the middle of the pause between their pieces."""
    changes = [i for i, (one, two) in enumerate(pairwise(voices), start=1) if one != two]
    edges_s = [-math.inf, *((pieces[i - 1].end_s + pieces[i].start_s) / 2 for i in changes), math.inf]
    return [(Span(*edge), voices[i]) for edge, i in zip(pairwise(edges_s), [0, *changes], strict=True)]


def _cut(span: Span, changes: Sequence[float]) -> list[Span]:
    first, last = bisect_right(changes, span.start_s), bisect_left(changes, span.end_s)
    cuts = [span.start_s]
    for change_s in changes[first:last]:
        if change_s - cuts[-1] >= SHORTEST_PIECE_S and span.end_s - change_s >= SHORTEST_PIECE_S:
            cuts.append(change_s)
    return [Span(start_s, end_s) for start_s, end_s in pairwise([*cuts, span.end_s])]


def _overlaps(turns: Sequence[Turn]) -> list[Span]:
    """Where two speak at once."""
    found, end_s = [], 0.0
    for turn in sorted(turns, key=lambda turn: turn.start_s):
        if turn.start_s < end_s:
            found.append(Span(turn.start_s, min(turn.end_s, end_s)))
        end_s = max(end_s, turn.end_s)
    return found


def _second_voice(overlap: Span, exclusive: Sequence[Turn], names: Sequence[str]) -> list[Turn]:
    """Who else speaks: of two voices the other one; of more nobody can tell."""
    if len(names) != 2:
        return []
    shared = [
        (turn, max(turn.start_s, overlap.start_s), min(turn.end_s, overlap.end_s))
        for turn in exclusive
        if turn.start_s < overlap.end_s and overlap.start_s < turn.end_s
    ]
    return [Turn(names[1 - names.index(turn.speaker)], start_s, end_s) for turn, start_s, end_s in shared]


def _name(voice: int) -> str:
    return f"SPEAKER_{voice:02d}"
