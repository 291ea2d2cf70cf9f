"""GE2E speaker encoder (Wan et al. 2018, arXiv:1710.10467) as a pyannote.audio embedding model.

Resemblyzer's published weights. Embeddings live in memory for one call, to tell its speakers apart; none is ever
stored, because a stored voice embedding identifies a person.
"""

from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as functional
from pyannote.audio.core.model import Model
from pyannote.audio.core.plda import PLDA
from torch import Tensor, nn
from torchaudio.transforms import MelSpectrogram

WINDOW_FRAMES = 160  # mel frames of one partial utterance: 1.6 s
HOP_FRAMES = 77
SHORTEST_FRAMES = 25  # less speech than 0.25 s gives no embedding
DIMENSION = 256
QUIET_RMS = 10 ** (-30 / 20)  # quiet audio is raised to -30 dBFS, loud audio is left as it is


class GE2EEmbedding(Model):  # type: ignore[misc]  # pyannote has no types
    """Maps waveforms (and optional frame weights) to embeddings of length 1."""

    def __init__(self, sample_rate: int = 16_000, num_channels: int = 1, task: Any = None) -> None:
        super().__init__(sample_rate=sample_rate, num_channels=num_channels, task=task)
        self.mel = MelSpectrogram(
            sample_rate=16_000, n_fft=400, hop_length=160, n_mels=40, power=2.0,
            mel_scale="slaney", norm="slaney", center=True, pad_mode="constant",
        )  # fmt: skip
        self.lstm = nn.LSTM(40, DIMENSION, 3, batch_first=True)
        self.linear = nn.Linear(DIMENSION, DIMENSION)

    @classmethod
    def load(cls, path: Path) -> "GE2EEmbedding":
        """The encoder with the weights in `path`, ready for inference. Raises RuntimeError when they do not fit."""
        state = torch.load(path, map_location="cpu", weights_only=True)["model_state"]
        model = cls()
        kept = {name: value for name, value in state.items() if name.startswith(("lstm.", "linear."))}
        missing, unexpected = model.load_state_dict(kept, strict=False)
        if unexpected or not all(name.startswith("mel.") for name in missing):
            raise RuntimeError(f"{path}: weights do not fit the GE2E encoder (missing {missing}, extra {unexpected})")
        model.eval()
        return model

    @property
    def dimension(self) -> int:
        return DIMENSION

    def forward(self, waveforms: Tensor, weights: Tensor | None = None) -> Tensor:
        """waveforms: (batch, 1, samples) or (batch, samples); weights: (batch, frames); out: (batch, 256).

        A row is NaN where the weights leave too little speech: clustering then skips it.
        """
        samples = waveforms[:, 0] if waveforms.ndim == 3 else waveforms
        mels = self.mel(_raise_quiet(samples)).transpose(1, 2)  # shape: (batch, frames, 40)
        out = torch.full((samples.shape[0], DIMENSION), float("nan"), device=samples.device)
        windows, owners = self._windows(mels, weights)
        if windows:
            _, (hidden, _) = self.lstm(torch.cat(windows))
            parts = functional.normalize(functional.relu(self.linear(hidden[-1])), dim=1)
            owner = torch.tensor(owners, device=samples.device)
            for row in sorted(set(owners)):
                out[row] = functional.normalize(parts[owner == row].mean(0), dim=0)
        return out

    def _windows(self, mels: Tensor, weights: Tensor | None) -> tuple[list[Tensor], list[int]]:
        if weights is not None:
            weights = functional.interpolate(weights[:, None].float(), size=mels.shape[1], mode="nearest")[:, 0]
        windows: list[Tensor] = []
        owners: list[int] = []
        for row, mel in enumerate(mels):
            speech = mel if weights is None else mel[weights[row] > 0.5]
            if speech.shape[0] < SHORTEST_FRAMES:
                if weights is None:
                    raise RuntimeError("too short")  # how pyannote finds the shortest input
                continue
            cut = _cut(speech)
            windows.append(cut)
            owners += [row] * len(cut)
        return windows, owners


class NoPLDA(PLDA):  # type: ignore[misc]  # pyannote has no types
    """Agglomerative clustering ignores PLDA, but SpeakerDiarization insists on being handed one."""

    def __init__(self) -> None:
        pass

    phi = property(lambda _self: None)

    def __call__(self, embeddings: Any) -> Any:
        return embeddings


def _raise_quiet(samples: Tensor) -> Tensor:
    rms = samples.pow(2).mean(1, keepdim=True).sqrt().clamp_min(1e-6)
    return samples * (QUIET_RMS / rms).clamp_min(1.0)


def _cut(mel: Tensor) -> Tensor:
    """(frames, 40) -> (windows, 160, 40); speech shorter than a window is repeated to fill it."""
    frames = mel.shape[0]
    if frames < WINDOW_FRAMES:
        return mel.repeat(-(-WINDOW_FRAMES // frames), 1)[:WINDOW_FRAMES][None]
    starts = list(range(0, frames - WINDOW_FRAMES + 1, HOP_FRAMES))
    rest = frames - WINDOW_FRAMES - starts[-1]
    if rest > HOP_FRAMES // 3:
        starts.append(frames - WINDOW_FRAMES)
    return torch.stack([mel[start : start + WINDOW_FRAMES] for start in starts])
