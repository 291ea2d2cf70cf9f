"""The committed samples are what issue 2 and their README say."""

import csv
import sys
from collections import Counter
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
import yaml

from pipeline.checklist import load_checklist
from pipeline.settings import load_settings
from tests.quality.gold import SAMPLES, GoldCall, load_gold

GOLD = load_gold()
CALL_TYPES = {"qualification", "objection", "spam", "accelerating", "reanimation"}
RECORDINGS = sorted(path for path in SAMPLES.iterdir() if path.suffix in {".wav", ".mp3", ".ogg"})


def by_name(gold: GoldCall) -> str:
    return gold.path.stem


def journal() -> list[dict[str, str]]:
    with (SAMPLES / "calls.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def decode(path: Path) -> tuple[np.ndarray, int, str]:
    """Samples (num_channels, num_samples) as float, rate, codec."""
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        rate_hz, codec, channels = stream.rate, stream.codec_context.name, stream.codec_context.channels
        resampler = av.AudioResampler(format="fltp", layout="mono" if channels == 1 else "stereo", rate=rate_hz)
        parts = [part.to_ndarray() for frame in container.decode(stream) for part in resampler.resample(frame)]
    return np.concatenate(parts, axis=1), rate_hz, codec


def level_db(samples: np.ndarray) -> float:
    return float(20 * np.log10(np.sqrt((samples**2).mean()) + 1e-9))


def test_enough_calls_of_each_kind():
    languages = Counter(gold.language for gold in GOLD)
    assert languages["ru"] >= 10 and languages["en"] >= 2 and languages["pl"] >= 1
    assert {gold.call_type for gold in GOLD} == CALL_TYPES | {"unknown"}
    assert {gold.layout for gold in GOLD if gold.language == "ru"} == {"mono", "stereo"}
    assert {gold.direction for gold in GOLD} == {"incoming", "outgoing"}
    assert Counter(gold.manager for gold in GOLD).most_common(3)[2][1] >= 3  # three managers with a CQR of their own


def test_every_recording_has_gold_and_the_other_way_round():
    assert [gold.path for gold in sorted(GOLD, key=lambda gold: gold.path)] == RECORDINGS
    written = {path.stem for path in (SAMPLES / "dialogues").glob("*.yaml")}
    assert written == {gold.path.stem for gold in GOLD}


def test_samples_are_small():
    assert sum(path.stat().st_size for path in SAMPLES.rglob("*") if path.is_file()) < 8_000_000


def test_codecs_of_a_pbx():
    codecs = {decode(path)[2] for path in RECORDINGS}
    assert {"pcm_mulaw", "pcm_alaw", "opus"} <= codecs and codecs & {"mp3", "mp3float"}


@pytest.mark.parametrize("gold", GOLD, ids=by_name)
def test_recording_agrees_with_its_gold(gold: GoldCall):
    samples, rate_hz, _ = decode(gold.path)
    assert samples.shape[0] == (1 if gold.layout == "mono" else 2)
    duration_s = samples.shape[1] / rate_hz
    last_s = max(turn.end_s for turn in gold.turns)
    assert last_s - 0.05 <= duration_s <= last_s + 1.6
    assert (20 <= duration_s <= 90) or not gold.scored
    for turn in gold.turns:
        middle = samples[turn.channel, int((turn.start_s + 0.1) * rate_hz) : int((turn.end_s - 0.1) * rate_hz)]
        assert level_db(middle) > -40, turn.start_s


@pytest.mark.parametrize("gold", [gold for gold in GOLD if gold.layout == "stereo"], ids=by_name)
def test_one_channel_is_one_side(gold: GoldCall):
    channels = {(turn.role == "client", turn.channel) for turn in gold.turns}
    assert len(channels) == 2 and {channel for _, channel in channels} == {0, 1}


@pytest.mark.parametrize("gold", GOLD, ids=by_name)
def test_criteria_are_those_of_the_checklist(gold: GoldCall):
    checklist = load_checklist("cqr")
    assert set(gold.criteria) == {criterion.id for criterion in checklist.criteria}
    for label in gold.criteria.values():
        if not label.get("applicable", True):
            assert set(label) == {"applicable"}
            continue
        assert label["value"] in {0, 0.5, 1}
        assert all(0 <= index < len(gold.turns) for index in label["evidence"])
    if gold.call_type != "unknown":
        weighed = {criterion.id for criterion in checklist.criteria_for(gold.call_type)}
        applicable = {name for name, label in gold.criteria.items() if label.get("applicable", True)}
        assert weighed - applicable <= {"objection"} and applicable <= weighed


def test_each_level_of_each_criterion_occurs():
    seen = {(name, label.get("value")) for gold in GOLD for name, label in gold.criteria.items()}
    wanted = {(name, value) for name in GOLD[0].criteria for value in (0, 0.5, 1)}
    assert wanted <= seen


def test_the_hard_cases_are_there():
    gold = {one.path.stem: one for one in GOLD}
    assert not gold["ru-11-cut-off"].scored and gold["ru-11-cut-off"].call_type == "unknown"
    assert not gold["ru-11-cut-off"].turns[-1].text.endswith((".", "!", "?"))
    pauses = [b.start_s - a.end_s for a, b in pairwise(gold["ru-12-accelerating-hold"].turns)]
    assert max(pauses) >= 20
    assert "other" in {turn.role for turn in gold["ru-13-qualification-ivr"].turns}
    overlapping = [one for one in GOLD if any(b.start_s < a.end_s for a, b in pairwise(one.turns))]
    assert len(overlapping) >= 3 and {one.layout for one in overlapping} == {"mono", "stereo"}
    stereo = [one for one in GOLD if one.layout == "stereo"]
    assert {turn.channel for one in stereo for turn in one.turns if turn.role == "agent"} == {0, 1}


def test_journal_has_the_configured_columns_and_every_call():
    rows, columns = journal(), load_settings().ingest.journal.columns
    assert set(rows[0]) == {name for name in columns.model_dump().values() if name}
    assert {row["file_name"] for row in rows if row["file_name"]} == {path.name for path in RECORDINGS}
    assert {row["direction"] for row in rows} == {"incoming", "outgoing", "missed"}
    missed = [row for row in rows if row["direction"] == "missed"]
    assert len(missed) >= 2 and all(row["answered"] == "no" and not row["file_name"] for row in missed)
    assert len({row["call_id"] for row in rows}) == len(rows)


def test_journal_agrees_with_gold():
    rows = {row["file_name"]: row for row in journal()}
    for gold in GOLD:
        row = rows[gold.path.name]
        assert (row["direction"], row["manager"]) == (gold.direction, gold.manager)
        assert abs(float(row["duration_s"]) - gold.turns[-1].end_s) < 1.5
        datetime.fromisoformat(row["started_at"])


def test_gold_is_what_was_written():
    sys.path.insert(0, str(SAMPLES))
    try:
        from render import read_line
    finally:
        sys.path.remove(str(SAMPLES))
    for gold in GOLD:
        dialogue = yaml.safe_load((SAMPLES / "dialogues" / f"{gold.path.stem}.yaml").read_text(encoding="utf-8"))
        lines = [read_line(turn) for turn in dialogue["turns"]]
        assert [(line.role, line.text) for line in lines] == [(turn.role, turn.text) for turn in gold.turns]
        assert dialogue["gold"] == gold.criteria and dialogue["call_type"] == gold.call_type
