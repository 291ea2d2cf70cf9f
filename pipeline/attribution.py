"""Which speaker said which word, and words gathered into what a person would call an utterance."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipeline.records import Turn, Word

PAUSE_S = 0.8  # a longer pause ends a run of speech
SAME_UTTERANCE_S = 3.0  # runs of one speaker with nobody between them are one utterance up to this pause
ISLAND_S = 0.4  # a single word shorter than this between words of somebody else is a slip of the diarizer
ISLAND_GAP_S = 0.2


@dataclass(frozen=True, slots=True)
class SpokenWord:
    speaker: str
    word: Word


@dataclass(frozen=True, slots=True)
class Run:
    """Words of one speaker without a long pause."""

    speaker: str
    words: tuple[Word, ...]

    @property
    def start_s(self) -> float:
        return self.words[0].start_s

    @property
    def end_s(self) -> float:
        return self.words[-1].end_s

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)


def words_of_channels(channels: Sequence[tuple[int, Sequence[Word]]]) -> list[SpokenWord]:
    """Stereo: the channel is the speaker."""
    return [SpokenWord(f"CHANNEL_{channel}", word) for channel, words in channels for word in words]


def words_of_turns(words: Sequence[Word], exclusive: Sequence[Turn]) -> list[SpokenWord]:
    """Mono: each word goes to the turn that it shares most time with, else to the nearest turn.

    `exclusive` turns do not overlap. Without any turn everything is one speaker's.
    """
    ordered = sorted(exclusive, key=lambda turn: turn.start_s)
    spoken = []
    first = 0  # turns before it ended long before this word: words come in order
    for word in sorted(words, key=lambda word: word.start_s):
        while first < len(ordered) - 1 and ordered[first].end_s < word.start_s - 30:
            first += 1
        spoken.append(SpokenWord(_speaker_at(word, ordered[first:]), word))
    return _without_islands(spoken)


def gather_runs(spoken: Iterable[SpokenWord]) -> list[Run]:
    """Runs of speech in order of their start. Overlapping speech stays two runs, each whole."""
    by_speaker: dict[str, list[Word]] = defaultdict(list)
    for item in spoken:
        by_speaker[item.speaker].append(item.word)
    runs = [run for speaker, words in by_speaker.items() for run in _runs_of(speaker, words)]
    return sorted(runs, key=lambda run: (run.start_s, run.speaker))


def merge_runs(runs: Sequence[Run]) -> list[Run]:
    """Neighbouring runs of one speaker become one, unless the pause between them is long."""
    merged: list[Run] = []
    for run in runs:
        last = merged[-1] if merged else None
        if last and last.speaker == run.speaker and run.start_s - last.end_s <= SAME_UTTERANCE_S:
            merged[-1] = Run(run.speaker, last.words + run.words)
        else:
            merged.append(run)
    return merged


def _speaker_at(word: Word, turns: Sequence[Turn]) -> str:
    best, best_score = "SPEAKER_00", float("-inf")
    for turn in turns:
        shared_s = min(word.end_s, turn.end_s) - max(word.start_s, turn.start_s)  # negative: how far away
        if shared_s > best_score:
            best, best_score = turn.speaker, shared_s
        if turn.start_s > word.end_s + 30:
            break
    return best


def _without_islands(spoken: list[SpokenWord]) -> list[SpokenWord]:
    smooth = list(spoken)
    for index in range(1, len(spoken) - 1):
        before, here, after = spoken[index - 1], spoken[index], spoken[index + 1]
        if (
            before.speaker == after.speaker != here.speaker
            and here.word.end_s - here.word.start_s < ISLAND_S
            and here.word.start_s - before.word.end_s < ISLAND_GAP_S
            and after.word.start_s - here.word.end_s < ISLAND_GAP_S
        ):
            smooth[index] = SpokenWord(before.speaker, here.word)
    return smooth


def _runs_of(speaker: str, words: Sequence[Word]) -> list[Run]:
    ordered = sorted(words, key=lambda word: word.start_s)
    cuts = [i + 1 for i, (one, two) in enumerate(pairwise(ordered)) if two.start_s - one.end_s > PAUSE_S]
    return [Run(speaker, tuple(ordered[a:b])) for a, b in pairwise([0, *cuts, len(ordered)]) if a < b]
