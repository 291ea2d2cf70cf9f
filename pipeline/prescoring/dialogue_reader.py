"""A small network that reads all turns of a call at once, beside the linear heads; inference in numpy alone.

Turns are embedded, look at their neighbours and, by one layer of self-attention, at each other; each question (every
criterion, the call type, whether an objection was raised) then weighs the turns by its own attention and decides. What
the linear heads read off the best turns alone, a question answered three turns later, it can see. Vaswani et al. 2017,
"Attention Is All You Need"; Lin et al. 2017, "A Structured Self-attentive Sentence Embedding".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from pipeline.prescoring.turn_features import Matrix

HEADS = 4  # of the self-attention
_EPSILON = 1e-5  # of layer norms, as in torch
Arrays = Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True)
class DialogueReader:
    """`arrays` by name (models/reader_training.py writes them); `questions`: name and number of outputs, in order."""

    questions: tuple[tuple[str, int], ...]
    arrays: Arrays

    @cached_property
    def _turn(self) -> NDArray[np.float32]:
        """From features to the width of the network; shape: (features, width)."""
        return np.asarray(self.arrays["turn_scale"][:, None] * self.arrays["turn"], dtype=np.float32)

    def read(
        self, rows: Matrix | NDArray[np.float32], is_agent: NDArray[np.bool_], words: Matrix | NDArray[np.float32]
    ) -> dict[str, Matrix]:
        """Logits by question.

        `rows`: turn_matrix, shape (num_turns, features); `words`: what is known of the whole call, shape (numbers,).
        """
        turns = self._embed(rows.astype(np.float32, copy=False), is_agent)
        turns = turns + _gelu(self._neighbours(turns))
        turns = turns + self._attend(self._norm("norm1", turns))
        hidden = np.maximum(self._linear("feed", self._norm("norm2", turns)), 0)
        turns = self._norm("norm", turns + self._linear("back", hidden))
        said = words.astype(np.float32, copy=False)
        call = _gelu(self._linear("call", (said - self.arrays["call_mean"]) * self.arrays["call_scale"]))
        return self._decide(self._pool(turns), call)

    def _embed(self, rows: NDArray[np.float32], is_agent: NDArray[np.bool_]) -> NDArray[np.float32]:
        embedded = rows @ self._turn + self.arrays["turn_bias"]
        return np.asarray(embedded + self.arrays["role"][is_agent.astype(int)], dtype=np.float32)

    def _neighbours(self, turns: NDArray[np.float32]) -> NDArray[np.float32]:
        """A convolution over three turns; shape of its weights: (3, width, width)."""
        nothing = np.zeros((1, turns.shape[1]), np.float32)
        padded = np.vstack([nothing, turns, nothing])
        count, weights = len(turns), self.arrays["neighbours"]
        found = sum(padded[place : place + count] @ weights[place] for place in range(3))
        return np.asarray(found + self.arrays["neighbours_bias"], dtype=np.float32)

    def _attend(self, turns: NDArray[np.float32]) -> NDArray[np.float32]:
        count, width = turns.shape
        joint = self._linear("attention", turns).reshape(count, 3, HEADS, width // HEADS)
        asked, offered, said = (joint[:, part].transpose(1, 0, 2) for part in range(3))
        weights = _softmax(asked @ offered.transpose(0, 2, 1) / np.float32(np.sqrt(width // HEADS)))
        return self._linear("attended", (weights @ said).transpose(1, 0, 2).reshape(count, width))

    def _pool(self, turns: NDArray[np.float32]) -> NDArray[np.float32]:
        """What each question sees: its two weighted means of the turns. shape: (questions, 2 * width)"""
        asked = self.arrays["questions"]  # shape: (questions, 2, width)
        weights = _softmax(asked @ turns.T)
        return np.asarray((weights @ turns).reshape(len(asked), -1), dtype=np.float32)

    def _decide(self, seen: NDArray[np.float32], call: NDArray[np.float32]) -> dict[str, Matrix]:
        joined = np.hstack([seen, np.broadcast_to(call, (len(seen), len(call)))])
        hidden = _gelu((joined[:, None] @ self.arrays["decide"])[:, 0] + self.arrays["decide_bias"])  # each its own
        outputs = (hidden[:, None] @ self.arrays["answer"])[:, 0] + self.arrays["answer_bias"]
        return {name: outputs[place, :count].astype(float) for place, (name, count) in enumerate(self.questions)}

    def _linear(self, name: str, values: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(values @ self.arrays[name] + self.arrays[f"{name}_bias"], dtype=np.float32)

    def _norm(self, name: str, values: NDArray[np.float32]) -> NDArray[np.float32]:
        centred = values - values.mean(axis=-1, keepdims=True)
        spread = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + np.float32(_EPSILON))
        return np.asarray(centred / spread * self.arrays[name] + self.arrays[f"{name}_bias"], dtype=np.float32)


def mean_logits(
    readers: tuple[DialogueReader, ...], rows: Matrix, is_agent: NDArray[np.bool_], words: Matrix
) -> dict[str, Matrix]:
    """The mean of what all readers say, by question; empty without readers."""
    turns, call = rows.astype(np.float32), words.astype(np.float32)
    found = [reader.read(turns, is_agent, call) for reader in readers]
    return {name: np.mean([logits[name] for logits in found], axis=0) for name in (found[0] if found else ())}


def _gelu(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Its approximation by tanh, as it was trained."""
    cubes = values * values * values  # a power would take ten times as long
    inner = np.float32(np.sqrt(2 / np.pi)) * (values + np.float32(0.044715) * cubes)
    return np.asarray(np.float32(0.5) * values * (1 + np.tanh(inner)), dtype=np.float32)


def _softmax(values: NDArray[np.float32]) -> NDArray[np.float32]:
    powers = np.exp(values - values.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True), dtype=np.float32)
