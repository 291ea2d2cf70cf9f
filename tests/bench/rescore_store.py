"""A store as many nights would have left it: thousands of different calls made from the corpus, with vectors."""

import hashlib
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from pipeline.checklist import load_checklist
from pipeline.conversation import measure
from pipeline.corpus import load_corpus
from pipeline.interfaces import Encoder, Vectors
from pipeline.processing import CODE_VERSIONS
from pipeline.records import (
    AnalysedDialogue,
    Call,
    Dialogue,
    Recording,
    Role,
    RoleAssignment,
    Span,
    Utterance,
    Word,
)
from pipeline.stages import DialogueVectors, StageResult, stage_key
from pipeline.store import Store
from pipeline.store.calls import Delivery, register_recordings
from pipeline.store.results import write_results

WORD_S, PAUSE_S = 0.35, 0.4
DIALOGUE_KEY = "bench"
CALLS_AT_ONCE = 500
ENCODED = 48  # dialogues
START = datetime(2026, 1, 5, 9)


@dataclass(frozen=True)
class Source:
    """A dialogue of the corpus with a vector for each of its turns."""

    language: str
    turns: tuple[tuple[Role, str], ...]
    vectors: Vectors


def load_sources(encoder: Encoder, seed: int = 3) -> tuple[Source, ...]:
    """Every dialogue of the corpus. The vectors are those of some dialogues only: their rows are dealt to the rest.

    An encoder that knows context takes a second a dialogue, and how fast a vector is read and judged does not depend
    on whose it is. The words, on which it does depend, are those of the whole corpus.
    """
    corpus = load_corpus(load_checklist("cqr"))
    some = corpus[:: max(1, len(corpus) // ENCODED)]
    rows = np.concatenate([np.asarray(encoder.encode_dialogue(item.dialogue), dtype=np.float32) for item in some])
    dealt = np.random.default_rng(seed)
    sources = []
    for labelled in corpus:
        turns = tuple((utterance.role, utterance.text) for utterance in labelled.dialogue.utterances)
        sources.append(Source(labelled.language, turns, rows[dealt.integers(len(rows), size=len(turns))]))
    return tuple(sources)


def build_store(store: Store, sources: Sequence[Source], count: int, encoder: str, seed: int = 3) -> None:
    """Writes `count` calls, no two alike, as a night would have stored them; the same seed gives the same calls."""
    random_ = random.Random(seed)
    vectors_key = stage_key(CODE_VERSIONS["vectors"], DIALOGUE_KEY, encoder)
    for numbers in _in_batches(count):
        deliveries, results = [], []
        for number in numbers:
            source = sources[number % len(sources)]
            kept = varied_order(len(source.turns), random_)
            turns = [(source.turns[place][0], varied_words(source.turns[place][1], random_)) for place in kept]
            sha = hashlib.sha256(f"bench {seed} {number}".encode()).hexdigest()
            dialogue = spoken(source.language, turns)
            deliveries.append(_delivery(sha, number))
            vectors = DialogueVectors(encoder, source.vectors[list(kept)])
            results.append(StageResult(sha, "dialogue", DIALOGUE_KEY, dialogue, 0.0, 60.0))
            results.append(StageResult(sha, "vectors", vectors_key, vectors, 0.0, 60.0, DIALOGUE_KEY))
        with store.writing() as con:
            register_recordings(con, deliveries)
            write_results(con, results, "bench")


def varied_order(count: int, random_: random.Random) -> tuple[int, ...]:
    """The places of the turns that are kept: one turn is dropped and two neighbours change places."""
    places = list(range(count))
    if count > 4:
        del places[random_.randrange(1, len(places) - 1)]
        swapped = random_.randrange(1, len(places) - 2)
        places[swapped], places[swapped + 1] = places[swapped + 1], places[swapped]
    return tuple(places)


def varied_words(text: str, random_: random.Random) -> str:
    """One word of a longer text is said twice, so that hardly a text stands in two calls."""
    words = text.split()
    if len(words) > 3:
        again = random_.randrange(len(words))
        words.insert(again, words[again])
    return " ".join(words)


def spoken(language: str, turns: Sequence[tuple[Role, str]]) -> AnalysedDialogue:
    """The turns as a recording gives them: every word with its time, and what is measured of a conversation."""
    clock_s, utterances = 0.0, []
    for index, (role, text) in enumerate(turns):
        start_s = clock_s = round(clock_s + PAUSE_S, 2)
        words = []
        for word in text.split():
            words.append(Word(word, clock_s, round(clock_s + WORD_S, 2), 0.9))
            clock_s = round(clock_s + WORD_S, 2)
        utterances.append(
            Utterance(index, role, text, f"SPEAKER_0{role == 'client':d}", start_s, clock_s, tuple(words))
        )
    speech = [(item.role, Span(item.start_s or 0.0, item.end_s or 0.0)) for item in utterances]
    metrics = measure(tuple(utterances), speech, (), clock_s)
    roles = RoleAssignment({"SPEAKER_00": "agent", "SPEAKER_01": "client"}, 0.9, "words")
    return AnalysedDialogue(Dialogue(language, tuple(utterances), clock_s), roles, (), metrics)


def _delivery(sha: str, number: int) -> Delivery:
    name = f"call-{number}.wav"
    facts = Call(
        sha[:16],
        content_sha256=sha,
        journal_call_id=str(number),
        manager=f"Manager {number % 20}",
        direction="incoming" if number % 2 else "outgoing",
        started_at=START + timedelta(minutes=number),
        file_name=name,
    )
    return Delivery(facts, Recording(sha, Path("/bench") / name, 1000), 1)


def _in_batches(count: int) -> Iterator[range]:
    for first in range(0, count, CALLS_AT_ONCE):
        yield range(first, min(count, first + CALLS_AT_ONCE))
