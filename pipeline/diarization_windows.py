"""Long recordings are diarized in overlapping windows, whose speakers are then matched by who speaks in the overlap.

pyannote's memory grows with the length (9.5 GB for 72 minutes, its issue 1963); windows keep it flat. Matching by
shared speech time needs no voice embedding, so none leaves the diarizer.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from pipeline.records import Diarization, Turn

WINDOW_S = 1200.0
OVERLAP_S = 120.0


def windows_of(
    duration_s: float, window_s: float = WINDOW_S, overlap_s: float = OVERLAP_S
) -> Iterator[tuple[float, float]]:
    """(start_s, end_s) of windows that cover the recording; one when it is short, the last one never tiny."""
    start_s = 0.0
    while duration_s - start_s > window_s + overlap_s:
        yield start_s, start_s + window_s
        start_s += window_s - overlap_s
    yield start_s, duration_s


def join_windows(windows: Iterable[tuple[float, Diarization]], overlap_s: float = OVERLAP_S) -> Diarization:
    """One diarization from those of (start_s, window) in order; times are already those of the recording."""
    joined: Diarization | None = None
    for start_s, window in windows:
        if joined is None:
            joined = window
            continue
        names = _match(joined.turns, window.turns, start_s, start_s + overlap_s)
        cut_s = start_s + overlap_s / 2
        joined = Diarization(
            turns=_splice(joined.turns, window.turns, names, cut_s),
            exclusive=_splice(joined.exclusive, window.exclusive, names, cut_s),
        )
    return joined or Diarization((), ())


def _match(before: tuple[Turn, ...], after: tuple[Turn, ...], start_s: float, end_s: float) -> dict[str, str]:
    """Name in the later window -> name so far: pairs that share most speech first; the rest are new speakers."""
    shared: dict[tuple[str, str], float] = defaultdict(float)
    for late in after:
        for early in before:
            seconds = min(late.end_s, early.end_s, end_s) - max(late.start_s, early.start_s, start_s)
            if seconds > 0:
                shared[late.speaker, early.speaker] += seconds
    names: dict[str, str] = {}
    for (late_name, early_name), _ in sorted(shared.items(), key=lambda item: (-item[1], item[0])):
        if late_name not in names and early_name not in names.values():
            names[late_name] = early_name
    taken = {turn.speaker for turn in before} | set(names.values())
    for name in sorted({turn.speaker for turn in after} - names.keys()):
        names[name] = next(new for number in range(100) if (new := f"SPEAKER_{number:02d}") not in taken)
        taken.add(names[name])
    return names


def _splice(before: tuple[Turn, ...], after: tuple[Turn, ...], names: dict[str, str], cut_s: float) -> tuple[Turn, ...]:
    kept = [Turn(t.speaker, t.start_s, min(t.end_s, cut_s)) for t in before if t.start_s < cut_s]
    added = [Turn(names[t.speaker], max(t.start_s, cut_s), t.end_s) for t in after if t.end_s > cut_s]
    return tuple(kept + added)
