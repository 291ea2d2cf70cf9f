"""The judge as a ladder: rungs answer in the same record or abstain, and the first confident answer is taken."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from pipeline.checklist import Criterion
from pipeline.interfaces import Vectors
from pipeline.prescoring.lexicon import Lexicons
from pipeline.prescoring.reading import Reading, read_dialogue
from pipeline.records import CallType, CallTypeSuggestion, Dialogue, Suggestion

CONFIDENT = 0.55  # from here an answer is taken without asking the next rung
ENOUGH = 0.34  # below, the best answer of all rungs is still "not enough evidence"


@dataclass(frozen=True)
class Case:
    """What a rung may know: the words by role and what follows from them. No manager, no history."""

    dialogue: Dialogue
    reading: Reading
    call_type: CallType = "unknown"
    vectors: Vectors | None = None  # shape: (num_utterances, dimension)


class Rung(Protocol):
    """One way to answer. None means: this rung has nothing to say here."""

    @property
    def name(self) -> str: ...

    @property
    def identity(self) -> str:
        """Changes whenever an answer may change."""
        ...

    def classify(self, case: Case) -> CallTypeSuggestion | None:
        """What the call is for."""
        ...

    def suggest(self, case: Case, criterion: Criterion) -> Suggestion | None:
        """Applicability and value; a value of None is an abstention that still says whether it applies."""
        ...


class Judge(Protocol):
    """What answers a checklist: the ladder, or anything that looks like it."""

    @property
    def identity(self) -> str: ...

    def read(self, dialogue: Dialogue, vectors: Vectors | None) -> Case: ...

    def classify(self, case: Case) -> CallTypeSuggestion: ...

    def suggest(self, case: Case, criterion: Criterion) -> Suggestion: ...


class Ladder:
    """Rungs in the order in which they are asked."""

    def __init__(self, rungs: Sequence[Rung], lexicons: Lexicons) -> None:
        self.rungs = tuple(rungs)
        self._lexicons = lexicons
        parts = "|".join(rung.identity for rung in self.rungs) + f"|{CONFIDENT}|{ENOUGH}"
        names = "+".join(rung.name for rung in self.rungs)
        self.identity = f"{names}:{hashlib.sha256(parts.encode()).hexdigest()[:12]}"

    def read(self, dialogue: Dialogue, vectors: Vectors | None) -> Case:
        """The dialogue prepared for the rungs."""
        return Case(dialogue, read_dialogue(dialogue, self._lexicons.of(dialogue.language)), vectors=vectors)

    def classify(self, case: Case) -> CallTypeSuggestion:
        """The first confident answer, else the best one, else unknown."""
        answers: list[CallTypeSuggestion] = []
        for rung in self.rungs:
            answer = rung.classify(case)
            if answer is not None:
                if answer.confidence >= CONFIDENT:
                    return answer
                answers.append(answer)
        return max(answers, key=lambda answer: answer.confidence, default=CallTypeSuggestion("unknown", 0.0))

    def suggest(self, case: Case, criterion: Criterion) -> Suggestion:
        """The combined answer of the rungs to one criterion."""
        answers: list[Suggestion] = []
        for rung in self.rungs:
            answer = rung.suggest(case, criterion)
            if answer is not None:
                answers.append(replace(answer, rung=answer.rung or rung.name))
                if answer.confidence >= CONFIDENT and (answer.value is not None or not answer.applicable):
                    break
        return combine(criterion, answers)


def combine(criterion: Criterion, answers: Sequence[Suggestion]) -> Suggestion:
    """The first confident answer; else the surest; an unsure one keeps its evidence but not its value.

    Whether the criterion applies is decided by the first rung that answered: the cheapest rung abstains when it
    cannot tell, so a later one is only asked then.
    """
    if not answers:
        return Suggestion(criterion.id, True, None, 0.0, f"{criterion.id}.not_enough_evidence")
    best = next((answer for answer in answers if answer.confidence >= CONFIDENT), None)
    best = best or max(answers, key=lambda answer: answer.confidence)
    if not best.applicable or best.confidence >= ENOUGH:
        return best
    return replace(best, value=None, reason=f"{criterion.id}.not_enough_evidence")
