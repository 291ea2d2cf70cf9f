"""An encoder that keeps the vectors of dialogues on disk: for training and measuring, which read the same ones often.

A night needs none: there the store keeps vectors under their stage key.
"""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from models.weights import cache_folder
from pipeline.interfaces import Encoder, Vectors
from pipeline.records import Dialogue


class RememberingEncoder:
    """Answers as `encoder` does; a dialogue that it has seen before is read from `folder`."""

    def __init__(self, encoder: Encoder, folder: Path | None = None) -> None:
        self._encoder = encoder
        name = hashlib.sha256(encoder.dialogue_identity.encode()).hexdigest()[:12]
        self._folder = (folder or cache_folder().parent / "vectors") / name

    @property
    def identity(self) -> str:
        return self._encoder.identity

    @property
    def dialogue_identity(self) -> str:
        return self._encoder.dialogue_identity

    def encode(self, texts: Sequence[str]) -> Vectors:
        return self._encoder.encode(texts)

    def encode_dialogue(self, dialogue: Dialogue) -> Vectors:
        path = self._folder / f"{_key(dialogue)}.npy"
        try:
            return np.asarray(np.load(path, allow_pickle=False), dtype=np.float32)
        except (OSError, ValueError, EOFError):  # not there yet, or cut short by a crash: made again
            vectors = self._encoder.encode_dialogue(dialogue)
            path.parent.mkdir(parents=True, exist_ok=True)
            np.save(path, vectors)
            return vectors


def _key(dialogue: Dialogue) -> str:
    """Of what an encoder may look at: who says what, in order."""
    said = [(utterance.role, utterance.text) for utterance in dialogue.utterances]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode(errors="surrogatepass")).hexdigest()[:32]
