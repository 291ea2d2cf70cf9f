"""transformers behind `Entailer`: a cross-encoder for natural language inference, multilingual ones among them."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from models.transformers_loading import Checkpoint, load_pretrained, shown_unavailable
from pipeline.errors import UnavailableError
from pipeline.interfaces import Probabilities

ENTAILMENT = "entailment"


class TransformersEntailer:
    def __init__(self, checkpoint: Checkpoint, batch_size: int = 16, max_tokens: int = 512) -> None:
        self._checkpoint = checkpoint
        self._batch_size = batch_size
        self._max_tokens = max_tokens

    @property
    def identity(self) -> str:
        return f"{self._checkpoint.identity}:tokens{self._max_tokens}"

    @cached_property
    def _loaded(self) -> tuple[Any, Any, int]:
        """Tokenizer, model, and the place of "entailment" among its labels, which differs from model to model."""
        tokenizer, model = load_pretrained("AutoModelForSequenceClassification", self._checkpoint)
        return tokenizer, model, entailment_place(model.config.id2label, self._checkpoint.model)

    def entail(self, pairs: Sequence[tuple[str, str]]) -> Probabilities:
        """Pairs of like length share a batch: little is padded. Of a pair that is too long the longer text is cut."""
        probabilities = np.zeros(len(pairs))
        with shown_unavailable(self._checkpoint.model):
            order = sorted(range(len(pairs)), key=lambda place: len(pairs[place][0]) + len(pairs[place][1]))
            for first in range(0, len(order), self._batch_size):
                places = order[first : first + self._batch_size]
                probabilities[places] = self._entail_batch([pairs[place] for place in places])
        return probabilities

    def _entail_batch(self, pairs: Sequence[tuple[str, str]]) -> Probabilities:
        import torch

        tokenizer, model, place = self._loaded
        premises, hypotheses = zip(*pairs, strict=True)
        inputs = tokenizer(
            list(premises),
            list(hypotheses),
            truncation="longest_first",
            max_length=self._max_tokens,
            padding=True,
            return_tensors="pt",
        ).to(model.device)
        with torch.inference_mode():
            logits = model(**inputs).logits.float()  # shape: (num_pairs, num_labels)
        return np.asarray(logits.softmax(dim=-1)[:, place].cpu().numpy(), dtype=np.float64)


def entailment_place(label_by_place: dict[int, str], model: str) -> int:
    """Raises UnavailableError when the model has no such label, so is no model for inference."""
    for place, label in label_by_place.items():
        if label.lower() == ENTAILMENT:
            return int(place)
    raise UnavailableError(
        f'{model}: has the labels {", ".join(label_by_place.values())} and none called "{ENTAILMENT}"; '
        "name a model for natural language inference under judge.nli.model"
    )
