from hypothesis import given
from hypothesis import strategies as st

from pipeline.attribution import Run, gather_runs, merge_runs, words_of_channels, words_of_turns
from pipeline.records import Turn, Word


def word(text: str, start_s: float, end_s: float) -> Word:
    return Word(text, start_s, end_s, 0.9)


def test_a_word_goes_to_the_turn_that_it_shares_most_time_with() -> None:
    turns = [Turn("A", 0, 2), Turn("B", 2, 4)]
    spoken = words_of_turns([word("да", 1.9, 2.4), word("нет", 1.5, 2.1)], turns)
    assert {item.word.text: item.speaker for item in spoken} == {"да": "B", "нет": "A"}


def test_a_word_outside_every_turn_goes_to_the_nearest() -> None:
    turns = [Turn("A", 0, 1), Turn("B", 5, 6)]
    assert [item.speaker for item in words_of_turns([word("ну", 1.2, 1.5), word("вот", 4.1, 4.4)], turns)] == ["A", "B"]


def test_without_turns_everything_is_one_speaker() -> None:
    assert {item.speaker for item in words_of_turns([word("а", 0, 1), word("б", 3, 4)], [])} == {"SPEAKER_00"}


def test_one_short_word_inside_a_flow_is_a_slip_of_the_diarizer() -> None:
    turns = [Turn("A", 0, 1), Turn("B", 1, 1.2), Turn("A", 1.2, 3)]
    words = [word("мы", 0.5, 0.95), word("с", 1.0, 1.2), word("вами", 1.25, 1.6)]
    assert [item.speaker for item in words_of_turns(words, turns)] == ["A", "A", "A"]


def test_a_short_answer_after_a_pause_is_no_slip() -> None:
    turns = [Turn("A", 0, 1), Turn("B", 1.5, 1.8), Turn("A", 2.3, 3)]
    words = [word("готовы", 0.4, 0.9), word("да", 1.5, 1.7), word("отлично", 2.3, 2.8)]
    assert [item.speaker for item in words_of_turns(words, turns)] == ["A", "B", "A"]


def test_overlapping_channels_stay_whole() -> None:
    agent = [word("расскажу", 0, 0.5), word("про", 0.6, 0.8), word("доставку", 0.9, 1.5)]
    client = [word("угу", 0.7, 0.9)]
    runs = gather_runs(words_of_channels([(0, agent), (1, client)]))
    assert [(run.speaker, run.text) for run in runs] == [("CHANNEL_0", "расскажу про доставку"), ("CHANNEL_1", "угу")]


def test_a_pause_ends_a_run_and_neighbours_merge() -> None:
    words = [word("один", 0, 0.5), word("два", 1.5, 2.0), word("три", 9.0, 9.5)]
    runs = gather_runs(words_of_channels([(0, words)]))
    assert [run.text for run in runs] == ["один", "два", "три"]
    assert [run.text for run in merge_runs(runs)] == ["один два", "три"]  # the long pause still separates


@given(st.lists(st.tuples(st.sampled_from("AB"), st.floats(0, 100), st.floats(0.05, 1)), max_size=40))
def test_no_word_is_lost_or_doubled(items: list[tuple[str, float, float]]) -> None:
    channels = [
        (n, [word(str(i), s, s + d) for i, (c, s, d) in enumerate(items) if c == name]) for n, name in enumerate("AB")
    ]
    runs = merge_runs(gather_runs(words_of_channels(channels)))
    assert sorted(w.text for run in runs for w in run.words) == sorted(str(i) for i in range(len(items)))
    assert all(isinstance(run, Run) and run.start_s <= run.end_s for run in runs)
