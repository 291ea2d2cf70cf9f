"""Recordings in object storage, against a server that answers over HTTP as S3 does."""

import sys
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace

import pytest

from pipeline import object_storage, remote_files
from pipeline.errors import ConfigurationError, InputError, RecordingError
from pipeline.ingest import discover, identify, seen_facts
from pipeline.intake import Intake, take_in
from pipeline.known_files import KnownPlace, removable
from pipeline.records import Recording
from pipeline.remote_files import at_hand, is_remote, list_remote, place_text
from pipeline.settings import IngestSettings, Settings
from pipeline.shown_text import shown_path
from pipeline.store.calls import KnownFile
from tests.remote.conftest import Bucket

SOUND = b"RIFF" + bytes(range(256)) * 50_000  # of several blocks


@pytest.fixture
def ingest(settings: Settings) -> IngestSettings:
    return settings.ingest


def taken(bucket: Bucket, ingest: IngestSettings, known: Intake | None = None) -> Intake:
    files = {
        item.recording.path: KnownFile(item.recording.content_sha256, item.recording.size_bytes, item.mtime_ns)
        for item in (known.deliveries if known else ())
    }
    return take_in([bucket.place], None, ingest, lambda _paths: files, None)


def test_a_place_is_a_path_that_says_where() -> None:
    place = Path("s3://bucket/2026-11-22/call one.wav")
    assert is_remote(place)
    assert place_text(place) == shown_path(place) == "s3://bucket/2026-11-22/call one.wav"
    assert Path(place_text(place)) == place
    assert not is_remote(Path("/s3:/bucket/call.wav"))
    assert place_text(Path("/srv/call.wav")) == "/srv/call.wav"


def test_recordings_are_found_by_the_rules_of_folders(any_name_bucket: Bucket, ingest: IngestSettings) -> None:
    bucket = any_name_bucket
    for key in ("b.wav", "day/a.WAV", "notes.txt", "day/c.wav.part", ".hidden/d.wav", "day/", "day//e.wav"):
        bucket.put(key, b"x")
    found = discover([bucket.place], ingest)
    assert [place_text(path) for path in found.candidates] == [
        f"s3://{bucket.name}/b.wav",
        f"s3://{bucket.name}/day/a.WAV",
    ]
    assert found.ignored_count == 1
    (refused,) = found.refused
    assert "empty or dotted folder" in refused.reason
    assert discover([bucket.place / "day"], ingest).candidates == (bucket.place / "day" / "a.WAV",)
    assert discover([bucket.place / "b.wav"], ingest).candidates == (bucket.place / "b.wav",)


def test_a_folder_without_an_object_is_named(bucket: Bucket, ingest: IngestSettings) -> None:
    bucket.put("inbox/a.wav", b"x")
    (refused,) = discover([bucket.place / "inbx"], ingest).refused
    assert refused.is_folder and "check the spelling" in refused.reason


def test_a_recording_is_its_content(bucket: Bucket) -> None:
    place = bucket.put("call.wav", SOUND)
    assert identify(place) == Recording(sha256(SOUND).hexdigest(), place, len(SOUND))


@pytest.mark.parametrize(("content", "limit", "code"), [(b"", 9, "empty_file"), (b"0123456789", 9, "too_long")])
def test_what_is_not_read(bucket: Bucket, content: bytes, limit: int, code: str) -> None:
    place = bucket.put("call.wav", content)
    with pytest.raises(RecordingError, match=f"{place_text(place)}: ") as raised:
        identify(place, limit)
    assert raised.value.code == code


def test_what_is_gone(bucket: Bucket) -> None:
    with pytest.raises(RecordingError, match="no such object") as raised:
        identify(bucket.place / "gone.wav")
    assert raised.value.code == "no_such_file"
    assert seen_facts(bucket.place / "gone.wav") is None


def test_a_known_object_is_not_read_again(bucket: Bucket, ingest: IngestSettings) -> None:
    bucket.put("call.wav", SOUND)
    first = taken(bucket, ingest)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipeline.ingest.identify_remote", None)
        again = taken(bucket, ingest, first)
    assert again.deliveries == first.deliveries
    bucket.put("call.wav", b"RIFT" + SOUND[4:])  # within the same second, of the same size
    (changed,) = taken(bucket, ingest, first).deliveries
    assert changed.recording.content_sha256 != first.deliveries[0].recording.content_sha256


