"""Building models is cheap, and what they are is told by their identity."""

import subprocess
import sys
from pathlib import Path

import pytest

from models.build import Models, build_diarizer, build_models, build_transcriber
from models.faster_whisper_transcriber import FasterWhisperTranscriber
from models.hardware import Hardware
from models.silero_speech_detector import SileroSpeechDetector
from pipeline.errors import WeightsError
from pipeline.settings import ROOT, DiarizerSettings, Settings, TranscriberSettings, load_settings

BARE = Hardware(2, 0)
BASE = {"backend": "faster_whisper", "model": "whisper-base", "device": "cpu", "precision": "int8", "beam_size": 5}
HEAVY = ("torch", "torchaudio", "pyannote.audio", "faster_whisper", "transformers", "prefect", "fastapi", "sklearn")


@pytest.fixture(scope="module")
def settings() -> Settings:
    return load_settings()


@pytest.mark.parametrize(
    "code",
    [
        "import pkgutil, importlib, pipeline\n"
        "for found in pkgutil.walk_packages(pipeline.__path__, 'pipeline.'): importlib.import_module(found.name)",
        "from models.build import build_models; from pipeline.settings import load_settings\n"
        "models = build_models(load_settings().active)\n"
        "print(models.transcriber.identity, models.diarizer.identity, models.encoder.identity)",
        "import flows.cli, flows.batch, flows.text_scoring",
        "import models.weights, models.hardware",
    ],
    ids=["pipeline", "building models", "the command", "weights"],
)
def test_loads_nothing_heavy(code: str) -> None:
    check = f"\nimport sys\nprint('loaded', [name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code + check], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.splitlines()[-1] == "loaded []"


def test_every_profile_builds(settings: Settings) -> None:
    for name, profile in settings.profiles.items():
        for hardware in (BARE, Hardware(16, 1)):
            assert isinstance(build_models(profile, hardware), Models), name


@pytest.mark.parametrize("change", [{"model": "large-v3"}, {"precision": "float32"}, {"beam_size": 1}])
def test_what_changes_the_words_changes_the_identity(change: dict[str, object]) -> None:
    before = build_transcriber(TranscriberSettings.model_validate(BASE), BARE)
    after = build_transcriber(TranscriberSettings.model_validate(BASE | change), BARE)
    assert before.identity != after.identity


@pytest.mark.parametrize("change", [{"batch_size": 1}, {"threads": 2}])
def test_what_changes_only_the_speed_does_not(change: dict[str, object]) -> None:
    before = build_transcriber(TranscriberSettings.model_validate(BASE), BARE)
    after = build_transcriber(TranscriberSettings.model_validate(BASE | change), BARE)
    assert before.identity == after.identity


def test_identities_of_the_others() -> None:
    local = build_diarizer(DiarizerSettings(backend="pyannote", model="pyannet-ge2e"), BARE)
    hub = build_diarizer(DiarizerSettings(backend="pyannote", model="pyannote/speaker-diarization-community-1"), BARE)
    assert local.identity != hub.identity
    assert "pyannet-ge2e" in local.identity
    assert SileroSpeechDetector().identity != SileroSpeechDetector(pad_ms=100).identity
    assert SileroSpeechDetector().identity != SileroSpeechDetector(min_silence_ms=100).identity


def test_weights_are_asked_for_at_first_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A known model's weights are checked; an own folder or a hub's name is handed on."""
    monkeypatch.setenv("PRESCORE_WEIGHTS", str(tmp_path))
    known = build_transcriber(TranscriberSettings.model_validate(BASE), BARE)
    assert isinstance(known, FasterWhisperTranscriber)
    with pytest.raises(WeightsError, match="weights of whisper-base are missing"):
        known._options.weights()
    own = build_transcriber(TranscriberSettings.model_validate(BASE | {"model": "/srv/own"}), BARE)
    assert isinstance(own, FasterWhisperTranscriber)
    assert own._options.weights() == "/srv/own"
    with pytest.raises(WeightsError, match="weights of pyannet are missing"):
        build_diarizer(DiarizerSettings(backend="pyannote", model="pyannet-ge2e"), BARE)._diarizer._pipeline  # type: ignore[attr-defined]  # noqa: B018
    with pytest.raises(WeightsError, match="weights of ge2e are missing"):
        build_diarizer(DiarizerSettings(backend="pyannote", model="pyannet-ge2e"), BARE)._encoder  # type: ignore[attr-defined]  # noqa: B018
