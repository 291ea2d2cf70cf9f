"""The page as a whole: aims on top, one section per question, and the exit code."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pipeline.corpus_cues import load_type_only_calls
from pipeline.errors import ConfigurationError
from pipeline.settings import TrustSettings, load_settings
from tests.fakes import FakeModels
from tests.quality import __main__ as command
from tests.quality import audio, confirming, page, text
from tests.quality.aims import Aim, aims_of, aims_table
from tests.quality.auto_confirmation import Answered, simulate
from tests.quality.ceiling import section as ceiling_section
from tests.quality.figures import overview
from tests.quality.hand_made import CQR, TWO, judged, labelled
from tests.quality.measures import Interval
from tests.quality.metrics import Share
from tests.quality.page import JudgePage, judge_page
from tests.quality.tables import interval, number, of, percent, percent_of, table
from tests.quality.text_to_audio import Both, loss_of

GOOD = [
    judged(labelled("a", greeting=1, objection=1), {"greeting": 1, "objection": 1}),
    judged(labelled("b", greeting=0, objection=0), {"greeting": 0, "objection": 0}),
    judged(labelled("c", greeting=0.5), {"greeting": 0.5, "objection": "na"}),
]
BAD = [judged(item.labelled, {"greeting": 0.5, "objection": 0}, "spam") for item in GOOD]


def test_numbers_as_they_are_written():
    nothing = math.nan
    assert [number(nothing), number(0.856), interval(Interval(0.5, nothing, nothing))] == ["-", "0.86", "0.50"]
    assert interval(Interval(0.85, 0.8, 0.894)) == "0.85 (0.80 to 0.89)"
    assert [percent(Share(1, 8)), of(Share(1, 8)), percent_of(Share(1, 8))] == ["12.5 %", "1 of 8", "12.5 % (1 of 8)"]
    assert [percent(Share(0, 0)), of(Share(0, 0)), percent_of(Share(0, 0))] == ["-"] * 3
    assert table(["a", "b"], [["x", "1"]]) == "| a | b |\n| --- | ---: |\n| x | 1 |"


def test_aims_that_hold_and_aims_that_do_not():
    aims = aims_of(overview(GOOD, TWO), loss_of([Both("mono", "", item, item) for item in GOOD * 10], TWO))
    assert all(aim.holds for aim in aims)
    lost = loss_of([Both("mono", "", good, bad) for good, bad in zip(GOOD, BAD, strict=True)] * 10, TWO)
    bad = aims_of(overview(BAD, TWO), lost)
    assert [aim.holds for aim in bad] == [False, False, False, True, False, False, True]
    assert "| applicability wrong | at most 2 % | 16.7 % (1 of 6) | NO |" in aims_table(bad)


def test_what_was_not_measured_does_not_hold_and_does_not_fail_the_command():
    aims = aims_of(overview(GOOD, TWO), None)
    missing = [aim for aim in aims if "audio" in aim.name]
    assert len(missing) == 3 and not any(aim.holds or aim.must for aim in missing)
    assert "quotes that stand word for word, audio: not measured, aim at least 100 %" in command.missed_of(aims, [])
    assert "| not measured | NO |" in aims_table(aims)
    assert not overview([], TWO).verbatim.whole


def test_a_loss_over_few_dialogues_does_not_hold_yet():
    aims = aims_of(overview(GOOD, TWO), loss_of([Both("mono", "", item, item) for item in GOOD], TWO))
    lost = [aim for aim in aims if aim.name.startswith("lost")]
    assert not any(aim.holds for aim in lost)
    assert all(aim.shown.endswith(", 3 dialogues: too few") for aim in lost)


def test_the_ceiling_compares_what_both_labelled():
    first = {
        "a": labelled("a", greeting=1),
        "b": labelled("b", greeting=0, objection=0),
        "c": labelled("c", greeting=0.5),
    }
    second = {
        "a": {"call_type": "qualification", "greeting": 1, "objection": 0.5},
        "b": {"call_type": "spam", "greeting": 0, "objection": "na"},
        "c": {"call_type": "qualification", "greeting": 0.5, "objection": "na"},
        "gone": {"call_type": "spam", "greeting": 0, "objection": "na"},
    }
    lines = "\n".join(ceiling_section(first, second, TWO))
    assert lines.startswith("3 dialogues")
    assert (
        "| greeting | 1.00 | 1.00 (1.00 to 1.00) | 0.0 % | 3 |" in lines
        or "| greeting | 1.00 (1.00 to 1.00) |" in lines
    )
    assert "| objection | - | - | 66.7 % | 0 |" in lines


def test_auto_confirmation_is_told_in_tables():
    items = [judged(labelled(str(place), greeting=1), {"greeting": 1, "objection": "na"}) for place in range(120)]
    page_text = "\n".join(confirming.section(items, TWO, TrustSettings()))
    assert "| greeting | 120 | 0.0 % | 100.0 % | 90 | " in page_text
    assert "lucky ones" not in page_text
    few = "\n".join(confirming.section(items[:5], TWO, TrustSettings()))
    assert "| greeting | 5 | 0.0 % | 0.0 % | - | - | - | 0.0 % | 0.0 % |" in few


def test_criteria_that_confirm_more_errors_than_promised_are_explained():
    trust = TrustSettings()
    (played,) = simulate({"needs": Answered(np.full(300, 0.9), np.arange(300) % 20 == 0)}, trust, (59,))
    assert confirming.lucky_lines([replace(played, error=None)], trust) == []
    found = confirming.lucky_lines([replace(played, error=0.051), replace(played, criterion_id="x", error=0.05)], trust)
    assert found[0] == "More than the promised 5 % of what was confirmed is wrong for"
    assert found[1].startswith("needs: few orders start there")


def test_the_whole_page_on_a_few_dialogues(corpus, letters, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    one_of_each_trade = tuple({call.trade: call for call in load_type_only_calls()}.values())
    monkeypatch.setattr(page, "load_corpus", lambda checklist: corpus[::8])
    monkeypatch.setattr(page, "load_type_only_calls", lambda: one_of_each_trade)
    monkeypatch.setattr(page.outside, "section", lambda *arguments: ["outside"])
    found = judge_page(load_settings(), FakeModels(encoder=letters), CQR, limit=6)
    titles = [title for title, _ in found.sections]
    assert titles[0] == "Data" and "Text and audio" in titles and "Rung by rung" in titles
    text_of_page = "\n".join(found.lines)
    assert "### Lines of business that have a twin in development" in text_of_page
    assert "| whole dialogues, without twins |" in text_of_page and "| calls for the type, twins only |" in text_of_page
    assert "most alike across splits" in text_of_page and "```" not in text_of_page
    assert next(aim for aim in found.aims if "word for word" in aim.name).value == 1


def test_measuring_on_copies_of_what_was_trained_on_is_refused(corpus, letters, monkeypatch: pytest.MonkeyPatch):
    one = next(each for each in corpus if each.trade == "windows")
    copy = one.model_copy(update={"id": "copy", "trade": "kitchens"})
    monkeypatch.setattr(page, "load_corpus", lambda checklist: (one, copy))
    with pytest.raises(ConfigurationError, match=r'data/corpus: dialogues ".*" and "copy" are nearly the same'):
        judge_page(load_settings(), FakeModels(encoder=letters), CQR)


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch, letters, tmp_path: Path) -> Path:
    """The command with a judge's part and recognition that are at hand; where the page goes."""
    aim = Aim("quotes", 1.0, "100 %", 1.0, "at least", percent=True, must=True)
    monkeypatch.setattr(command, "build_models", lambda profile: FakeModels(encoder=letters))
    monkeypatch.setattr(command, "judge_page", lambda *arguments: JudgePage([aim], [("Data", ["words"])]))
    monkeypatch.setattr(audio, "measure_samples", lambda *arguments: [])
    monkeypatch.setattr(audio, "measure_real", lambda *arguments: {})
    monkeypatch.setattr(command, "PAGE", tmp_path / "quality.md")
    return tmp_path / "quality.md"


