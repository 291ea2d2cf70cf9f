"""Pieces of speech between pauses and speaker changes, and turns told anew by whose voice each piece is."""

from pipeline.records import Diarization, Span, Turn
from pipeline.speech_pieces import cut_into_pieces, told_by_voice


def diarization(*turns: Turn) -> Diarization:
    return Diarization(turns, turns)


def test_speech_is_cut_at_pauses_and_where_the_speaker_changes() -> None:
    exclusive = (Turn("A", 0.0, 2.0), Turn("B", 2.0, 5.0))
    assert cut_into_pieces([Span(0.0, 1.0), Span(1.2, 4.0)], exclusive) == [
        Span(0.0, 1.0), Span(1.2, 2.0), Span(2.0, 4.0),
    ]  # fmt: skip


def test_a_change_near_an_edge_or_another_change_cuts_nothing() -> None:
    exclusive = (Turn("A", 0.0, 0.9), Turn("B", 0.9, 2.0), Turn("A", 2.0, 2.2), Turn("B", 2.2, 3.9))
    assert cut_into_pieces([Span(0.8, 4.0)], exclusive) == [Span(0.8, 2.0), Span(2.0, 4.0)]


def test_the_voice_of_the_piece_speaks_and_changes_in_the_pause() -> None:
    heard = diarization(Turn("A", 0.0, 6.0))
    told = told_by_voice(heard, [Span(0.0, 2.0), Span(2.4, 4.0), Span(4.2, 6.0)], [1, 0, 0])
    assert told.exclusive == (Turn("SPEAKER_01", 0.0, 2.2), Turn("SPEAKER_00", 2.2, 6.0))
    assert told.turns == told.exclusive


def test_time_without_speech_stays_without() -> None:
    heard = diarization(Turn("A", 0.0, 1.0), Turn("B", 3.0, 4.0))
    told = told_by_voice(heard, [Span(0.0, 1.0), Span(3.0, 4.0)], [0, 0])
    assert told.exclusive == (Turn("SPEAKER_00", 0.0, 1.0), Turn("SPEAKER_00", 3.0, 4.0))


def test_where_two_were_heard_the_other_of_two_voices_speaks_too() -> None:
    heard = Diarization(
        turns=(Turn("A", 0.0, 3.0), Turn("B", 2.0, 5.0)), exclusive=(Turn("A", 0.0, 2.5), Turn("B", 2.5, 5.0))
    )
    told = told_by_voice(heard, [Span(0.0, 2.4), Span(2.6, 5.0)], [0, 1])
    assert told.exclusive == (Turn("SPEAKER_00", 0.0, 2.5), Turn("SPEAKER_01", 2.5, 5.0))
    assert Turn("SPEAKER_01", 2.0, 2.5) in told.turns
    assert Turn("SPEAKER_00", 2.5, 3.0) in told.turns


def test_of_three_voices_nobody_knows_who_else_speaks() -> None:
    heard = Diarization(
        turns=(Turn("A", 0.0, 3.0), Turn("B", 2.0, 5.0), Turn("C", 5.0, 6.0)),
        exclusive=(Turn("A", 0.0, 2.5), Turn("B", 2.5, 5.0), Turn("C", 5.0, 6.0)),
    )
    told = told_by_voice(heard, [Span(0.0, 2.4), Span(2.6, 5.0), Span(5.0, 6.0)], [0, 1, 2])
    assert told.turns == told.exclusive
