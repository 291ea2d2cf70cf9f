from itertools import pairwise

from pipeline.diarization_windows import join_windows, windows_of
from pipeline.records import Diarization, Turn


def diarization(*turns: tuple[str, float, float]) -> Diarization:
    made = tuple(Turn(*turn) for turn in turns)
    return Diarization(made, made)


def test_a_short_recording_is_one_window() -> None:
    assert list(windows_of(600)) == [(0.0, 600)]


def test_windows_cover_a_long_recording_with_overlap() -> None:
    windows = list(windows_of(3600))
    assert windows[0][0] == 0
    assert windows[-1][1] == 3600
    assert all(before[1] - after[0] == 120 for before, after in pairwise(windows))
    assert windows[-1][1] - windows[-1][0] > 120


def test_speakers_are_matched_by_who_speaks_in_the_overlap() -> None:
    first = diarization(("SPEAKER_00", 0, 95), ("SPEAKER_01", 95, 120))
    second = diarization(("SPEAKER_00", 96, 130), ("SPEAKER_01", 80, 95), ("SPEAKER_02", 150, 160))
    joined = join_windows([(0, first), (80, second)], overlap_s=40)
    assert joined.turns == (
        Turn("SPEAKER_00", 0, 95),
        Turn("SPEAKER_01", 95, 100),
        Turn("SPEAKER_01", 100, 130),
        Turn("SPEAKER_02", 150, 160),
    )


def test_no_window_is_no_speech() -> None:
    assert join_windows([]) == Diarization((), ())
