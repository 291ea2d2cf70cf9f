"""Each kind of bad file fails with its own code, and a damaged one is used as far as it goes."""

import http.server
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from pipeline.audio import decode, probe
from pipeline.errors import ConfigurationError, RecordingError
from pipeline.settings import AudioSettings, RawFormat
from tests.audio.signals import voice, write_audio

TEXT = b"this is not sound, whatever the name says\n" * 400
RAW = {"s16": RawFormat(codec="s16le", sample_rate_hz=16000, channels=2)}


def code_of(path: Path, scratch: Path, program: str, audio: AudioSettings | None = None) -> str:
    with pytest.raises(RecordingError) as caught, decode(path, audio or AudioSettings(), RAW, scratch, program):
        pass
    assert str(path) in str(caught.value)
    assert not scratch.exists() or not list(scratch.iterdir())
    return caught.value.code


def put(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.fixture
def wav(tmp_path: Path) -> Path:
    return write_audio(tmp_path / "call.wav", voice(1), options=("-c:a", "pcm_mulaw"))


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("empty.wav", b"", "empty_file"),
        ("text.wav", TEXT, "not_audio"),
        ("text.mp3", TEXT, "not_audio"),
        ("text.gsm", TEXT, "not_audio"),
        ("text.aac", TEXT, "not_audio"),
        ("short.wav", b"hello", "not_audio"),
        ("unknown.raw", TEXT, "not_audio"),
        ("unconfigured.al", TEXT, "not_audio"),
        ("riff.wav", b"RIFF\x00\x00\x00\x00WAVE", "truncated"),
        ("opus.ogg", b"OggS" + bytes(60), "truncated"),
        ("id3.mp3", b"ID3\x03\x00\x00\x00\x00\x00\x00", "truncated"),
        ("amr.amr", b"#!AMR\n", "truncated"),
        ("half.s16", b"\x00", "truncated"),
    ],
)
def test_bad_content_has_its_code(
    name: str, content: bytes, code: str, tmp_path: Path, scratch: Path, any_ffmpeg: str
) -> None:
    assert code_of(put(tmp_path / name, content), scratch, any_ffmpeg) == code


def test_header_without_samples_is_truncated(wav: Path, tmp_path: Path, scratch: Path, any_ffmpeg: str) -> None:
    content = wav.read_bytes()
    header = put(tmp_path / "header.wav", content[: content.index(b"data") + 8])
    assert code_of(header, scratch, any_ffmpeg) == "truncated"


def test_mp4_without_its_index_is_truncated(tmp_path: Path, scratch: Path, any_ffmpeg: str) -> None:
    whole = write_audio(tmp_path / "call.m4a", voice(1)).read_bytes()
    assert code_of(put(tmp_path / "cut.m4a", whole[:2000]), scratch, any_ffmpeg) == "truncated"


def test_video_without_sound_is_not_audio(tmp_path: Path, scratch: Path, any_ffmpeg: str) -> None:
    path = tmp_path / "screen.mp4"
    subprocess.run([any_ffmpeg, "-v", "error", "-f", "lavfi", "-i", "testsrc=d=0.2:s=64x64", str(path)], check=True)
    assert code_of(path, scratch, any_ffmpeg) == "not_audio"


def test_missing_file_has_its_code(tmp_path: Path, scratch: Path, any_ffmpeg: str) -> None:
    assert code_of(tmp_path / "gone.wav", scratch, any_ffmpeg) == "no_such_file"


def test_folder_named_like_a_recording_is_unreadable(tmp_path: Path, scratch: Path, any_ffmpeg: str) -> None:
    (tmp_path / "folder.wav").mkdir()
    assert code_of(tmp_path / "folder.wav", scratch, any_ffmpeg) == "unreadable"


def test_too_many_channels_are_no_call(tmp_path: Path, scratch: Path, any_ffmpeg: str) -> None:
    path = write_audio(tmp_path / "stage.wav", *[voice(seed, 0.5) for seed in range(9)])
    assert code_of(path, scratch, any_ffmpeg) == "not_audio"


@pytest.mark.parametrize("name", ["call.wav", "call.mp3"])  # a length that is stated, and one that is not
def test_too_long_is_refused(name: str, tmp_path: Path, scratch: Path, ffmpeg_program: str) -> None:
    path = write_audio(tmp_path / name, voice(1))
    assert code_of(path, scratch, ffmpeg_program, AudioSettings(max_duration_s=2.5)) == "too_long"


def test_cut_file_is_used_and_flagged(wav: Path, tmp_path: Path, scratch: Path, ffmpeg_program: str) -> None:
    cut = put(tmp_path / "cut.wav", wav.read_bytes()[: 2 * 8000])
    with decode(cut, AudioSettings(), {}, scratch, ffmpeg_program) as recording:
        assert recording.facts.damaged
        assert recording.facts.duration_s == pytest.approx(2.0, abs=0.05)


def test_less_than_a_second_of_a_cut_file_is_truncated(
    wav: Path, tmp_path: Path, scratch: Path, any_ffmpeg: str
) -> None:
    assert code_of(put(tmp_path / "cut.wav", wav.read_bytes()[:4000]), scratch, any_ffmpeg) == "truncated"


