"""From a decoded recording to words: where somebody speaks, in which language, and what was heard."""

from collections.abc import Sequence
from pathlib import Path

from pipeline.audio import DecodedRecording
from pipeline.errors import RecordingError
from pipeline.interfaces import Models, SpeechChannel
from pipeline.invented_text import drop_invented, load_invented_phrases
from pipeline.records import ChannelTranscript, Segment, Transcription
from pipeline.settings import Settings


def hear(path: Path, recording: DecodedRecording, models: Models, settings: Settings) -> Transcription:
    """Transcribe every channel that carries speech.

    Raises RecordingError `no_speech` when nobody speaks on any channel, or when all that was heard was invented.
    """
    channels = [SpeechChannel(audio, models.speech_detector.detect(audio)) for audio in recording.channels]
    channels = [_without_traces(channel, settings.audio.min_speech_s) for channel in channels]
    speaking = [channel for channel in channels if channel.speech]
    if not speaking:
        raise RecordingError("no_speech", f"{path.name}: nobody speaks in it; nothing to transcribe")
    language, probability = choose_language(models.transcriber.detect_language(speaking), settings.languages)
    heard = iter(models.transcriber.transcribe(speaking, language, settings.vocabulary))
    transcripts = tuple(
        _transcript(index, channel, next(heard) if channel.speech else (), language)
        for index, channel in enumerate(channels)
    )
    if not any(transcript.words for transcript in transcripts):
        raise RecordingError("no_speech", f"{path.name}: there is sound, but no words in it; nothing to transcribe")
    return Transcription(recording.facts, language, probability, transcripts)


def choose_language(probabilities: dict[str, float], allowed: Sequence[str]) -> tuple[str, float]:
    """The likeliest of the configured languages, and its share among them."""
    total = sum(probabilities.get(language, 0.0) for language in allowed)
    best = max(allowed, key=lambda language: probabilities.get(language, 0.0))
    return best, round(probabilities.get(best, 0.0) / total, 4) if total else 0.0


def _without_traces(channel: SpeechChannel, min_speech_s: float) -> SpeechChannel:
    """A channel with less speech than the configured least has none: a click, a breath."""
    if sum(span.duration_s for span in channel.speech) < min_speech_s:
        return SpeechChannel(channel.audio, ())
    return channel


def _transcript(index: int, channel: SpeechChannel, segments: Sequence[Segment], language: str) -> ChannelTranscript:
    kept, dropped = drop_invented(segments, load_invented_phrases().get(language, frozenset()))
    words = tuple(word for segment in kept for word in segment.words)
    return ChannelTranscript(index, channel.speech, words, dropped)
