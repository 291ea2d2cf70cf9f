"""A diarizer whose turns are grouped anew by voice: each piece of speech between pauses is embedded whole.

pyannote embeds what its segmentation takes for one speaker within 5 s. Where two voices are alike it takes both for
one, the embeddings are mixtures, and no clustering can part them. A piece between two pauses is nearly always one
person's, and whole pieces of like voices are told apart well (decision 25).
"""

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.voice_grouping import group_by_voice
from pipeline.interfaces import ChannelAudio, Diarizer, SpeechDetector
from pipeline.records import Diarization, Span
from pipeline.speech_pieces import cut_into_pieces, told_by_voice

SHORTEST_EMBEDDED_S = 0.3


class RegroupingDiarizer:
    """`pauses` finds speech between the short pauses in which speakers change.

    `load` gives the speaker encoder, which maps waveforms of 16 kHz, shape (1, samples), to embeddings of length 1.
    """

    def __init__(self, diarizer: Diarizer, pauses: SpeechDetector, load: Callable[[], Any]) -> None:
        self._diarizer = diarizer
        self._pauses = pauses
        self._load = load

    @property
    def identity(self) -> str:
        return f"{self._diarizer.identity}:regrouped1"

    @cached_property
    def _encoder(self) -> Any:
        return self._load()

    def diarize(self, channel: ChannelAudio) -> Diarization:
        found = self._diarizer.diarize(channel)
        pieces = cut_into_pieces(self._pauses.detect(channel), found.exclusive)
        if not pieces or not found.exclusive:
            return found
        speakers = max(2, len({turn.speaker for turn in found.exclusive}))
        embeddings = np.stack([self._embed(channel, piece) for piece in pieces])
        voices = group_by_voice(embeddings, pieces, speakers)
        return found if voices is None else told_by_voice(found, pieces, voices)

    def _embed(self, channel: ChannelAudio, piece: Span) -> NDArray[np.float32]:
        import torch

        if piece.duration_s < SHORTEST_EMBEDDED_S:
            return np.full(self._encoder.dimension, np.nan, dtype=np.float32)
        with torch.inference_mode():
            waveform = torch.from_numpy(channel.read(piece.start_s, piece.end_s))[None]
            embedding = self._encoder(waveform.to(self._encoder.device))
        return np.asarray(embedding[0].cpu().numpy(), dtype=np.float32)
