"""The nouns of the domain as frozen records. Times are seconds from the start of the recording."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

Role = Literal["agent", "client", "other"]  # other: a third voice, an IVR prompt, voicemail
Direction = Literal["incoming", "outgoing"]
CallType = Literal["qualification", "objection", "spam", "accelerating", "reanimation", "unknown"]
# What a turn tells of the purpose of a call: docs/labelling.md says when.
Cue = Literal["first", "known", "worry", "deal", "past", "foreign", "none"]


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time: `start_s` <= `end_s`."""

    start_s: float
    end_s: float

    @property
    def duration_s(self) -> float:
        return self.end_s - self.start_s


@dataclass(frozen=True, slots=True)
class Recording:
    """One file's content. The sha256 is its identity; the path is only where it was found.

    A file without readable content has 0 bytes and an identity made of its name.
    """

    content_sha256: str
    path: Path
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Call:
    """The business event. A missed call has no recording; a call without a journal row has few facts."""

    call_id: str
    content_sha256: str | None = None
    journal_call_id: str | None = None
    source: str | None = None
    direction: Direction | None = None
    manager: str | None = None
    client_phone_hash: str | None = None  # keyed hash; None when no key is set
    client_phone_last4: str | None = None
    started_at: datetime | None = None  # UTC, naive
    duration_s: float | None = None  # as the journal says
    answered: bool | None = None
    file_name: str | None = None
    agent_at_s: float | None = None  # a person said: who speaks at this second is the agent


@dataclass(frozen=True, slots=True)
class AudioFacts:
    """What the file is, before any model has heard it."""

    duration_s: float
    sample_rate_hz: int
    channel_count: int  # in the file
    codec: str
    layout: Literal["mono", "stereo"]  # stereo: the channels carry different signals, one speaker each
    damaged: bool = False  # a part could not be decoded, or there is less sound than the file says


@dataclass(frozen=True, slots=True)
class Word:
    """One recognised word, its text without the leading space."""

    text: str
    start_s: float
    end_s: float
    probability: float


@dataclass(frozen=True, slots=True)
class Segment:
    """The recogniser's piece of text, no speaker, with what tells invented text from heard text."""

    text: str
    start_s: float
    end_s: float
    words: tuple[Word, ...]
    mean_log_probability: float
    no_speech_probability: float
    compression_ratio: float  # of the text by gzip; high when phrases repeat


@dataclass(frozen=True, slots=True)
class ChannelTranscript:
    """What was heard on one channel; no words where the channel carries no speech."""

    channel: int
    speech: tuple[Span, ...]
    words: tuple[Word, ...]
    dropped: tuple[str, ...] = ()  # reasons for which invented text was dropped, one per drop; never the text


@dataclass(frozen=True, slots=True)
class Transcription:
    """Result of the stage `transcription`."""

    audio: AudioFacts
    language: str
    language_probability: float
    channels: tuple[ChannelTranscript, ...]

    @property
    def speech_s(self) -> float:
        return sum(span.duration_s for channel in self.channels for span in channel.speech)


@dataclass(frozen=True, slots=True)
class Turn:
    """The diarizer's answer: somebody anonymous (`SPEAKER_00`) speaks."""

    speaker: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Diarization:
    """Result of the stage `diarization` (mono only). `exclusive` never overlaps: words are matched to it."""

    turns: tuple[Turn, ...]
    exclusive: tuple[Turn, ...]


@dataclass(frozen=True, slots=True)
class Utterance:
    """Both text and speaker. Times are None in a text channel (a chat)."""

    index: int
    role: Role
    text: str
    speaker: str = ""
    start_s: float | None = None
    end_s: float | None = None
    words: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class RoleAssignment:
    """Which speaker has which role, and how sure we are (0..1)."""

    role_by_speaker: dict[str, Role]
    confidence: float
    source: Literal["configured", "words", "named"]  # named: a person said so


@dataclass(frozen=True, slots=True)
class Interruption:
    """`by` starts to speak while `of` is speaking."""

    by: Role
    of: Role
    start_s: float
    overlap_s: float


@dataclass(frozen=True, slots=True)
class RoleMetrics:
    """Conversation metrics of one role; None where there is nothing to measure."""

    role: Role
    talk_s: float
    talk_share: float | None  # of all speech
    longest_monologue_s: float
    pace_wpm: float | None  # words a minute of own speech
    interruptions: int
    response_time_s: float | None  # median gap before answering the other side


@dataclass(frozen=True, slots=True)
class ConversationMetrics:
    """Facts about the whole conversation and each role."""

    duration_s: float
    silence_share: float
    longest_silence_s: float
    overlap_s: float
    roles: tuple[RoleMetrics, ...]


@dataclass(frozen=True, slots=True)
class Dialogue:
    """Who said what, in order. What a judge sees: it carries no manager, no phone, no history."""

    language: str
    utterances: tuple[Utterance, ...]
    duration_s: float | None = None


@dataclass(frozen=True, slots=True)
class AnalysedDialogue:
    """Result of the stage `dialogue`."""

    dialogue: Dialogue
    roles: RoleAssignment
    interruptions: tuple[Interruption, ...]
    metrics: ConversationMetrics


@dataclass(frozen=True, slots=True)
class Evidence:
    """The words that decided, exactly as they stand in utterance `utterance_index`."""

    utterance_index: int
    quote: str
    start_s: float | None = None
    end_s: float | None = None


@dataclass(frozen=True, slots=True)
class CallTypeSuggestion:
    call_type: CallType
    confidence: float  # 0..1
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The machine's answer to one criterion; never a verdict.

    `value` is 0..1 whatever the scale; None with `applicable` means "not enough evidence".
    `reason` is a code of the page's catalogue, e.g. `greeting.no_company`.
    """

    criterion_id: str
    applicable: bool
    value: float | None
    confidence: float  # 0..1
    reason: str = ""
    evidence: tuple[Evidence, ...] = ()
    rung: str = ""  # which rung of the ladder answered


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Result of the stage `evaluation`: one dialogue against one version of one checklist."""

    checklist_id: str
    checklist_version: str  # content hash
    judge: str  # identity of the judge that answered
    call_type: CallTypeSuggestion
    suggestions: tuple[Suggestion, ...]
    cqr: float | None  # 0..100; None when nothing could be scored or the type is unknown
    passed: bool | None
    scored: bool = True  # False: too short or cut off; shown and counted, not scored
