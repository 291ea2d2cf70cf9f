"""Turns in the context of their dialogue: hidden states of the first layers of Gemma 3 270M, through transformers.

The whole dialogue goes through the model once, each turn under the name of its role; the mean state over a turn's
tokens says what the turn is about after all that was said before it. It stands beside the turn's own sentence vector.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from models.gemma_conversion import LAYERS, TOKENIZER, checked_folder
from models.transformers_loading import import_transformers
from pipeline.interfaces import Encoder, Vectors
from pipeline.records import Dialogue, Role

DIMENSION = 640
NAMES: dict[Role, str] = {"agent": "Manager: ", "client": "Client: ", "other": "Other: "}
WINDOW_TOKENS = 1024  # a long call is read in windows of whole turns
LEAD_TOKENS = 384  # read again before each window, so that its first turns have their context
MAX_TURN_TOKENS = 512  # the rest of a longer turn adds nothing to what it is about


@dataclass(frozen=True)
class Span:
    """Where the tokens of a turn stand in a window: from `first` up to `last`."""

    first: int
    last: int


@dataclass(frozen=True)
class Window:
    """Token ids of consecutive turns; only the turns from `new` on were not in the window before."""

    ids: tuple[int, ...]
    spans: tuple[Span, ...]  # of the turns `start`, `start` + 1, ...
    start: int
    new: int


class GemmaContextEncoder:
    """Sentence vectors by `sentences`; of a dialogue, each row is that vector followed by the turn in context."""

    def __init__(self, sentences: Encoder, device: str = "cpu", threads: int = 1) -> None:
        self._sentences = sentences
        self._device = device
        self._threads = threads

    @property
    def identity(self) -> str:
        return self._sentences.identity

    @property
    def dialogue_identity(self) -> str:
        return f"{self._sentences.identity}+gemma3-270m-{LAYERS}:1"

    def encode(self, texts: Sequence[str]) -> Vectors:
        return self._sentences.encode(texts)

    def encode_dialogue(self, dialogue: Dialogue) -> Vectors:
        """shape: (num_utterances, sentence dimension + 640), each part of length 1"""
        rows = self.encode([utterance.text for utterance in dialogue.utterances])
        return np.hstack([rows, self._in_context(dialogue)]).astype(np.float32)

    def _in_context(self, dialogue: Dialogue) -> Vectors:
        rows = np.zeros((len(dialogue.utterances), DIMENSION), dtype=np.float32)
        for window in cut_windows(self._turns(dialogue), self._tokenizer.token_to_id("<bos>")):
            states = self._states(window.ids)
            for turn in range(window.new, window.start + len(window.spans)):
                span = window.spans[turn - window.start]
                rows[turn] = states[span.first : span.last].mean(axis=0)
        return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9), dtype=np.float32)

    def _turns(self, dialogue: Dialogue) -> list[tuple[list[int], list[int]]]:
        """Tokens of the role's name and of the words, by utterance."""
        return [
            (self._ids(NAMES[utterance.role]), self._ids(utterance.text + "\n")[:MAX_TURN_TOKENS])
            for utterance in dialogue.utterances
        ]

    def _ids(self, text: str) -> list[int]:
        return list(self._tokenizer.encode(text, add_special_tokens=False).ids)

    def _states(self, ids: Sequence[int]) -> Vectors:
        """shape: (num_tokens, 640)"""
        import torch

        with torch.inference_mode():
            states = self._model(torch.tensor([ids], device=self._device), use_cache=False).last_hidden_state[0]
        return np.asarray(states.float().cpu().numpy(), dtype=np.float32)

    @cached_property
    def _tokenizer(self) -> Any:
        from tokenizers import Tokenizer

        return Tokenizer.from_file(str(self._folder / TOKENIZER))

    @cached_property
    def _folder(self) -> Path:
        return checked_folder()  # once: it reads half a gigabyte

    @cached_property
    def _model(self) -> Any:
        transformers = import_transformers()
        import torch

        if self._device == "cpu":
            torch.set_num_threads(self._threads)
        precision = choose_precision(self._device)
        model = transformers.Gemma3TextModel.from_pretrained(self._folder, dtype=precision, local_files_only=True)
        return model.to(self._device).eval()


def choose_precision(device: str) -> Any:
    """Half precision where the processor computes in it; elsewhere it would be emulated, and slower."""
    import torch

    has_half = device != "cpu" or bool(torch.cpu._is_avx512_bf16_supported())
    return torch.bfloat16 if has_half else torch.float32


def cut_windows(turns: Sequence[tuple[Sequence[int], Sequence[int]]], first_id: int) -> list[Window]:
    """Windows of whole turns that together hold each turn once as new, with up to LEAD_TOKENS of turns before it."""
    windows: list[Window] = []
    lengths = [len(name) + len(words) for name, words in turns]
    new = 0
    while new < len(turns):
        start, lead = new, 0
        while start > 0 and lead + lengths[start - 1] <= LEAD_TOKENS:
            start -= 1
            lead += lengths[start]
        end, size = new, 0
        while end < len(turns) and (end == new or size + lengths[end] <= WINDOW_TOKENS):
            size += lengths[end]
            end += 1
        ids, spans = [first_id], []
        for name, words in turns[start:end]:
            spans.append(Span(len(ids) + len(name), len(ids) + len(name) + len(words)))
            ids += [*name, *words]
        windows.append(Window(tuple(ids), tuple(spans), start, new))
        new = end
    return windows
