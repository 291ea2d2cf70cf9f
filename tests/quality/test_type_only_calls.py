"""Figures over calls written for the type alone, on calls and answers made by hand."""

from pipeline.corpus_cues import TypeOnlyCall
from pipeline.prescoring import rules_judge
from pipeline.records import CallTypeSuggestion, Evidence
from tests.fakes import FakeEncoder
from tests.quality.hand_made import CQR, labelled
from tests.quality.judging import judge_all
from tests.quality.type_only_calls import answer_all, evidence, section


def said(call_type: str, *turns: int) -> CallTypeSuggestion:
    return CallTypeSuggestion(call_type, 0.9, tuple(Evidence(turn, "слова") for turn in turns))


def test_evidence_counts_where_the_type_is_right_and_a_turn_is_marked():
    told = [
        ({"known": (3,), "worry": (5,)}, "objection", said("objection", 1, 5)),  # the second quote
        ({"deal": (2,)}, "accelerating", said("accelerating", 2)),
        ({"deal": (2,)}, "accelerating", said("accelerating", 0)),
        ({"deal": (2,)}, "accelerating", said("objection", 2)),  # another type: not counted
        ({"deal": (2,)}, "objection", said("objection", 2)),  # no turn marked for it: not counted
    ]
    assert (evidence(told).part, evidence(told).whole) == (2, 3)
    assert (evidence(told, 1).part, evidence(told, 1).whole) == (1, 3)


def test_the_section_counts_each_call():
    turns = (("C", "Это шиномонтаж? Вы ошиблись номером"), ("A", "Нет, не туда попали"))
    calls = [
        TypeOnlyCall(id=f"ru-x-s{n}", language="ru", trade="x", call_type=kind, turns=turns, cues={"foreign": (1,)})
        for n, kind in enumerate(("spam", "spam", "unknown"))
    ]
    encoder = FakeEncoder()
    judged = judge_all([labelled("a")], CQR, rules_judge(), encoder)
    answered = answer_all(calls, CQR, rules_judge(), encoder)
    lines = section(answered, judged, {"a": {"first": (0,)}})
    assert "3 short calls, of 6 to 10 turns:" in lines
    assert any("right 66.7 % (2 of 3)." in line for line in lines)
    assert "0 rambling calls" in "\n".join(lines)
    assert "| spam | 0 | 0 | **2** | 0 | 0 | 0 |" in "\n".join(lines)
