"""The simulation itself, on answers whose errors are known."""

import numpy as np
import pytest

from pipeline.settings import TrustSettings
from tests.quality.auto_confirmation import Answered, lines_of, play, simulate, starts

TRUST = TrustSettings()


@pytest.fixture(scope="module")
def calibrated() -> Answered:
    """Answers that are wrong as often as their confidence says."""
    generator = np.random.default_rng(5)
    confidences = 1 - 0.4 * generator.random(2000) ** 3
    return Answered(confidences, generator.random(2000) > confidences)


def test_a_calibrated_judge_is_confirmed_and_the_promise_holds(calibrated: Answered) -> None:
    played = play("needs", calibrated, TRUST, 236, stream=1000)
    assert played.started_share > 0.4
    assert played.coverage is not None and played.coverage > 0.2
    assert played.error is not None and played.error < 0.05
    assert played.unsound_share <= 0.05


def test_permutations_use_each_answer_once(calibrated: Answered) -> None:
    few = Answered(calibrated.confidences[:150], calibrated.errors[:150])
    assert play("needs", few, TRUST, 59).answer_count == 150


def test_it_starts_as_the_rule_does() -> None:
    clean = Answered(np.full((2, 120), 0.9), np.zeros((2, 120), bool))
    clean.errors[1, 10] = True
    began, places = starts(clean, TRUST, 59)
    assert began.tolist() == [59, -1]
    assert places.tolist() == [9, -1]


def test_a_judge_that_turns_bad_is_stopped() -> None:
    good_then_bad = Answered(np.full(400, 0.95), np.zeros(400, bool))
    assert play("needs", good_then_bad, TRUST, 59).stopped_share == 0
    bad = TrustSettings(audits_per_false_stop=20, audit_share=0.5)
    generator = np.random.default_rng(1)
    errors = generator.random(400) < 0.04
    played = play("needs", Answered(np.full(400, 0.95), errors), bad, 59)
    assert 0 < played.stopped_share < 1


def test_too_little_is_said_to_be_so(calibrated: Answered) -> None:
    none = Answered(np.zeros(0), np.zeros(0, bool))
    wrong = Answered(np.full(100, 0.9), np.ones(100, bool))
    lines = lines_of(simulate({"none": none, "wrong": wrong, "good": calibrated}, TRUST, (59,)))
    assert "never: too few answers" in lines[1]
    assert "never: no threshold is borne out" in lines[2]
    assert "never" not in lines[3]