@pytest.mark.parametrize("size", [b"\xff\xff\xff\xff", b"\x00\x00\x00\x00"])
def test_wav_whose_size_was_never_filled_in_is_whole(
    size: bytes, wav: Path, scratch: Path, ffmpeg_program: str
) -> None:
    content = wav.read_bytes()
    at = content.index(b"data") + 4
    path = put(wav, content[:at] + size + content[at + 4 :])
    with decode(path, AudioSettings(), {}, scratch, ffmpeg_program) as recording:
        assert recording.facts.duration_s == pytest.approx(4.0, abs=0.01)
        assert not recording.facts.damaged


def test_damage_in_the_middle_is_flagged(tmp_path: Path, scratch: Path, ffmpeg_program: str) -> None:
    content = bytearray(write_audio(tmp_path / "call.flac", voice(1)).read_bytes())
    content[len(content) // 2 : len(content) // 2 + 2000] = bytes(2000)
    with decode(put(tmp_path / "bad.flac", bytes(content)), AudioSettings(), {}, scratch, ffmpeg_program) as recording:
        assert recording.facts.damaged
        assert recording.facts.duration_s > 1


@pytest.fixture
def requests() -> Iterator[tuple[int, list[str]]]:
    """A web server on this machine, and the paths that somebody asked of it."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *args: object) -> None:
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_port, asked
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("name", ["list.wav", "list.m3u8"])
def test_playlist_fetches_nothing(
    name: str, requests: tuple[int, list[str]], tmp_path: Path, scratch: Path, ffmpeg_program: str
) -> None:
    port, asked = requests
    playlist = f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nhttp://127.0.0.1:{port}/a.ts\n#EXT-X-ENDLIST\n"
    assert code_of(put(tmp_path / name, playlist.encode()), scratch, ffmpeg_program) == "not_audio"
    assert asked == []


def test_list_of_files_opens_no_other_file(wav: Path, tmp_path: Path, scratch: Path, any_ffmpeg: str) -> None:
    listing = put(tmp_path / "list.wav", f"ffconcat version 1.0\nfile {wav.name}\n".encode())
    assert code_of(listing, scratch, any_ffmpeg) == "not_audio"


@pytest.mark.parametrize("name", ["-i.wav", "12:30 call.wav", "%d.wav", "звонок 'один'.wav"])
def test_any_name_is_a_name(
    name: str, wav: Path, tmp_path: Path, ffmpeg_program: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    wav.rename(tmp_path / name)
    monkeypatch.chdir(tmp_path)
    with decode(Path(name), AudioSettings(), {}, Path("scratch"), ffmpeg_program) as recording:
        assert recording.facts.duration_s == pytest.approx(4.0)


def program(path: Path, script: str) -> str:
    """A program in ffmpeg's place that fails as a real one can."""
    path.write_text(f"#!/bin/sh\nfor last; do :; done\nout=${{last#file:}}\n{script}\n")
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ("kill -SEGV $$", "decoder_crashed"),
        ("echo 'av_interleaved_write_frame(): No space left on device' >&2; exit 1", "no_space"),
        ("echo 'Invalid data found' >&2; exit 1", "truncated"),
    ],
)
def test_failing_program_has_its_code(script: str, code: str, wav: Path, tmp_path: Path, scratch: Path) -> None:
    assert code_of(wav, scratch, program(tmp_path / "ffmpeg", script)) == code


def test_nothing_decoded_of_what_is_no_audio(tmp_path: Path, scratch: Path) -> None:
    path = put(tmp_path / "x.s16", bytes(32_000))
    assert code_of(path, scratch, program(tmp_path / "ffmpeg", "exit 1")) == "not_audio"


def test_an_empty_result_is_truncated(wav: Path, tmp_path: Path, scratch: Path) -> None:
    silent = 'while [ $# -gt 0 ]; do case $1 in file:*.s16) : > "${1#file:}";; esac; shift; done'
    assert code_of(wav, scratch, program(tmp_path / "ffmpeg", silent)) == "truncated"


def test_slow_program_is_ended(wav: Path, tmp_path: Path, scratch: Path) -> None:
    slow = program(tmp_path / "ffmpeg", "exec sleep 30")
    with (
        pytest.raises(RecordingError, match="did not finish") as caught,
        decode(wav, AudioSettings(), {}, scratch, slow, timeout_s=0.2),
    ):
        pass
    assert caught.value.code == "timed_out"


def test_missing_program_says_how_to_install_it(wav: Path, scratch: Path) -> None:
    with (
        pytest.raises(ConfigurationError, match="sudo apt-get install ffmpeg"),
        decode(wav, AudioSettings(), {}, scratch, "/no/such/ffmpeg"),
    ):
        pass


def test_full_disk_is_found_before_decoding(
    wav: Path, scratch: Path, any_ffmpeg: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda path: SimpleNamespace(free=10))
    assert code_of(wav, scratch, any_ffmpeg) == "no_space"


def test_probe_alone_limits_the_length(wav: Path) -> None:
    assert probe(wav, {}).stated_duration_s == pytest.approx(4.0)
    with pytest.raises(RecordingError, match=r"audio\.max_duration_s \(3\)"):
        probe(wav, {}, 3.0)
