"""Confidence held against what was right."""

import math
from dataclasses import replace

import pytest

from tests.quality.calibration import (
    Answer,
    Bin,
    criteria_table,
    criterion_answers,
    expected_error,
    reliability,
    reliability_table,
    section,
    type_answers,
)
from tests.quality.hand_made import TWO, judged, labelled


def test_bins_and_their_error():
    answers = [Answer(0.95, True), Answer(1.0, True), Answer(0.62, False), Answer(0.68, True)]
    bins = reliability(answers)
    assert bins == [
        Bin(0.6, 0.7, pytest.approx(0.65), 0.5, 2),  # type: ignore[arg-type]
        Bin(0.9, 1.0, pytest.approx(0.975), 1.0, 2),  # type: ignore[arg-type]
    ]
    assert expected_error(bins) == pytest.approx((0.15 + 0.025) / 2)
    assert "| 0.6 to 0.7 | 0.65 | 0.50 | 2 |" in reliability_table(answers)


def test_no_answers_no_error():
    assert reliability([]) == [] and math.isnan(expected_error([]))


def test_right_is_the_same_value_or_the_same_does_not_apply():
    items = [
        judged(labelled("a", greeting=1), {"greeting": 1, "objection": "na"}, confidence=0.8),
        judged(labelled("b", greeting=1, objection=1), {"greeting": 0.5, "objection": "na"}),
        judged(labelled("c", greeting=1), {"greeting": None, "objection": 1}, "spam"),
        judged(labelled("d"), {}),
    ]
    assert criterion_answers(items, "greeting") == [Answer(0.8, True), Answer(0.9, False)]
    assert [answer.right for answer in criterion_answers(items, "objection")] == [True, False, False]
    assert [answer.right for answer in type_answers(items)] == [True, True, False, True]


def test_what_follows_from_the_call_type_is_not_the_criterions_own_claim():
    item = judged(labelled("a"), {"objection": "na"})
    by_type = replace(item.evaluation.suggestions[0], rung="weights")
    assert (
        criterion_answers([replace(item, evaluation=replace(item.evaluation, suggestions=(by_type,)))], "objection")
        == []
    )


def test_each_criterion_has_its_bins():
    answers = {
        "greeting": [Answer(0.95, True), Answer(0.97, False), Answer(0.62, True)],
        "needs": [Answer(0.41, False)],
        "upsell": [],
    }
    assert criteria_table(answers).splitlines() == [
        "| criterion | 0.4 to 0.5 | 0.6 to 0.7 | 0.9 to 1.0 |",
        "| --- | ---: | ---: | ---: |",
        "| greeting | - | 0.62 / 1.00 of 1 | 0.96 / 0.50 of 2 |",
        "| needs | 0.41 / 0.00 of 1 | - | - |",
        "| upsell | - | - | - |",
    ]


def test_the_section_has_a_line_per_criterion():
    items = [judged(labelled("a"), {"greeting": 1, "objection": None})]
    page = "\n".join(section(items, TWO))
    assert "| greeting | 0.90 / 1.00 of 1 |" in page
    assert "| greeting | 0.100 | 0.90 | 1.00 | 1 |" in page
    assert "| objection | - | - | - | 0 |" in page
    assert "| all criteria | 0.100 | 0.90 | 1.00 | 1 |" in page
