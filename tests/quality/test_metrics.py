from pathlib import Path

import pytest

from pipeline.records import Role, Turn, Utterance, Word
from tests.quality.gold import GoldCall, GoldTurn, load_rttm
from tests.quality.metrics import Share, diarization_error_rate, role_accuracy, word_error_rate


def call(*turns: GoldTurn, layout: str = "stereo") -> GoldCall:
    return GoldCall(Path("x.wav"), "ru", layout, "incoming", "", "unknown", True, turns, {})


def said(role: Role, text: str, start_s: float, speaker: str = "", step_s: float = 0.5) -> Utterance:
    words = tuple(Word(t, start_s + i * step_s, start_s + (i + 1) * step_s, 0.9) for i, t in enumerate(text.split()))
    return Utterance(0, role, text, speaker or role, start_s, words[-1].end_s, words)


STEREO = call(
    GoldTurn("agent", "Добрый день, это Анна.", 0, 2, 0),
    GoldTurn("client", "Здравствуйте, слушаю вас.", 2, 3.5, 1),
)
MONO = call(
    GoldTurn("agent", "Добрый день, это Анна.", 0, 2, 0),
    GoldTurn("client", "Здравствуйте, слушаю вас.", 2, 3.5, 0),
    layout="mono",
)
PERFECT = [said("agent", "добрый день это Анна", 0), said("client", "здравствуйте слушаю вас", 2)]


@pytest.mark.parametrize("gold", [STEREO, MONO], ids=["stereo", "mono"])
def test_perfect_call(gold: GoldCall):
    assert word_error_rate(gold, PERFECT) == Share(0, 7)
    assert role_accuracy(gold, PERFECT) == Share(7, 7)


@pytest.mark.parametrize("gold", [STEREO, MONO], ids=["stereo", "mono"])
def test_lost_turn_counts(gold: GoldCall):
    assert word_error_rate(gold, PERFECT[:1]) == Share(3, 7)
    assert word_error_rate(gold, []) == Share(7, 7)


@pytest.mark.parametrize("gold", [STEREO, MONO], ids=["stereo", "mono"])
def test_invented_turn_counts(gold: GoldCall):
    invented = said("client", "продолжение следует", 10)
    assert word_error_rate(gold, [*PERFECT, invented]) == Share(2, 7)


def test_swapped_roles_are_no_word_errors_but_role_errors():
    swapped = [said("client", PERFECT[0].text, 0), said("agent", PERFECT[1].text, 2)]
    assert word_error_rate(STEREO, swapped) == Share(0, 7)
    assert role_accuracy(STEREO, swapped) == Share(0, 7)


def test_one_speaker_too_many_still_belongs_to_a_channel():
    ivr = [said("other", "добрый день", 0, "A"), said("agent", "это Анна", 1, "B"), PERFECT[1]]
    assert word_error_rate(STEREO, ivr) == Share(0, 7)


def test_mono_is_read_in_order_of_time():
    assert word_error_rate(MONO, PERFECT[::-1]) == Share(0, 7)


def test_overlapping_turns_on_separate_channels_have_no_order():
    gold = call(GoldTurn("agent", "раз два три", 0, 3, 0), GoldTurn("client", "нет", 1, 1.5, 1))
    assert word_error_rate(gold, [said("agent", "раз два три", 0), said("client", "нет", 1)]) == Share(0, 4)


def test_word_in_an_overlap_belongs_to_the_turn_that_holds_it():
    gold = call(GoldTurn("agent", "окна да двери", 0, 3, 0), GoldTurn("client", "нет да", 1, 2, 1))
    assert role_accuracy(gold, [said("agent", "нет", 1.2)]) == Share(0, 1)
    assert role_accuracy(gold, [said("client", "нет", 1.2)]) == Share(1, 1)
    assert role_accuracy(gold, [said("agent", "да", 1.2)]) == Share(0, 0)  # both hold it
    assert role_accuracy(gold, [said("agent", "кот", 1.2)]) == Share(0, 0)  # nobody does


def test_word_between_turns_belongs_to_the_nearest():
    assert role_accuracy(STEREO, [said("client", "пока", 3.6)]) == Share(1, 1)


def test_word_where_turns_meet_belongs_to_the_turn_that_holds_it():
    assert role_accuracy(STEREO, [said("agent", "Анна", 1.9)]) == Share(1, 1)  # its middle is in the next turn
    assert role_accuracy(STEREO, [said("agent", "здравствуйте", 1.5)]) == Share(0, 1)


def test_word_stretched_over_a_pause_belongs_to_the_turn_that_holds_it():
    assert role_accuracy(STEREO, [said("client", "вас", 0.5, step_s=3)]) == Share(1, 1)
    assert role_accuracy(STEREO, [said("agent", "вас", 0.5, step_s=3)]) == Share(0, 1)


def test_share():
    assert Share(1, 4).value == 0.25
    assert Share(0, 0).value == 0.0
    assert Share(1, 2) + Share(2, 3) == Share(3, 5)


def test_diarization_error_rate():
    reference = (Turn("a", 0, 5), Turn("b", 5, 10))
    assert diarization_error_rate(reference, (Turn("X", 0, 5), Turn("Y", 5, 10)), 10).value == 0
    assert diarization_error_rate(reference, (Turn("X", 0, 10),), 10).value == pytest.approx(0.5)
    assert diarization_error_rate(reference, (), 10).value == pytest.approx(1.0)
    invented = (Turn("X", 0, 5), Turn("Y", 5, 12))
    assert diarization_error_rate(reference, invented, 12).value == pytest.approx(0.2)
    assert diarization_error_rate(reference, invented, 10).value == 0  # beyond the recording nothing counts


def test_overlapped_speech_must_be_found_twice():
    reference = (Turn("a", 0, 6), Turn("b", 4, 10))
    share = diarization_error_rate(reference, (Turn("X", 0, 5), Turn("Y", 5, 10)), 10)
    assert share.part == pytest.approx(2) and share.whole == pytest.approx(12)


def test_rttm(tmp_path: Path):
    rttm = tmp_path / "x.rttm"
    rttm.write_text("SPEAKER one 1 2.5 0.5 <NA> <NA> A <NA> <NA>\n\n;; a comment\n", encoding="utf-8")
    assert load_rttm(rttm) == {"one": (Turn("A", 2.5, 3.0),)}
