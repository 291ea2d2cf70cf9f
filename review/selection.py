"""Filters applied to the calls that are kept in memory."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from pipeline.checklist import Checklist
from review.call_facts import CallFacts, ScoreFacts
from review.desk.people import Person
from review.filters import BY_REVIEW, MINE, REVIEWED, Filters, stored_answer

Test = Callable[[CallFacts], bool]


@dataclass(frozen=True, slots=True)
class Summary:
    """Figures of all calls that fit; too short and mystery calls are counted, and in no figure of quality."""

    call_count: int = 0
    scored_count: int = 0
    cqr: float | None = None
    passed_count: int = 0
    failed_count: int = 0


def select(
    calls: Sequence[CallFacts],
    filters: Filters,
    person: Person,
    shown: Checklist | None,
    said_in: Collection[str] | None = None,
) -> list[CallFacts]:
    """The calls that fit, in their order. `shown`: whose answers are asked for; `said_in`: where the words are."""
    tests = tests_of(filters, person, shown)
    if said_in is not None:
        tests = [lambda call: call.call_id in said_in, *tests]
    return [call for call in calls if all(test(call) for test in tests)]


def tests_of(filters: Filters, person: Person, shown: Checklist | None) -> list[Test]:
    """A test for each filter that is set."""
    return [*call_tests(filters, person), *score_tests(filters, shown)]


def call_tests(filters: Filters, person: Person) -> list[Test]:
    """Of what is known of the call whatever judged it. Without a date a call is in no period."""
    found: list[Test] = []
    if (manager := filters.manager) is not None:
        found.append(lambda call: call.manager == manager)
    if (direction := filters.direction) is not None:
        found.append(lambda call: call.direction == direction)
    if (first := filters.first_day) is not None:
        found.append(lambda call: call.day is not None and call.day >= first)
    if (last := filters.last_day) is not None:
        found.append(lambda call: call.day is not None and call.day <= last)
    if (flag := filters.flag) is not None:
        found.append(lambda call: flag in call.flags)
    if (status := filters.status) is not None:
        found.append(lambda call: has_status(call, status, person))
    return found


def score_tests(filters: Filters, shown: Checklist | None) -> list[Test]:
    """Of what the shown checklist says; a call without its score fits none."""
    found: list[Callable[[ScoreFacts], bool]] = []
    if (call_type := filters.call_type) is not None:
        found.append(lambda score: score.call_type == call_type)
    if (least := filters.cqr_from) is not None:
        found.append(lambda score: score.cqr is not None and score.cqr >= least)
    if (most := filters.cqr_to) is not None:
        found.append(lambda score: score.cqr is not None and score.cqr <= most)
    if (below := filters.below) is not None:
        found.append(lambda score: score.scored and 100 * score.confidence < below)
    if filters.answer is not None:
        answer = stored_answer(filters.answer, shown)
        found.append(lambda score: answer in score.answers)
    return [_of_score(test, filters.checklist) for test in found]


def has_status(call: CallFacts, status: str, person: Person) -> bool:
    if status not in BY_REVIEW:
        return call.status == status
    if status == MINE:
        return person.login in call.reviewers
    return bool(call.reviewers) if status == REVIEWED else call.waits


def summarize(calls: Sequence[CallFacts], checklist_id: str | None) -> Summary:
    scores = [call.score(checklist_id) for call in calls if not call.is_mystery]
    rated = [score.cqr for score in scores if score is not None and score.cqr is not None]
    return Summary(
        call_count=len(calls),
        scored_count=len(rated),
        cqr=sum(rated) / len(rated) if rated else None,
        passed_count=sum(score is not None and score.passed is True for score in scores),
        failed_count=sum(call.status == "failed" for call in calls),
    )


def _of_score(test: Callable[[ScoreFacts], bool], checklist_id: str | None) -> Test:
    def fits(call: CallFacts) -> bool:
        score = call.score(checklist_id)
        return score is not None and test(score)

    return fits
