"""From a profile of the configuration to models: building is cheap, weights are checked and loaded at first use."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from models.faster_whisper_transcriber import FasterWhisperTranscriber, RecognitionOptions
from models.gemma_context_encoder import GemmaContextEncoder
from models.hardware import (
    Hardware,
    bound_kernel_caches,
    choose_batch_size,
    choose_device,
    choose_precision,
    choose_threads,
    find_hardware,
    keep_freed_memory,
)
from models.pyannote_diarizer import (
    PARAMETERS,
    SEGMENTATION_STEP,
    PyannoteDiarizer,
    load_hub_pipeline,
    load_local_encoder,
    load_local_pipeline,
)
from models.regrouping_diarizer import RegroupingDiarizer
from models.silero_speech_detector import SileroSpeechDetector
from models.transformers_entailer import TransformersEntailer
from models.transformers_instructor import TransformersInstructor
from models.transformers_loading import Checkpoint
from models.transformers_loading import choose_precision as choose_checkpoint_precision
from models.usem3_encoder import Usem3Encoder
from models.weights import checked_files, load_sources
from pipeline.interfaces import Diarizer, Encoder, Entailer, Instructor, SpeechDetector, Transcriber
from pipeline.settings import (
    DiarizerSettings,
    EncoderSettings,
    InstructSettings,
    LocalInstructSettings,
    NliSettings,
    Profile,
    TranscriberSettings,
)

LOCAL_DIARIZER = "pyannet-ge2e"


@dataclass(frozen=True)
class Models:
    """The models of one worker."""

    speech_detector: SpeechDetector
    transcriber: Transcriber
    diarizer: Diarizer
    encoder: Encoder
    entailer: Entailer | None = None
    instructor: Instructor | None = None


def build_models(profile: Profile, hardware: Hardware | None = None) -> Models:
    """The models that `profile` names, on the devices that the machine has."""
    hardware = hardware or find_hardware()
    bound_kernel_caches()
    keep_freed_memory()
    return Models(
        speech_detector=SileroSpeechDetector(),
        transcriber=build_transcriber(profile.transcriber, hardware),
        diarizer=build_diarizer(profile.diarizer, hardware),
        encoder=build_encoder(profile.encoder, hardware),
        entailer=build_entailer(profile.judge.nli, hardware),
        instructor=build_instructor(profile.judge.instruct, hardware),
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
            at_once=1 if settings.at_once == "auto" else settings.at_once,
        )
    )


def build_diarizer(settings: DiarizerSettings, hardware: Hardware) -> Diarizer:
    device = choose_device(settings.device, hardware)
    if settings.model == LOCAL_DIARIZER:
        return RegroupingDiarizer(
            PyannoteDiarizer(
                f"{LOCAL_DIARIZER}:step{SEGMENTATION_STEP}:{json.dumps(PARAMETERS, sort_keys=True)}",
                lambda: load_local_pipeline(
                    checked_files("pyannet")["segmentation.bin"],
                    checked_files("ge2e")["encoder.pt"],
                    device,
                    settings.threads,
                ),
            ),
            SileroSpeechDetector(min_silence_ms=100, pad_ms=30),
            lambda: load_local_encoder(checked_files("ge2e")["encoder.pt"], device, settings.threads),
        )
    token = os.environ.get("HF_TOKEN")  # a secret: only ever from the environment
    return PyannoteDiarizer(settings.model, lambda: load_hub_pipeline(settings.model, device, settings.threads, token))


def build_encoder(settings: EncoderSettings, hardware: Hardware) -> Encoder:
    sentences = Usem3Encoder()
    if settings.backend == "usem3":
        return sentences
    return GemmaContextEncoder(sentences, choose_device(settings.device, hardware), settings.threads)


def build_entailer(settings: NliSettings | None, hardware: Hardware) -> Entailer | None:
    if settings is None:
        return None
    return TransformersEntailer(_checkpoint(settings, hardware), settings.batch_size, settings.max_tokens)


def build_instructor(settings: InstructSettings | None, hardware: Hardware) -> Instructor | None:
    """Raises ConfigurationError when what the backend needs is not installed."""
    if settings is None:
        return None
    if isinstance(settings, LocalInstructSettings):
        return TransformersInstructor(_checkpoint(settings, hardware), settings.max_new_tokens)
    from models.openai_instructor import OpenAiInstructor

    return OpenAiInstructor(
        settings.base_url,
        settings.model,
        key=os.environ.get("PRESCORE_INSTRUCT_KEY"),  # a secret: only ever from the environment
        timeout_s=settings.timeout_s,
        attempts=settings.attempts,
        backoff_s=settings.backoff_s,
        max_new_tokens=settings.max_new_tokens,
    )


def _checkpoint(settings: NliSettings | LocalInstructSettings, hardware: Hardware) -> Checkpoint:
    device = choose_device(settings.device, hardware)
    precision = choose_checkpoint_precision(settings.precision, device)
    return Checkpoint(settings.model, settings.revision, device, precision, settings.threads)


def _recogniser_weights(model: str) -> Path | str:
    """A known model's checked folder; a folder of the user's own; else a name for the hub."""
    if model in load_sources():
        return checked_files(model)["model.bin"].parent
    return model
