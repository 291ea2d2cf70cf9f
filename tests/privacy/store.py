"""Calls of two clients in a real store, with files, answers of people, and what the page and the data team keep."""

import shutil
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import numpy as np

from pipeline.checklist import load_checklist
from pipeline.data_folder import DataFolder
from pipeline.ingest import identify
from pipeline.phone import hash_phone, normalise_phone
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
    RoleAssignment,
    RoleMetrics,
    Span,
    Suggestion,
    Transcription,
    Utterance,
    Word,
)
from pipeline.stages import DialogueVectors, Failure, StageResult
from pipeline.store import Store
from pipeline.store.calls import Delivery, name_agent, register_recordings
from pipeline.store.evaluations import write_checklist
from pipeline.store.failures import read_open_failures, request_retries, write_failures
from pipeline.store.publish import publish
from pipeline.store.results import write_results
from pipeline.store.rows import append, fetch, utc_now
from review.desk.claims import take_claim
from review.desk.database import Desk
from review.desk.drafts import Draft, GivenAnswer, change_draft
from review.desk.people import Person, add_person
from review.desk.submissions import submit

KEY = b"key"
CHECKLIST = load_checklist("cqr")
NOW = datetime(2026, 11, 20, 9, 0)
CLIENT, OTHER = "+7 916 000-01-01", "+7 916 000-02-02"
SECRETS = (
    "меня зовут Ксенофонт Мамонтов и я хочу отменить заказ",
    "доставка нужна на Лебединую улицу дом восемнадцать",
    'пишите на почту mamontov.ks@example.org, там сказано "срочно"',
)
COMMON = "добрый день компания вектор чем могу помочь"
OTHERS = ("мне нужен прайс на оконные профили", "перезвоните пожалуйста после обеда")
NOTE, COMMENT = "клиент Мамонтов просил не звонить вечером", "про Мамонтова сказано слишком резко"


@dataclass(frozen=True)
class BuiltStore:
    """`erased`: ids of the client's calls; `kept`: of the other's."""

    data: DataFolder
    store: Store
    desk: Desk
    person: Person
    inbox: Path
    erased: tuple[str, ...]
    kept: tuple[str, ...]


def build(root: Path) -> BuiltStore:
    """Two calls of each client; the first of each has been reviewed."""
    data, inbox = DataFolder(root / "data"), root / "inbox"
    data.prepare()
    inbox.mkdir()
    store, desk = Store(data.store, timeout_s=5), Desk(data.desk)
    with store.writing() as con:
        write_checklist(con, CHECKLIST)
    person = add_person(desk, Person("", "vera", "Vera", "supervisor"), None)
    ids = [
        add_call(store, inbox, f"call-{number}", phone, lines, days)
        for number, (phone, lines, days) in enumerate(
            [(CLIENT, SECRETS, 200), (CLIENT, SECRETS[:2], 10), (OTHER, OTHERS, 100), (OTHER, OTHERS[:1], 1)]
        )
    ]
    for call_id in (ids[0], ids[2]):
        review(store, desk, person, call_id, NOTE if call_id == ids[0] else "всё хорошо")
    keep_copies(data, store)
    publish(store, data.published)
    (data.published / "parquet-20260101T000000000000").mkdir()  # as a publication leaves the one before it
    with duckdb.connect() as con:
        con.sql("SELECT $text AS text", params={"text": SECRETS[0]}).write_parquet(
            str(data.published / "parquet-20260101T000000000000" / "utterances.parquet")
        )
    return BuiltStore(data, store, desk, person, inbox, tuple(ids[:2]), tuple(ids[2:]))


def add_call(store: Store, inbox: Path, name: str, phone: str, lines: tuple[str, ...], days: int) -> str:
    """Writes the file and everything that a run stores of it; returns the call id."""
    path = inbox / f"{name}.wav"
    path.write_bytes(f"the sound of {name} ".encode() * 200)
    recording = identify(path)
    sha, digits = recording.content_sha256, normalise_phone(phone)
    call = Call(
        call_id=sha[:16],
        content_sha256=sha,
        manager="Анна",
        client_phone_hash=hash_phone(digits, KEY),
        client_phone_last4=digits[-4:],
        started_at=NOW - timedelta(days=days),
        answered=True,
        file_name=path.name,
    )
    with store.writing() as con:
        call_id = register_recordings(con, [Delivery(call, recording, path.stat().st_mtime_ns)])[sha]
        name_agent(con, sha, 1.0, "anna")
        write_failures(con, [Failure(sha, "transcription", "t", "out_of_memory", f"{path}: no memory")], "run-1")
        request_retries(con, read_open_failures(con))
        write_results(con, results_of(sha, (COMMON, *lines)), "run-2")
        (evaluation,) = con.execute(
            "SELECT evaluation_id FROM base.evaluations WHERE content_sha256 = ?", [sha]
        ).fetchall()
        audit = {"evaluation_id": evaluation[0], "criterion_id": "needs", "event_id": "event", "drawn_at": utc_now()}
        append(con, "audits", [audit])
    return call_id


