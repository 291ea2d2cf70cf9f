"""pyannote.audio behind `Diarizer`: speaker diarization of one mono channel, long files in windows."""

from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from models.pyannote_environment import import_pyannote
from pipeline.diarization_windows import join_windows, windows_of
from pipeline.interfaces import ChannelAudio
from pipeline.records import Diarization, Turn

SAMPLE_RATE_HZ = 16_000
# Chosen on recordings of two speakers (recipes); `make evaluate` measures them on others.
PARAMETERS = {
    "segmentation": {"threshold": 0.5, "min_duration_off": 0.3},
    "clustering": {"threshold": 2.0, "method": "ward", "min_cluster_size": 6},
}
SEGMENTATION_STEP = (
    0.5  # of the 5 s window; turns are grouped anew anyway, so 0.2 is no better and takes twice the time
)


class PyannoteDiarizer:
    """`load` builds the pyannote pipeline at the first use: asking for the identity costs nothing.

    A call has two sides. Of voices that are alike clustering makes one speaker, of which no role can be told, so at
    least two are asked for (decision 22); `RegroupingDiarizer` tells them better.
    """

    def __init__(self, name: str, load: Callable[[], Any], min_speakers: int = 2, max_speakers: int = 3) -> None:
        self._name = name
        self._load = load
        self._min_speakers = min_speakers
        self._max_speakers = max_speakers

    @property
    def identity(self) -> str:
        return f"pyannote:{self._name}:min{self._min_speakers}:max{self._max_speakers}"

    @cached_property
    def _pipeline(self) -> Any:
        return self._load()

    def diarize(self, channel: ChannelAudio) -> Diarization:
        windows = windows_of(channel.duration_s)
        return join_windows((start_s, self._diarize_window(channel, start_s, end_s)) for start_s, end_s in windows)

    def _diarize_window(self, channel: ChannelAudio, start_s: float, end_s: float) -> Diarization:
        import torch

        waveform = torch.from_numpy(channel.read(start_s, end_s))[None]  # shape: (1, num_samples)
        file: Mapping[str, Any] = {"waveform": waveform, "sample_rate": SAMPLE_RATE_HZ}
        output = self._pipeline(file, min_speakers=self._min_speakers, max_speakers=self._max_speakers)
        return Diarization(
            turns=_turns(output.speaker_diarization, start_s),
            exclusive=_turns(output.exclusive_speaker_diarization, start_s),
        )


def load_local_pipeline(segmentation: Path, embedding: Path, device: str, threads: int) -> Any:
    """PyanNet segmentation and GE2E embeddings, clustered by Ward's method: all weights come from packages."""
    import_pyannote(threads)
    import torch
    from pyannote.audio import Model
    from pyannote.audio.pipelines import SpeakerDiarization

    from models.ge2e_embedding import GE2EEmbedding, NoPLDA

    pipeline = SpeakerDiarization(
        segmentation=Model.from_pretrained(segmentation),
        embedding=GE2EEmbedding.load(embedding),
        embedding_exclude_overlap=True,
        plda=NoPLDA(),
        clustering="AgglomerativeClustering",
        segmentation_step=SEGMENTATION_STEP,
        segmentation_batch_size=16,
        embedding_batch_size=16,
    )
    pipeline.instantiate(PARAMETERS)
    return pipeline.to(torch.device(device))


def load_local_encoder(embedding: Path, device: str, threads: int) -> Any:
    """The speaker encoder of the local pipeline by itself."""
    import_pyannote(threads)
    import torch

    from models.ge2e_embedding import GE2EEmbedding

    return GE2EEmbedding.load(embedding).to(torch.device(device))


def load_hub_pipeline(name: str, device: str, threads: int, token: str | None) -> Any:
    """A published pipeline such as `pyannote/speaker-diarization-community-1`; its hub asks for a token."""
    import_pyannote(threads)
    import torch
    from pyannote.audio import Pipeline

    return Pipeline.from_pretrained(name, token=token).to(torch.device(device))


def _turns(annotation: Any, offset_s: float) -> tuple[Turn, ...]:
    return tuple(
        Turn(str(speaker), round(offset_s + segment.start, 3), round(offset_s + segment.end, 3))
        for segment, _, speaker in annotation.itertracks(yield_label=True)
    )