def test_an_object_that_is_replaced_while_it_is_read(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    place = bucket.put("call.wav", SOUND)
    told, seen = remote_files._facts, list[str]()

    def facts(info: dict[str, object]) -> remote_files.FileFacts:
        if not seen:
            bucket.put("call.wav", SOUND[::-1])
        seen.append(str(info["ETag"]))
        return told(info)

    monkeypatch.setattr(remote_files, "_facts", facts)
    with pytest.raises(RecordingError, match="replaced while it was read") as raised:
        identify(place)
    assert raised.value.code == "still_being_written"


def test_a_recording_is_at_hand_for_a_while(bucket: Bucket, tmp_path: Path) -> None:
    recording = identify(bucket.put("day/call.wav", SOUND))
    with at_hand(recording, tmp_path) as here:
        assert here.path.name == "call.wav"
        assert here.path.read_bytes() == SOUND
        assert here.path.parent.name.startswith("fetching-")
    assert not list(tmp_path.iterdir())
    local = replace(recording, path=tmp_path / "call.wav")
    with at_hand(local, tmp_path) as here:
        assert here is local


def test_another_content_is_not_at_hand(bucket: Bucket, tmp_path: Path) -> None:
    recording = identify(bucket.put("call.wav", SOUND))
    for content in (SOUND[::-1], SOUND + b"x"):
        bucket.put("call.wav", content)
        with pytest.raises(RecordingError, match="holds another content") as raised, at_hand(recording, tmp_path):
            pass
        assert raised.value.code == "still_being_written"
    assert not list(tmp_path.iterdir())


def test_an_object_that_is_replaced_while_it_is_fetched(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording = identify(bucket.put("call.wav", SOUND))
    keep = remote_files._append

    def append(copy: Path, block: bytes) -> None:
        keep(copy, block)
        bucket.put("call.wav", SOUND[::-1])

    monkeypatch.setattr(remote_files, "_append", append)
    with pytest.raises(RecordingError) as raised, at_hand(recording, tmp_path):
        pass
    assert raised.value.code == "still_being_written"
    assert not list(tmp_path.iterdir())


def test_no_space_for_it(bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recording = identify(bucket.put("call.wav", SOUND))
    with pytest.raises(RecordingError, match="free some space") as raised:
        remote_files._append(tmp_path / "gone" / "call.wav", b"x")
    assert raised.value.code == "no_space"
    monkeypatch.setattr("pipeline.remote_files.shutil.disk_usage", lambda _: SimpleNamespace(free=1))
    with pytest.raises(RecordingError, match="no space left in") as raised, at_hand(recording, tmp_path):
        pass
    assert raised.value.code == "no_space"


def test_what_cannot_be_listed(bucket: Bucket) -> None:
    assert list(list_remote(bucket.place)) == []
    with pytest.raises(InputError, match=r"s3://no-such-bucket: .*check address and credentials"):
        list(list_remote(Path("s3://no-such-bucket")))


def test_storage_that_does_not_answer(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    place = bucket.put("call.wav", SOUND)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setattr(object_storage, "ATTEMPTS", 0)
    unreachable = object_storage.storage.__wrapped__
    import s3fs

    s3fs.S3FileSystem.clear_instance_cache()
    monkeypatch.setattr(remote_files, "storage", unreachable)
    with pytest.raises(RecordingError, match="`prescore retry` when storage answers") as raised:
        identify(place)
    assert raised.value.code == "not_fetched"
    with pytest.raises(InputError, match="cannot be listed"):
        list(list_remote(bucket.place))
    assert seen_facts(place) is None
    s3fs.S3FileSystem.clear_instance_cache()


def test_nothing_is_removed_there(bucket: Bucket) -> None:
    recording = identify(bucket.put("call.wav", SOUND))
    gone = KnownPlace(bucket.place / "gone.wav", 1, "")
    found, left = removable([KnownPlace(recording.path, recording.size_bytes, recording.content_sha256), gone])
    assert not found
    assert [item.path for item in left] == [recording.path]
    assert "remove it there" in left[0].reason


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "s3fs", None)
    monkeypatch.setattr(remote_files, "storage", object_storage.storage.__wrapped__)
    with pytest.raises(ConfigurationError, match=r"pip install -e '\.\[s3\]' -c constraints\.txt"):
        identify(Path("s3://bucket/call.wav"))


@pytest.mark.parametrize(
    ("inbox", "said"),
    [
        ("s3://key:secret@bucket/calls", "credentials belong in the environment"),
        ("gs://bucket/calls", "like s3://bucket/folder"),
    ],
)
def test_an_inbox_that_is_no_address(inbox: str, said: str, ingest: IngestSettings) -> None:
    with pytest.raises(ValueError, match=said):
        IngestSettings.model_validate(ingest.model_dump() | {"inbox": inbox})


def test_a_name_that_no_disk_takes(any_name_bucket: Bucket, ingest: IngestSettings) -> None:
    any_name_bucket.put("ы" * 130 + ".wav", b"x")
    (refused,) = discover([any_name_bucket.place], ingest).refused
    assert "more than 255 bytes" in refused.reason