def test_the_command_writes_the_page(measured: Path, monkeypatch: pytest.MonkeyPatch, capsys):
    monkeypatch.setattr(audio, "figures_of", lambda *arguments: [audio.Figure("WER", Share(1, 20), "x", bound=0.1)])
    assert command.main([]) == 0
    content, printed = measured.read_text(encoding="utf-8"), capsys.readouterr()
    assert content in printed.out
    assert printed.err == f"Wrote {measured}.\nEverything that was measured reaches its aim.\n"
    for part in (
        "## Does it reach",
        "| quotes | at least 100 % | 100 % | yes |",
        "### Data",
        "## Recognition",
        "| first 12 digits of the file's sha256 |",
        "Everything that was measured reaches its aim.",
    ):
        assert part in content


MISSED = Aim("kappa", 0.80, "0.80", 0.85, "at least")
BROKEN = Aim("quotes", 0.99, "99 %", 1.0, "at least", percent=True, must=True)


@pytest.mark.parametrize(
    ("aim", "wrong", "told", "code"),
    [
        (MISSED, 1, "Not reached (1):\n\n- kappa: 0.80, aim at least 0.85\n", 0),
        (BROKEN, 1, "Not reached (1):\n\n- quotes: 99 %, aim at least 100 %\n", 1),
        (BROKEN, 9, "Not reached (2):\n\n- quotes: 99 %, aim at least 100 %\n- WER: 45.0%, must be below 10%\n", 1),
        (MISSED, 9, "Not reached (2):\n\n- kappa: 0.80, aim at least 0.85\n- WER: 45.0%, must be below 10%\n", 1),
    ],
)
def test_what_is_missed_is_said_and_what_was_promised_fails_the_command(
    aim: Aim, wrong: int, told: str, code: int, measured: Path, monkeypatch: pytest.MonkeyPatch, capsys
):
    monkeypatch.setattr(command, "judge_page", lambda *arguments: JudgePage([aim], []))
    monkeypatch.setattr(audio, "figures_of", lambda *arguments: [audio.Figure("WER", Share(wrong, 20), "x", bound=0.1)])
    assert command.main([]) == code
    assert told in measured.read_text(encoding="utf-8")
    assert capsys.readouterr().err.endswith(told)


def test_a_trial_leaves_the_page_alone(measured: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    assert command.main(["--no-audio", "--limit", "3"]) == 0
    assert not measured.exists()
    assert command.main(["--no-audio", "--out", str(tmp_path / "trial.md")]) == 0
    assert (tmp_path / "trial.md").exists()


def test_an_error_is_told_without_a_traceback(measured: Path, monkeypatch: pytest.MonkeyPatch, capsys):
    def refuse(*arguments):
        raise ConfigurationError("data/corpus: two are the same")

    monkeypatch.setattr(command, "judge_page", refuse)
    assert command.main([]) == 1
    assert capsys.readouterr().err == "data/corpus: two are the same\n"
    assert not measured.exists()


def test_development_trades_from_the_command_line(corpus, monkeypatch: pytest.MonkeyPatch, capsys, letters):
    monkeypatch.setattr(text, "load_corpus", lambda checklist, split: corpus[:8])
    monkeypatch.setattr("tests.quality.judging.active_encoder", lambda: letters)
    text.main(["--rules", "--limit", "2"])
    text.main(["--language", corpus[0].language, "--limit", "2"])
    out = capsys.readouterr().out
    assert out.count("2 dialogues, ") == 2 and "### By language" in out
