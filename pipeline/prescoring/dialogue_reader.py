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
    """One network: its numbers by name (models/reader_training.py writes them).

    `questions`: name and number of outputs, in order.
    """

    questions: tuple[tuple[str, int], ...]
    arrays: Arrays


@dataclass(frozen=True)
class DialogueReaders:
    """Networks of one shape, computed at once: what they say is the mean of them. Without any they say nothing."""

    members: tuple[DialogueReader, ...] = ()

    @cached_property
    def _arrays(self) -> Arrays:
        """Those of all members; the first axis is the member's."""
        return {name: np.stack([member.arrays[name] for member in self.members]) for name in self.members[0].arrays}

    @cached_property
    def _turn(self) -> NDArray[np.float32]:
        """From features to the widths of all members; shape: (features, members * width)."""
        scaled = self._arrays["turn_scale"][..., None] * self._arrays["turn"]
        return np.ascontiguousarray(np.hstack(list(scaled)), dtype=np.float32)

    @cached_property
    def _neighbour_weights(self) -> NDArray[np.float32]:
        """Of the convolution over three turns as one product; shape: (members, 3 * width, width)."""
        weights = self._arrays["neighbours"]
        return weights.reshape(len(weights), -1, weights.shape[-1])

    def read(self, rows: Matrix, is_agent: NDArray[np.bool_], words: Matrix) -> dict[str, Matrix]:
        """Logits by question.

        `rows`: turn_matrix, shape (num_turns, features); `words`: what is known of the whole call, shape (numbers,).
        """
        if not self.members:
            return {}
        turns = self._embed(rows.astype(np.float32, copy=False), is_agent)
        turns = turns + _gelu(self._neighbours(turns))
        turns = turns + self._attend(self._norm("norm1", turns))
        hidden = np.maximum(self._linear("feed", self._norm("norm2", turns)), 0)
        turns = self._norm("norm", turns + self._linear("back", hidden))
        said = (words.astype(np.float32, copy=False) - self._arrays["call_mean"]) * self._arrays["call_scale"]
        return self._decide(self._pool(turns), _gelu(self._linear("call", said[:, None])))

    def _embed(self, rows: NDArray[np.float32], is_agent: NDArray[np.bool_]) -> NDArray[np.float32]:
        """shape: (members, num_turns, width), as all that follows."""
        embedded = (rows @ self._turn).reshape(len(rows), len(self.members), -1).transpose(1, 0, 2)
        roles = self._arrays["role"][:, is_agent.astype(int)]
        return np.asarray(embedded + self._arrays["turn_bias"][:, None] + roles, dtype=np.float32)

    def _neighbours(self, turns: NDArray[np.float32]) -> NDArray[np.float32]:
        members, count, width = turns.shape
        padded = np.zeros((members, count + 2, width), np.float32)
        padded[:, 1:-1] = turns
        beside = np.concatenate([padded[:, place : place + count] for place in range(3)], axis=-1)
        return np.asarray(beside @ self._neighbour_weights + self._arrays["neighbours_bias"][:, None], np.float32)

    def _attend(self, turns: NDArray[np.float32]) -> NDArray[np.float32]:
        members, count, width = turns.shape
        joint = self._linear("attention", turns).reshape(members, count, 3, HEADS, width // HEADS)
        asked, offered, said = (joint[:, :, part].transpose(0, 2, 1, 3) for part in range(3))
        weights = _softmax(asked @ offered.swapaxes(-1, -2) / np.float32(np.sqrt(width // HEADS)))
        return self._linear("attended", (weights @ said).transpose(0, 2, 1, 3).reshape(turns.shape))

    def _pool(self, turns: NDArray[np.float32]) -> NDArray[np.float32]:
        """What each question sees: its two weighted means of the turns. shape: (members, questions, 2 * width)"""
        members, questions, looks, width = self._arrays["questions"].shape
        asked = self._arrays["questions"].reshape(members, questions * looks, width)
        weights = _softmax(asked @ turns.swapaxes(-1, -2))
        return np.asarray((weights @ turns).reshape(members, questions, looks * width), dtype=np.float32)

    def _decide(self, seen: NDArray[np.float32], call: NDArray[np.float32]) -> dict[str, Matrix]:
        """`call`: shape (members, 1, numbers)."""
        joined = np.concatenate([seen, np.broadcast_to(call, (*seen.shape[:2], call.shape[-1]))], axis=-1)
        arrays = self._arrays
        hidden = _gelu((joined[:, :, None] @ arrays["decide"])[:, :, 0] + arrays["decide_bias"])  # each its own
        outputs = (hidden[:, :, None] @ arrays["answer"])[:, :, 0] + arrays["answer_bias"]
        said = outputs.astype(float).mean(axis=0)
        return {name: said[place, :count] for place, (name, count) in enumerate(self.members[0].questions)}

    def _linear(self, name: str, values: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(values @ self._arrays[name] + self._arrays[f"{name}_bias"][:, None], dtype=np.float32)

    def _norm(self, name: str, values: NDArray[np.float32]) -> NDArray[np.float32]:
        centred = values - values.mean(axis=-1, keepdims=True)
        spread = np.sqrt((centred * centred).mean(axis=-1, keepdims=True) + np.float32(_EPSILON))
        scaled = centred / spread * self._arrays[name][:, None]
        return np.asarray(scaled + self._arrays[f"{name}_bias"][:, None], dtype=np.float32)


def _gelu(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Its approximation by tanh, as it was trained."""
    cubes = values * values * values  # a power would take ten times as long
    inner = np.float32(np.sqrt(2 / np.pi)) * (values + np.float32(0.044715) * cubes)
    return np.asarray(np.float32(0.5) * values * (1 + np.tanh(inner)), dtype=np.float32)


def _softmax(values: NDArray[np.float32]) -> NDArray[np.float32]:
    powers = np.exp(values - values.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True), dtype=np.float32)
