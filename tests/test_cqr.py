"""The call quality rate holds its promises for any checklist."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.cqr import Rated, cqr

values = st.one_of(st.none(), st.floats(0, 1))
rated = st.builds(Rated, values, st.floats(0.1, 100), st.booleans())
checklists = st.lists(rated, max_size=12)


def test_weights_decide() -> None:
    rate = cqr([Rated(1, 3), Rated(0, 1)], threshold=75)
    assert rate.cqr == 75
    assert rate.passed is True
    assert rate.coverage == 1


def test_critical_zero_fails_a_high_sum() -> None:
    rate = cqr([Rated(1, 99), Rated(0, 1, critical=True)], threshold=80)
    assert rate.cqr == 99
    assert rate.passed is False


def test_critical_half_does_not_fail() -> None:
    assert cqr([Rated(1, 9), Rated(0.5, 1, critical=True)], threshold=80).passed is True


def test_missing_value_leaves_both_sums_and_the_coverage_says_so() -> None:
    rate = cqr([Rated(1, 1), Rated(None, 3)], threshold=80)
    assert rate.cqr == 100
    assert rate.coverage == 0.25


@pytest.mark.parametrize("items", [[], [Rated(None, 2)]])
def test_nothing_rated_is_no_rate(items: list[Rated]) -> None:
    rate = cqr(items, threshold=80)
    assert (rate.cqr, rate.passed, rate.coverage) == (None, None, 0)


@given(checklists, st.floats(0, 100))
def test_bounds(items: list[Rated], threshold: float) -> None:
    rate = cqr(items, threshold)
    assert 0 <= rate.coverage <= 1 + 1e-9
    assert rate.cqr is None or -1e-9 <= rate.cqr <= 100 + 1e-9
    assert (rate.cqr is None) == (rate.passed is None)


@given(checklists.filter(lambda items: any(item.value is not None for item in items)))
def test_order_and_scale_of_weights_do_not_matter(items: list[Rated]) -> None:
    doubled = [Rated(item.value, 2 * item.weight, item.critical) for item in reversed(items)]
    assert cqr(doubled, 80).cqr == pytest.approx(cqr(items, 80).cqr)


@given(checklists, st.integers(0, 11))
def test_a_better_value_never_lowers_the_rate(items: list[Rated], place: int) -> None:
    if place >= len(items) or items[place].value is None:
        return
    better = [*items]
    better[place] = Rated(1.0, items[place].weight, items[place].critical)
    before, after = cqr(items, 80).cqr, cqr(better, 80).cqr
    assert before is not None and after is not None and after >= before - 1e-9
