"""The corpus as it is, loaded once; and an encoder that is quick and whose vectors the learned heads accept."""

from collections.abc import Sequence

import numpy as np
import pytest

from pipeline.corpus import LabelledDialogue, load_corpus
from pipeline.interfaces import Vectors
from pipeline.prescoring.head_artefact import HELD_OUT_HEADS, load_artefact
from pipeline.records import Dialogue
from tests.quality.hand_made import CQR


class LettersEncoder:
    """Vectors of the right width that say nothing: how often each letter stands in the text."""

    def __init__(self) -> None:
        facts = load_artefact(HELD_OUT_HEADS).facts
        self.identity = self.dialogue_identity = facts.encoder
        self._dimension = facts.dimension

    def encode(self, texts: Sequence[str]) -> Vectors:
        rows = np.zeros((len(texts), self._dimension), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for letter in text:
                row[ord(letter) % self._dimension] += 1
            row /= max(float(np.linalg.norm(row)), 1e-9)
        return rows

    def encode_dialogue(self, dialogue: Dialogue) -> Vectors:
        return self.encode([utterance.text for utterance in dialogue.utterances])


@pytest.fixture(scope="session")
def corpus() -> tuple[LabelledDialogue, ...]:
    return load_corpus(CQR)


@pytest.fixture(scope="session")
def letters() -> LettersEncoder:
    return LettersEncoder()
