"""Trades with a twin in development: the list is of names that there are, and the figures are counted apart."""

import math
from pathlib import Path

import pytest

from pipeline.corpus import LabelledDialogue, Splits, load_splits
from pipeline.corpus_cues import TypeOnlyCall, load_type_only_calls
from pipeline.errors import ConfigurationError
from pipeline.records import CallTypeSuggestion
from tests.quality.hand_made import TWO, judged, labelled
from tests.quality.metrics import Share
from tests.quality.twins import load_twins, section, short_figures, whole_figures
from tests.quality.type_only_calls import Answered

SPLITS = Splits(test=frozenset({"bikes", "boats"}), dev=frozenset({"bicycles", "kitchens"}))
TRADES = {"bikes", "boats", "bicycles", "kitchens"}


def listed(folder: Path, text: str) -> frozenset[str]:
    (folder / "twins.yaml").write_text(text, encoding="utf-8")
    return load_twins(TRADES, SPLITS, folder)


def short(number: int, trade: str, gold: str, answer: str) -> Answered:
    call = TypeOnlyCall(
        id=f"ru-{trade}-s{number}",
        language="ru",
        trade=trade,
        call_type=gold,  # type: ignore[arg-type]
        turns=(("C", "Алло"), ("A", "Слушаю")),
        cues={},
    )
    return Answered(call, CallTypeSuggestion(answer, 0.9))  # type: ignore[arg-type]


def test_the_held_back_names_of_a_group_have_a_twin(tmp_path: Path):
    assert listed(tmp_path, "groups: [[bikes, bicycles]]") == {"bikes"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("groups: [[bikes, bycicles]]", r'twins\.yaml: group .*no dialogue is of "bycicles"'),
        ("groups: [[bikes, boats]]", "all lie in one split"),
        ("groups: [[bicycles, kitchens]]", "all lie in one split"),
        ("groups: [[bikes]]", r"twins\.yaml: groups\.0"),
        ("groups: [[bikes, bicycles], [bikes, kitchens]]", '"bikes" stands twice'),
        ("group: [[bikes, bicycles]]", "group"),
    ],
)
def test_a_wrong_list_says_where(tmp_path: Path, text: str, message: str):
    with pytest.raises(ConfigurationError, match=message):
        listed(tmp_path, text)


def test_the_list_of_the_corpus_is_valid(corpus: tuple[LabelledDialogue, ...]):
    known = {one.trade for one in corpus} | {call.trade for call in load_type_only_calls()}
    splits = load_splits()
    found = load_twins(known, splits)
    assert {"bike_shop", "exam_prep", "windows", "piano_tuning", "greenhouse"} <= found
    assert not {"moving", "theatre_tickets", "bicycle_store"} & found
    assert {splits.of(trade) for trade in found} == {"test"}


def test_figures_of_whole_dialogues_and_of_calls_for_the_type():
    items = [
        judged(labelled("a", greeting=1, trade="bikes"), {"greeting": 1, "objection": "na"}),
        judged(labelled("b", greeting=0, trade="bikes"), {"greeting": 0, "objection": 1}, "spam"),
    ]
    whole = whole_figures(items, TWO)
    assert (whole.lines, whole.dialogues, whole.right, whole.wrong_applicability) == (1, 2, Share(1, 2), Share(1, 4))
    assert whole.mean_kappa.value == 1
    calls = short_figures([short(1, "boats", "spam", "spam"), short(2, "bikes", "spam", "unknown")])
    assert (calls.lines, calls.dialogues, calls.right) == (2, 2, Share(1, 2))
    assert math.isnan(calls.mean_kappa.value) and not calls.wrong_applicability.whole


def test_the_section_counts_with_and_without():
    items = [
        *(
            judged(labelled(f"a{n}", greeting=n % 2, trade="boats"), {"greeting": n % 2, "objection": "na"})
            for n in range(4)
        ),
        *(
            judged(labelled(f"b{n}", greeting=n % 2, trade="bikes"), {"greeting": 0.5, "objection": "na"}, "spam")
            for n in range(4)
        ),
    ]
    calls = [short(1, "boats", "spam", "unknown"), short(2, "bikes", "spam", "spam")]
    page = "\n".join(section(items, calls, {"bikes"}, TWO))
    assert (
        "1 of the 2\nlines of the whole dialogues" in page and "and 1 of the 2 of the calls that were\nwritten" in page
    )
    assert "| whole dialogues, all | 2 | 8 | 0.67" in page and "| 50.0 % (4 of 8) |" in page
    assert "| whole dialogues, without twins | 1 | 4 | 1.00 (1.00 to 1.00) | 100.0 % (4 of 4) | 1.00" in page
    assert "| whole dialogues, twins only | 1 | 4 | 0.00" in page
    assert "| calls for the type, without twins | 1 | 1 | 0.00 | 0.0 % (0 of 1) | - | - |" in page
    assert (
        "macro-F1 is 0.33 higher\nand the mean kappa" in page
        and "in calls for the type macro-F1 is 0.67 lower." in page
    )


def test_without_any_twin_nothing_changes():
    items = [judged(labelled(name, greeting=1, trade="boats"), {"greeting": 1, "objection": "na"}) for name in "ab"]
    page = "\n".join(section(items, [short(1, "boats", "spam", "spam")], set(), TWO))
    assert "| whole dialogues, twins only | 0 | 0 | - | - | - | - |" in page
    assert "macro-F1 is the same\nand the mean kappa not measured" in page
