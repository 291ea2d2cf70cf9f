"""The section about dialogues that nobody tuned to."""

from tests.quality import blind
from tests.quality.hand_made import TWO, judged, labelled
from tests.quality.metrics import Share
from tests.quality.text_to_audio import ALL_SPOKEN, Both, loss_of


def test_types_and_criteria_of_blind_dialogues_are_counted():
    items = [
        judged(labelled("a", greeting=1), {"greeting": 1, "objection": "na"}),
        judged(labelled("b", greeting=0, language="pl"), {"greeting": 0, "objection": 1}, "spam", confidence=0.5),
        judged(labelled("c", greeting=0, language="pl"), {"greeting": 0, "objection": "na"}, confidence=0.4),
    ]
    lines = "\n".join(blind.section(items, {}, TWO))
    assert lines.startswith("3 dialogues")
    assert "| qualification | **2** | 0 | 1 | 0 | 0 | 0 |" in lines
    assert "| Polish | 2 |" in lines and "| English |" not in lines
    assert "right in 100.0 % (1 of 1);\nwith less: in 50.0 % (1 of 2)." in lines
    assert "| objection | - | - | 33.3 % (1 of 3) |" in lines


def test_what_is_lost_of_the_spoken_ones_stands_below():
    written, heard = (
        judged(labelled("a", greeting=1), {"greeting": 1}),
        judged(labelled("a", greeting=1), {"greeting": 0}),
    )
    losses = {ALL_SPOKEN: loss_of([Both("mono", "rhvoice", written, heard)], TWO)}
    lines = "\n".join(blind.section([written], losses, TWO))
    assert "The same as written and as heard" in lines
    assert f"| {ALL_SPOKEN} | 1 |" in lines
    assert "as heard" not in "\n".join(blind.section([written], {}, TWO))


def test_without_blind_dialogues_nothing_is_measured():
    assert blind.section([], {}, TWO) == ["Not measured: the corpus holds no such dialogues."]
    assert blind.sure_share([], sure=True) == Share(0, 0)