def results_of(sha: str, lines: tuple[str, ...]) -> list[StageResult]:
    words = tuple(
        tuple(Word(word, 10 * place + at, 10 * place + at + 0.5, 0.9) for at, word in enumerate(line.split()))
        for place, line in enumerate(lines)
    )
    utterances = tuple(
        Utterance(
            place,
            "client" if place else "agent",
            line,
            f"CHANNEL_{min(place, 1)}",
            10.0 * place,
            10.0 * place + 9,
            words[place],
        )
        for place, line in enumerate(lines)
    )
    spans = (Span(0.0, 60.0),)
    channels = (
        ChannelTranscript(0, spans, words[0]),
        ChannelTranscript(1, spans, tuple(w for line in words[1:] for w in line)),
    )
    roles = (RoleMetrics("agent", 6.0, 0.6, 3.0, 130.0, 1, 0.4), RoleMetrics("client", 4.0, 0.4, 2.5, None, 0, None))
    analysed = AnalysedDialogue(
        Dialogue("ru", utterances, 60.0),
        RoleAssignment({"CHANNEL_0": "agent", "CHANNEL_1": "client"}, 0.9, "configured"),
        (Interruption("agent", "client", 4.5, 0.5),),
        ConversationMetrics(60.0, 0.1, 4.0, 0.5, roles),
    )
    evidence = (Evidence(1, lines[1], 10.0, 19.0),)
    suggestions = tuple(Suggestion(item.id, True, 1.0, 0.8, "x.y", evidence, "rules") for item in CHECKLIST.criteria)
    evaluation = Evaluation(
        "cqr", CHECKLIST.version, "rules:1", CallTypeSuggestion("objection", 0.8, evidence), suggestions, 100.0, True
    )
    audio = AudioFacts(60.0, 8000, 2, "pcm_alaw", "stereo")
    vectors = DialogueVectors("fake-encoder", np.ones((len(lines), 4), np.float32))
    return [
        StageResult(sha, "transcription", "t", Transcription(audio, "ru", 0.9, channels), 1.0, 60.0),
        StageResult(sha, "dialogue", "d", analysed, 0.1, 60.0),
        StageResult(sha, "vectors", "v", vectors, 0.1, 60.0, "d"),
        StageResult(sha, "evaluation", "e", evaluation, 0.1, 60.0, "d"),
    ]


def review(store: Store, desk: Desk, person: Person, call_id: str, note: str) -> None:
    """The person claims the call, and hands answers, a flag, a comment, a note and another call type in."""
    with store.reading() as con:
        (row,) = fetch(con, "page_call_judged", sha=sha_of(con, call_id), rows=None)
    evaluation_id = row["evaluation_id"]
    evaluation = next(item.record for item in results_of("x", (COMMON, *SECRETS)) if item.stage == "evaluation")
    answers = tuple(
        GivenAnswer(criterion_id=item.id, state="valued", label=item.scale[0], comment=COMMENT if note == NOTE else "")
        for item in CHECKLIST.criteria
    )
    draft = Draft(call_type="accelerating", answers=answers, flags=("rescue",), note=note)
    change_draft(desk, evaluation_id, person, lambda _: draft)
    submit(desk, store, person, call_id, evaluation_id, CHECKLIST, evaluation, draft, blind=False)  # type: ignore[arg-type]
    take_claim(desk, call_id, person, 60)
    with desk.writing() as con:
        con.execute(
            "INSERT INTO webhook_deliveries VALUES (?, 'http://crm', 'call.confirmed', ?, 0, 1, NULL, 0, NULL)",
            (f"delivery of {call_id}", f'{{"call_id": "{call_id}", "note": "{note}"}}'),
        )


def keep_copies(data: DataFolder, store: Store) -> None:
    """What the page makes of recordings."""
    for folder in (data.playable, data.peaks):
        folder.mkdir(parents=True)
    with store.reading() as con:
        for (sha,) in con.execute("SELECT content_sha256 FROM base.recordings").fetchall():
            (data.playable / f"{sha}.ogg").write_bytes(b"Ogg of " + sha.encode())
            (data.peaks / f"{sha}.json").write_text('{"duration_s": 60.0, "channels": [[1], [1]]}')


def sha_of(con: object, call_id: str) -> str:
    return con.execute("SELECT content_sha256 FROM base.recordings WHERE call_id = ?", [call_id]).fetchall()[0][0]  # type: ignore[attr-defined,no-any-return]


def rows(store: Store, sql: str, *values: object) -> list[tuple[object, ...]]:
    with store.reading() as con:
        return con.execute(sql, list(values)).fetchall()


def moved(built: BuiltStore, source: Path, root: Path) -> BuiltStore:
    """A copy of it under another root, with the paths that the store knows."""
    shutil.copytree(source, root, dirs_exist_ok=True, symlinks=True)
    data, inbox = DataFolder(root / "data"), root / "inbox"
    store = Store(data.store, timeout_s=5)
    with store.writing() as con:
        con.execute("UPDATE base.deliveries SET path = replace(path, ?, ?)", [str(source), str(root)])
        con.execute("UPDATE base.failures SET reason = replace(reason, ?, ?)", [str(source), str(root)])
    return replace(built, data=data, store=store, desk=Desk(data.desk), inbox=inbox)
