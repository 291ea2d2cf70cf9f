"""What a checklist says, and what changed in it, in words."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml

from pipeline.checklist import Checklist, load_checklist, parse_checklist
from review.catalogue import Catalogue, load_catalogues
from review.pages.checklist_changes import ChangeLine, change_groups
from review.pages.checklist_text import applies_text, group_texts, judged_lines, weight_table
from tests.pages.runs import changed_checklist


@pytest.fixture(scope="module")
def words() -> dict[str, Catalogue]:
    return load_catalogues(ZoneInfo("Europe/Moscow"))


@pytest.fixture
def changed(tmp_path: Path) -> Checklist:
    return load_checklist(changed_checklist(tmp_path / "changed.yaml"))


def test_what_decides_a_criterion_is_said_in_words(words: dict[str, Catalogue]) -> None:
    said = {}
    for name in ("transactional", "consultative", "mystery_call", "text_support"):
        for criterion in load_checklist(name).criteria:
            said[criterion.id] = " ".join([*judged_lines(words["en"], criterion), applies_text(words["en"], criterion)])
    everything = "\n".join(said.values())
    for text in (
        "built-in rule “greeting”",
        "when the manager says at the end:",
        "Otherwise “no”.",
        "In a chat without times the criterion does not apply.",
        "the client raised an objection",
        "the client says",
        "share of speech (manager)",
        "Decided by how like the examples",
    ):
        assert text in everything, text


CRITERIA = """
id: own
title: {en: Own}
criteria:
- {id: a, title: {en: A}, weights: 2,
   phrases: {found: {1: {en: ["yes please"]}, 0.5: {en: ["maybe ~ so"]}}, otherwise: not_enough_evidence}}
- {id: b, title: {pl: B}, role: client, weights: {spam: 1.5},
   applies_when: {metric: duration_s, at_least: 30, at_most: 90}}
- {id: c, title: {en: C}, scale: 1-4, weights: {spam: 1}, levels: {1: {en: Bad}},
   applies_when: {metric: talk_share, of: client, at_least: 0.25}}
- {id: d, title: {en: D}, weights: {spam: 1},
   phrases: {found: {0: {pl: [nie]}, 1: {pl: [tak]}}, otherwise: "0.5", prefer: worst, said_by: anyone,
             within: opening}}
"""


def own(text: str = CRITERIA) -> Checklist:
    return parse_checklist(yaml.safe_load(text), "own")


def test_the_rarer_rules_have_words_too(words: dict[str, Catalogue]) -> None:
    en = words["en"]
    a, b, c, d = own().criteria
    assert list(judged_lines(en, a)) == [
        "“1” when the manager says anywhere in the call: “yes please”.",
        "“0.5” when the manager says anywhere in the call: “maybe … so”.",
        "Without these phrases the examples decide; without examples the answer is “not enough evidence”.",
        "Where several were said, the best counts.",
    ]
    assert list(judged_lines(en, b)) == ["Only a language model can answer it, where one is switched on."]
    assert applies_text(en, b) == "the metric “duration, s”: at least 30, at most 90"
    assert next(judged_lines(en, c)).startswith("Decided by how like the definitions")
    assert applies_text(en, c) == "the metric “share of speech (client)”: at least 25%"
    assert next(judged_lines(en, d)) == "“0” when the manager or client says at the beginning: “nie”."
    assert list(judged_lines(en, d))[-1] == "Where several were said, the worst counts."
    table = weight_table(en, own())
    assert table.call_types == ("qualification", "objection", "spam", "accelerating", "reanimation")
    assert table.sums == (2, 2, 5.5, 2, 2)
    (group,) = group_texts(en, own(), frozenset({"a"}))
    assert [(item.criterion_id, item.untested) for item in group.criteria][:2] == [("a", True), ("b", False)]
    assert [level.label for level in group.criteria[2].levels] == ["4", "3", "2", "1"]


def lines(words: Catalogue, before: str, after: str) -> list[tuple[str, str, str]]:
    groups = change_groups(words, own(before), own(after))
    return [(line.what, line.before, line.after) for group in groups for line in (*group.lines, *group.foreign)]


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (("title: {en: Own}", "title: {en: New}"), ("Title", "Own", "New")),
        (("title: {en: Own}", "title: {en: Own, pl: Moja}"), ("Title", "", "Moja")),
        (("id: own", "id: own\ncall_types: [spam, objection]"), ("Call types", "", "spam, objection")),
        (("id: own", "id: own\ngroups: {sales: {en: Sell}}"), ("Groups, sales", "", "en: Sell")),
        (("weights: {spam: 1.5}", "weights: {spam: 2, objection: 1}"), ("Weight, spam", "1.5", "2")),
        (("role: client", "role: agent"), ("Whose words", "client", "manager")),
        (("scale: 1-4", "scale: 1-5"), ("Scale", "1 / 2 / 3 / 4", "1 / 2 / 3 / 4 / 5")),
        (("{1: {en: Bad}}", "{1: {en: Worse}}"), ("Definition, level “1”", "Bad", "Worse")),
        (("{1: {en: Bad}}", "{1: {en: Bad}, 2: {en: So so}}"), ("Definition, level “2”", "", "en: So so")),
        (("scale: 1-4,", "scale: 1-4, critical: true,"), ("Critical", "no", "yes")),
        (("within: opening", "within: anywhere"), ("What decides", "", "")),
        (("{pl: [nie]}", "{pl: [nie], ru: [нет]}"), ("What decides", "", "")),
        (("at_least: 30", "at_least: 40"), ("When it applies", "", "")),
    ],
)
def test_each_kind_of_change_has_words(
    words: dict[str, Catalogue], change: tuple[str, str], line: tuple[str, str, str]
) -> None:
    found = lines(words["en"], CRITERIA, CRITERIA.replace(*change))
    what, old, new = line
    assert any(item[0] == what and old in item[1] and new in item[2] for item in found), found


def test_a_text_in_another_language_is_told_apart(words: dict[str, Catalogue], changed: Checklist) -> None:
    before = load_checklist("cqr")
    groups = {group.criterion_id: group for group in change_groups(words["en"], before, changed)}
    assert [line.after for line in groups["greeting"].foreign] == ["Поздоровался и назвал себя.", "Powitanie i imię."]
    assert groups["greeting"].lines == ()
    assert (groups["upsell"].kind, groups["listens"].kind, groups[None].kind) == ("removed", "added", "changed")
    russian = {group.criterion_id: group for group in change_groups(words["ru"], before, changed)}
    assert russian["greeting"].lines[0].what == "Определение, уровень «1»"
    assert isinstance(russian["greeting"].foreign[0], ChangeLine)
    order = change_groups(words["en"], before, parse_checklist(
        before.model_dump(mode="json") | {"criteria": before.model_dump(mode="json")["criteria"][::-1]}, "x"
    ))  # fmt: skip
    assert [line.what for line in order[0].lines] == ["Order of criteria"]
