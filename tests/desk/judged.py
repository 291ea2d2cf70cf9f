"""Calls that a judge has judged and nobody has reviewed, and what a person answers to them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pipeline.checklist import Checklist
from pipeline.records import Evaluation
from pipeline.stages import StageResult
from pipeline.store import Store
from pipeline.store.calls import register_recordings
from pipeline.store.evaluations import write_checklist
from pipeline.store.results import write_results
from review.desk.database import Desk
from review.desk.drafts import Draft, GivenAnswer, change_draft
from review.desk.people import Person
from review.desk.submissions import Submission, submit
from tests.store.builders import CHECKLIST, analysed, delivery, evaluation, sha_of

EVALUATION: Evaluation = evaluation({"greeting": 1.0, "needs": 0.5, "politeness": 1.0})  # of an objection, CQR 70


@dataclass(frozen=True)
class JudgedCall:
    call_id: str
    evaluation_id: str


def write_judged(store: Store, names: Iterable[str]) -> dict[str, JudgedCall]:
    with store.writing() as con:
        write_checklist(con, CHECKLIST)
        register_recordings(con, [delivery(f"{name}.wav") for name in names])
        return {name: JudgedCall(sha_of(f"{name}.wav")[:16], judge(con, name)) for name in names}


def judge(con: Any, name: str, record: Evaluation = EVALUATION, key: str = "e1") -> str:
    """Another evaluation of the call; returns its id."""
    sha = sha_of(f"{name}.wav")
    dialogue = StageResult(sha, "dialogue", "d1", analysed(), 0.1, 60.0)
    write_results(con, [dialogue, StageResult(sha, "evaluation", key, record, 0.1, 60.0, "d1")], "run")
    sql = "SELECT evaluation_id FROM base.evaluations WHERE content_sha256 = ? AND stage_key = ?"
    return str(con.execute(sql, [sha, key]).fetchall()[0][0])


def answered(greeting: str | None = "1", needs: str | None = "0.5", politeness: str | None = "1") -> Draft:
    """Answers to the three criteria; None: not enough evidence."""
    given = {"greeting": greeting, "needs": needs, "politeness": politeness}
    return Draft(
        answers=tuple(
            GivenAnswer(criterion_id=key, state="not_enough" if label is None else "valued", label=label)
            for key, label in given.items()
        )
    )


def save_draft(desk: Desk, evaluation_id: str, person: Person, draft: Draft) -> Draft:
    """Over what was there."""
    return change_draft(desk, evaluation_id, person, lambda _: draft)


def hand_in(desk: Desk, store: Store, person: Person, call: JudgedCall, draft: Draft | None = None,
            checklist: Checklist = CHECKLIST, **more: Any) -> Submission:  # fmt: skip
    blind = more.pop("blind", False)
    return submit(desk, store, person, call.call_id, call.evaluation_id, checklist, EVALUATION,
                  answered() if draft is None else draft, blind=blind, **more)  # fmt: skip


def rows(store: Store, sql: str) -> list[tuple[Any, ...]]:
    with store.reading() as con:
        return con.execute(sql).fetchall()
