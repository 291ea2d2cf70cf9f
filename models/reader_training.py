"""Trains the small networks that read whole dialogues (pipeline/prescoring/dialogue_reader.py), with torch."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.head_training import Options
from pipeline.prescoring.call_features import CALL_TYPES
from pipeline.prescoring.dialogue_reader import HEADS, DialogueReader
from pipeline.prescoring.turn_features import Matrix

_TURN_LOSS, _TYPE_LOSS = 2.8, 2.0  # weights beside 1 for each criterion
_EVIDENCE_WEIGHT = 3.0  # turns that are evidence are rare
_HIDDEN, _CALL_WIDTH, _LOOKS = 64, 64, 2
_POOL = 16  # batches that are drawn together and sorted by length


@dataclass(frozen=True)
class ReaderSample:
    """One copy of a dialogue: turn_matrix, who speaks, numbers of the call, and what is known about it.

    `targets` and `told` as `turn_targets` gives them; `levels` by criterion, nan where unknown; `call_type` is a place
    in CALL_TYPES, or -1; `applies`: whether an objection was raised, nan where unknown.
    """

    rows: Matrix  # shape: (num_turns, columns)
    is_agent: NDArray[np.bool_]
    words: Matrix
    targets: Matrix
    told: NDArray[np.bool_]
    levels: Matrix
    call_type: int
    applies: float


def train_reader(
    samples: Sequence[ReaderSample],
    criteria: Sequence[str],
    applies: str,
    seed: int,
    options: Options,
) -> DialogueReader:
    """A reader. The same samples and seed give the same reader on the same kind of machine."""
    import torch

    torch.manual_seed(seed)
    inputs = _Inputs(samples)
    questions = (*((name, 2) for name in criteria), ("call_type", len(CALL_TYPES)), (applies, 1))
    network = build_network(inputs, [count for _, count in questions], samples[0].targets.shape[1], options)
    _fit(network, inputs, seed, options)
    return DialogueReader(questions, to_arrays(network, inputs))


class _Inputs:
    """Samples as padded batches, scaled so that a row has a length of about the root of its width."""

    def __init__(self, samples: Sequence[ReaderSample]) -> None:
        self.samples = samples
        rows = np.vstack([sample.rows for sample in samples])
        self.row_mean = rows.mean(axis=0)
        self.row_scale = float(np.sqrt(rows.shape[1] / rows.var(axis=0).sum()))
        words = np.array([sample.words for sample in samples])
        self.call_mean, self.call_scale = words.mean(axis=0), 1 / (words.std(axis=0) + 1e-3)
        self.row_width, self.call_width, self.label_width = rows.shape[1], words.shape[1], samples[0].targets.shape[1]

    def type_weights(self) -> Any:
        """Rare types weigh more, by the root of how rare they are."""
        import torch

        counts = np.bincount(
            [item.call_type for item in self.samples if item.call_type >= 0], minlength=len(CALL_TYPES)
        )
        weights = np.sqrt(counts.sum() / len(CALL_TYPES) / np.maximum(counts, 1))
        return torch.tensor(weights, dtype=torch.float32)

    def batch(self, places: Sequence[int]) -> tuple[Any, ...]:
        """Tensors: rows, roles, which turns are there, words, turn targets, which count, levels, type, applies."""
        import torch

        chosen = [self.samples[place] for place in places]
        size = (len(chosen), max(len(item.rows) for item in chosen))
        rows, roles = np.zeros((*size, self.row_width), np.float32), np.zeros(size, np.int64)
        there, targets = np.zeros(size, bool), np.zeros((*size, self.label_width), np.float32)
        for place, item in enumerate(chosen):
            count = len(item.rows)
            rows[place, :count] = (item.rows - self.row_mean) * self.row_scale
            roles[place, :count], there[place, :count] = item.is_agent, True
            targets[place, :count] = item.targets
        told = np.array([item.told for item in chosen])[:, None, :] & there[..., None]
        words = ((np.array([item.words for item in chosen]) - self.call_mean) * self.call_scale).astype(np.float32)
        levels = np.array([item.levels for item in chosen], np.float32)
        types, applies = [item.call_type for item in chosen], [item.applies for item in chosen]
        found = (rows, roles, there, words, targets, told.astype(np.float32), levels)
        return (*map(torch.from_numpy, found), torch.tensor(types), torch.tensor(applies, dtype=torch.float32))


def build_network(inputs: _Inputs, outputs: Sequence[int], labels: int, options: Options) -> Any:
    """The torch module that DialogueReader computes, with dropout and an output per turn that training alone uses."""
    import torch
    from torch import nn

    width, questions = options.reader_width, len(outputs)

    class Network(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embed = nn.Linear(inputs.row_width, width)
            self.role = nn.Embedding(2, width)
            self.neighbours = nn.Conv1d(width, width, 3, padding=1)
            self.layer = nn.TransformerEncoderLayer(width, HEADS, 2 * width, 0.2, batch_first=True, norm_first=True)
            self.norm = nn.LayerNorm(width)
            self.turn = nn.Linear(width, labels)
            self.questions = nn.Parameter(torch.randn(questions, _LOOKS, width) * 0.1)
            self.call = nn.Linear(inputs.call_width, _CALL_WIDTH)
            joined = _LOOKS * width + _CALL_WIDTH
            self.decide = nn.Parameter((torch.rand(questions, joined, _HIDDEN) * 2 - 1) / joined**0.5)
            self.decide_bias = nn.Parameter(torch.zeros(questions, _HIDDEN))
            self.answer = nn.Parameter((torch.rand(questions, _HIDDEN, max(outputs)) * 2 - 1) / _HIDDEN**0.5)
            self.answer_bias = nn.Parameter(torch.zeros(questions, max(outputs)))
            self.gelu = nn.GELU(approximate="tanh")
            self.few, self.some = nn.Dropout(0.15), nn.Dropout(0.3)

        def forward(self, rows: Any, roles: Any, there: Any, words: Any) -> tuple[Any, Any]:
            """Logits by turn, shape (batch, turns, labels), and by question, shape (batch, questions, outputs)."""
            turns = (self.embed(self.few(rows)) + self.role(roles)) * there[..., None]
            turns = turns + self.gelu(self.neighbours(turns.transpose(1, 2)).transpose(1, 2))
            turns = self.some(self.norm(self.layer(turns, src_key_padding_mask=~there)))
            scores = torch.einsum("btd,qkd->bqkt", turns, self.questions).masked_fill(~there[:, None, None], -1e4)
            seen = torch.einsum("bqkt,btd->bqkd", scores.softmax(-1), turns).flatten(2)
            call = self.gelu(self.call(self.some(words)))[:, None].expand(-1, questions, -1)
            joined = self.some(torch.cat([seen, call], dim=2))
            hidden = self.some(self.gelu(torch.einsum("bqi,qio->bqo", joined, self.decide) + self.decide_bias))
            return self.turn(turns), torch.einsum("bqi,qio->bqo", hidden, self.answer) + self.answer_bias

    return Network()


def _fit(network: Any, inputs: _Inputs, seed: int, options: Options) -> None:
    import torch

    chance = np.random.default_rng(seed)
    lengths = np.array([len(sample.rows) for sample in inputs.samples])
    batches = options.reader_epochs * -(-len(lengths) // options.reader_batch)
    optimizer = torch.optim.AdamW(network.parameters(), lr=2e-3, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 2e-3, total_steps=batches, pct_start=0.15)
    type_weights = inputs.type_weights()
    network.train()
    for _ in range(options.reader_epochs):
        for places in draw_batches(lengths, options.reader_batch, chance):
            optimizer.zero_grad()
            _loss(network, inputs.batch(places.tolist()), type_weights).backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            schedule.step()
    network.eval()


def draw_batches(lengths: NDArray[np.int_], size: int, chance: np.random.Generator) -> list[NDArray[np.int_]]:
    """Every place once, in batches of `size` (one may be smaller) drawn anew by `chance`, of dialogues alike in length.

    Padding a call of 8 turns to one of 40 made training half as long again; alike they are within random pools only,
    so that no two epochs have the same batches.
    """
    places = chance.permutation(len(lengths))
    pools = [places[first : first + size * _POOL] for first in range(0, len(places), size * _POOL)]
    batches = [
        batch
        for pool in pools
        for batch in np.split(pool[np.argsort(lengths[pool], kind="stable")], range(size, len(pool), size))
    ]
    return [batches[place] for place in chance.permutation(len(batches))]


def _loss(network: Any, batch: tuple[Any, ...], type_weights: Any) -> Any:
    """Which turns are evidence, two binary answers per criterion, the call type, whether an objection was raised."""
    import torch
    from torch.nn import functional

    rows, roles, there, words, targets, told, levels, types, applies = batch
    by_turn, by_question = network(rows, roles, there, words)
    binary = functional.binary_cross_entropy_with_logits
    turn = binary(by_turn, targets, reduction="none", pos_weight=torch.tensor(_EVIDENCE_WEIGHT))
    loss = _TURN_LOSS * (turn * told).sum() / told.sum().clamp(min=1)
    for place in range(levels.shape[1]):
        known = ~levels[:, place].isnan()
        if known.any():
            gold = levels[known, place]
            loss = loss + binary(by_question[known, place, :2], torch.stack([gold > 0, gold > 0.5], 1).float())
    typed, known = types >= 0, ~applies.isnan()
    if typed.any():
        logits = by_question[typed, -2, : len(CALL_TYPES)]
        loss = loss + _TYPE_LOSS * functional.cross_entropy(logits, types[typed], type_weights, label_smoothing=0.05)
    if known.any():
        loss = loss + binary(by_question[known, -1, 0], applies[known])
    return loss


def to_arrays(network: Any, inputs: _Inputs) -> dict[str, NDArray[np.float32]]:
    """The module's numbers as DialogueReader names them; the scaling of the rows is folded in."""
    state = {name: value.detach().numpy().astype(np.float64) for name, value in network.state_dict().items()}
    turn = state["embed.weight"].T * inputs.row_scale
    bias = state["embed.bias"] - inputs.row_mean @ turn
    scale = np.maximum(np.abs(turn).max(axis=1), 1e-12)  # so that half precision keeps small rows too
    found = {"turn": turn / scale[:, None], "turn_scale": scale, "turn_bias": bias, "role": state["role.weight"]}
    found |= {"neighbours": state["neighbours.weight"].transpose(2, 1, 0), "neighbours_bias": state["neighbours.bias"]}
    linear = {"feed": "layer.linear1", "back": "layer.linear2", "attended": "layer.self_attn.out_proj", "call": "call"}
    for name, source in linear.items():
        found |= {name: state[f"{source}.weight"].T, f"{name}_bias": state[f"{source}.bias"]}
    found |= {
        "attention": state["layer.self_attn.in_proj_weight"].T,
        "attention_bias": state["layer.self_attn.in_proj_bias"],
    }
    for name, source in {"norm1": "layer.norm1", "norm2": "layer.norm2", "norm": "norm"}.items():
        found |= {name: state[f"{source}.weight"], f"{name}_bias": state[f"{source}.bias"]}
    found |= {name: state[name] for name in ("questions", "decide", "decide_bias", "answer", "answer_bias")}
    found |= {"call_mean": inputs.call_mean, "call_scale": inputs.call_scale}
    return {name: values.astype(np.float32) for name, values in found.items()}
