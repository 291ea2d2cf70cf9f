"""Which file is whose."""

import unicodedata
from pathlib import Path

import pytest

from pipeline.journal import Matching, match_recordings
from pipeline.records import Call


def call(call_id: str, file_name: str | None = None, answered: bool | None = True) -> Call:
    return Call(call_id, file_name=file_name, answered=answered)


def match(*calls: Call, **files: str | None) -> Matching:
    return match_recordings(calls, {Path(name): sha256 for name, sha256 in files.items()})


def pairs(matching: Matching) -> dict[str, str]:
    return {pair.call.call_id: str(pair.path) for pair in matching.matched}


@pytest.mark.parametrize(
    "name",
    [
        "a.wav",
        "A.WAV",
        "a",
        "a.mp3",
        " a.wav ",
        "2026/01/a.wav",
        "./2026/01/a",
        "/var/spool/monitor/2026/01/a.wav",
        "D:\\records\\2026\\01\\a.wav",
        "elsewhere/a.wav",
    ],
)
def test_ways_to_name_a_file(name: str) -> None:
    assert pairs(match(call("c1", name), **{"inbox/2026/01/a.wav": "s1"})) == {"c1": "inbox/2026/01/a.wav"}


@pytest.mark.parametrize("name", ["b.wav", "", "a.wav.wav.mp3", "2026/01"])
def test_names_of_no_file(name: str) -> None:
    assert pairs(match(call("c1", name), **{"inbox/2026/01/a.wav": "s1"})) == {}


def test_full_name_comes_before_the_name_without_extension() -> None:
    assert pairs(match(call("c1", "a.mp3"), **{"a.wav": "s1", "a.mp3": "s2"})) == {"c1": "a.mp3"}


def test_a_date_is_no_extension() -> None:
    assert pairs(match(call("c1", "2026.01.05"), **{"2026.01.05.wav": "s1", "2026.01.wav": "s2"})) == {
        "c1": "2026.01.05.wav"
    }


def test_accents_may_be_encoded_either_way() -> None:
    name = "звонок-й.wav"
    assert pairs(match(call("c1", name), **{unicodedata.normalize("NFD", name): "s1"}))


def test_folder_decides_between_equal_names() -> None:
    files: dict[str, str | None] = {"inbox/05/1.wav": "s1", "inbox/06/1.wav": "s2"}
    assert pairs(match(call("c1", "06/1.wav"), call("c2", "pbx/05/1.wav"), **files)) == {
        "c1": "inbox/06/1.wav",
        "c2": "inbox/05/1.wav",
    }


def test_equal_names_of_different_contents_are_a_problem() -> None:
    for other in ("s2", None):
        matching = match(call("c1", "1.wav"), **{"05/1.wav": "s1", "06/1.wav": other})
        assert matching.matched == ()
        (problem,) = matching.problems
        assert (problem.call_id, problem.file_name, problem.found) == ("c1", "1.wav", "2 different recordings")


def test_copies_are_one_recording() -> None:
    matching = match(call("c1", "1.wav"), **{"05/1.wav": "s1", "copy/1.wav": "s1", "other.wav": "s1"})
    assert pairs(matching) == {"c1": "05/1.wav"}
    assert matching.problems == ()


def test_file_that_two_rows_claim_stays_with_the_first() -> None:
    matching = match(call("c1", "a.wav"), call("c2", "a"), **{"a.wav": "s1"})
    assert pairs(matching) == {"c1": "a.wav"}
    assert matching.problems[0].found == "already the recording of call c1"
    assert [lost.call_id for lost in matching.without_recording] == ["c2"]


def test_file_that_could_not_be_identified_keeps_its_row() -> None:
    matching = match(call("c1", "a.wav"), **{"a.wav": None, "b.wav": None})
    assert pairs(matching) == {"c1": "a.wav"}


def test_calls_without_their_recording_are_reported() -> None:
    calls = (
        call("missed", None, answered=False),
        call("missed with a name", "m.wav", answered=False),
        call("answered", None),
        call("lost", "gone.wav"),
        call("unsaid", None, answered=None),
        call("unsaid with a name", "n.wav", answered=None),
    )
    matching = match(*calls, **{"x.wav": "s1"})
    assert [lost.call_id for lost in matching.without_recording] == ["answered", "lost", "unsaid with a name"]
