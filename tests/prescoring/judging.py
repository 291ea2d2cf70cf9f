"""Dialogues, and models of the upper rungs that answer as they are told; they come through the real interfaces."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from pipeline.errors import UnavailableError
from pipeline.interfaces import Message, Probabilities, Vectors
from pipeline.prescoring import Lexicons, rules_judge
from pipeline.prescoring.ladder import Case
from pipeline.records import Dialogue, Utterance

LEXICONS = Lexicons()


def talk(*turns: str, language: str = "ru") -> Dialogue:
    """Turns as `a: words` or `c: words`."""
    roles = {"a": "agent", "c": "client", "o": "other"}
    return Dialogue(language, tuple(Utterance(i, roles[turn[0]], turn[3:]) for i, turn in enumerate(turns)))  # type: ignore[arg-type]


def case_of(dialogue: Dialogue, vectors: Vectors | None = None) -> Case:
    return rules_judge().read(dialogue, vectors)


@dataclass
class ToldEntailer:
    """Entails as `probability(premise, hypothesis)` says."""

    probability: Callable[[str, str], float]
    identity: str = "told-entailer"
    asked: list[tuple[str, str]] = field(default_factory=list)

    def entail(self, pairs: Sequence[tuple[str, str]]) -> Probabilities:
        self.asked += pairs
        return np.array([self.probability(*pair) for pair in pairs])


@dataclass
class ToldInstructor:
    """Gives its answers one after the other, the last one for ever; an exception is raised."""

    answers: list[Any]
    identity: str = "told-instructor"
    asked: list[tuple[list[Message], Mapping[str, Any]]] = field(default_factory=list)

    def answer(self, messages: Sequence[Message], schema: Mapping[str, Any]) -> str:
        self.asked.append((list(messages), schema))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)

    @property
    def words(self) -> str:
        """Everything that was ever sent."""
        return "\n".join(message.content for messages, _ in self.asked for message in messages)


DOWN = UnavailableError("http://127.0.0.1:1/v1: ConnectError; does the server run?")


def said(label: str, *quotes: tuple[int, str], confidence: float = 0.9, **more: object) -> dict[str, Any]:
    """An answer to one criterion, in the model's form."""
    evidence = [{"turn": turn, "quote": quote} for turn, quote in quotes]
    return {"evidence": evidence, "reason": "because", "label": label, "confidence": confidence} | more
