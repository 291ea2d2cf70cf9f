"""Named calls of a small store, written through the store's own doors; each name says what became of the call."""

import subprocess
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from pipeline.checklist import load_checklist
from pipeline.data_folder import DataFolder
from pipeline.ffmpeg_program import find_ffmpeg
from pipeline.ingest import identify
from pipeline.records import (
    AnalysedDialogue,
    AudioFacts,
    Call,
    CallTypeSuggestion,
    ChannelTranscript,
    ConversationMetrics,
    Dialogue,
    Evaluation,
    Evidence,
    Interruption,
    Recording,
    RoleAssignment,
    RoleMetrics,
    Span,
    Suggestion,
    Transcription,
    Utterance,
    Word,
)
from pipeline.stages import Failure, StageResult
from pipeline.store import Store
from pipeline.store.calls import Delivery, register_journal, register_recordings
from pipeline.store.evaluations import write_checklist
from pipeline.store.failures import write_failures
from pipeline.store.results import write_results

CHECKLIST = load_checklist("cqr")
HOSTILE = '<script>alert("x")</script> & <b>дорого</b>'
START = datetime(2026, 10, 5, 7, 12)  # UTC; 10:12 in Moscow

DONE, FAILED, MISSED, SILENT, SHORT, WAITING, GONE = "done", "failed", "missed", "silent", "short", "waiting", "gone"


def alaw_recording(path: Path, seconds: int = 12) -> Path:
    """A stereo A-law file, as a PBX writes it and no browser plays it everywhere."""
    tones = ["-f", "lavfi", "-i", f"sine=440:duration={seconds}", "-f", "lavfi", "-i", f"sine=880:duration={seconds}"]
    output = ["-filter_complex", "amerge=inputs=2", "-ar", "8000", "-c:a", "pcm_alaw", str(path)]
    subprocess.run([find_ffmpeg(), "-y", "-loglevel", "error", *tones, *output], check=True)
    return path


def build_store(data: DataFolder, inbox: Path) -> dict[str, str]:
    """Writes the calls; returns the call id by name."""
    inbox.mkdir(parents=True)
    store = Store(data.store, timeout_s=5)
    with store.writing() as con:
        write_checklist(con, CHECKLIST)
        ids = register_journal(con, [_missed()])
        named = {MISSED: ids["missed"]}
        for number, name in enumerate((DONE, FAILED, SILENT, SHORT, WAITING, GONE)):
            delivery = _delivery(inbox, name, number)
            sha = delivery.recording.content_sha256
            named[name] = register_recordings(con, [delivery])[sha]
            write_results(con, _results(name, sha), "run")
            if name == FAILED:
                write_failures(con, [Failure(sha, "transcription", "t", "truncated", "the file is damaged")], "run")
    (inbox / f"{GONE}.wav").unlink()
    return named


def _missed() -> Call:
    return Call("missed", journal_call_id="1019", direction="incoming", started_at=START + timedelta(1), answered=False)


def _delivery(inbox: Path, name: str, number: int) -> Delivery:
    path = inbox / f"{name}.wav"
    if name == DONE:
        alaw_recording(path)
    else:
        path.write_bytes(f"{name} is no audio".encode())
    recording: Recording = identify(path)
    call = Call(
        call_id=recording.content_sha256[:16],
        content_sha256=recording.content_sha256,
        journal_call_id=f"100{number}",
        source="office",
        direction="outgoing" if number % 2 == 0 else "incoming",
        manager="Ольга Смирнова" if number % 2 == 0 else "Kate O'Neil & Co",
        client_phone_last4="0101",
        started_at=START - timedelta(hours=number),
        duration_s=60.0 + number,
        answered=True,
        file_name=path.name,
    )
    return Delivery(call, recording, path.stat().st_mtime_ns)


