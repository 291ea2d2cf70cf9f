"""faster-whisper's model, sparing with its encoder: as long as the speech is, and once for each batch.

On processors the encoder takes half of the time, and Whisper pads whatever it hears to 30 s. Cut to the speech and
a little silence after it, it hears as well (docs/decisions/0020 has the figures) and takes as much less time.
"""

from typing import Any

import numpy as np
from faster_whisper import WhisperModel
from faster_whisper.audio import pad_or_trim

from pipeline.interfaces import Samples

SILENCE_S = 1.5  # kept after the speech: Whisper ends a text on it
SHORTEST_S = 5.0
FRAMES_PER_S = 100


class SparingWhisper(WhisperModel):  # type: ignore[misc]  # faster-whisper has no types
    """What `encode` answered last is kept for the next call: the language is heard on what is then recognised."""

    _last: tuple[Any, Any] | None = None

    def encode(self, features: Any) -> Any:
        """The encoder's output for `features`, shape: (batch, mels, 3000); of fewer frames where silence ends them."""
        last = self._last  # another thread may put its own there meanwhile
        if last and last[0].shape == features.shape and np.array_equal(last[0], features):
            return last[1]
        output = super().encode(without_padding(features))
        self._last = (features, output)
        return output

    def language_probabilities(self, chunks: list[Samples]) -> list[dict[str, float]]:
        """How likely each language is, by chunk of up to 30 s at 16 kHz."""
        features = np.stack([pad_or_trim(self.feature_extractor(chunk)[..., :-1]) for chunk in chunks])
        found = self.model.detect_language(self.encode(features))
        return [{token.strip("<|>"): float(share) for token, share in answers} for answers in found]


def without_padding(features: Any) -> Any:
    """Without the frames that faster-whisper filled up with zeros, but for 1.5 s of them; at least 5 s."""
    filled = np.flatnonzero(np.any(features != 0, axis=(0, 1)))
    speech = int(filled[-1]) + 1 if len(filled) else 0
    frames = max(speech + round(SILENCE_S * FRAMES_PER_S), round(SHORTEST_S * FRAMES_PER_S))
    frames += frames % 2  # the encoder's second layer takes every other frame
    return np.ascontiguousarray(features[..., : min(frames, features.shape[-1])])
