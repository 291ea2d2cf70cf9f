"""Dialogues of others: how they are read, and what is compared. Small files of the same shape."""

import json
from pathlib import Path

import pytest

from pipeline.prescoring import rules_judge
from pipeline.records import CallTypeSuggestion, Evaluation, Evidence, Suggestion
from tests.fakes import FakeEncoder
from tests.quality import outside
from tests.quality.hand_made import CQR
from tests.quality.metrics import Share
from tests.quality.outside import roles_found
from tests.quality.outside_texts import OUTSIDE, assemble, load_persuasion, load_robocalls, load_taskmaster
from tests.quality.persuasion import (
    GREETING,
    REFUSALS,
    Compared,
    appeals_after_refusal,
    compare,
    has,
    refusal_quoted,
)

PERSUASION = assemble(
    [
        ("persuader", "Hello.", "greeting"),
        ("persuader", "Do you know the charity?", "source-related-inquiry"),
        ("persuadee", "Not for me, sorry.", "disagree-donation"),
        ("persuader", "Every dollar feeds a child.", "emotion-appeal"),
        ("narrator", "They part.", ""),
    ]
)


def evaluation(*suggestions: Suggestion) -> Evaluation:
    return Evaluation("cqr", "v", "j", CallTypeSuggestion("spam", 0.9), suggestions, None, None)


def objection(applicable: bool, *turns: int) -> Evaluation:
    quotes = tuple(Evidence(turn, "x") for turn in turns)
    return evaluation(Suggestion("objection", applicable, 0.5 if applicable else None, 0.9, evidence=quotes))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two dialogues of each source, or one."""
    said = [{"speaker": "user", "text": "One latte, please."}, {"speaker": "assistant", "text": "Sure, which size?"}]
    (tmp_path / "robocall_ftc_sample.csv").write_text(
        'file_name,transcript\na.wav,"You won a cruise. Press 1 now."\nb.wav,"Your car warranty expired. Press 1."\n'
    )
    (tmp_path / "persuasionforgood_annotated.csv").write_text(
        "dialogue_id,role,turn,sentence,persuader_act,persuadee_act\n"
        "one,persuader,0,Hello.,greeting,\none,persuadee,0,I cannot afford it.,,disagree-donation\n"
        "two,persuader,0,Would you donate?,proposition-of-donation,\ntwo,persuadee,0,Sure.,,agree-donation\n"
    )
    (tmp_path / "taskmaster4_data_07.json").write_text(json.dumps([{"utterances": said}]))
    (tmp_path / "taskmaster1_sample.json").write_text(json.dumps({"utterances": said}))
    chat = [["agent", "How can I help you?"], ["customer", "A refund."], ["action", "Account pulled up."]]
    (tmp_path / "abcd_sample.json").write_text(json.dumps([{"original": chat}]))
    (tmp_path / "harpervalley_1.tsv").write_text(
        "offset_ms\tspeaker_role\thuman_transcript\n1\tagent\thello this is the bank\n2\tcaller\thi\n"
    )
    return tmp_path


def test_what_one_side_says_in_a_row_is_one_utterance():
    assert [(u.index, u.role) for u in PERSUASION.dialogue.utterances] == [(0, "agent"), (1, "client"), (2, "agent")]
    assert PERSUASION.dialogue.utterances[0].text == "Hello. Do you know the charity?"
    assert PERSUASION.acts[1] == {"disagree-donation"}


def test_files_become_dialogues(folder: Path):
    assert [one.dialogue.utterances[0].role for one in load_robocalls(folder)] == ["client", "client"]
    assert [len(one.dialogue.utterances) for one in load_persuasion(folder)] == [2, 2]
    assert [one.dialogue.utterances[1].role for one in load_taskmaster(folder)] == ["agent", "agent"]


def test_acts_are_looked_for_on_one_side_and_near_the_beginning():
    assert has("agent", GREETING, first=1)(PERSUASION)
    assert not has("client", GREETING)(PERSUASION)
    assert not has("agent", frozenset({"emotion-appeal"}), first=1)(PERSUASION)
    assert appeals_after_refusal(PERSUASION)
    assert not appeals_after_refusal(assemble([("persuader", "Feed a child.", "emotion-appeal")]))


def test_marked_and_answered():
    dialogues = [PERSUASION] * 4
    evaluations = [objection(True), objection(False), evaluation(), objection(True)]
    found = compare(dialogues, evaluations, has("client", REFUSALS), "objection", None)
    assert found.pairs == ((True, True), (True, False), (True, True))
    handled = compare(dialogues, evaluations, appeals_after_refusal, "objection", 0.5)
    assert handled.pairs == ((True, True), (True, True))
    counted = Compared(((True, True), (True, False), (False, True), (False, False)))
    assert (counted.found, counted.right, counted.same) == (Share(1, 2), Share(1, 2), Share(2, 4))


def test_a_refusal_is_quoted_itself_or_in_the_answer_to_it():
    evaluations = [objection(True, 1), objection(True, 2), objection(True, 0), objection(True), objection(False, 1)]
    assert refusal_quoted([PERSUASION] * 5, evaluations) == Share(2, 3)


def test_roles_need_two_sides():
    alone = assemble([("caller", "You won a cruise.", "")])
    call = assemble(
        [("agent", "Good morning, this is the bank, how can I help you?", ""), ("caller", "I lost my card.", "")]
    )
    assert roles_found([alone], FakeEncoder()) == Share(0, 0)
    assert roles_found([call, alone], FakeEncoder()) == Share(1, 1)


def test_the_section_holds_counts_and_no_words(folder: Path):
    page = "\n".join(outside.section(CQR, rules_judge(), FakeEncoder(), folder))
    assert "| real robocalls (FTC) | spam |" in page
    assert "| PersuasionForGood, persuader and persuadee |" in page and "2 human dialogues" in page
    assert "| ABCD, support chats |" in page and "of 1)" in page
    assert not any(word in page for word in ("cruise", "latte", "afford", "refund"))


def test_without_the_folder_it_says_so(tmp_path: Path):
    (line,) = outside.section(CQR, rules_judge(), FakeEncoder(), tmp_path / "text")
    assert line.startswith("Not measured: `text`")


@pytest.mark.skipif(not OUTSIDE.is_dir(), reason="shared/data_dev is in no repository")
def test_the_real_files_are_read():
    assert len(load_robocalls(OUTSIDE)) == 17
    persuasion = load_persuasion(OUTSIDE)
    assert len(persuasion) == 100 and sum(has("agent", GREETING, first=1)(one) for one in persuasion) == 64
    assert len(load_taskmaster(OUTSIDE)) == 211
