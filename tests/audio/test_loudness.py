"""One loudness for all speech; noise stays down and nothing clips."""

from pathlib import Path

import numpy as np
import pytest

from pipeline.audio import decode
from pipeline.interfaces import Samples
from pipeline.loudness import soften
from pipeline.settings import AudioSettings
from tests.audio.signals import Signal, decibel, loudness, voice, write_audio

FLOAT = ("-c:a", "pcm_f32le")


def heard(folder: Path, program: str, *channels: Signal) -> list[Samples]:
    path = write_audio(folder / "x.wav", *channels, options=FLOAT)
    with decode(path, AudioSettings(), {}, folder / "scratch", program) as recording:
        samples = [channel.read() for channel in recording.channels]
    assert all(np.abs(channel).max() < 1.0 for channel in samples)
    return samples


def test_quiet_and_loud_copies_come_out_alike(tmp_path: Path, ffmpeg_program: str) -> None:
    levels = [loudness(heard(tmp_path, ffmpeg_program, voice(1) * decibel(gain))[0]) for gain in (12, 0, -20, -40)]
    assert max(levels) - min(levels) < 1.0
    assert levels[0] == pytest.approx(-24, abs=3)


def test_quiet_and_loud_speakers_come_out_alike(tmp_path: Path, ffmpeg_program: str) -> None:
    _, client = heard(tmp_path, ffmpeg_program, voice(1), voice(2))
    agent, quiet_client = heard(tmp_path, ffmpeg_program, voice(1), voice(2) * decibel(-18))
    assert loudness(quiet_client) == pytest.approx(loudness(client), abs=2)
    assert loudness(quiet_client) == pytest.approx(loudness(agent), abs=4)  # one speaks less


def test_full_scale_speech_does_not_clip(tmp_path: Path, ffmpeg_program: str) -> None:
    loud = np.clip(voice(1, rms=0.9), -1.6, 1.6)  # a float file may exceed 1
    (samples,) = heard(tmp_path, ffmpeg_program, loud)
    assert np.corrcoef(samples[::2], loud)[0, 1] > 0.98


@pytest.mark.parametrize("level", [-45, -62, -75])
def test_hiss_on_an_empty_channel_is_not_raised(level: float, tmp_path: Path, any_ffmpeg: str) -> None:
    hiss = np.random.default_rng(5).standard_normal(32_000) * decibel(level)
    agent, empty = heard(tmp_path, any_ffmpeg, voice(1), hiss)
    assert loudness(empty) <= level + 1
    assert loudness(agent) > -30


def test_crosstalk_stays_under_the_speaker(tmp_path: Path, any_ffmpeg: str) -> None:
    hiss = np.random.default_rng(5).standard_normal(32_000) * decibel(-60)
    agent, empty = heard(tmp_path, any_ffmpeg, voice(1), voice(1) * decibel(-30) + hiss)
    assert loudness(agent) - loudness(empty) > 27


def test_breath_on_an_empty_channel_does_not_become_speech(tmp_path: Path, any_ffmpeg: str) -> None:
    agent, empty = heard(tmp_path, any_ffmpeg, voice(1), voice(2) * decibel(-45))
    assert loudness(agent) - loudness(empty) > 20


def test_a_click_does_not_keep_a_call_quiet(tmp_path: Path, any_ffmpeg: str) -> None:
    quiet = voice(1, 20) * decibel(-30)
    clicked = quiet.copy()
    clicked[40_000:40_004] = 1.0
    without, with_click = (loudness(heard(tmp_path, any_ffmpeg, signal)[0]) for signal in (quiet, clicked))
    assert with_click == pytest.approx(without, abs=2)


def test_hiss_alone_and_silence_are_left_alone(tmp_path: Path, any_ffmpeg: str) -> None:
    hiss = np.random.default_rng(5).standard_normal(32_000) * decibel(-50)
    assert loudness(heard(tmp_path, any_ffmpeg, hiss)[0]) <= -50
    assert not heard(tmp_path, any_ffmpeg, np.zeros(16_000))[0].any()


def test_a_file_of_one_tenth_of_a_second_decodes(tmp_path: Path, any_ffmpeg: str) -> None:
    assert heard(tmp_path, any_ffmpeg, voice(1, 0.1))[0].shape == (1600,)


def test_offset_is_no_loudness(tmp_path: Path, any_ffmpeg: str) -> None:
    plain, offset = (heard(tmp_path, any_ffmpeg, voice(1, rms=0.02) + dc)[0] for dc in (0.0, 0.1))
    assert loudness(offset - offset.mean()) == pytest.approx(loudness(plain), abs=1)


def test_bending_keeps_order_sign_and_what_is_small() -> None:
    samples = np.linspace(-30, 30, 2001, dtype=np.float32)
    bent = soften(samples.copy())
    small = np.abs(samples) <= 0.8
    np.testing.assert_array_equal(bent[small], samples[small])
    assert (np.diff(bent) >= 0).all()
    assert np.abs(bent).max() < 1.0
