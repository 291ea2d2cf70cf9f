"""What the runs of a set come to: ratios round by round, aims that hold and aims that do not, word errors of copies."""

import json
import math
import re

import pytest

from pipeline.records import Utterance
from tests.bench.__main__ import read_arguments
from tests.bench.measuring import Measured
from tests.bench.speed import SetResult, aims_of, section, speed_table
from tests.bench.ways import BATCHED, OURS, OURS_ALONE, PYANNOTE, PYANNOTE_ONE, WHISPERX, Run, errors_of, printed_texts
from tests.quality.gold import load_gold

GOLD = next(gold for gold in load_gold() if gold.layout == "stereo")


def run(wall_s: float, peak_mb: float = 100.0, texts: dict[str, list[Utterance]] | None = None) -> Run:
    return Run(Measured(wall_s, wall_s, peak_mb, ""), texts or {})


def as_said(name: str) -> dict[str, list[Utterance]]:
    turns = sorted(GOLD.turns, key=lambda turn: turn.start_s)
    said = [
        Utterance(place, turn.role, turn.text, f"channel {turn.channel}", turn.start_s)
        for place, turn in enumerate(turns)
    ]
    return {name: said}


def test_the_ratio_is_the_median_of_the_rounds_not_of_the_times():
    found = SetResult("stereo", 1, 60.0, {OURS: [run(1), run(9), run(3)], BATCHED: [run(2), run(10), run(30)]})
    assert found.ratio(OURS, BATCHED) == 0.5
    assert found.ratio(OURS, BATCHED, OURS) == pytest.approx(1 / 3)  # of 1/3, 9/19 and 3/33


def test_what_was_not_run_has_no_ratio_and_its_aim_does_not_hold():
    found = SetResult("stereo", 1, 60.0, {OURS: [run(1)], BATCHED: [run(2)]})
    assert math.isnan(found.ratio(WHISPERX, OURS))
    (aim,) = [aim for aim in aims_of(found, {}) if "WhisperX" in aim.name]
    assert (aim.shown, aim.holds) == ("not measured", False)


def test_mono_is_held_against_both_parts_together():
    pyannote = {PYANNOTE: [run(30)], PYANNOTE_ONE: [run(3)]}
    found = SetResult("mono", 1, 60.0, {OURS: [run(10)], BATCHED: [run(6)], **pyannote})
    (aim,) = aims_of(found, {})
    assert (aim.shown, aim.holds) == ("1.11", False)


def test_memory_of_a_long_call_is_held_against_short_ones():
    short = SetResult("short", 30, 60.0, {OURS_ALONE: [run(1, 1000.0)], OURS: [run(1)], BATCHED: [run(1)]})
    long = SetResult("long", 1, 60.0, {OURS: [run(1, 1190.0)], BATCHED: [run(1)]})
    longest = SetResult("longest", 1, 60.0, {OURS: [run(1, 1440.0)]})
    assert [aim.holds for aim in aims_of(long, {"short": short})] == [True]
    assert [aim.shown for aim in aims_of(longest, {"short": short, "long": long})] == ["1.21"]
    assert aims_of(long, {}) == []


def test_word_errors_of_a_copy_are_held_against_its_sample():
    name = f"{GOLD.path.stem}-1.wav"
    assert errors_of(as_said(name)).part == 0
    heard = errors_of({name: []})
    assert heard.part == heard.whole > 20
    assert errors_of({"ru-cut-3.wav": as_said(name)[name]}).whole == 0  # nobody wrote down what a cut says


def test_a_worse_word_error_rate_breaks_its_aim():
    name = f"{GOLD.path.stem}-0.wav"
    found = SetResult("8khz", 1, 60.0, {OURS: [run(1, texts={name: []})], BATCHED: [run(2, texts=as_said(name))]})
    (pace, errors) = aims_of(found, {})
    assert pace.holds and not errors.holds
    assert errors.shown == "+100.00 points"
    text = section(found, {}, "Written by a test.")[1]
    assert re.search(rf"Widest apart: {name}, (\d+) of \1 words wrong, by plain batched 0\.", text)


def test_the_section_says_what_holds():
    found = SetResult("stereo", 2, 60.0, {OURS: [run(1)], BATCHED: [run(2)]})
    heading, text = section(found, {}, "Written by a test.")
    assert text.startswith(f"{heading}\n\nWritten by a test. 2 calls, 1.0 minutes; 1 round.")
    assert "| time to plain batched | at most 0.6 | 0.50 | yes |" in text
    assert "| word error rate above plain batched | at most 0.5 points | not measured | NO |" in text
    assert speed_table(found).count("\n") == 3


def test_a_peer_says_a_line_of_json_for_each_file():
    line = json.dumps({"file": "ru-a-0.wav", "audio_s": 3.0, "texts": ["да", "нет"]})
    log = "2026-11-22 14:11:10 - whisperx.asr - INFO - detecting"
    assert [item.text for item in printed_texts(None, f"{log}\n{line}\n")["ru-a-0.wav"]] == ["да", "нет"]


def test_an_unknown_set_is_refused_by_name(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        read_arguments(["--sets", "stereo,quadro"])
    assert "no set is called quadro; there are stereo, mono" in capsys.readouterr().err


def test_the_command_line_chooses_sets_and_rounds():
    asked = read_arguments(["--sets", "mono,short", "--rounds", "1", "--long"])
    assert (asked.sets, asked.rounds, asked.everything) == (("mono", "short", "longest"), 1, False)
