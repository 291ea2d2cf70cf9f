"""What is counted as what: applicability, abstention, evidence, quotes."""

import math
from dataclasses import replace

import pytest

from pipeline.corpus import Gold
from pipeline.records import Evidence
from tests.quality.agreement import criteria_section, language_section, overview_row, type_section
from tests.quality.figures import criterion_figures, finds_evidence, overview, verbatim
from tests.quality.hand_made import TWO, judged, labelled, suggestion
from tests.quality.metrics import Share

GREETING, OBJECTION = TWO.criteria
FOUR = [
    judged(labelled("a", greeting=1, objection=1), {"greeting": 1, "objection": 1}),
    judged(labelled("b", greeting=0.5), {"greeting": 0, "objection": 1}),
    judged(labelled("c", greeting=0, objection=0), {"greeting": 0, "objection": "na"}, "spam"),
    judged(labelled("d", greeting=0), {"greeting": None, "objection": "na"}, turn=2),
]


def test_values_are_compared_where_both_gave_one():
    found = criterion_figures(FOUR, GREETING)
    assert found.counts.tolist() == [[1, 0, 0], [1, 0, 0], [0, 0, 1]]
    assert found.exact.value == pytest.approx(2 / 3)
    assert found.near == Share(3, 3)
    assert found.abstained == Share(1, 4)
    assert found.wrong_applicability == Share(0, 4)


def test_applicability_is_wrong_in_two_ways():
    found = criterion_figures(FOUR, OBJECTION)
    assert found.wrong_applicability == Share(2, 4)
    assert (found.missed, found.invented) == (1, 1)
    assert found.counts.sum() == 1


def test_evidence_is_found_where_a_labelled_turn_is_quoted():
    item = FOUR[0]
    gold = item.labelled.gold["greeting"]
    assert finds_evidence(item, gold, suggestion("greeting", 1, turn=1)) is True
    assert finds_evidence(item, gold, suggestion("greeting", 1, turn=2)) is False
    assert finds_evidence(item, Gold(value=1), suggestion("greeting", 1)) is None
    assert finds_evidence(item, gold, suggestion("greeting", None)) is None


def test_evidence_of_what_was_heard_is_looked_up_in_the_written_turns():
    heard = judged(labelled("a"), {"greeting": 1}, turn=2, written_turns={2: (1, 2)})
    elsewhere = judged(labelled("a"), {"greeting": 1}, turn=2, written_turns={})
    assert criterion_figures([heard], GREETING).evidence == Share(1, 1)
    assert criterion_figures([elsewhere], GREETING).evidence == Share(0, 1)


def test_a_quote_must_stand_in_the_turn_that_it_names():
    item = FOUR[0]
    invented = replace(
        suggestion("greeting", 1), evidence=(Evidence(1, "Добрый вечер"), Evidence(9, "Алло"), Evidence(1, ""))
    )
    wrong = replace(item, evaluation=replace(item.evaluation, suggestions=(invented,)))
    assert verbatim([item]) == Share(2, 2)
    assert verbatim([wrong]) == Share(0, 3)


def test_quotes_of_the_call_type_count_too():
    item = FOUR[0]
    call_type = replace(item.evaluation.call_type, evidence=(Evidence(0, "Алло."), Evidence(0, "алло")))
    assert verbatim([replace(item, evaluation=replace(item.evaluation, call_type=call_type, suggestions=()))]) == Share(
        1, 2
    )


def test_a_call_that_was_not_scored_has_an_answer_of_the_type_only():
    unscored = judged(labelled("e"), {})
    found = overview([*FOUR, unscored], TWO)
    assert found.unscored_count == 1 and found.dialogue_count == 5
    assert found.wrong_applicability == Share(2, 8)
    assert found.answered == Share(7, 10)
    assert criterion_figures([unscored], GREETING).wrong_applicability == Share(0, 0)


def test_macro_f1_over_the_labelled_types():
    found = overview(FOUR, TWO)
    assert found.macro_f1.value == pytest.approx(6 / 7)  # 3 of 4 qualification calls found, none invented
    assert not math.isnan(found.mean_kappa.value)


def test_tables_hold_the_counts():
    found = overview(FOUR, TWO)
    types = "\n".join(type_section(FOUR, found))
    assert "| qualification | **3** | 0 | 1 | 0 | 0 | 0 | 0.86 |" in types
    assert "| spam | 0 | 0 | **0** | 0 | 0 | 0 | - |" in types
    criteria = "\n".join(criteria_section(FOUR, TWO, found))
    assert "| objection | 50.0 % (2 of 4) | 1 | 1 | 0.0 % (0 of 1) |" in criteria
    assert "| greeting | 1 / 0 / 0 | 1 / 0 / 0 | 0 / 0 / 1 |" in criteria
    assert "turn that they name: 100.0 %" in criteria
    assert overview_row("x", found)[4:6] == ["25.0 %", "87.5 %"]


def test_languages_without_a_dialogue_have_no_line():
    english = judged(labelled("en", language="en"), {"greeting": 1, "objection": "na"})
    lines = language_section([*FOUR, english], TWO)[2].splitlines()
    assert [line.split(" | ")[0] for line in lines[2:]] == ["| Russian", "| English"]
    assert lines[-1].endswith("| 1 | 1.00 | - | 0.0 % (0 of 2) | 0.0 % (0 of 1) | 100.0 % (1 of 1) |")


def test_languages_have_abstentions_evidence_and_the_kappa_of_each_criterion():
    items = [judged(labelled(f"en{n}", greeting=n, language="en"), {"greeting": n, "objection": "na"}) for n in (0, 1)]
    russian, english = (part.splitlines() for part in language_section([*FOUR, *items], TWO)[2::4])
    assert "| 20.0 % (1 of 5) | 100.0 % (4 of 4) |" in russian[2]
    assert english[0] == "| criterion | Russian | English |"
    assert [line.rsplit(" | ", 1)[-1] for line in english[2:]] == ["1.00 |", "- |"]
