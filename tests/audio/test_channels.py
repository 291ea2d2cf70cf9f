"""What counts as one signal, and what as two speakers."""

import pickle
from pathlib import Path

import numpy as np
import pytest

from pipeline.audio import DecodedRecording, decode
from pipeline.settings import AudioSettings
from tests.audio.signals import Signal, decibel, loudness, voice, write_audio

AGENT, CLIENT = voice(1), voice(2)
SILENCE = np.zeros_like(AGENT)
NOISE = voice(9, rms=1.0)
MP3 = ("-c:a", "libmp3lame", "-b:a", "32k")
ALAW = ("-c:a", "pcm_alaw")


def layout(path: Path, scratch: Path, program: str) -> str:
    with decode(path, AudioSettings(), {}, scratch, program) as recording:
        assert len(recording.channels) == (2 if recording.facts.layout == "stereo" else 1)
        return recording.facts.layout


@pytest.mark.parametrize(
    ("right", "name", "options"),
    [
        (AGENT, "x.wav", ()),
        (AGENT * decibel(-12), "x.wav", ()),
        (AGENT * decibel(-20), "x.wav", ALAW),
        (-AGENT, "x.wav", ()),
        (-AGENT * decibel(-6), "x.mp3", MP3),
        (AGENT, "x.mp3", MP3),
        (AGENT, "x.opus", ("-c:a", "libopus", "-b:a", "24k")),
        (AGENT + NOISE * 0.1 * decibel(-25), "x.wav", ()),
    ],
)
def test_one_signal_on_both_channels_is_mono(
    right: Signal, name: str, options: tuple[str, ...], tmp_path: Path, scratch: Path, any_ffmpeg: str
) -> None:
    assert layout(write_audio(tmp_path / name, AGENT, right, options=options), scratch, any_ffmpeg) == "mono"


@pytest.mark.parametrize(
    ("right", "name", "options"),
    [
        (CLIENT, "x.wav", ()),
        (CLIENT, "x.mp3", MP3),
        (SILENCE, "x.wav", ()),
        (SILENCE, "x.wav", ALAW),
        (NOISE * decibel(-60), "x.wav", ()),
        (AGENT * decibel(-30), "x.wav", ()),  # crosstalk alone
        (CLIENT + AGENT * decibel(-10), "x.wav", ()),  # the client, and the agent heard through
        (CLIENT * decibel(-25), "x.wav", ()),
    ],
)
def test_two_signals_stay_apart(
    right: Signal, name: str, options: tuple[str, ...], tmp_path: Path, scratch: Path, any_ffmpeg: str
) -> None:
    assert layout(write_audio(tmp_path / name, AGENT, right, options=options), scratch, any_ffmpeg) == "stereo"


def test_a_rare_speaker_is_not_taken_for_an_echo(tmp_path: Path, scratch: Path, any_ffmpeg: str) -> None:
    agent = voice(1, 30)
    client = np.zeros_like(agent)
    client[100_000:110_000] = voice(2, 1.25)
    path = write_audio(tmp_path / "x.wav", agent, client + agent * decibel(-8))
    assert layout(path, scratch, any_ffmpeg) == "stereo"


def test_inverted_copy_does_not_cancel_out(tmp_path: Path, scratch: Path, any_ffmpeg: str) -> None:
    path = write_audio(tmp_path / "x.wav", AGENT, -AGENT)
    with decode(path, AudioSettings(), {}, scratch, any_ffmpeg) as recording:
        assert loudness(recording.channels[0].read()) > -30


def test_two_silent_channels_are_one(tmp_path: Path, scratch: Path, any_ffmpeg: str) -> None:
    path = write_audio(tmp_path / "x.wav", SILENCE, SILENCE)
    with decode(path, AudioSettings(), {}, scratch, any_ffmpeg) as recording:
        assert recording.facts.layout == "mono"
        assert not recording.channels[0].read().any()


@pytest.mark.parametrize(
    ("channels", "expected"),
    [
        ((SILENCE, AGENT, SILENCE, CLIENT), "stereo"),
        ((SILENCE, AGENT, SILENCE), "mono"),
        ((SILENCE, SILENCE, SILENCE), "mono"),
        ((AGENT, CLIENT, voice(3)), "mono"),
        ((AGENT, SILENCE, AGENT, SILENCE), "mono"),
    ],
)
def test_of_many_channels_those_with_signal_count(
    channels: tuple[Signal, ...], expected: str, tmp_path: Path, scratch: Path, ffmpeg_program: str
) -> None:
    path = write_audio(tmp_path / "x.wav", *channels)
    with decode(path, AudioSettings(), {}, scratch, ffmpeg_program) as recording:
        assert recording.facts.layout == expected
        assert recording.facts.channel_count == len(channels)
        if expected == "stereo":
            heard = [channel.read()[::2] for channel in recording.channels]
            assert np.corrcoef(heard[0], AGENT)[0, 1] > 0.9
            assert np.corrcoef(heard[1], CLIENT)[0, 1] > 0.9


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write_audio(tmp_path / "x.wav", voice(1, 3), voice(2, 3))


def test_reading_gives_the_asked_part_as_a_copy(path: Path, scratch: Path, any_ffmpeg: str) -> None:
    with decode(path, AudioSettings(), {}, scratch, any_ffmpeg) as recording:
        channel = recording.channels[1]
        whole = channel.read()
        assert whole.dtype == np.float32
        assert whole.shape == (48_000,)
        assert channel.duration_s == 3.0
        np.testing.assert_array_equal(channel.read(1.0, 1.5), whole[16_000:24_000])
        np.testing.assert_array_equal(channel.read(2.5), whole[40_000:])
        np.testing.assert_array_equal(channel.read(-1, 99), whole)
        assert channel.read(2, 1).shape == channel.read(9, 10).shape == (0,)
        whole[:] = 0
        assert channel.read().any()


def test_parts_join_without_a_seam(tmp_path: Path, scratch: Path, any_ffmpeg: str) -> None:
    path = write_audio(tmp_path / "x.wav", voice(1, 70))
    with decode(path, AudioSettings(), {}, scratch, any_ffmpeg) as recording:
        channel = recording.channels[0]
        np.testing.assert_array_equal(channel.read(59, 61), channel.read()[59 * 16_000 : 61 * 16_000])


def test_channel_can_be_sent_to_another_process(path: Path, scratch: Path, any_ffmpeg: str) -> None:
    with decode(path, AudioSettings(), {}, scratch, any_ffmpeg) as recording:
        sent: DecodedRecording = pickle.loads(pickle.dumps(recording))
        np.testing.assert_array_equal(sent.channels[0].read(), recording.channels[0].read())


def test_scratch_is_empty_afterwards(path: Path, scratch: Path, any_ffmpeg: str) -> None:
    with decode(path, AudioSettings(), {}, scratch, any_ffmpeg):
        assert [file.name for file in scratch.rglob("*.s16")] == ["samples.s16"]
    with pytest.raises(ZeroDivisionError), decode(path, AudioSettings(), {}, scratch, any_ffmpeg):
        raise ZeroDivisionError
    assert list(scratch.iterdir()) == []
