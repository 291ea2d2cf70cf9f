"""WhisperX's recognition alone, in the environment of `make bench-peers`: its own VAD, no alignment, no speakers.

`.venv-peers/bin/python -m tests.bench.whisperx_alone WEIGHTS THREADS FILE...` prints what plain_whisper.py prints.
"""

import json
import sys
from pathlib import Path

from models.torchaudio_cpu import allow_without_cuda
from tests.bench.channels import SAMPLE_RATE_HZ, read_channels

BATCH_SIZE = 8  # as plain_whisper.py
BEAM_SIZE = 5


def transcribe(paths: list[Path], weights: str, threads: int) -> None:
    allow_without_cuda()
    import torch
    import whisperx

    torch.set_num_threads(threads)
    options = {"beam_size": BEAM_SIZE}
    model = whisperx.load_model(weights, "cpu", compute_type="int8", threads=threads, asr_options=options)
    for path in paths:
        channels = read_channels(path)
        found = [model.transcribe(channel, batch_size=BATCH_SIZE, language=path.name[:2]) for channel in channels]
        texts = [" ".join(segment["text"].strip() for segment in item["segments"]) for item in found]
        print(json.dumps({"file": path.name, "audio_s": len(channels[0]) / SAMPLE_RATE_HZ, "texts": texts}))


if __name__ == "__main__":
    transcribe([Path(name) for name in sys.argv[3:]], sys.argv[1], int(sys.argv[2]))
