"""Measures against figures that were worked out by hand, or by another implementation."""

import math

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score, f1_score

from pipeline.agreement import AnswerPair, agreement
from tests.quality.measures import (
    confusion,
    exact_shares,
    kappas,
    macro_f1s,
    mean_kappas,
    share_of,
    with_interval,
)
from tests.quality.metrics import Share

LEVELS = (0.0, 0.5, 1.0)
GOLD = [0.0, 0.0, 0.5, 0.5, 1.0, 1.0, 1.0]
ANSWERS = [0.0, 0.5, 0.5, 1.0, 1.0, 1.0, 0.0]


def test_an_answer_that_is_missing_on_either_side_is_no_cell():
    cells = confusion([0.0, None, 1.0], [0.0, 0.5, None], LEVELS)
    assert cells.shape == (3, 3, 3)
    assert cells.sum() == 1 and cells[0, 0, 0] == 1


def test_kappa_by_hand():
    same, opposite = np.diag([2.0, 0, 2]), np.array([[0, 0, 2.0], [0, 0, 0], [2, 0, 0]])
    independent = np.array([[1.0, 0, 1], [0, 0, 0], [1, 0, 1]])
    assert kappas(np.stack([same, opposite, independent])).tolist() == pytest.approx([1, -1, 0])


def test_kappa_and_f1_as_sklearn_has_them():
    cells = confusion(GOLD, ANSWERS, LEVELS).sum(axis=0)
    places = [[int(2 * value) for value in side] for side in (GOLD, ANSWERS)]
    assert float(kappas(cells)) == pytest.approx(cohen_kappa_score(*places, weights="quadratic"))
    assert float(macro_f1s(cells)) == pytest.approx(f1_score(*places, average="macro"))
    assert float(exact_shares(cells)) == pytest.approx(4 / 7)


def test_kappa_as_the_product_itself_computes_it():
    from datetime import datetime

    when = datetime(2026, 11, 22)
    pairs = [
        AnswerPair(str(place), "needs", "objection", "a", 1, "j", 0.5, True, answer, True, gold, when)
        for place, (gold, answer) in enumerate(zip(GOLD, ANSWERS, strict=True))
    ]
    assert float(kappas(confusion(GOLD, ANSWERS, LEVELS).sum(axis=0))) == pytest.approx(agreement(pairs).kappa.value)


def test_classes_that_no_label_holds_are_in_no_mean():
    cells = confusion(["a", "a", "b"], ["a", "c", "b"], ["a", "b", "c"]).sum(axis=0)
    assert float(macro_f1s(cells)) == pytest.approx((2 / 3 + 1) / 2)


def test_nothing_to_measure_is_nan():
    empty = np.zeros((3, 3))
    assert all(math.isnan(float(figure(empty))) for figure in (kappas, macro_f1s, exact_shares))
    assert math.isnan(float(mean_kappas(np.zeros((2, 3, 3)))))
    assert math.isnan(float(kappas(np.diag([5.0, 0, 0]))))  # both constant: no chance to agree beyond


def test_the_mean_is_over_the_criteria_that_have_a_kappa():
    tables = np.stack([np.diag([2.0, 0, 2]), np.diag([4.0, 0, 0])])
    assert float(mean_kappas(tables)) == 1


def test_intervals_hold_the_figure_and_are_the_same_each_time():
    cells = confusion(GOLD * 10, ANSWERS * 10, LEVELS)
    found = with_interval(exact_shares, cells)
    assert found.low < found.value < found.high
    assert found.high - found.low == pytest.approx(4 * math.sqrt(4 / 7 * 3 / 7 / 70), abs=0.03)
    assert with_interval(exact_shares, cells) == found


def test_no_interval_from_one_dialogue_or_from_samples_that_mostly_have_no_figure():
    assert math.isnan(with_interval(exact_shares, confusion([0.0], [0.0], LEVELS)).low)
    rare = confusion([0.0] * 9 + [1.0], [0.0] * 9 + [1.0], LEVELS)
    assert with_interval(kappas, rare).value == 1 and math.isnan(with_interval(kappas, rare).low)


def test_share_of():
    assert share_of([True, False, True]) == Share(2, 3)
