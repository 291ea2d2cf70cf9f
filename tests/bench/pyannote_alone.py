"""pyannote.audio alone on mono files: its pipeline with our weights, in one process, handed the whole file.

`python -m tests.bench.pyannote_alone THREADS FILE...` prints a line of JSON per file: its name, the seconds of audio
and how many turns there are.
"""

import json
import sys
from pathlib import Path

import torch

from models.pyannote_diarizer import load_local_pipeline
from models.weights import checked_files
from tests.bench.channels import SAMPLE_RATE_HZ, read_channels

MAX_SPEAKERS = 3


def diarize(paths: list[Path], threads: int) -> None:
    segmentation, embedding = checked_files("pyannet")["segmentation.bin"], checked_files("ge2e")["encoder.pt"]
    pipeline = load_local_pipeline(segmentation, embedding, "cpu", threads)
    for path in paths:
        samples = read_channels(path)[0]
        sound = {"waveform": torch.from_numpy(samples)[None], "sample_rate": SAMPLE_RATE_HZ}
        turns = len(list(pipeline(sound, max_speakers=MAX_SPEAKERS).speaker_diarization.itertracks()))
        print(json.dumps({"file": path.name, "audio_s": len(samples) / SAMPLE_RATE_HZ, "turns": turns}))


if __name__ == "__main__":
    diarize([Path(name) for name in sys.argv[2:]], int(sys.argv[1]))
