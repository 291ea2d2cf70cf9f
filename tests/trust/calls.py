"""Many calls with suggestions of learned heads, and people's verdicts on them."""

from collections.abc import Sequence
from dataclasses import replace

from pipeline.auto_confirmation.audits import is_audited
from pipeline.checklist import Checklist
from pipeline.records import Evaluation
from pipeline.settings import TrustSettings
from pipeline.stages import StageResult
from pipeline.store import Store
from pipeline.store.calls import register_recordings
from pipeline.store.evaluations import write_checklist
from pipeline.store.results import write_results
from pipeline.store.verdicts import Verdict, append_verdicts
from tests.store.builders import CHECKLIST, analysed, delivery, evaluation, sha_of, transcription

TRUST = TrustSettings(first_test=59)


def answered(
    values: dict[str, float | None],
    confidence: float = 0.95,
    *,
    judge: str = "heads 1",
    rung: str = "heads",
    checklist: Checklist = CHECKLIST,
    applicable: bool = True,
) -> Evaluation:
    found = evaluation(values, judge=judge)
    suggestions = tuple(
        replace(item, confidence=confidence, rung=rung, applicable=applicable) for item in found.suggestions
    )
    return replace(found, suggestions=suggestions, checklist_version=checklist.version)


def add_calls(
    store: Store, names: Sequence[str], record: Evaluation, *, recogniser: str = "t1", checklist: Checklist = CHECKLIST
) -> None:
    """Calls judged with that record; the stage keys follow from recogniser and judge."""
    dialogue_key, results = f"d-{recogniser}", []
    for name in names:
        sha = sha_of(name)
        results += [
            StageResult(sha, "transcription", recogniser, transcription(), 1, 60),
            StageResult(sha, "dialogue", dialogue_key, analysed(), 1, 60),
            StageResult(
                sha, "evaluation", f"{record.judge}-{recogniser}-{checklist.version}", record, 1, 60, dialogue_key
            ),
        ]
    with store.writing() as con:
        write_checklist(con, checklist)
        register_recordings(con, [delivery(name) for name in names])
        write_results(con, results, "run")


def ids(store: Store) -> dict[str, str]:
    """The current evaluation by the name of the recording."""
    sql = "SELECT file_name, evaluation_id FROM base.current_evaluations JOIN base.recordings USING (content_sha256)"
    with store.reading() as con:
        return dict(con.execute(sql).fetchall())


def give(
    store: Store, names: Sequence[str], value: float | None, criterion_id: str = "needs", reviewer: str = "anna"
) -> None:
    """The same verdict on each call."""
    by_name = ids(store)
    verdicts = [Verdict(by_name[name], criterion_id, value is not None, value, reviewer) for name in names]
    with store.writing() as con:
        append_verdicts(con, verdicts)


def names_of(prefix: str, count: int, *, audited: bool | None = None) -> list[str]:
    """`count` file names; with `audited`, only such that are, or are not, in the audit share."""
    found: list[str] = []
    number = 0
    while len(found) < count:
        name = f"{prefix}-{number}.wav"
        number += 1
        if audited is None or is_audited(sha_of(name), TRUST.audit_share) == audited:
            found.append(name)
    return found


def rows(store: Store, sql: str) -> list[tuple]:
    with store.reading() as con:
        return con.execute(sql).fetchall()
