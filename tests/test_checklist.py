"""The default checklist is DOMAIN.md's, and a wrong file says what to correct."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.checklist import CHECKLISTS, Criterion, load_checklist, parse_checklist
from pipeline.errors import ConfigurationError

WEIGHTS = {  # qualification, objection, accelerating, reanimation, spam
    "greeting": (1, 1, 1, 1, 1),
    "needs": (3, 1, 1, 2, None),
    "initiative": (2, 3, 2, 4, None),
    "product": (2, 3, 1, 1, None),
    "objection": (2, 4, 2, 2, None),
    "closing": (2, 3, 2, 2, None),
    "upsell": (1, 1, 1, 1, None),
    "politeness": (1, 1, 1, 1, 1),
}


def content(**changes: Any) -> dict[str, Any]:
    criterion = {"id": "greeting", "title": {"en": "greeting"}, "weights": {"spam": 1}, **changes}
    return {"id": "mine", "title": {"en": "mine"}, "criteria": [criterion]}


def test_default_checklist_is_the_table_of_the_domain() -> None:
    checklist = load_checklist("cqr")
    types = ("qualification", "objection", "accelerating", "reanimation", "spam")
    found = {c.id: tuple(c.weights.get(name) for name in types) for c in checklist.criteria}  # type: ignore[call-overload]
    assert found == WEIGHTS
    assert checklist.threshold == 80
    assert [c.id for c in checklist.criteria if c.critical] == ["politeness"]
    assert [c.id for c in checklist.criteria if c.applies_when == "objection_raised"] == ["objection"]
    groups = {c.group: [] for c in checklist.criteria} | {}
    for criterion in checklist.criteria:
        groups[criterion.group].append(criterion.id)
    assert groups["discipline"] == ["greeting"]
    assert groups["culture"] == ["politeness"]


def test_every_level_is_told_in_three_languages() -> None:
    for criterion in load_checklist("cqr").criteria:
        assert set(criterion.title) == {"ru", "en", "pl"}
        assert set(criterion.levels) == {"0", "0.5", "1"}
        assert all(set(texts) == {"ru", "en", "pl"} for texts in criterion.levels.values())


def test_criteria_without_weight_do_not_apply_and_unknown_shows_all() -> None:
    checklist = load_checklist("cqr")
    assert [c.id for c in checklist.criteria_for("spam")] == ["greeting", "politeness"]
    assert len(checklist.criteria_for("unknown")) == 8
    assert checklist.criterion("needs").weights["qualification"] == 3
    with pytest.raises(KeyError):
        checklist.criterion("nothing")


@pytest.mark.parametrize(
    ("scale", "values"),
    [
        ("yes_no", (0, 1)),
        ("0/0.5/1", (0, 0.5, 1)),
        ("1-4", (0, 1 / 3, 2 / 3, 1)),
        ("1-5", (0, 0.25, 0.5, 0.75, 1)),
        (["bad", "so-so", "good"], (0, 0.5, 1)),
        ([0, 1, 4], (0, 0.25, 1)),
        ([3, 2, 1], (0, 0.5, 1)),  # no ascending numbers: evenly spaced, worst first
    ],
)
def test_scales_become_0_to_1(scale: Any, values: tuple[float, ...]) -> None:
    criterion = parse_checklist(content(scale=scale), "x").criteria[0]
    assert criterion.values == pytest.approx(values)


def test_ten_point_scale_and_labels() -> None:
    criterion = parse_checklist(content(scale="1-10"), "x").criteria[0]
    assert len(criterion.values) == 10
    assert criterion.value_of("10") == 1
    assert criterion.label_of(0.5) == "5"  # as near to 5 as to 6: the lower one
    assert criterion.snap(0.99) == 1


def test_version_follows_the_content_not_the_layout(tmp_path: Path) -> None:
    original = CHECKLISTS / "cqr.yaml"
    data = yaml.safe_load(original.read_text(encoding="utf-8"))
    reformatted = tmp_path / "cqr.yaml"
    reformatted.write_text("# another comment\n" + yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    assert load_checklist(reformatted).version == load_checklist("cqr").version
    data["criteria"][1]["weights"]["qualification"] = 4
    reformatted.write_text(yaml.safe_dump(data), encoding="utf-8")
    assert load_checklist(reformatted).version != load_checklist("cqr").version


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"weights": {"spam": -1}},
            r'x: criterion "greeting": weights.spam: .* 0 \(is -1\); give a weight',
        ),
        ({"weights": {"sale": 1}}, r'criterion "greeting": weights.sale: unknown \(is "sale"\); use one of qualif'),
        ({"weights": {}}, r'criterion "greeting": weights: '),
        ({"scale": "1-7"}, r'criterion "greeting": scale: unknown scale "1-7"; use one of yes_no'),
        ({"scale": 7}, r'criterion "greeting": scale: '),
        ({"scale": ["a", "a"]}, r"scale: each label may stand once"),
        ({"levels": {"2": {"en": "x"}}}, r'levels: "2" is no label of the scale; use 0, 0.5, 1'),
        ({"examples": {"2": {"en": ["x"]}}}, r'examples: "2" is no label'),
        ({"wieght": 2}, r'criterion "greeting": wieght: .*remove it or correct its name'),
        ({"id": "Bad Id"}, r'criterion "Bad Id": id: .*small Latin letters'),
        ({"id": None}, r"criterion number 1: id: "),
        ({"title": None}, r'criterion "greeting": title: '),
        ({"rule": "telepathy"}, r'criterion "greeting": rule: .*telepathy.*use one of greeting, needs'),
    ],
)
def test_a_wrong_criterion_says_what_to_correct(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        parse_checklist(content(**changes), "x")


def test_missing_key_twice_the_same_id_and_unknown_group() -> None:
    data = content()
    del data["criteria"][0]["weights"]
    with pytest.raises(ConfigurationError, match='criterion "greeting": weights: field required; add it'):
        parse_checklist(data, "x")
    data = content()
    data["criteria"] *= 2
    with pytest.raises(ConfigurationError, match='criterion "greeting" stands twice'):
        parse_checklist(data, "x")
    with pytest.raises(ConfigurationError, match='group "sales" is not under groups: add it there or use'):
        parse_checklist({**content(), "groups": {"culture": {"en": "culture"}}}, "x")


def test_no_such_checklist_names_the_others(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r'no checklist "nope" \(there are: .*cqr'):
        load_checklist("nope")
    with pytest.raises(ConfigurationError, match="there are: none"):
        load_checklist("nope", tmp_path)
    with pytest.raises(ConfigurationError, match="no such file"):
        load_checklist(tmp_path / "nope.yaml")
    (tmp_path / "list.yaml").write_text("- a\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="expected keys"):
        load_checklist(tmp_path / "list.yaml")


def test_criterion_that_is_no_mapping() -> None:
    with pytest.raises(ConfigurationError, match="criterion number 1"):
        parse_checklist({"id": "mine", "title": {"en": "mine"}, "criteria": ["greeting"]}, "x")


def test_defaults_of_a_bare_criterion() -> None:
    criterion = Criterion(id="x", title={"en": "x"}, weights={"spam": 1})
    assert criterion.scale == ("0", "0.5", "1")
    assert (criterion.critical, criterion.role, criterion.applies_when, criterion.rule) == (
        False,
        "agent",
        "always",
        None,
    )
