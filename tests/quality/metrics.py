"""Word errors, role accuracy and diarization errors: plain functions over gold and recognised records.

Each returns counts that add up, so that a figure over many files weighs every word (or second) alike.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Self

import jiwer

from pipeline.records import Turn, Utterance, Word
from tests.quality.gold import GoldCall, GoldTurn
from tests.quality.normalisation import normalise

WORD_TIME_S = 0.3  # how far a recognised word may lie from where it was spoken


@dataclass(frozen=True, slots=True)
class Share:
    """`part` of `whole`: errors of reference words, right words of counted ones, seconds of seconds."""

    part: float
    whole: float

    def __add__(self, other: Self) -> "Share":
        return Share(self.part + other.part, self.whole + other.whole)

    @property
    def value(self) -> float:
        """0 when there is nothing to count."""
        return self.part / self.whole if self.whole else 0.0


def word_error_rate(gold: GoldCall, utterances: Sequence[Utterance]) -> Share:
    """Substituted, lost and invented words, of the words that were said.

    Mono: all words in order of time, whoever spoke. Stereo: each channel on its own, because overlaps have no order;
    the recognised speakers go to the gold channels as fits best (their roles are `role_accuracy`'s concern).
    Text that was invented in silence and turns that were lost count in both.
    """
    channels = sorted({turn.channel for turn in gold.turns})
    speakers = sorted({utterance.speaker for utterance in utterances})
    outcomes = []
    for assignment in product(channels, repeat=len(speakers)):
        channel_of = dict(zip(speakers, assignment, strict=True))
        errors = Share(0, 0)
        for channel in channels:
            said = [turn for turn in gold.turns if turn.channel == channel]
            heard = [utterance for utterance in utterances if channel_of[utterance.speaker] == channel]
            errors += word_errors(gold_words(said, gold.language), spoken_words(heard, gold.language))
        outcomes.append(errors)
    return min(outcomes, key=lambda errors: errors.part)


def word_errors(reference: list[str], heard: list[str]) -> Share:
    """Levenshtein errors between two lists of words."""
    if not reference:  # jiwer refuses an empty reference; everything heard is invented
        return Share(len(heard), 0)
    found = jiwer.process_words(" ".join(reference), " ".join(heard))
    return Share(found.substitutions + found.deletions + found.insertions, len(reference))


def gold_words(turns: Sequence[GoldTurn], language: str) -> list[str]:
    ordered = sorted(turns, key=lambda turn: turn.start_s)
    return normalise(" ".join(turn.text for turn in ordered), language)


def spoken_words(utterances: Sequence[Utterance], language: str) -> list[str]:
    ordered = sorted(utterances, key=lambda utterance: utterance.start_s or 0.0)
    return normalise(" ".join(utterance.text for utterance in ordered), language)


def role_accuracy(gold: GoldCall, utterances: Sequence[Utterance]) -> Share:
    """Recognised words whose role is that of the gold turn in which they were spoken.

    A word belongs to the gold turn in which its recognised time lies, else the nearest. Where that time touches turns
    of two roles (they overlap, they meet, or the word is stretched over a pause: times are good to about 0.3 s), it
    belongs to the one whose text holds it; a word that both hold, or neither, is not counted: nobody can tell.
    """
    right = counted = 0
    for utterance in utterances:
        for word in utterance.words:
            roles = gold_roles(gold, word)
            if len(roles) == 1:
                counted += 1
                right += utterance.role in roles
    return Share(right, counted)


def role_accuracy_by_time(gold: GoldCall, utterances: Sequence[Utterance]) -> Share:
    """The same over every word, by time alone: a word belongs to the gold turn nearest to its middle.

    The strict figure beside `role_accuracy`. It also counts against the roles what is only an inexact word time, and
    words under the other side's speech.
    """
    right = counted = 0
    for utterance in utterances:
        for word in utterance.words:
            middle_s = (word.start_s + word.end_s) / 2
            turn = min(gold.turns, key=lambda t: max(t.start_s - middle_s, middle_s - t.end_s, 0.0))
            counted += 1
            right += utterance.role == turn.role
    return Share(right, counted)


def gold_roles(gold: GoldCall, word: Word) -> set[str]:
    """Which roles may have said this word; more than one, or none, when it cannot be told."""
    middle_s = (word.start_s + word.end_s) / 2
    first_s, last_s = min(word.start_s, middle_s - WORD_TIME_S), max(word.end_s, middle_s + WORD_TIME_S)
    around = [turn for turn in gold.turns if turn.start_s <= last_s and first_s <= turn.end_s]
    if not around:
        around = [min(gold.turns, key=lambda turn: max(turn.start_s - middle_s, middle_s - turn.end_s))]
    if len({turn.role for turn in around}) == 1:
        return {around[0].role}
    spoken = set(normalise(word.text, gold.language))
    return {turn.role for turn in around if spoken & set(normalise(turn.text, gold.language))}


def diarization_error_rate(reference: Sequence[Turn], hypothesis: Sequence[Turn], duration_s: float) -> Share:
    """Seconds missed, invented or given to the wrong speaker, of the seconds spoken. Collar 0, overlaps counted.

    Speakers are matched as fits best (pyannote.metrics).
    """
    from pyannote.core import Segment, Timeline  # pyannote loads slowly: only who asks for DER waits for it
    from pyannote.metrics.diarization import DiarizationErrorRate

    metric = DiarizationErrorRate(collar=0.0, skip_overlap=False)
    whole = Timeline([Segment(0.0, duration_s)])
    found = metric(as_annotation(reference), as_annotation(hypothesis), uem=whole, detailed=True)
    return Share(found["missed detection"] + found["false alarm"] + found["confusion"], found["total"])


def as_annotation(turns: Sequence[Turn]) -> Any:
    """As pyannote.metrics wants it: an Annotation."""
    from pyannote.core import Annotation, Segment

    annotation = Annotation()
    for index, turn in enumerate(turns):
        annotation[Segment(turn.start_s, turn.end_s), index] = turn.speaker
    return annotation
