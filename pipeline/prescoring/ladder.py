"""The judge as a ladder: rungs answer in the same record or abstain, and the first confident answer is taken."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import takewhile
from typing import Protocol, runtime_checkable

from pipeline.checklist import Criterion
from pipeline.errors import UnavailableError
from pipeline.interfaces import Vectors
from pipeline.prescoring.lexicon import Lexicons
from pipeline.prescoring.reading import Reading, read_dialogue
from pipeline.records import CallType, CallTypeSuggestion, Dialogue, Suggestion

CONFIDENT = 0.55  # from here an answer is taken without asking the next rung
ENOUGH = 0.34  # below, the best answer of all rungs is still "not enough evidence"
_UNSEEN = {"weights", "critical", "group"}  # of a criterion: what it counts for and where it stands; no rung reads it


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


@runtime_checkable
class WholeCallRung(Protocol):
    """A rung for which one question about many criteria is cheaper than many questions about one."""

    def suggest_all(self, case: Case, criteria: Sequence[Criterion]) -> Mapping[str, Suggestion]:
        """Answers by criterion id; a criterion on which it has nothing to say is left out."""
        ...


@runtime_checkable
class NarrowRung(Protocol):
    """A rung that reads a part of a criterion. Every other one is taken to read all of it that is put in words."""

    def sees(self, criterion: Criterion) -> object:
        """What of the criterion can change the answer, to be compared with ==."""
        ...


@dataclass(frozen=True)
class Unmoved:
    """What a change of criteria leaves as it was: the rungs that answer as before, up to the first that may not."""

    rungs: Mapping[str, frozenset[str]]  # their names by criterion id
    whole: frozenset[str]  # ids of the criteria of which that is every rung

    def stands(self, answer: Suggestion) -> bool:
        """Whether the ladder would give the answer again. Below a confident answer no further rung was asked."""
        sure = answer.confidence >= CONFIDENT and answer.rung in self.rungs.get(answer.criterion_id, ())
        return sure or answer.criterion_id in self.whole


class RungUnavailableError(UnavailableError):
    """A rung of the ladder cannot answer now: judge the call again `without` it."""

    def __init__(self, rung: str, message: str) -> None:
        super().__init__(message)
        self.rung = rung

    def __reduce__(self) -> tuple[type["RungUnavailableError"], tuple[str, str]]:  # crosses process borders
        return type(self), (self.rung, str(self))


class Judge(Protocol):
    """What answers a checklist: the ladder, or anything that looks like it.

    `classify` and the suggestions raise RungUnavailableError when a model that they need cannot answer now.
    """

    @property
    def identity(self) -> str: ...

    def read(self, dialogue: Dialogue, vectors: Vectors | None) -> Case: ...

    def classify(self, case: Case) -> CallTypeSuggestion: ...

    def suggest(self, case: Case, criterion: Criterion) -> Suggestion: ...

    def suggest_all(self, case: Case, criteria: Sequence[Criterion]) -> Mapping[str, Suggestion]: ...

    def without(self, rung: str) -> "Judge": ...

    def unmoved(self, before: Sequence[Criterion], now: Sequence[Criterion]) -> Unmoved: ...


class Ladder:
    """Rungs in the order in which they are asked."""

    def __init__(self, rungs: Sequence[Rung], lexicons: Lexicons) -> None:
        self.rungs = tuple(rungs)
        self._lexicons = lexicons
        parts = "|".join(rung.identity for rung in self.rungs) + f"|{CONFIDENT}|{ENOUGH}"
        names = "+".join(rung.name for rung in self.rungs)
        self.identity = f"{names}:{hashlib.sha256(parts.encode()).hexdigest()[:12]}"

    def without(self, rung: str) -> "Ladder":
        """The ladder that lacks a rung, the same as if it had been built so: its identity says so."""
        return Ladder([kept for kept in self.rungs if kept.name != rung], self._lexicons)

    def unmoved(self, before: Sequence[Criterion], now: Sequence[Criterion]) -> Unmoved:
        """Which rungs answer `now`, asked together, as they answered `before` about the same call.

        A rung that answers all criteria in one question may answer each otherwise when any of them is another.
        """
        known = {criterion.id: criterion for criterion in before}
        same_question = [_in_words(criterion) for criterion in before] == [_in_words(criterion) for criterion in now]
        rungs: dict[str, frozenset[str]] = {}
        for criterion in now:
            if criterion.id in known and _framed_alike(known[criterion.id], criterion):
                alike = partial(_answers_alike, known[criterion.id], criterion, same_question)
                rungs[criterion.id] = frozenset(rung.name for rung in takewhile(alike, self.rungs))
        return Unmoved(rungs, frozenset(name for name, found in rungs.items() if len(found) == len(self.rungs)))

    def read(self, dialogue: Dialogue, vectors: Vectors | None) -> Case:
        """The dialogue prepared for the rungs."""
        return Case(dialogue, read_dialogue(dialogue, self._lexicons.of(dialogue.language)), vectors=vectors)

    def classify(self, case: Case) -> CallTypeSuggestion:
        """The first confident answer, else the best one, else unknown."""
        answers: list[CallTypeSuggestion] = []
        for rung in self.rungs:
            try:
                answer = rung.classify(case)
            except UnavailableError as error:
                raise RungUnavailableError(rung.name, str(error)) from error
            if answer is not None:
                if answer.confidence >= CONFIDENT:
                    return answer
                answers.append(answer)
        return max(answers, key=lambda answer: answer.confidence, default=CallTypeSuggestion("unknown", 0.0))

    def suggest(self, case: Case, criterion: Criterion) -> Suggestion:
        """The combined answer of the rungs to one criterion."""
        return self.suggest_all(case, (criterion,))[criterion.id]

    def suggest_all(self, case: Case, criteria: Sequence[Criterion]) -> dict[str, Suggestion]:
        """The combined answers by criterion id. A rung is asked only what no cheaper one is sure of."""
        answers: dict[str, list[Suggestion]] = {criterion.id: [] for criterion in criteria}
        unsure = list(criteria)
        for rung in self.rungs:
            if not unsure:
                break
            found = _ask(rung, case, unsure)
            for criterion_id, answer in found.items():
                answers[criterion_id].append(answer if answer.rung else replace(answer, rung=rung.name))
            unsure = [
                criterion
                for criterion in unsure
                if criterion.id not in found or found[criterion.id].confidence < CONFIDENT
            ]
        return {criterion.id: combine(criterion, answers[criterion.id]) for criterion in criteria}


def rung_names(identity: str) -> tuple[str, ...]:
    """The rungs of the ladder of that identity, cheapest first."""
    return tuple(identity.partition(":")[0].split("+"))


def seen_by(rung: Rung, criterion: Criterion) -> object:
    """What of the criterion can change the rung's answer; where the rung does not say, all of it that is in words."""
    return rung.sees(criterion) if isinstance(rung, NarrowRung) else _in_words(criterion)


