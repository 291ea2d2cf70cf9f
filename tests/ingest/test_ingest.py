"""What lies in the inbox, and who each recording is."""

import hashlib
import os
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import InputError, RecordingError
from pipeline.ingest import call_id_of_recording, discover, identify
from pipeline.settings import IngestSettings, RawFormat

SETTINGS = IngestSettings(
    audio_extensions=("wav", "mp3"), raw_formats={"al": RawFormat(codec="alaw", sample_rate_hz=8000, channels=1)}
)


def put(folder: Path, *names: str) -> list[Path]:
    paths = [folder / name for name in names]
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(path.name.encode())
    return paths


def names(folder: Path, *paths: Path) -> list[str]:
    return [str(path.relative_to(folder)) for path in discover(paths or (folder,), SETTINGS).candidates]


def test_folder_is_searched_in_order_and_whole(tmp_path: Path) -> None:
    put(tmp_path, "b.wav", "a.WAV", "2026/02/d.mp3", "2026/01/c.al", "2026/01/Z.mp3")
    assert names(tmp_path) == ["a.WAV", "b.wav", "2026/01/Z.mp3", "2026/01/c.al", "2026/02/d.mp3"]


def test_hidden_and_half_copied_files_are_passed_over(tmp_path: Path) -> None:
    put(tmp_path, ".a.wav", ".cache/b.wav", "c.wav.part", "d.wav.TMP", "e.wav.crdownload", "f.wav~", "g.wav")
    found = discover([tmp_path], SETTINGS)
    assert [path.name for path in found.candidates] == ["g.wav"]
    assert found.ignored_count == 0


def test_other_files_in_a_folder_are_counted(tmp_path: Path) -> None:
    put(tmp_path, "calls.csv", "notes.txt", "a.wav", "noextension")
    found = discover([tmp_path], SETTINGS)
    assert (len(found.candidates), found.ignored_count, found.refused) == (1, 3, ())


def test_named_file_is_taken_whatever_its_extension(tmp_path: Path) -> None:
    (path,) = put(tmp_path, "call.xyz")
    assert discover([path], SETTINGS).candidates == (path,)


def test_file_named_twice_is_one_candidate(tmp_path: Path) -> None:
    (path,) = put(tmp_path, "a.wav")
    assert names(tmp_path, tmp_path, path, tmp_path / ".." / tmp_path.name) == ["a.wav"]


def test_missing_path_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="gone: no such file or folder; check the spelling"):
        discover([tmp_path / "gone"], SETTINGS)


def test_loops_of_links_end(tmp_path: Path) -> None:
    put(tmp_path, "inbox/a.wav", "elsewhere/b.wav")
    (tmp_path / "inbox" / "again").symlink_to(tmp_path / "inbox")
    (tmp_path / "inbox" / "linked").symlink_to(tmp_path / "elsewhere")
    assert names(tmp_path, tmp_path / "inbox") == ["inbox/a.wav", "inbox/linked/b.wav"]


def test_what_is_no_file_is_refused_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "lost.wav").symlink_to(tmp_path / "gone.wav")
    os.mkfifo(tmp_path / "pipe.wav")
    (tmp_path / os.fsdecode(b"\xff\xfe.wav")).write_bytes(b"x")
    found = discover([tmp_path], SETTINGS)
    assert found.candidates == ()
    reasons = sorted(refused.reason.split(";")[0] for refused in found.refused)
    assert reasons == ["cannot be read: No such file or directory", "is no regular file", "the name is not valid UTF-8"]


def test_folder_that_cannot_be_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, "open/a.wav", "closed/b.wav")
    scandir = os.scandir

    def without_rights(path: Any) -> Any:  # the superuser may read everything
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", without_rights)
    found = discover([tmp_path], SETTINGS)
    assert [path.name for path in found.candidates] == ["a.wav"]
    assert [refused.path.name for refused in found.refused] == ["closed"]


def test_identity_is_the_content(tmp_path: Path) -> None:
    one, copy = tmp_path / "one.wav", tmp_path / "copy.mp3"
    content = os.urandom(300_000)
    one.write_bytes(content)
    copy.write_bytes(content)
    recording = identify(one)
    assert recording.content_sha256 == identify(copy).content_sha256 == hashlib.sha256(content).hexdigest()
    assert (recording.path, recording.size_bytes) == (one, 300_000)
    assert call_id_of_recording(recording.content_sha256) == recording.content_sha256[:16]


def code_of(path: Path) -> str:
    with pytest.raises(RecordingError) as caught:
        identify(path)
    assert str(path) in str(caught.value)
    return caught.value.code


def test_what_cannot_be_identified_has_a_code(tmp_path: Path) -> None:
    (tmp_path / "empty.wav").write_bytes(b"")
    (tmp_path / "folder.wav").mkdir()
    assert code_of(tmp_path / "empty.wav") == "empty_file"
    assert code_of(tmp_path / "folder.wav") == "unreadable"
    assert code_of(tmp_path / "gone.wav") == "no_such_file"


@pytest.mark.parametrize("change", ["grows", "is replaced"])
def test_file_that_changes_while_it_is_read(change: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (path,) = put(tmp_path, "a.wav")
    file_digest = hashlib.file_digest

    def read_while_written(file: Any, name: Any) -> Any:
        digest = file_digest(file, name)
        if change == "grows":
            path.write_bytes(path.read_bytes() + b"more")
        else:
            put(tmp_path, "new")[0].replace(path)
        return digest

    monkeypatch.setattr(hashlib, "file_digest", read_while_written)
    assert code_of(path) == "still_being_written"
