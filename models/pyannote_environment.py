"""The one place that prepares the process for pyannote.audio: no telemetry, no CUDA library needed, few threads."""

import logging
import os
import warnings

from models.torchaudio_cpu import allow_without_cuda


def import_pyannote(threads: int) -> None:
    """Import pyannote.audio so that it neither calls home nor takes every core.

    One torch thread per worker: two threads beside a busy process once took ten times as long.
    """
    os.environ["PYANNOTE_METRICS_ENABLED"] = "0"
    allow_without_cuda()
    logging.getLogger("lightning.pytorch.utilities.migration").setLevel(logging.WARNING)  # an old file format is fine
    import torch

    torch.set_num_threads(threads)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about torchcodec, which we do not use: waveforms are handed over
        import pyannote.audio  # noqa: F401
    # of a few words there may be too few embeddings for the two speakers that are asked for: one is the answer then
    warnings.filterwarnings("ignore", message=r"\s*The detected number of speakers")
