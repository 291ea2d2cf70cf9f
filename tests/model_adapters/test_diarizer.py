"""pyannote.audio's answers as our turns, and the speaker encoder's shapes, without the real weights."""

import importlib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
import torch
from torch import Tensor

from models.pyannote_diarizer import PyannoteDiarizer, load_hub_pipeline
from models.pyannote_environment import import_pyannote
from models.usem3_encoder import DIMENSION, Usem3Encoder
from pipeline.records import Turn
from tests.fakes import ArrayChannel, tones

if TYPE_CHECKING:
    from models.ge2e_embedding import GE2EEmbedding

LENGTH_S = 2.0


class Annotation:
    def __init__(self, *turns: tuple[float, float, str]) -> None:
        self._turns = turns

    def itertracks(self, yield_label: bool) -> Iterator[tuple[Any, str, str]]:
        assert yield_label
        for start_s, end_s, speaker in self._turns:
            yield SimpleNamespace(start=start_s, end=end_s), "track", speaker


def test_turns_with_and_without_overlap() -> None:
    asked: list[tuple[Any, int, int]] = []

    def pipeline(file: Any, min_speakers: int, max_speakers: int) -> Any:
        asked.append((file, min_speakers, max_speakers))
        return SimpleNamespace(
            speaker_diarization=Annotation((0.0, 1.00049, "SPEAKER_00"), (0.8, 2.0, "SPEAKER_01")),
            exclusive_speaker_diarization=Annotation((0.0, 0.8, "SPEAKER_00"), (0.8, 2.0, "SPEAKER_01")),
        )

    loaded: list[int] = []
    diarizer = PyannoteDiarizer("name", lambda: loaded.append(1) or pipeline, max_speakers=2)
    assert (diarizer.identity, loaded) == ("pyannote:name:min2:max2", [])
    found = next(diarizer.diarize(ArrayChannel(tones([], LENGTH_S))) for _ in range(2))
    assert found.turns == (Turn("SPEAKER_00", 0.0, 1.0), Turn("SPEAKER_01", 0.8, 2.0))
    assert found.exclusive == (Turn("SPEAKER_00", 0.0, 0.8), Turn("SPEAKER_01", 0.8, 2.0))
    assert loaded == [1]
    file, *speakers = asked[0]
    assert (tuple(file["waveform"].shape), file["sample_rate"], speakers) == ((1, 32_000), 16_000, [2, 2])


def test_a_published_pipeline_gets_the_token_and_the_device(monkeypatch: pytest.MonkeyPatch) -> None:
    import_pyannote(1)
    import pyannote.audio

    asked: list[Any] = []

    class Pipeline:
        @classmethod
        def from_pretrained(cls, name: str, token: str | None) -> "Pipeline":
            asked.append((name, token))
            return cls()

        def to(self, device: torch.device) -> str:
            asked.append(device)
            return "ready"

    monkeypatch.setattr(pyannote.audio, "Pipeline", Pipeline)
    assert load_hub_pipeline("pyannote/x", "cpu", 1, "token") == "ready"
    assert asked == [("pyannote/x", "token"), torch.device("cpu")]


@pytest.fixture(scope="module")
def ge2e() -> ModuleType:
    """The encoder's module. pyannote.audio loads for ten seconds: only the process that runs these tests waits."""
    import_pyannote(1)
    return importlib.import_module("models.ge2e_embedding")


@pytest.fixture(scope="module")
def embedding(ge2e: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> "GE2EEmbedding":
    """The encoder with weights drawn at random, through its own loader."""
    torch.manual_seed(1)
    path = tmp_path_factory.mktemp("ge2e") / "encoder.pt"
    state = {
        name: value for name, value in ge2e.GE2EEmbedding().state_dict().items() if name.startswith(("lstm", "linear"))
    }
    torch.save({"model_state": state | {"similarity_weight": torch.zeros(1)}}, path)
    loaded: GE2EEmbedding = ge2e.GE2EEmbedding.load(path)
    return loaded


def voice(seconds: float, rows: int = 1) -> Tensor:
    return torch.randn(rows, 1, round(seconds * 16_000), generator=torch.Generator().manual_seed(3)) * 0.05


@torch.inference_mode()
def test_embeddings_have_length_one(embedding: "GE2EEmbedding") -> None:
    assert embedding.dimension == 256
    for seconds in (0.5, 1.6, 5.0):
        found = embedding(voice(seconds, rows=2))
        assert found.shape == (2, 256)
        assert found.norm(dim=1).tolist() == pytest.approx([1.0, 1.0], abs=1e-5)
    assert torch.allclose(embedding(voice(2.0)), embedding(voice(2.0)[:, 0]))  # (batch, samples) is taken too


@torch.inference_mode()
def test_weights_choose_the_speech(embedding: "GE2EEmbedding") -> None:
    samples = voice(5.0).repeat(3, 1, 1)
    weights = torch.zeros(3, 100)
    weights[0, :50] = 1.0
    weights[1, 50:] = 1.0  # the third row has no speech at all
    found = embedding(samples, weights)
    assert not torch.allclose(found[0], found[1])
    assert found[2].isnan().all()


@torch.inference_mode()
def test_too_little_speech_is_refused_as_pyannote_expects(embedding: "GE2EEmbedding") -> None:
    with pytest.raises(RuntimeError, match="too short"):
        embedding(voice(0.1))


def test_weights_of_another_model_are_refused(ge2e: ModuleType, tmp_path: Path) -> None:
    torch.save({"model_state": {"lstm.other": torch.zeros(1)}}, tmp_path / "other.pt")
    with pytest.raises(RuntimeError, match=r"other.pt: weights do not fit the GE2E encoder"):
        ge2e.GE2EEmbedding.load(tmp_path / "other.pt")


def test_clustering_is_handed_what_it_ignores(ge2e: ModuleType) -> None:
    plda = ge2e.NoPLDA()
    assert plda.phi is None
    assert plda("embeddings") == "embeddings"


def test_no_texts_need_no_encoder() -> None:
    encoder = Usem3Encoder()
    assert encoder.encode([]).shape == (0, DIMENSION)
    assert "_model" not in vars(encoder)
