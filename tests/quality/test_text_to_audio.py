"""The same dialogues both ways: what is lost is the difference."""

from types import SimpleNamespace

import pytest

from pipeline.corpus import LabelledDialogue, load_splits
from pipeline.corpus_heard import HeardDialogue, HeardTurn, HeardUtterance, is_current, load_heard, written_sha256
from pipeline.prescoring import rules_judge
from pipeline.settings import EvaluationSettings
from tests.fakes import FakeEncoder
from tests.quality.hand_made import CQR, TWO, judged, labelled
from tests.quality.heard import ROBOT_HEARD, load_all_heard
from tests.quality.judging import judge_all
from tests.quality.metrics import Share
from tests.quality.text_to_audio import (
    ALL_SPOKEN,
    IMITATED,
    ROBOT,
    Both,
    groups_of,
    judge_heard,
    judge_imitated,
    loss_of,
    section,
    still_as_spoken,
)


def heard_of(item, layout="stereo", sha=None) -> HeardDialogue:
    """Two utterances: the client's first turn is lost, the agent's is misheard, the third is as written."""
    return HeardDialogue(
        id=item.id,
        written_sha256=sha or written_sha256(item),
        layout=layout,
        voice="rhvoice",
        language=item.language,
        duration_s=12,
        counted_words=7,
        right_role_words=7,
        utterances=(
            HeardUtterance(role="agent", speaker="CHANNEL_0", text="добрый день эта анна", start_s=1.2, end_s=3),
            HeardUtterance(role="client", speaker="CHANNEL_1", text="мне дорого", start_s=3.5, end_s=5),
        ),
        turns=(
            HeardTurn(text="", start_s=0, end_s=1),
            HeardTurn(text="добрый день эта анна", start_s=1, end_s=3),
            HeardTurn(text="мне дорого", start_s=3, end_s=5),
        ),
    )


def both(
    name: str,
    gold: float,
    written: float,
    heard: float,
    layout: str = "mono",
    language: str = "ru",
    voice: str = "rhvoice",
) -> Both:
    item = labelled(name, greeting=gold, language=language)
    answers = [judged(item, {"greeting": value, "objection": "na"}) for value in (written, heard)]
    return Both(layout, voice, *answers)


def test_what_was_rewritten_since_it_was_spoken_is_left_out():
    same, changed, silent = labelled("a"), labelled("b"), labelled("c")
    heard = {"a": heard_of(same), "b": heard_of(changed, sha="0" * 16)}
    assert still_as_spoken([same, changed, silent], heard) == [(same, heard["a"])]


def test_heard_dialogues_are_judged_as_a_run_does():
    item = labelled("a").model_copy(update={"gold": {c.id: labelled("a").gold["greeting"] for c in CQR.criteria}})
    judge, encoder = rules_judge(), FakeEncoder()
    (written,) = judge_all([item], CQR, judge, encoder)
    pairs = [(item, heard_of(item))]
    (found,) = judge_heard(
        pairs, {"a": written}, CQR, judge, encoder, EvaluationSettings(min_words=0, min_duration_s=0)
    )
    assert found.written is written and found.layout == "stereo"
    assert found.heard.dialogue.utterances[0].text == "добрый день эта анна"
    assert found.heard.written_turns == {0: (1,), 1: (2,)}
    (short,) = judge_heard(pairs, {"a": written}, CQR, judge, encoder, EvaluationSettings())
    assert not short.heard.evaluation.scored
    (imitated,) = judge_imitated([written], CQR, judge, encoder)
    assert imitated.layout == IMITATED and imitated.heard.dialogue != item.dialogue


def test_loss_is_text_less_audio():
    items = [both("a", 1, 1, 1), both("b", 0, 0, 0), both("c", 1, 1, 0), both("d", 0, 0, 0)] * 5
    loss = loss_of(items, TWO)
    assert loss.written.mean_kappa.value == 1
    written, heard, lost = loss.kappas["greeting"]
    assert (written, heard, lost.value) == pytest.approx((1, 0.5, 0.5))
    assert loss.mean_kappa.value == pytest.approx(0.5)
    assert loss.mean_kappa.low <= 0.5 <= loss.mean_kappa.high
    assert loss.macro_f1.value == 0
    assert loss.heard.wrong_applicability == Share(0, 40)


def test_layouts_and_languages_stand_apart():
    items = [both("a", 1, 1, 1), both("b", 0, 0, 0, "stereo", "en"), both("c", 1, 1, 1, IMITATED)]
    groups = {name: [each.written.labelled.id for each in found] for name, found in groups_of(items).items()}
    assert groups == {
        ALL_SPOKEN: ["a", "b"],
        "stereo": ["b"],
        "mono": ["a"],
        "Russian (rhvoice)": ["a"],
        "English (rhvoice)": ["b"],
        "errors imitated, not spoken": ["c"],
    }


def test_a_robots_voice_stands_by_itself_and_in_no_other_line():
    items = [both("a", 1, 1, 1), both("b", 0, 0, 0, language="pl", voice=ROBOT)]
    groups = {name: [each.written.labelled.id for each in found] for name, found in groups_of(items).items()}
    robot = "Polish (espeak, a robot's voice)"
    assert groups == {ALL_SPOKEN: ["a"], "mono": ["a"], "Russian (rhvoice)": ["a"], robot: ["b"]}
    losses = {name: loss_of([both("a", 1, 1, 1)], TWO) for name in groups}
    assert "no other line, and no aim counts it" in "\n".join(section(losses, [], 0))
    del losses[robot]
    assert "Polish was not spoken" in "\n".join(section(losses, [], 0))


def test_what_a_robot_spoke_is_of_the_corpus_and_of_held_back_trades(corpus: tuple[LabelledDialogue, ...]):
    written, splits = {one.id: one for one in corpus}, load_splits()
    found = load_heard(ROBOT_HEARD)
    assert load_all_heard().keys() == load_heard().keys() | found.keys() and not load_heard().keys() & found.keys()
    for name, heard in found.items():
        assert is_current(written[name], heard), f"{name}: rewritten; see docs/labelling.md"
        assert heard.voice == ROBOT and splits.of(written[name].trade) == "test"


def test_the_section_says_what_was_lost_and_what_is_missing():
    items = [both("a", 1, 1, 1), both("b", 0, 0, 0), both("c", 1, 1, 0), both("d", 0, 0, 0)] * 5
    page = "\n".join(section({ALL_SPOKEN: loss_of(items, TWO)}, ["| recognised |"], 2))
    assert "1.00 / 0.50 | 0.50 (" in page
    assert "2 that were rewritten" in page and "| recognised |" in page
    assert "| greeting | 1.00 | 0.50 | 0.50 (" in page
    nothing = "\n".join(section({}, [], 0))
    assert "No held-back dialogue has been spoken yet" in nothing and "By criterion" not in nothing


def test_no_turns_where_an_utterance_touches_none():
    item = labelled("a")
    outside = SimpleNamespace(start_s=20.0, end_s=21.0)
    assert heard_of(item).turns_of(outside) == ()  # type: ignore[arg-type]
