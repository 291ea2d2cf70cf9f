"""The baseline: plain batched faster-whisper on both channels of each file, one process, all threads.

`python -m tests.bench.plain_whisper FILE...` prints the seconds of audio and the words that it heard.
"""

import sys
from pathlib import Path

import av
import numpy as np
from faster_whisper import BatchedInferencePipeline, WhisperModel

from models.weights import checked_files
from pipeline.interfaces import Samples

SAMPLE_RATE_HZ = 16_000
BATCH_SIZE = 8
BEAM_SIZE = 5


def read_channels(path: Path) -> list[Samples]:
    """Each channel at 16 kHz, as any user of faster-whisper would split a stereo call."""
    with av.open(str(path)) as file:
        layout = file.streams.audio[0].layout.name
        resampler = av.AudioResampler(format="fltp", layout=layout, rate=SAMPLE_RATE_HZ)
        frames = [part for frame in file.decode(audio=0) for part in resampler.resample(frame)]
    return list(np.concatenate([frame.to_ndarray() for frame in frames], axis=1).astype(np.float32))


def main(paths: list[Path], threads: int) -> None:
    model = WhisperModel(
        str(checked_files("whisper-base")["model.bin"].parent), device="cpu", compute_type="int8", cpu_threads=threads
    )
    pipeline = BatchedInferencePipeline(model)
    audio_s, words = 0.0, 0
    for path in paths:
        channels = read_channels(path)
        audio_s += len(channels[0]) / SAMPLE_RATE_HZ
        for channel in channels:
            segments, _ = pipeline.transcribe(
                channel,
                beam_size=BEAM_SIZE,
                batch_size=BATCH_SIZE,
                word_timestamps=True,
                without_timestamps=False,
                language=path.name[:2],  # known, to the baseline's advantage
            )
            words += sum(len(segment.words or ()) for segment in segments)
    print(f"{audio_s:.1f} {words}")


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[2:]], int(sys.argv[1]))