def _results(name: str, sha: str) -> list[StageResult]:
    if name in (FAILED, WAITING):
        return []
    transcription = StageResult(sha, "transcription", "t", _transcription(name != SILENT), 1.0, 12.0)
    if name == SILENT:
        return [transcription]
    dialogue = StageResult(sha, "dialogue", "d", _analysed(), 0.1, 12.0)
    evaluation = _evaluation() if name != SHORT else _unscored()
    return [transcription, dialogue, StageResult(sha, "evaluation", "e", evaluation, 0.1, 12.0, "d")]


def _transcription(has_words: bool) -> Transcription:
    words = (Word("Добрый", 0.5, 0.9, 0.9),) if has_words else ()
    speech = (Span(0.5, 9.0),) if has_words else ()
    audio = AudioFacts(12.0, 8000, 2, "pcm_alaw", "stereo")
    return Transcription(audio, "ru", 0.99, (ChannelTranscript(0, speech, words),))


def _analysed() -> AnalysedDialogue:
    greeting = (Word("Добрый", 0.5, 0.9, 0.9), Word("день", 1.0, 1.4, 0.31), Word("Анна", 1.5, 2.0, 0.95))
    utterances = (
        Utterance(0, "agent", "Добрый день Анна", "SPEAKER_00", 0.5, 2.0, greeting),
        Utterance(1, "client", HOSTILE, "SPEAKER_01", 2.5, 5.0),
        Utterance(
            2,
            "agent",
            "Понимаю вас",
            "SPEAKER_00",
            4.5,
            6.0,
            (Word("Понимаю", 4.5, 5.2, 0.9), Word("вас", 5.3, 6.0, 0.8)),
        ),
        Utterance(3, "other", "Разговор записывается"),
    )
    roles = (
        RoleMetrics("agent", 6.0, 0.62, 3.0, 131.4, 1, 0.4),
        RoleMetrics("client", 4.0, 0.38, 2.5, None, 0, None),
    )
    return AnalysedDialogue(
        Dialogue("ru", utterances, 12.0),
        RoleAssignment({"SPEAKER_00": "agent", "SPEAKER_01": "client"}, 0.55, "words"),
        (Interruption("agent", "client", 4.5, 0.5),),
        ConversationMetrics(12.0, 0.12, 4.25, 0.5, roles),
    )


def _evaluation() -> Evaluation:
    quote = (Evidence(0, "Добрый день Анна", 0.5, 2.0),)
    hostile = (Evidence(1, HOSTILE), Evidence(1, "дорого", 2.5, None))
    suggestions = (
        Suggestion("greeting", True, 0.5, 0.8, "greeting.no_company", quote, "rules"),
        Suggestion("needs", True, None, 0.2, "needs.not_enough_evidence"),
        Suggestion("initiative", True, 1.0, 0.5, "initiative.leads", hostile, "rules"),
        Suggestion("product", True, 1.0, 0.6, "product.benefit"),
        Suggestion("objection", False, None, 0.65, "objection.not_raised"),
        Suggestion("closing", True, 1.0, 0.65, "no.such_reason"),
        Suggestion("upsell", True, 0.0, 0.6, "upsell.none"),
        Suggestion("politeness", True, 0.0, 0.6, "politeness.insult"),
    )
    call_type = CallTypeSuggestion("objection", 0.87, quote)
    return Evaluation("cqr", CHECKLIST.version, "rules:1", call_type, suggestions, 77.3, False)


def _unscored() -> Evaluation:
    call_type = CallTypeSuggestion("unknown", 0.1)
    return replace(_evaluation(), call_type=call_type, suggestions=(), cqr=None, passed=None, scored=False)


def many_calls(count: int) -> list[Call]:
    """Journal rows without recordings, a minute apart."""
    return [
        Call(
            f"call{number}",
            journal_call_id=str(number),
            manager="M",
            direction="incoming",
            answered=False,
            started_at=START + timedelta(minutes=number),
        )
        for number in range(count)
    ]
