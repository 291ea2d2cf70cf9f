"""When new heads are adopted."""

from datetime import datetime, timedelta

import numpy as np
import pytest

from models.verdict_learning import hold_out
from pipeline.learning.adoption import CALL_TYPE, Answer, Pair, decide, error, kappa, p_worse
from pipeline.learning.labels import VerdictCall
from pipeline.learning.versions import SHIPPED, HeadEvent, HeadHistory
from pipeline.settings import LearningSettings

SETTINGS = LearningSettings()
YES, HALF, NO = Answer(True, 1.0), Answer(True, 0.5), Answer(True, 0.0)
NOT, UNSURE = Answer(False, None), Answer(True, None)


def pairs(name: str, gold: Answer, current: Answer, candidate: Answer, count: int) -> list[Pair]:
    return [Pair(name, f"{name}-{number}", gold, current, candidate) for number in range(count)]


@pytest.mark.parametrize(
    ("answer", "gold", "expected"),
    [
        (YES, YES, 0), (HALF, YES, 0.25), (NO, YES, 1), (NOT, YES, 1),
        (YES, NOT, 1), (NOT, NOT, 0), (UNSURE, HALF, 0.25), (UNSURE, NOT, 1),
    ],
)  # fmt: skip
def test_an_error_is_squared_and_applicability_counts_whole(answer: Answer, gold: Answer, expected: float) -> None:
    assert error(answer, gold) == expected


def test_better_everywhere_is_adopted() -> None:
    found = decide([*pairs("needs", YES, HALF, YES, 10), *pairs(CALL_TYPE, YES, YES, YES, 10)], SETTINGS)
    assert found.adopted
    assert found.reason == "no criterion is worse; mean squared error 0.0000, before 0.1250"
    needs = found.comparisons[1]
    assert (needs.name, needs.verdicts, needs.current_exact, needs.candidate_exact) == ("needs", 10, 0, 1)
    assert found.as_figures()["held_out"][1]["p_worse"] == 1


def test_one_criterion_worse_beyond_chance_is_enough_to_refuse() -> None:
    better = pairs("needs", YES, NO, YES, 30)
    assert not decide(
        [*better, *pairs("closing", YES, YES, HALF, 4), *pairs("closing", YES, YES, YES, 60)], SETTINGS
    ).adopted
    few = [*better, *pairs("closing", YES, YES, HALF, 2), *pairs("closing", YES, YES, YES, 60)]
    assert decide(few, SETTINGS).adopted  # two of 62 by half a step are chance, and little
    large = [*better, *pairs("closing", YES, YES, HALF, 2), *pairs("closing", YES, YES, YES, 3)]
    assert decide(large, SETTINGS).reason == "worse on held-out verdicts of closing"  # chance, and much


def test_nothing_won_is_nothing_adopted() -> None:
    found = decide(pairs("needs", YES, HALF, HALF, 10), SETTINGS)
    assert (found.adopted, found.reason[:9]) == (False, "no better")
    assert decide([], SETTINGS).reason == "no held-out verdict could be compared"


def test_chance_is_exact_for_few_and_the_same_each_time_for_many() -> None:
    assert p_worse(np.array([0.25, 0.25, 0.25])) == pytest.approx(1 / 8)
    assert p_worse(np.array([0.25, -0.25])) == 1
    assert p_worse(np.zeros(5)) == 1
    many = np.random.default_rng(0).normal(0.05, 1, size=60)
    assert p_worse(many) == p_worse(many)
    assert 0.1 < p_worse(np.abs(many) * np.sign(many) + 0.01) < 0.9


def test_kappa_needs_values_that_differ() -> None:
    assert kappa([(YES, YES), (NO, NO)]) == 1
    assert kappa([(YES, YES)]) is None
    assert kappa([(NOT, NOT), (UNSURE, YES)]) is None


def call(day: int) -> VerdictCall:
    return VerdictCall(f"sha-{day:03}", datetime(2026, 1, 1) + timedelta(days=day), ())


def test_the_newest_share_is_held_out() -> None:
    held = hold_out([call(day) for day in range(99, -1, -1)], SETTINGS, None)
    assert (len(held.older), len(held.newer), held.missing) == (75, 25, None)
    assert max(item.first_at for item in held.older) < min(item.first_at for item in held.newer)


def test_only_the_newest_calls_are_learned_from() -> None:
    few = LearningSettings(max_calls=80)
    held = hold_out([call(day) for day in range(100)], few, None)
    assert (len(held.older), len(held.newer)) == (60, 20)


def test_what_the_heads_in_use_have_learned_from_teaches_again() -> None:
    held = hold_out([call(day) for day in range(100)], SETTINGS, call(79).first_at)
    assert (len(held.older), len(held.newer), held.missing) == (80, 20, None)
    held = hold_out([call(day) for day in range(100)], SETTINGS, call(89).first_at)
    assert held.missing == (
        "10 calls with verdicts that the heads in use have not learned from; "
        "5 more are needed to compare new heads with them"
    )


def history(*events: tuple[str, str]) -> HeadHistory:
    return HeadHistory(
        (), tuple(HeadEvent(name, version, "x", event_number=n) for n, (name, version) in enumerate(events))
    )  # type: ignore[arg-type]


def test_what_is_in_use_follows_from_the_events() -> None:
    assert (history().in_use, history().before) == (SHIPPED, None)
    found = history(("adopted", "a"), ("rejected", "b"), ("adopted", "c"))
    assert (found.in_use, found.before, found.model("a")) == ("c", "a", None)
    found = history(("adopted", "a"), ("adopted", "c"), ("rolled_back", "c"))
    assert (found.in_use, found.before) == ("a", SHIPPED)
    found = history(("adopted", "a"), ("used", "a"), ("used", SHIPPED), ("rolled_back", SHIPPED))
    assert (found.in_use, found.before) == ("a", SHIPPED)
    assert history(("rolled_back", SHIPPED)).in_use == SHIPPED
