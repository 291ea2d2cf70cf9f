"""What a row of the list and of the queue shows of a call, put together from the store's rows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any

from pipeline.store.failures import StoredFailure
from pipeline.store.retrying import PERMANENT_CODES
from review.pages.period import day_of, monday_of

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ScoreFacts:
    """What one checklist says of the call, verdicts before suggestions; `answers` are like greeting:0.500.

    `critical_confidence`, `unsure_share` and `doubtful` as in review/need.py; `least_confidence`: of the criteria that
    count.
    """

    evaluation_id: str
    checklist_id: str
    evaluated_at: datetime
    scored: bool
    call_type: str
    call_type_confidence: float
    cqr: float | None
    passed: bool | None
    critical_confidence: float | None
    least_confidence: float | None
    unsure_share: float | None
    answers: frozenset[str]
    doubtful: tuple[str, ...]

    @property
    def confidence(self) -> float:
        """The least that the machine has in anything it says of the call."""
        least = self.least_confidence
        return self.call_type_confidence if least is None else min(least, self.call_type_confidence)


@dataclass(frozen=True, slots=True)
class CallFacts:
    """`day` and the `monday` of its week: on the clock that the page shows; `scores`: the default checklist's first.

    `reviewers`: logins of who handed it in, the newest first; `audited`: criteria that wait for a person's check.
    """

    call_id: str
    content_sha256: str | None
    manager: str | None
    direction: str | None
    started_at: datetime | None
    day: date | None
    monday: date | None
    duration_s: float | None
    language: str | None
    status: str
    failure_code: str | None
    scores: tuple[ScoreFacts, ...] = ()
    reviewers: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    audited: tuple[str, ...] = ()

    @property
    def is_scored(self) -> bool:
        return self.status == "done"

    @property
    def is_mystery(self) -> bool:
        """Kept apart from the manager's ordinary figures."""
        return "mystery" in self.flags

    @property
    def waits(self) -> bool:
        """Whether it waits for a person: for a review, or for the check of an auto-confirmed answer."""
        return self.is_scored and not self.is_mystery and (not self.reviewers or bool(self.audited))

    def score(self, checklist_id: str | None) -> ScoreFacts | None:
        """By that checklist; by the first without a name."""
        if checklist_id is None:
            return self.scores[0] if self.scores else None
        return next((score for score in self.scores if score.checklist_id == checklist_id), None)


def build_scores(
    rows: Iterable[Row], owners: Mapping[str, str], default_checklist: str | None
) -> dict[str, tuple[ScoreFacts, ...]]:
    """By call id, in the order in which main.calls prefers them. `owners`: the call of each recording that counts."""
    found: dict[str, list[ScoreFacts]] = {}
    texts: dict[str, frozenset[str]] = {}  # the same answers are kept once
    for row in rows:
        call_id = owners.get(row["content_sha256"])
        if call_id is not None:
            found.setdefault(call_id, []).append(build_score(row, texts))
    for scores in found.values():
        if len(scores) > 1:
            scores.sort(key=lambda score: score.evaluation_id)
            scores.sort(key=lambda score: (score.checklist_id == default_checklist, score.evaluated_at), reverse=True)
    return {call_id: tuple(scores) for call_id, scores in found.items()}


def build_score(row: Row, texts: dict[str, frozenset[str]]) -> ScoreFacts:
    """`texts`: answers by the text that says them, growing."""
    said = row["answers"] or ""
    if (answers := texts.get(said)) is None:
        answers = texts[said] = frozenset(said.split())
    return ScoreFacts(
        evaluation_id=row["evaluation_id"],
        checklist_id=row["checklist_id"],
        evaluated_at=row["evaluated_at"],
        scored=row["scored"],
        call_type=row["call_type"],
        call_type_confidence=row["call_type_confidence"],
        cqr=row["cqr"],
        passed=row["passed"],
        critical_confidence=row["critical_confidence"],
        least_confidence=row["least_confidence"],
        unsure_share=row["unsure_share"],
        answers=answers,
        doubtful=tuple(row["doubtful"].split()) if row["doubtful"] else (),
    )


def build_call(
    row: Row,
    scores: tuple[ScoreFacts, ...],
    failure: Row | None,
    people: Iterable[Row],
    audited: tuple[str, ...],
    zone: tzinfo,
) -> CallFacts:
    """`failure`: of its recording, if one is open; `people`: rows of page_review_facts about the call."""
    done = [(item["kind"], item["code"]) for item in people]
    started_at = row["started_at"]
    day = None if started_at is None else day_of(started_at, zone)
    return CallFacts(
        call_id=row["call_id"],
        content_sha256=row["content_sha256"],
        manager=row["manager"],
        direction=row["direction"],
        started_at=started_at,
        day=day,
        monday=None if day is None else monday_of(day),
        duration_s=row["duration_s"],
        language=row["language"],
        status=status_of(row, scores[0] if scores else None, failure),
        failure_code=failure["code"] if failure else None,
        scores=scores,
        reviewers=tuple(dict.fromkeys(code for kind, code in done if kind == "reviewer")),
        flags=tuple(dict.fromkeys(code for kind, code in done if kind == "flag")),
        audited=audited,
    )


def failed_with(failures: Iterable[StoredFailure]) -> dict[str, dict[str, Any]]:
    """By recording what stands against it. `failures`: those that stand open, the newest first."""
    failed: dict[str, dict[str, Any]] = {}
    for item in failures:
        known = failed.setdefault(item.content_sha256, {"code": item.code, "is_failure": False})
        known["is_failure"] = known["is_failure"] or item.code not in PERMANENT_CODES
    return failed


def status_of(row: Row, score: ScoreFacts | None, failure: Row | None) -> str:
    """What became of the call, as main.calls says it."""
    if row["content_sha256"] is None:
        return "missed" if row["answered"] is False else "no_recording"
    if failure is not None:
        return "failed" if failure["is_failure"] else "no_speech"
    if score is not None and score.scored:
        return "done"
    if row["word_count"] == 0:
        return "no_speech"
    return "waiting" if score is None else "not_scored"
