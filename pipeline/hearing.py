"""From a decoded recording to words: where somebody speaks, in which language, and what was heard."""

from collections.abc import Sequence
from pathlib import Path

from pipeline.audio import DecodedRecording
from pipeline.conversation import merge_spans
from pipeline.errors import RecordingError
from pipeline.interfaces import Models, SpeechChannel
from pipeline.invented_text import NO_SPEECH_PROBABILITY, drop_invented, load_invented_phrases
from pipeline.records import ChannelTranscript, Segment, Span, Transcription
from pipeline.settings import Settings

Segments = tuple[Segment, ...]
NOTHING_HEARD: tuple[tuple[Segments, tuple[str, ...]], Segments] = (((), ()), ())
SKIPPED_S = 1.5
HEARD_WELL = -0.7  # mean log probability of a word piece; a choice, stricter than Whisper's own -1.0, not tuned


def hear(path: Path, recording: DecodedRecording, models: Models, settings: Settings) -> Transcription:
    """Transcribe every channel that carries speech.

    Raises RecordingError `no_speech` when nobody speaks on any channel, or when all that was heard was invented.
    """
    channels = [SpeechChannel(audio, models.speech_detector.detect(audio)) for audio in recording.channels]
    channels = [_without_traces(channel, settings.audio.min_speech_s) for channel in channels]
    speaking = [channel for channel in channels if channel.speech]
    if not speaking:
        raise RecordingError("no_speech", f"{path.name}: nobody speaks in it; nothing to transcribe")
    vocabulary = settings.vocabulary
    language, probability = choose_language(models.transcriber.detect_language(speaking), settings.languages)
    phrases = load_invented_phrases().get(language, frozenset())
    heard = [drop_invented(found, phrases) for found in models.transcriber.transcribe(speaking, language, vocabulary)]
    again = _hear_again(speaking, [kept for kept, _ in heard], language, models, vocabulary, phrases)
    found = iter(zip(heard, again, strict=True))
    transcripts = tuple(
        _transcript(index, channel, *(next(found) if channel.speech else NOTHING_HEARD))
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


def _transcript(
    index: int, channel: SpeechChannel, heard: tuple[Segments, tuple[str, ...]], again: Segments
) -> ChannelTranscript:
    kept, dropped = heard
    words = sorted((word for segment in (*kept, *again) for word in segment.words), key=lambda word: word.start_s)
    return ChannelTranscript(index, channel.speech, tuple(words), dropped)


def _hear_again(
    channels: Sequence[SpeechChannel],
    heard: Sequence[Segments],
    language: str,
    models: Models,
    vocabulary: Sequence[str],
    phrases: frozenset[str],
) -> tuple[Segments, ...]:
    """What the recogniser skipped: it sometimes ends a chunk early and loses whole sentences.

    Stretches of speech without a word are heard once more, alone. Only what is then heard well is taken: such a
    stretch may be music or noise as well.
    """
    skipped = [
        SpeechChannel(channel.audio, speech_without_words(channel.speech, kept))
        for channel, kept in zip(channels, heard, strict=True)
    ]
    if not any(channel.speech for channel in skipped):
        return tuple(() for _ in channels)
    found = models.transcriber.transcribe(skipped, language, vocabulary)
    return tuple(tuple(s for s in drop_invented(part, phrases)[0] if _is_heard_well(s)) for part in found)


def speech_without_words(speech: Sequence[Span], heard: Segments) -> tuple[Span, ...]:
    """Stretches of at least 1.5 s of `speech` in which no word was heard, in order."""
    words = merge_spans([Span(word.start_s, word.end_s) for segment in heard for word in segment.words])
    silent: list[Span] = []
    for span in speech:
        start_s = span.start_s
        for word in (word for word in words if word.end_s > span.start_s and word.start_s < span.end_s):
            silent.append(Span(start_s, word.start_s))
            start_s = word.end_s
        silent.append(Span(start_s, span.end_s))
    return tuple(stretch for stretch in silent if stretch.duration_s >= SKIPPED_S)


def _is_heard_well(segment: Segment) -> bool:
    return segment.no_speech_probability < NO_SPEECH_PROBABILITY and segment.mean_log_probability > HEARD_WELL
