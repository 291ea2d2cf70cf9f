"""Everything that a PBX writes decodes, with each ffmpeg."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.audio import decode, probe
from pipeline.errors import RecordingError
from pipeline.settings import AudioSettings, RawFormat
from tests.audio.signals import RATE_HZ, voice, write_audio

RAW = {
    "al": RawFormat(codec="alaw", sample_rate_hz=8000, channels=1),
    "ul": RawFormat(codec="mulaw", sample_rate_hz=8000, channels=1),
    "s16": RawFormat(codec="s16le", sample_rate_hz=16000, channels=1),
}
WIDE = ("-ar", "16000")

ENCODINGS = [
    ("x.wav", ("-c:a", "pcm_u8"), "pcm_u8"),
    ("x.wav", ("-c:a", "pcm_s16le"), "pcm_s16le"),
    ("x.wav", ("-c:a", "pcm_s24le"), "pcm_s24le"),
    ("x.wav", ("-c:a", "pcm_s32le"), "pcm_s32le"),
    ("x.wav", ("-c:a", "pcm_f32le"), "pcm_f32le"),
    ("x.wav", ("-c:a", "pcm_alaw"), "pcm_alaw"),
    ("x.wav", ("-c:a", "pcm_mulaw"), "pcm_mulaw"),
    ("x.wav", ("-c:a", "adpcm_ima_wav"), "adpcm_ima_wav"),
    ("x.wav", ("-c:a", "adpcm_ms"), "adpcm_ms"),
    ("x.mp3", (), "mp3"),
    ("x.ogg", ("-c:a", "libopus"), "opus"),
    ("x.ogg", ("-c:a", "libvorbis", *WIDE), "vorbis"),
    ("x.opus", ("-c:a", "libopus"), "opus"),
    ("x.m4a", WIDE, "aac"),
    ("x.aac", WIDE, "aac"),
    ("x.amr", ("-c:a", "libopencore_amrnb"), "amrnb"),
    ("x.flac", (), "flac"),
    ("x.webm", ("-c:a", "libopus"), "opus"),
    ("x.wma", (), "wmav2"),
    ("x.aiff", (), "pcm_s16be"),
    ("x.caf", (), "pcm_s16be"),
    ("X.AL", ("-f", "alaw"), "pcm_alaw"),
    ("x.ul", ("-f", "mulaw"), "pcm_mulaw"),
    ("x.s16", ("-f", "s16le", *WIDE), "pcm_s16le"),
]


@pytest.mark.parametrize(("name", "options", "codec"), ENCODINGS)
def test_every_encoding_gives_the_same_four_seconds(
    name: str, options: tuple[str, ...], codec: str, tmp_path: Path, scratch: Path, ffmpeg_program: str
) -> None:
    path = write_audio(tmp_path / name, voice(1), options=options)
    with decode(path, AudioSettings(), RAW, scratch, ffmpeg_program) as recording:
        assert recording.facts.codec.replace("_", "") == codec.replace("_", "")
        assert recording.facts.duration_s == pytest.approx(4.0, abs=0.15)
        assert not recording.facts.damaged
        samples = recording.channels[0].read()
    reference = np.repeat(voice(1), 16_000 // RATE_HZ)
    assert best_agreement(envelope(samples), envelope(reference)) > 0.9


def envelope(samples: NDArray[np.floating]) -> NDArray[np.floating]:
    """Loudness every 10 ms."""
    return np.abs(samples[: len(samples) // 160 * 160]).reshape(-1, 160).mean(axis=1)


def best_agreement(found: NDArray[np.floating], expected: NDArray[np.floating]) -> float:
    """Correlation, allowing for an encoder that adds or drops up to 0.15 s at the start."""
    length = min(len(found), len(expected)) - 15
    shifts = [(lag, 0) for lag in range(16)] + [(0, lag) for lag in range(16)]
    return max(float(np.corrcoef(found[i : i + length], expected[j : j + length])[0, 1]) for i, j in shifts)


@pytest.mark.parametrize(("name", "codec"), [("x.gsm", "libgsm"), ("x.wav", "libgsm_ms")])
def test_gsm_decodes(name: str, codec: str, tmp_path: Path, scratch: Path, any_ffmpeg: str) -> None:
    system = shutil.which("ffmpeg")
    if system is None:
        pytest.skip("only the system's ffmpeg writes GSM")
    path = write_audio(tmp_path / name, voice(1), options=("-c:a", codec), program=system)
    with decode(path, AudioSettings(), {}, scratch, any_ffmpeg) as recording:
        assert recording.facts.duration_s == pytest.approx(4.0, abs=0.1)
        assert recording.facts.codec in {"gsm", "gsm_ms"}


def test_big_endian_wav_is_not_noise(tmp_path: Path, scratch: Path, ffmpeg_program: str) -> None:
    little = write_audio(tmp_path / "little.wav", voice(1), options=("-c:a", "pcm_s16le", "-bitexact"))
    big = tmp_path / "big.wav"
    content = little.read_bytes()
    start = content.index(b"data") + 8
    header = b"RIFX" + content[4:8][::-1] + b"WAVEfmt " + content[16:20][::-1] + b"\x00\x01\x00\x01"
    header += (
        content[24:28][::-1] + content[28:32][::-1] + b"\x00\x02\x00\x10" + b"data" + content[start - 4 : start][::-1]
    )
    big.write_bytes(header + np.frombuffer(content[start:], "<i2").astype(">i2").tobytes())
    heard = []
    for path in (little, big):
        with decode(path, AudioSettings(), {}, scratch, ffmpeg_program) as recording:
            heard.append(recording.channels[0].read())
    np.testing.assert_allclose(heard[0], heard[1], atol=1e-6)
    assert probe(big, {}).codec == "pcm_s16be"


def test_a_header_is_believed_before_a_raw_extension(tmp_path: Path) -> None:
    path = write_audio(tmp_path / "x.wav", voice(1)).rename(tmp_path / "x.al")
    assert probe(path, RAW).codec == "pcm_s16le"


REAL = {
    "azure/missing_wav_header.wav": "not_audio",
    "pisets/empty_mono.wav": "truncated",
    "pisets/notsound.wav": "not_audio",
    "pisets/mono_sound.wav": 11.28,
    "pisets/silence.wav": 1.0,
    "pisets/test_mpeg.m4a": 3.63,
    "pisets/test_sound_ru.wav": 3.23,
    "voicekit/privet_oleg.aac": 2.69,
    "voicekit/sample_1.mp3": 4.84,
    "voicekit/sample_3.al": 7.45,
    "voicekit/sample_3.mp3": 7.52,
    "voicekit/sample_3.s16": 7.45,
    "voicekit/sample_3.wav": 7.45,
    "voicekit/sample_4.wav": 3.54,
    "wavefile/16-bit-8kHz-noBext-mono.wav": 6.0,
    "wavefile/16bit-8kHz-stereo.wav": 14.0,
    "wavefile/24bit-16kHz-bext-mono.wav": 13.71,
    "wavefile/8bit-alaw-8kHz-noBext-mono-encoded.wav": 6.0,
    "wavefile/RIFX-16bit-mono.wav": 6.0,
    "wavefile/ima22m.wav": 6.64,
}


@pytest.mark.parametrize(("name", "expected"), REAL.items())
def test_real_file_decodes_or_says_why_not(
    name: str, expected: float | str, shared_formats: Path, scratch: Path, ffmpeg_program: str
) -> None:
    try:
        with decode(shared_formats / name, AudioSettings(), RAW, scratch, ffmpeg_program) as recording:
            found: float | str = recording.facts.duration_s
            assert all(len(channel.read()) == round(channel.duration_s * 16_000) for channel in recording.channels)
    except RecordingError as error:
        found = error.code
    assert found == (expected if isinstance(expected, str) else pytest.approx(expected, abs=0.02))


def test_no_real_file_is_forgotten(shared_formats: Path) -> None:
    assert {str(path.relative_to(shared_formats)) for path in shared_formats.rglob("*.*")} == set(REAL)
