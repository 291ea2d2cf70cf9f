"""What the agent asks, and what kind of question it is; recognised speech loses its question marks."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from pipeline.prescoring.patterns import Hit
from pipeline.prescoring.reading import Line, Reading
from pipeline.records import Evidence, Role

Kind = Literal["need", "logistics", "decision", "schedule", "offer", "check", "phatic"]

_PLAIN_WORDS_PER_MARK = 30  # fewer marks than one per so many words: the text came without punctuation
_CLAUSE_WORDS = 14  # a question in text without marks reaches so far


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """A question at tokens `first` to `last` of a line."""

    line: Line
    first: int
    last: int
    kind: Kind
    evidence: Evidence


def is_punctuated(reading: Reading) -> bool:
    """Whether the text has the marks that tell a question."""
    marks = sum(line.utterance.text.count(mark) for line in reading.lines for mark in ".?!")
    return marks * _PLAIN_WORDS_PER_MARK >= reading.word_count


@lru_cache(maxsize=2)  # several rules ask about the same dialogue
def find_questions(reading: Reading, role: Role = "agent") -> tuple[Question, ...]:
    """Every question of one role, in order."""
    punctuated = is_punctuated(reading)
    return tuple(
        question for line in reading.of(role) for question in (_marked(line) if punctuated else _unmarked(line))
    )


def _marked(line: Line) -> Iterator[Question]:
    """Sentences with a question mark, and polite requests to tell something."""
    for sentence in line.sentences:
        if sentence.asks or (line.within(sentence, "question_frame") and line.within(sentence, "question_word")):
            yield _question(line, sentence.first, sentence.last)


def _unmarked(line: Line) -> Iterator[Question]:
    """Stretches that begin with a question word, or lines that the client answers with yes or no."""
    found = sorted(
        (
            hit
            for category in ("question_start", "question_need", "question_decision")
            for hit in line.hits.get(category, ())
        ),
        key=lambda hit: hit.first,
    )
    reach = -1
    for hit in found:
        if hit.first < reach:
            continue
        if not _can_ask(line, hit):
            continue
        reach = min(len(line.tokens), hit.first + _CLAUSE_WORDS)
        yield _question(line, hit.first, reach)


def _can_ask(line: Line, hit: Hit) -> bool:
    """Most stretches with a question word in the middle of a long line are relative clauses."""
    return hit.first <= 4 or len(line.tokens) - hit.first <= _CLAUSE_WORDS


def _question(line: Line, first: int, last: int) -> Question:
    evidence = line.quote(Hit("question", first, last))
    return Question(line, first, last, _kind(line, first, last), evidence)


def _kind(line: Line, first: int, last: int) -> Kind:
    """The first class that fits, from the surest."""

    def has(*categories: str) -> bool:
        return any(first <= hit.first < last for category in categories for hit in line.hits.get(category, ()))

    words = last - first
    if words <= 3 and not has("question_need", "question_decision", "question_logistics", "question_word"):
        return "phatic"
    if has("settle_check"):
        return "check"
    if has("question_phatic") and words <= 6 and not has("question_need"):
        return "phatic"
    if has("question_decision") and not has("question_need", "question_word"):
        return "decision"
    if has("offer", "upsell") and not has("question_need"):
        return "offer"
    if has("time") and not has("question_need"):
        return "schedule"
    if has("question_logistics"):
        return "logistics"
    if has("question_need", "question_word") or words >= 4:
        return "need"
    return "phatic"
