"""Records for tests, every field filled."""

import hashlib
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import duckdb
import numpy as np

from pipeline.checklist import Checklist, parse_checklist
from pipeline.records import (
    AnalysedDialogue,
    AudioFacts,
    Call,
    CallTypeSuggestion,
    ChannelTranscript,
    ConversationMetrics,
    Dialogue,
    Diarization,
    Evaluation,
    Evidence,
    Interruption,
    Recording,
    RoleAssignment,
    RoleMetrics,
    Span,
    Suggestion,
    Transcription,
    Turn,
    Utterance,
    Word,
)
from pipeline.stages import DialogueVectors, StageResult
from pipeline.store.calls import Delivery
from pipeline.store.rows import utc_now
from pipeline.store.verdicts import CallTypeVerdict, Origin, Verdict, withdraw_submitted

ENCODER = "usem3 1"

CHECKLIST: Checklist = parse_checklist(
    {
        "id": "cqr",
        "title": {"ru": "Качество", "en": "Quality"},
        "threshold": 80,
        "criteria": [
            {
                "id": "greeting",
                "title": {"ru": "Приветствие"},
                "group": "discipline",
                "weights": {"objection": 1},
                "rule": "greeting",
            },
            {"id": "needs", "title": {"en": "Needs"}, "weights": {"objection": 3, "spam": 1}, "rule": "needs"},
            {
                "id": "politeness",
                "title": {"pl": "Grzeczność"},
                "group": "culture",
                "critical": True,
                "weights": {"objection": 1, "spam": 1},
                "rule": "politeness",
            },
        ],
    },
    "builders",
)


def with_threshold(threshold: float) -> Checklist:
    """Another version of the checklist."""
    return Checklist.model_validate(CHECKLIST.model_dump() | {"threshold": threshold})


def sha_of(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def delivery(name: str, folder: str = "/inbox", content: str | None = None, **facts: object) -> Delivery:
    sha = sha_of(content or name)
    call = Call(call_id=sha[:16], content_sha256=sha, file_name=name)
    for key, value in facts.items():
        call = type(call)(**{field: getattr(call, field) for field in call.__slots__} | {key: value})
    return Delivery(call, Recording(sha, Path(folder) / name, 1000), 1_700_000_000_000_000_000)


def journal_call(number: int, **facts: object) -> Call:
    known = {
        "call_id": f"j{number}",
        "journal_call_id": str(number),
        "source": "office",
        "direction": "incoming",
        "manager": "Manager A",
        "started_at": datetime(2026, 10, 5, 10, number % 60),
        "duration_s": 60.5,
        "answered": True,
    }
    return Call(**known | facts)  # type: ignore[arg-type]


def transcription(has_words: bool = True) -> Transcription:
    words = (Word("Привет", 0.1, 0.30000000000000004, 0.99), Word("it's", 0.4, 0.7, 1.0)) if has_words else ()
    speech = (Span(0.0, 1.5),) if has_words else ()
    audio = AudioFacts(61.234, 8000, 2, "pcm_mulaw", "stereo")
    return Transcription(audio, "ru", 0.9, (ChannelTranscript(0, speech, words, ("credits",)),))


def diarization() -> Diarization:
    turns = (Turn("SPEAKER_00", 0.0, 1.0), Turn("SPEAKER_01", 0.9, 2.0))
    return Diarization(turns, turns[:1])


def analysed(texts: tuple[str, ...] = ("Добрый день, it's us", "Дорого"), mark: float = 0.1) -> AnalysedDialogue:
    utterances = tuple(
        Utterance(
            index=index,
            role="agent" if index % 2 == 0 else "client",
            text=text,
            speaker=f"SPEAKER_0{index % 2}",
            start_s=float(index),
            end_s=index + 0.9,
            words=tuple(Word(word, index + mark, index + 0.2, 0.5) for word in text.split()),
        )
        for index, text in enumerate(texts)
    )
    metrics = ConversationMetrics(
        duration_s=60.0,
        silence_share=0.1,
        longest_silence_s=4.0,
        overlap_s=0.5,
        roles=(
            RoleMetrics("agent", 30.0, 0.6, 12.0, 120.0, 1, 0.4),
            RoleMetrics("client", 20.0, 0.4, 9.0, None, 0, None),
        ),
    )
    return AnalysedDialogue(
        Dialogue("ru", utterances, 60.0),
        RoleAssignment({"SPEAKER_00": "agent", "SPEAKER_01": "client"}, 0.8, "words"),
        (Interruption("agent", "client", 1.5, 0.4),),
        metrics,
    )


def evaluation(
    values: dict[str, float | None] | None = None, *, judge: str = "ladder 1", scored: bool = True
) -> Evaluation:
    answers = {"greeting": 1.0, "needs": 0.5, "politeness": 1.0} if values is None else values
    suggestions = tuple(
        Suggestion(
            criterion_id=criterion_id,
            applicable=True,
            value=value,
            confidence=0.7,
            reason=f"{criterion_id}.seen",
            evidence=(Evidence(0, "Добрый день", 0.0, 0.9), Evidence(1, "Дорого")),
            rung="rules",
        )
        for criterion_id, value in answers.items()
    )
    return Evaluation(
        checklist_id="cqr",
        checklist_version=CHECKLIST.version,
        judge=judge,
        call_type=CallTypeSuggestion("objection", 0.9, (Evidence(1, "Дорого"),)),
        suggestions=suggestions,
        cqr=70.0 if scored else None,
        passed=False if scored else None,
        scored=scored,
    )


def vectors(count: int = 2, dimension: int = 8) -> DialogueVectors:
    values = np.random.default_rng(count).normal(size=(count, dimension)).astype(np.float32)
    return DialogueVectors(ENCODER, values)


def withdraw(con: duckdb.DuckDBPyConnection, evaluation_id: str, reviewer: str, *criterion_ids: str) -> None:
    """Takes back what the reviewer has answered to the criteria, and the call type."""
    verdicts = [Verdict(evaluation_id, item, True, 1.0, reviewer) for item in criterion_ids]
    call_type = CallTypeVerdict(evaluation_id, "objection", reviewer)
    withdraw_submitted(con, verdicts, call_type, Origin(uuid4().hex, utc_now()))


def whole_call(sha: str, mark: str = "1") -> list[StageResult]:
    """Every stage of a call, as a shard would return them."""
    return [
        StageResult(sha, "transcription", f"t{mark}", transcription(), 12.0, 60.0),
        StageResult(sha, "diarization", f"s{mark}", diarization(), 6.0, 60.0),
        StageResult(sha, "dialogue", f"d{mark}", analysed(), 0.1, 60.0),
        StageResult(sha, "vectors", f"v{mark}", vectors(), 0.2, 60.0, f"d{mark}"),
        StageResult(sha, "evaluation", f"e{mark}", evaluation(), 0.3, 60.0, f"d{mark}"),
    ]
