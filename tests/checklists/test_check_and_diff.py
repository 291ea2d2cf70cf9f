"""Warnings about a valid checklist, and differences between two."""

from typing import Any

import pytest

from pipeline.checklist import CHECKLISTS, Checklist, load_checklist, parse_checklist
from pipeline.checklist.check import answers_by, find_warnings, weight_sums
from pipeline.checklist.diff import Change, compare

THANKS = {"found": {"yes": {"ru": ["спасибо"]}}, "otherwise": "no"}
SHARE = {"name": "talk_share", "thresholds": [{"up_to": 0.5, "label": "yes"}, {"label": "no"}]}


def checklist(*criteria: dict[str, Any], **keys: Any) -> Checklist:
    filled = [{"title": {"en": item["id"]}, "scale": "yes_no", "weights": 1, **item} for item in criteria]
    return parse_checklist({"id": "list", "title": {"en": "list"}, "criteria": filled, **keys}, "x")


@pytest.mark.parametrize("path", sorted(CHECKLISTS.glob("*.yaml")), ids=lambda path: path.stem)
def test_shipped_checklists_hold_and_leave_nothing_open(path: Any) -> None:
    found = load_checklist(path)
    assert found.id == path.stem
    assert find_warnings(found) == ()
    assert {"ru", "en"} <= set(found.title)
    for criterion in found.criteria:
        assert {"ru", "en"} <= set(criterion.title)
        for texts in (*criterion.examples.values(), *(criterion.phrases.found.values() if criterion.phrases else ())):
            assert set(texts) == {"ru", "en", "pl"}
        for level in criterion.levels.values():
            assert {"ru", "en"} <= set(level)


def test_five_checklists_are_shipped_and_use_every_form() -> None:
    found = [load_checklist(path) for path in CHECKLISTS.glob("*.yaml")]
    assert {item.id for item in found} >= {"cqr", "transactional", "consultative", "mystery_call", "text_support"}
    criteria = [criterion for item in found for criterion in item.criteria]
    assert {answers_by(criterion).split()[0] for criterion in criteria} == {"rule", "phrases", "metric", "examples"}
    assert any(not isinstance(criterion.applies_when, str) for criterion in criteria)
    assert {len(criterion.scale) for criterion in criteria} == {2, 3, 5}


def test_weights_as_one_number_go_to_the_types_of_the_list() -> None:
    assert set(weight_sums(checklist({"id": "a"}, {"id": "b", "weights": 4})).values()) == {5}
    some = checklist({"id": "a", "weights": 3}, {"id": "b", "weights": {"spam": 2}}, call_types=["objection"])
    assert weight_sums(some) == {
        "qualification": 0, "objection": 3, "spam": 2, "accelerating": 0, "reanimation": 0
    }  # fmt: skip


@pytest.mark.parametrize(
    ("criterion", "expected"),
    [
        ({}, ["only a language model could answer it: state phrases or a metric, or write examples of its levels"]),
        (
            {"levels": {"yes": {"en": "done"}}},
            ["no examples: add short sentences under examples for each level; definitions alone are weak"],
        ),
        (
            {"examples": {"yes": {"en": ["thanks"]}}},
            [
                'one example of "yes" in en; add another, worded otherwise',
                'no examples of "no": add what is said when it is not done, if anything typical is',
            ],
        ),
        ({"examples": {"no": {"en": ["bye"]}}}, ['no examples of the best level "yes"; add two or more']),
        (
            {"metric": SHARE},
            ["a chat has no such metric: there it answers not enough evidence (without_audio: does_not_apply)"],
        ),
        ({"metric": {**SHARE, "without_audio": "does_not_apply"}}, []),
        ({"phrases": THANKS}, []),
        ({"rule": "needs"}, []),
        ({"rule": "objection"}, ['also scores calls without an objection; write applies_when: "objection_raised"']),
    ],
)
def test_warnings_name_what_is_missing(criterion: dict[str, Any], expected: list[str]) -> None:
    assert find_warnings(checklist({"id": "a", **criterion})) == tuple(f'criterion "a": {text}' for text in expected)


def test_a_call_type_without_weight_is_told() -> None:
    found = find_warnings(checklist({"id": "a", "rule": "needs", "weights": {"spam": 1, "objection": 1}}))
    assert found[0] == "no criterion has a weight for qualification: such calls get no CQR"
    assert len(found) == 3


def test_every_difference_is_one_line() -> None:
    before = checklist(
        {"id": "a", "levels": {"yes": {"en": "done"}}},
        {"id": "b", "critical": True},
        {"id": "gone", "weights": {"spam": 2}},
    )
    after = checklist(
        {"id": "b", "phrases": THANKS},
        {
            "id": "a",
            "levels": {"yes": {"en": "done well"}, "no": {"en": "not"}},
            "weights": 2,
            "scale": ["no", "yes", "more"],
        },
        {"id": "new", "title": {"ru": "новый"}},
        threshold=85,
        groups={"sales": {"en": "sales"}},
    )
    assert compare(before, after) == (
        Change("changed", None, "threshold", "80", "85"),
        Change("added", None, "groups.sales", "", "en: sales"),
        Change("changed", None, "order of criteria", "a, b", "b, a"),
        Change("removed", "gone", "criterion", "gone (scale no / yes; weight 2)"),
        Change("changed", "b", "critical", "yes", "no"),
        Change("added", "b", "phrases", "", "found: yes: ru: спасибо, otherwise: no"),
        Change("changed", "a", "scale", "no | yes", "no | yes | more"),
        Change("changed", "a", "weights", "1", "2"),
        Change("changed", "a", "levels.yes.en", "done", "done well"),
        Change("added", "a", "levels.no", "", "en: not"),
        Change("added", "new", "criterion", "", "новый (scale no / yes; weight 1)"),
    )
    assert compare(before, before) == ()


def test_weights_that_differ_by_type_are_told_by_type() -> None:
    before = checklist({"id": "a", "weights": {"spam": 1, "objection": 2}})
    after = checklist({"id": "a", "weights": {"spam": 1, "objection": 3, "reanimation": 1}})
    assert compare(before, after) == (
        Change("changed", "a", "weights.objection", "2", "3"),
        Change("added", "a", "weights.reanimation", "", "1"),
    )
    summary = compare(
        checklist({"id": "b"}), checklist({"id": "b"}, {"id": "a", "weights": {"spam": 1, "objection": 2}})
    )
    assert summary == (Change("added", "a", "criterion", "", "a (scale no / yes; weight spam: 1, objection: 2)"),)
