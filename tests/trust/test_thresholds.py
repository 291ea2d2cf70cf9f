import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from scipy.stats import binom

from pipeline.auto_confirmation.thresholds import (
    THRESHOLDS,
    Threshold,
    chance_of_look,
    choose_threshold,
    least_clean,
    loosest_holding,
    next_look,
    tally,
    upper_bound,
)
from pipeline.settings import TrustSettings

TRUST = TrustSettings()


def test_59_clean_verdicts_are_the_fewest_for_5_percent() -> None:
    assert upper_bound(0, 59, 0.05) == pytest.approx(0.0495, abs=5e-5)
    assert upper_bound(0, 58, 0.05) > 0.05
    assert least_clean(0.05, 0.05) == 59
    assert least_clean(0.05, chance_of_look(TRUST, 0)) == 59
    assert least_clean(0.05, chance_of_look(TRUST, 1)) == 141


@given(st.integers(1, 400), st.data())
def test_the_bound_is_clopper_pearsons(count: int, data: st.DataObject) -> None:
    errors = data.draw(st.integers(0, count - 1))
    bound = float(upper_bound(errors, count, 0.05))
    assert binom.cdf(errors, count, bound) == pytest.approx(0.05, abs=1e-6)


def test_without_a_right_verdict_the_bound_is_1() -> None:
    np.testing.assert_array_equal(upper_bound(np.array([0, 3]), np.array([0, 3]), 0.05), [1.0, 1.0])


def test_all_looks_together_spend_what_the_confidence_leaves() -> None:
    chances = [chance_of_look(TRUST, look) for look in range(60)]
    assert sum(chances) == pytest.approx(0.05)
    assert chances == sorted(chances, reverse=True)
    stricter = TrustSettings(min_verdicts=80)
    assert chance_of_look(stricter, 1) > chance_of_look(TRUST, 1)


def test_the_next_look_comes_when_the_verdicts_have_doubled() -> None:
    assert [next_look(59, None), next_look(59, 60), next_look(236, 59)] == [59, 120, 236]


def test_the_sequence_ends_at_the_first_that_fails() -> None:
    confidences = np.concatenate([np.full(80, 0.97), np.full(40, 0.85), np.full(200, 0.6)])
    errors = np.zeros(320, bool)
    errors[80:90] = True  # from 0.85 on too many are wrong; from 0.6 on few again, but that is never tested
    assert choose_threshold(confidences, errors, 0.05, 0.0485) == Threshold(0.97, 80, 0)
    errors[:] = False
    assert choose_threshold(confidences, errors, 0.05, 0.0485) == Threshold(0.6, 320, 0)


def test_thresholds_with_too_few_verdicts_are_stepped_over() -> None:
    confidences = np.concatenate([np.full(10, 0.99), np.full(60, 0.7)])
    assert choose_threshold(confidences, np.zeros(70, bool), 0.05, 0.0485) == Threshold(0.7, 70, 0)
    assert choose_threshold(confidences[:58], np.zeros(58, bool), 0.05, 0.0485) is None
    assert choose_threshold(np.zeros(0), np.zeros(0, bool), 0.05, 0.0485) is None


def test_no_threshold_below_what_anybody_looked_at() -> None:
    found = choose_threshold(np.full(59, 0.9), np.zeros(59, bool), 0.05, 0.0485)
    assert found == Threshold(0.9, 59, 0)


def test_a_bad_threshold_is_chosen_no_more_often_than_promised() -> None:
    """The error is 5 % at 0.8 and grows below: any choice looser than 0.8 breaks the promise."""
    generator = np.random.default_rng(1)
    confidences = generator.uniform(0.6, 1.0, size=(3000, 300))
    errors = generator.random(confidences.shape) < 0.2 * (1 - confidences) / 0.4 * 1.0001  # R(t) = 0.25 (1 - t)
    counts, wrong = tally(confidences, errors)
    places = loosest_holding(counts, wrong, 0.05, 0.05)
    unsound = (places >= 0) & (THRESHOLDS[np.maximum(places, 0)] < 0.8 - 1e-9)
    assert (places >= 0).mean() > 0.2
    assert unsound.mean() < 0.05 + 3 * (0.05 * 0.95 / 3000) ** 0.5


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"min_verdicts": 58}, "give at least 59"),
        ({"promised_error": 0.01}, "give at least 299"),
        ({"first_test": 58}, "give at least min_verdicts"),
        ({"audit_share": 0}, "greater than 0"),
    ],
)
def test_settings_that_promise_too_much_are_refused(wrong: dict[str, float], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        TrustSettings.model_validate(wrong)
