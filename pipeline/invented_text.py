"""Guards against text that nobody spoke: Whisper invents it along silence, music and noise."""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from pipeline.records import Segment, Word
from pipeline.settings import CONFIGS, load_yaml

PHRASES = CONFIGS / "invented_phrases.yaml"
NO_SPEECH_PROBABILITY = 0.6  # Whisper's own thresholds (openai/whisper, transcribe.py)
MEAN_LOG_PROBABILITY = -1.0
LONGEST_REPEATED_PHRASE = 8  # words
REPEATS_OF_PHRASE = 3  # "да да да" is speech; a phrase three times in a row is a loop
REPEATS_OF_WORD = 5


@lru_cache
def invented_phrases_identity() -> str:
    """Hash of the phrases: with others another text is kept."""
    return hashlib.sha256(PHRASES.read_bytes()).hexdigest()[:12]


@lru_cache
def load_invented_phrases() -> dict[str, frozenset[str]]:
    """Known invented phrases by language, normalised."""
    content: Mapping[str, Sequence[str]] = load_yaml(PHRASES)
    return {language: frozenset(map(normalise, phrases)) for language, phrases in content.items()}


def drop_invented(segments: Iterable[Segment], phrases: frozenset[str]) -> tuple[tuple[Segment, ...], tuple[str, ...]]:
    """The segments that were heard, and one reason per drop (never the text)."""
    kept: list[Segment] = []
    reasons: list[str] = []
    for segment in segments:
        reason = reason_to_drop(segment, phrases)
        if reason:
            reasons.append(reason)
            continue
        shortened = without_loops(segment)
        if len(shortened.words) < len(segment.words):
            reasons.append("repeated_phrase")
        kept.append(shortened)
    return tuple(kept), tuple(reasons)


def reason_to_drop(segment: Segment, phrases: frozenset[str]) -> str | None:
    """Why the whole segment was invented, or None when it was heard."""
    if not segment.words:
        return "no_words"
    if segment.no_speech_probability > NO_SPEECH_PROBABILITY and segment.mean_log_probability < MEAN_LOG_PROBABILITY:
        return "silence"
    if normalise(segment.text) in phrases:
        return "known_phrase"
    return None


def without_loops(segment: Segment) -> Segment:
    """The segment with each looping phrase said once."""
    words = list(segment.words)
    for size in range(1, LONGEST_REPEATED_PHRASE + 1):
        words = _collapse(words, size, REPEATS_OF_WORD if size == 1 else REPEATS_OF_PHRASE)
    if len(words) == len(segment.words):
        return segment
    return replace(segment, words=tuple(words), text=" ".join(word.text for word in words), end_s=words[-1].end_s)


def _collapse(words: list[Word], size: int, repeats: int) -> list[Word]:
    kept: list[Word] = []
    index = 0
    keys = [normalise(word.text) for word in words]
    while index < len(words):
        count = 1
        while keys[index : index + size] == keys[index + count * size : index + (count + 1) * size]:
            count += 1
        if count >= repeats and index + size <= len(words):
            kept += words[index : index + size]
            index += count * size
        else:
            kept.append(words[index])
            index += 1
    return kept


def normalise(text: str) -> str:
    """Lower case, ё as е, no punctuation, single spaces."""
    return " ".join(re.sub(r"[^\w\s]", " ", text.lower().replace("ё", "е")).split())
