"""The baseline: plain faster-whisper on each channel of each file, one process, all threads.

`python -m tests.bench.plain_whisper batched|sequential THREADS FILE...` prints a line of JSON per file: its name, the
seconds of audio and the text of each channel.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from faster_whisper import BatchedInferencePipeline, WhisperModel

from models.weights import checked_files
from tests.bench.channels import SAMPLE_RATE_HZ, read_channels

BATCH_SIZE = 8
BEAM_SIZE = 5
MODEL = "whisper-base"


def recogniser(mode: str, threads: int) -> Callable[..., Any]:
    """`transcribe`, batched over what its VAD leaves, or sequential with the same VAD."""
    folder = str(checked_files(MODEL)["model.bin"].parent)
    model = WhisperModel(folder, device="cpu", compute_type="int8", cpu_threads=threads)
    if mode == "sequential":
        return lambda audio, **more: model.transcribe(audio, vad_filter=True, **more)
    pipeline = BatchedInferencePipeline(model)
    return lambda audio, **more: pipeline.transcribe(audio, batch_size=BATCH_SIZE, without_timestamps=False, **more)


def transcribe(paths: list[Path], mode: str, threads: int) -> None:
    recognise = recogniser(mode, threads)
    for path in paths:
        channels = read_channels(path)
        texts = []
        for channel in channels:
            segments, _ = recognise(
                channel,
                beam_size=BEAM_SIZE,
                word_timestamps=True,
                language=path.name[:2],  # known, to the baseline's advantage
            )
            texts.append(" ".join(segment.text.strip() for segment in segments))
        print(json.dumps({"file": path.name, "audio_s": len(channels[0]) / SAMPLE_RATE_HZ, "texts": texts}))


if __name__ == "__main__":
    transcribe([Path(name) for name in sys.argv[3:]], sys.argv[1], int(sys.argv[2]))
