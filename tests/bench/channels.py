"""Reading a file as any user of faster-whisper would; nothing of ours, for WhisperX has an environment of its own."""

from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE_HZ = 16_000


def read_channels(path: Path) -> list[NDArray[np.float32]]:
    """Each channel at 16 kHz."""
    with av.open(str(path)) as file:
        layout = file.streams.audio[0].layout.name
        resampler = av.AudioResampler(format="fltp", layout=layout, rate=SAMPLE_RATE_HZ)
        frames = [part for frame in file.decode(audio=0) for part in resampler.resample(frame)]
    return list(np.concatenate([frame.to_ndarray() for frame in frames], axis=1).astype(np.float32))
