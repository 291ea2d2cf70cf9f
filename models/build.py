"""From a profile of the configuration to models: building is cheap, weights are checked and loaded at first use."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from models.faster_whisper_transcriber import FasterWhisperTranscriber, RecognitionOptions
from models.hardware import (
    Hardware,
    choose_batch_size,
    choose_device,
    choose_precision,
    choose_threads,
    find_hardware,
)
from models.pyannote_diarizer import (
    PARAMETERS,
    SEGMENTATION_STEP,
    PyannoteDiarizer,
    load_hub_pipeline,
    load_local_pipeline,
)
from models.silero_speech_detector import SileroSpeechDetector
from models.usem3_encoder import Usem3Encoder
from models.weights import checked_files, load_sources
from pipeline.interfaces import Diarizer, Encoder, SpeechDetector, Transcriber
from pipeline.settings import DiarizerSettings, Profile, TranscriberSettings

LOCAL_DIARIZER = "pyannet-ge2e"


@dataclass(frozen=True)
class Models:
    """The models of one worker."""

    speech_detector: SpeechDetector
    transcriber: Transcriber
    diarizer: Diarizer
    encoder: Encoder


def build_models(profile: Profile, hardware: Hardware | None = None) -> Models:
    """The models that `profile` names, on the devices that the machine has."""
    hardware = hardware or find_hardware()
    return Models(
        speech_detector=SileroSpeechDetector(),
        transcriber=build_transcriber(profile.transcriber, hardware),
        diarizer=build_diarizer(profile.diarizer, hardware),
        encoder=Usem3Encoder(profile.encoder.threads),
    )


def build_transcriber(settings: TranscriberSettings, hardware: Hardware) -> Transcriber:
    device = choose_device(settings.device, hardware)
    return FasterWhisperTranscriber(
        RecognitionOptions(
            name=settings.model,
            weights=lambda: _recogniser_weights(settings.model),
            device=device,
            precision=choose_precision(settings.precision, device),
            threads=choose_threads(settings.threads, device),
            beam_size=settings.beam_size,
            batch_size=choose_batch_size(settings.batch_size, device),
        )
    )


def build_diarizer(settings: DiarizerSettings, hardware: Hardware) -> Diarizer:
    device = choose_device(settings.device, hardware)
    if settings.model == LOCAL_DIARIZER:
        return PyannoteDiarizer(
            f"{LOCAL_DIARIZER}:step{SEGMENTATION_STEP}:{json.dumps(PARAMETERS, sort_keys=True)}",
            lambda: load_local_pipeline(
                checked_files("pyannet")["segmentation.bin"],
                checked_files("ge2e")["encoder.pt"],
                device,
                settings.threads,
            ),
        )
    token = os.environ.get("HF_TOKEN")  # a secret: only ever from the environment
    return PyannoteDiarizer(settings.model, lambda: load_hub_pipeline(settings.model, device, settings.threads, token))


def _recogniser_weights(model: str) -> Path | str:
    """A known model's checked folder; a folder of the user's own; else a name for the hub."""
    if model in load_sources():
        return checked_files(model)["model.bin"].parent
    return model