def _in_words(criterion: Criterion) -> object:
    return criterion.model_dump(exclude=_UNSEEN)


def _framed_alike(before: Criterion, now: Criterion) -> bool:
    """Whether what is done around the rungs is the same: the condition is checked, the value put on the scale."""
    return (before.scale, before.role, before.applies_when) == (now.scale, now.role, now.applies_when)


def _answers_alike(before: Criterion, now: Criterion, same_question: bool, rung: Rung) -> bool:
    if isinstance(rung, WholeCallRung):
        return same_question
    return seen_by(rung, before) == seen_by(rung, now)


def _ask(rung: Rung, case: Case, criteria: Sequence[Criterion]) -> Mapping[str, Suggestion]:
    try:
        if isinstance(rung, WholeCallRung):
            return rung.suggest_all(case, criteria)
        found = {criterion.id: rung.suggest(case, criterion) for criterion in criteria}
    except UnavailableError as error:
        raise RungUnavailableError(rung.name, str(error)) from error
    return {criterion_id: answer for criterion_id, answer in found.items() if answer is not None}


def combine(criterion: Criterion, answers: Sequence[Suggestion]) -> Suggestion:
    """The first confident answer; else the surest; an unsure one keeps its evidence but not its value.

    Whether the criterion applies is decided by the first rung that answered: the cheapest rung abstains when it
    cannot tell, so a later one is only asked then. A rung that abstained keeps its own reason for it.
    """
    if not answers:
        return Suggestion(criterion.id, True, None, 0.0, f"{criterion.id}.not_enough_evidence")
    best = next((answer for answer in answers if answer.confidence >= CONFIDENT), None)
    best = best or max(answers, key=lambda answer: answer.confidence)
    if not best.applicable or best.value is None or best.confidence >= ENOUGH:
        return best
    return replace(best, value=None, reason=f"{criterion.id}.not_enough_evidence")
