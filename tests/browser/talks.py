"""Calls that a browser can hear, each with evidence at a known place; written through the store's own doors."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from pipeline.data_folder import DataFolder
from pipeline.ingest import identify
from pipeline.records import (
    AnalysedDialogue,
    AudioFacts,
    Call,
    CallTypeSuggestion,
    ChannelTranscript,
    Dialogue,
    Evaluation,
    Evidence,
    Span,
    Suggestion,
    Transcription,
    Utterance,
    Word,
)
from pipeline.stages import StageResult
from pipeline.store import Store
from pipeline.store.calls import Delivery, register_recordings
from pipeline.store.evaluations import write_checklist
from pipeline.store.results import write_results
from tests.pages.calls import CHECKLIST, START, _analysed, alaw_recording

SHORTEST_S = 30  # each next one is a second longer, lest two be the same recording
GREETING_S, PROMISE_S = 4.0, 18.0  # where the evidence begins
GREETING, PROMISE = "Добрый день, Анна", "Пришлю договор завтра"
MANAGERS = ("Ольга Смирнова", "Kate O'Neil & Co")


def build_talks(data: DataFolder, inbox: Path, count: int = 3) -> tuple[str, ...]:
    """Writes the calls, of the two managers in turn; their ids in the order in which the queue hands them out."""
    inbox.mkdir(parents=True)
    store = Store(data.store, timeout_s=5)
    deliveries = [delivery(inbox, number) for number in range(count)]
    with store.writing() as con:
        write_checklist(con, CHECKLIST)
        ids = register_recordings(con, deliveries)
        for item in deliveries:
            write_results(con, results(item.recording.content_sha256), "run")
    return tuple(ids[item.recording.content_sha256] for item in deliveries)


def delivery(inbox: Path, number: int) -> Delivery:
    length_s = SHORTEST_S + number
    path = alaw_recording(inbox / f"talk-{number}.wav", length_s)
    recording = identify(path)
    call = Call(
        call_id=recording.content_sha256[:16],
        content_sha256=recording.content_sha256,
        journal_call_id=f"200{number}",
        source="office",
        direction="incoming",
        manager=MANAGERS[number % len(MANAGERS)],
        client_phone_last4="0101",
        started_at=START - timedelta(hours=number),
        duration_s=float(length_s),
        answered=True,
        file_name=path.name,
    )
    return Delivery(call, recording, path.stat().st_mtime_ns)


def results(sha: str) -> list[StageResult]:
    audio = AudioFacts(float(SHORTEST_S), 8000, 2, "pcm_alaw", "stereo")
    channel = ChannelTranscript(0, (Span(GREETING_S, PROMISE_S + 3),), words_of(GREETING, GREETING_S))
    heard = Transcription(audio, "ru", 0.99, (channel,))
    return [
        StageResult(sha, "transcription", "t", heard, 1.0, float(SHORTEST_S)),
        StageResult(sha, "dialogue", "d", analysed(), 0.1, float(SHORTEST_S)),
        StageResult(sha, "evaluation", "e", evaluation(), 0.1, float(SHORTEST_S), "d"),
    ]


def words_of(text: str, start_s: float) -> tuple[Word, ...]:
    """A word each second, the second one hard to hear."""
    return tuple(
        Word(word, start_s + place, start_s + place + 0.9, 0.3 if place == 1 else 0.95)
        for place, word in enumerate(text.split())
    )


def analysed() -> AnalysedDialogue:
    lines = (
        Utterance(0, "agent", GREETING, "SPEAKER_00", GREETING_S, GREETING_S + 3, words_of(GREETING, GREETING_S)),
        Utterance(1, "client", "Мне бы узнать цену", "SPEAKER_01", 9.0, 13.0, words_of("Мне бы узнать цену", 9.0)),
        Utterance(2, "agent", PROMISE, "SPEAKER_00", PROMISE_S, PROMISE_S + 3, words_of(PROMISE, PROMISE_S)),
    )
    made = _analysed()
    metrics = replace(made.metrics, duration_s=float(SHORTEST_S))
    return replace(made, dialogue=Dialogue("ru", lines, float(SHORTEST_S)), interruptions=(), metrics=metrics)


def evaluation() -> Evaluation:
    """Sure of five criteria, unsure of two, and without an answer to one."""
    greeting = (Evidence(0, GREETING, GREETING_S, GREETING_S + 3),)
    promise = (Evidence(2, PROMISE, PROMISE_S, PROMISE_S + 3), Evidence(0, GREETING, GREETING_S, GREETING_S + 3))
    suggestions = (
        Suggestion("greeting", True, 0.5, 0.9, "greeting.no_company", greeting, "rules"),
        Suggestion("needs", True, None, 0.2, "needs.not_enough_evidence"),
        Suggestion("initiative", True, 1.0, 0.3, "initiative.leads", promise, "rules"),
        Suggestion("product", True, 1.0, 0.8, "product.benefit"),
        Suggestion("objection", False, None, 0.85, "objection.not_raised"),
        Suggestion("closing", True, 0.5, 0.4, "closing.vague", promise, "rules"),
        Suggestion("upsell", True, 0.0, 0.9, "upsell.none"),
        Suggestion("politeness", True, 1.0, 0.95, "politeness.polite"),
    )
    call_type = CallTypeSuggestion("objection", 0.87, greeting)
    return Evaluation("cqr", CHECKLIST.version, "rules:1", call_type, suggestions, 77.3, False)
