"""The real weights on short recordings, through the real command and the adapters."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import numpy as np
import pytest

from models.build import Models, build_models, build_transcriber
from models.hardware import Hardware
from models.usem3_encoder import Usem3Encoder
from pipeline.interfaces import SpeechChannel
from pipeline.records import Span
from pipeline.settings import ROOT, Settings, load_settings
from pipeline.store import Store
from pipeline.store.rows import fetch
from pipeline.store.show import read_call
from tests.command.real_command import PROGRAM, environment
from tests.quality.gold import load_gold_call, load_rttm
from tests.quality.metrics import Share, diarization_error_rate, role_accuracy, word_error_rate, word_errors
from tests.quality.normalisation import normalise
from tests.quality.recognition import decoded, diarize, recognise

pytestmark = pytest.mark.real_model
SAMPLES = ROOT / "data" / "samples"
SHARED = ROOT.parent / "shared" / "data_dev"
STEREO, MONO = "ru-10-spam-wrong-number", "ru-09-spam-advertising"
TYPES = {"qualification", "objection", "spam", "accelerating", "reanimation"}
DIALOGUE_OF_TWO = {  # of ../shared/data_dev/audio_en/faster_whisper/stereo_diarization.wav
    "left": "he began a confused complaint against the wizard who had vanished behind the curtain on the left",
    "right": "the horizon seems extremely distant",
}


@pytest.fixture(scope="module")
def settings() -> Settings:
    return load_settings()


@pytest.fixture(scope="module")
def models(settings: Settings) -> Models:
    return build_models(settings.active, Hardware(cores=1, gpus=0))


@pytest.fixture(scope="module")
def shared() -> Path:
    if not SHARED.is_dir():
        pytest.skip("no ../shared/data_dev beside the repository")
    return SHARED


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A data folder after the real command took a stereo and a mono sample."""
    folder = tmp_path_factory.mktemp("data")
    recordings = [next(SAMPLES.glob(f"{name}.*")) for name in (STEREO, MONO)]
    words = ["run", *recordings, "--journal", SAMPLES / "calls.csv", "--workers", "1", "--data", folder]
    variables = {name: value for name, value in environment().items() if name != "PRESCORE_MODELS"}
    done = subprocess.run([PROGRAM, *words], env=variables, capture_output=True, text=True, timeout=300, check=False)
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
    return folder


@pytest.mark.parametrize(("name", "most_errors", "least_right"), [(STEREO, 0.15, 1.0), (MONO, 0.22, 0.95)])
def test_a_sample_through_the_command(name: str, most_errors: float, least_right: float, data: Path) -> None:
    gold = load_gold_call(SAMPLES / "gold" / f"{name}.json", SAMPLES)
    with Store(data / "calls.duckdb").reading() as con:
        call = read_call(con, gold.path.name)
    assert call.call.manager == gold.manager
    assert call.analysed is not None
    assert call.transcription is not None
    assert call.transcription.audio.layout == gold.layout
    assert call.evaluations[0].call_type in TYPES
    utterances = call.analysed.dialogue.utterances
    assert word_error_rate(gold, utterances).value <= most_errors
    assert role_accuracy(gold, utterances).value >= least_right


def test_what_was_published_opens(data: Path) -> None:
    with duckdb.connect(str(data / "published" / "snapshot.duckdb"), read_only=True) as con:
        (count,) = con.sql("SELECT count(*) FROM utterances").fetchall()[0]
    with Store(data / "calls.duckdb").reading() as con:
        assert {row["status"] for row in fetch(con, "list_calls")} >= {"done"}
    assert count > 4


def test_english_in_stereo(shared: Path, settings: Settings, models: Models, tmp_path: Path) -> None:
    path = shared / "audio_en" / "faster_whisper" / "stereo_diarization.wav"
    (found,) = recognise([(path, "incoming")], settings, models, tmp_path)
    assert found.analysed.dialogue.language == "en"
    errors = Share(0, 0)
    for speaker, text in zip(("CHANNEL_0", "CHANNEL_1"), DIALOGUE_OF_TWO.values(), strict=True):
        heard = " ".join(item.text for item in found.analysed.dialogue.utterances if item.speaker == speaker)
        errors += word_errors(normalise(text, "en"), normalise(heard, "en"))
    assert errors.value <= 0.10


def test_batches_side_by_side_hear_the_same(settings: Settings, tmp_path: Path) -> None:
    path = next(SAMPLES.glob(f"{STEREO}.*"))
    heard = []
    for at_once in (1, 3):
        asked = settings.active.transcriber.model_copy(update={"batch_size": 1, "at_once": at_once})
        transcriber = build_transcriber(asked, Hardware(cores=1, gpus=0))
        with decoded(path, settings, tmp_path) as recording:
            channels = [SpeechChannel(channel, (Span(0.0, 12.0), Span(12.0, 24.0))) for channel in recording.channels]
            heard.append(transcriber.transcribe(channels, "ru", []))
    assert sum(len(segment.words) for channel in heard[0] for segment in channel) > 20
    assert heard[0] == heard[1]


def test_diarization_of_the_sample(shared: Path, settings: Settings, models: Models, tmp_path: Path) -> None:
    folder = shared / "diarization" / "pyannote"
    ((_, turns, duration_s),) = diarize([folder / "sample.wav"], settings, models, tmp_path)
    assert diarization_error_rate(load_rttm(folder / "sample.rttm")["sample"], turns, duration_s).value < 0.10


def test_silence_holds_no_speech(models: Models) -> None:
    from tests.fakes import ArrayChannel, tones

    assert models.speech_detector.detect(ArrayChannel(tones([], 3.0))) == ()


def test_vectors_have_their_shape_and_length() -> None:
    vectors = Usem3Encoder().encode(["добрый день", "good afternoon", "сколько стоит доставка"])
    assert (vectors.shape, vectors.dtype) == ((3, 512), np.float32)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1.0] * 3, abs=1e-4)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2]


def test_the_module_of_the_weights_runs() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "models.weights"], capture_output=True, text=True, cwd=ROOT, timeout=300, check=True
    )
    assert "whisper-base" in done.stdout
