"""The evaluation's tables with plain data; the models themselves run in `make evaluate`."""

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.records import AnalysedDialogue, ConversationMetrics, Dialogue, RoleAssignment, Turn, Utterance, Word
from pipeline.settings import load_settings
from tests.quality import audio
from tests.quality.gold import GoldCall, load_gold
from tests.quality.metrics import Share
from tests.quality.recognition import Recognised


def heard_perfectly(gold: GoldCall) -> Recognised:
    utterances = []
    for index, turn in enumerate(gold.turns):
        texts = turn.text.split()
        step_s = (turn.end_s - turn.start_s) / len(texts)
        words = tuple(
            Word(text, turn.start_s + i * step_s, turn.start_s + (i + 1) * step_s, 1.0) for i, text in enumerate(texts)
        )
        utterances.append(
            Utterance(index, turn.role, turn.text, f"CHANNEL_{turn.channel}", turn.start_s, turn.end_s, words)
        )
    dialogue = Dialogue(gold.language, tuple(utterances), gold.turns[-1].end_s)
    metrics = ConversationMetrics(gold.turns[-1].end_s, 0, 0, 0, ())
    analysed = AnalysedDialogue(dialogue, RoleAssignment({}, 0.9, "words"), (), metrics)
    turns = gold.speaker_turns if gold.layout == "mono" else None
    return Recognised(gold.path, analysed, turns, gold.turns[-1].end_s)


@pytest.fixture(scope="module")
def perfect() -> list[audio.CallResult]:
    return [audio.measure_call(gold, heard_perfectly(gold)) for gold in load_gold()]


def test_perfect_hearing_holds_every_bound(perfect: list[audio.CallResult]):
    figures = audio.figures_of(perfect, {"sample": Share(1, 20), "dev00": Share(9, 10)})
    assert all(figure.holds for figure in figures)
    by_time = [figure.share.value for figure in figures if "by time alone" in figure.name]
    assert len(by_time) == 2 and min(by_time) > 0.99  # only words under the other side's speech are missed
    rest = [f for f in figures if not f.name.startswith("DER, real") and "by time alone" not in f.name]
    assert {figure.share.value for figure in rest} == {0.0, 1.0}


def test_a_figure_that_was_not_measured_does_not_hold(perfect: list[audio.CallResult]):
    missing = [figure for figure in audio.figures_of(perfect, {}) if not figure.holds]
    assert [figure.name for figure in missing] == ["DER, real telephone call"]
    assert "not measured" in audio.figures_table(missing)


def test_bounds():
    assert not audio.Figure("x", Share(15, 100), "", bound=0.15).holds
    assert audio.Figure("x", Share(95, 100), "", bound=0.95, side="at least").holds
    assert not audio.Figure("x", Share(94, 100), "", bound=0.95, side="at least").holds
    assert audio.Figure("x", Share(99, 100), "").holds


def test_page_names_models_figures_and_recordings(perfect: list[audio.CallResult]):
    page = audio.report(load_settings(), perfect, audio.figures_of(perfect, {}))
    assert "whisper-base" in page and "| WER, Russian, stereo | 0.0% | below 15% | yes |" in page
    assert all(result.gold.path.name in page for result in perfect)


def test_calls_whose_roles_are_exchanged_are_named(perfect: list[audio.CallResult]):
    assert audio.exchanged_line(perfect) == "Manager and client exchanged: in no recording."
    first = replace(perfect[0], roles=Share(2, 60), role_confidence=0.51)
    name = first.gold.path.name
    assert audio.exchanged_line([first, *perfect[1:]]).endswith(f"exchanged: {name} (confidence of roles 0.51).")


def test_main_says_by_its_exit_code_whether_the_bounds_hold(perfect, monkeypatch, tmp_path: Path, capsys):
    monkeypatch.setattr(audio, "build_models", lambda profile: None)
    monkeypatch.setattr(audio, "measure_samples", lambda *arguments: perfect)
    monkeypatch.setattr(audio, "measure_real", lambda *arguments: {"sample": Share(1, 20)})
    assert audio.main(["--out", str(tmp_path / "new" / "audio.md")]) == 0
    assert (tmp_path / "new" / "audio.md").read_text(encoding="utf-8") == capsys.readouterr().out[:-1]
    monkeypatch.setattr(audio, "measure_real", lambda *arguments: {"sample": Share(1, 5)})
    assert audio.main([]) == 1


class TurnsOfTheReference:
    """A diarizer that knows the answer."""

    def diarize(self, channel):
        assert channel.duration_s == pytest.approx(7.5, abs=0.1)
        return type("Found", (), {"turns": (Turn("X", 1.0, 2.0),)})()


def test_real_recordings_are_those_with_a_reference(tmp_path: Path):
    recording = next(gold.path for gold in load_gold() if gold.path.stem == "ru-11-cut-off")
    for name in ("known.wav", "unknown.wav"):
        (tmp_path / name).write_bytes(recording.read_bytes())
    (tmp_path / "all.rttm").write_text("SPEAKER known 1 1.0 2.0 <NA> <NA> A <NA> <NA>\n", encoding="utf-8")
    models = type("Models", (), {"diarizer": TurnsOfTheReference()})()
    found = audio.measure_real(tmp_path, load_settings(), models, tmp_path / "scratch")
    assert list(found) == ["known"] and found["known"].value == pytest.approx(0.5)
