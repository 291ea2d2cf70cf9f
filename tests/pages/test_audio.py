from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import av
import pytest
from fastapi.testclient import TestClient

from pipeline.data_folder import DataFolder
from pipeline.errors import ConfigurationError, RecordingError
from pipeline.settings import Settings
from review import recordings
from review.app import create_app
from review.recordings import Place, Recordings, find_recording
from tests.pages.calls import alaw_recording
from tests.pages.people import logged_in


def test_the_recording_comes_as_opus_with_its_channels(
    client: TestClient, calls: SimpleNamespace, tmp_path: Path
) -> None:
    response = client.get(f"/calls/{calls.done}/audio")
    assert response.status_code == 200
    assert response.headers["content-type"] == "audio/ogg"
    assert response.headers["accept-ranges"] == "bytes"
    heard = tmp_path / "heard.ogg"
    heard.write_bytes(response.content)
    with av.open(str(heard)) as container:
        stream = container.streams.audio[0]
        assert (stream.codec_context.name, stream.channels) == ("opus", 2)
        assert container.duration / av.time_base == pytest.approx(12, abs=0.1)


def test_ranges(client: TestClient, calls: SimpleNamespace) -> None:
    address = f"/calls/{calls.done}/audio"
    whole = client.get(address).content
    part = client.get(address, headers={"range": "bytes=100-199"})
    assert part.status_code == 206
    assert part.headers["content-range"] == f"bytes 100-199/{len(whole)}"
    assert part.content == whole[100:200]
    end = client.get(address, headers={"range": "bytes=-50"})
    assert (end.status_code, end.content) == (206, whole[-50:])
    beyond = client.get(address, headers={"range": f"bytes={len(whole)}-"})
    assert beyond.status_code == 416
    assert beyond.headers["content-range"] == f"bytes */{len(whole)}"
    head = client.head(address)
    assert (head.status_code, head.headers["content-length"], head.content) == (200, str(len(whole)), b"")


def test_the_copy_is_made_once(
    client: TestClient, calls: SimpleNamespace, data: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.get(f"/calls/{calls.done}/audio")
    copies = list(data.playable.iterdir())
    assert [copy.suffix for copy in copies] == [".ogg"]
    assert not list(data.scratch.iterdir())
    monkeypatch.setenv("PATH", "")
    assert client.get(f"/calls/{calls.done}/audio").status_code == 200


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("missed", "This call has no recording"),
        ("gone", "The recording is not in its place"),
        ("failed", "The recording cannot be played"),
    ],
)
def test_what_cannot_be_heard_says_why(client: TestClient, calls: SimpleNamespace, name: str, message: str) -> None:
    response = client.get(f"/calls/{getattr(calls, name)}/audio")
    assert response.status_code == 404
    assert message in response.text
    assert str(calls.inbox) not in response.text


def test_no_store_no_recording(client: TestClient) -> None:
    assert client.get("/calls/x/audio").status_code == 404


@pytest.mark.parametrize("name", ["..%2f..%2fcalls.duckdb", "%2fetc%2fpasswd", "done.wav"])
def test_no_path_is_taken_from_the_address(client: TestClient, calls: SimpleNamespace, name: str) -> None:
    assert client.get(f"/calls/{name}/audio").status_code == 404


def test_a_recording_that_disappears_is_no_longer_played(client: TestClient, calls: SimpleNamespace) -> None:
    assert client.get(f"/calls/{calls.done}/audio").status_code == 200
    (calls.inbox / "done.wav").unlink()
    assert client.get(f"/calls/{calls.done}/audio").status_code == 404


def test_a_file_of_another_size_is_not_the_recording(client: TestClient, calls: SimpleNamespace) -> None:
    with (calls.inbox / "done.wav").open("ab") as file:
        file.write(b"more")
    assert "not in its place" in client.get(f"/calls/{calls.done}").text


def test_another_recording_of_the_same_size_is_not_played(
    client: TestClient, calls: SimpleNamespace, data: DataFolder
) -> None:
    path = calls.inbox / "done.wav"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    response = client.get(f"/calls/{calls.done}/audio")
    assert response.status_code == 404
    assert "other_content" in response.text
    assert not data.playable.exists()


def test_the_first_place_that_still_holds_the_file_counts(tmp_path: Path) -> None:
    kept, link = tmp_path / "kept.wav", tmp_path / "link.wav"
    kept.write_bytes(b"1234")
    link.symlink_to(link)
    places = [
        Place(str(tmp_path / "moved.wav"), 4, "sha"),
        Place(str(link), 4, "sha"),
        Place(str(tmp_path), tmp_path.stat().st_size, "sha"),
        Place(str(kept), 4, "sha"),
    ]
    assert find_recording(places) is places[3]
    assert find_recording(places[:3]) is None
    assert find_recording([Place("x" * 5000, 4, "sha")]) is None


@pytest.fixture
def made(data: DataFolder, settings: Settings, tmp_path: Path) -> tuple[Recordings, Place]:
    path = alaw_recording(tmp_path / "call.wav", seconds=2)
    sha = recordings.identify(path).content_sha256
    return Recordings(data, settings), Place(str(path), path.stat().st_size, sha)


def test_a_program_that_writes_nothing_leaves_no_copy(
    made: tuple[Recordings, Place], data: DataFolder, settings: Settings
) -> None:
    with pytest.raises(RecordingError, match="makes no Ogg"):
        Recordings(data, settings, ffmpeg_program="/bin/true").playable(made[1])
    assert not list(data.playable.iterdir())
    assert not list(data.scratch.iterdir())


def test_no_ffmpeg_is_said_on_the_page(calls: SimpleNamespace, data: DataFolder, settings: Settings) -> None:
    client = logged_in(create_app(data, settings, ffmpeg_program="/no/such/ffmpeg"))
    response = client.get(f"/calls/{calls.done}/audio?lang=en")
    assert response.status_code == 500
    assert "sudo apt-get install ffmpeg" in response.text
    with pytest.raises(ConfigurationError):
        Recordings(data, settings, "/no/such/ffmpeg").playable(
            Place(str(calls.inbox / "done.wav"), 0, recordings.identify(calls.inbox / "done.wav").content_sha256)
        )


def test_readers_at_once_make_one_copy(made: tuple[Recordings, Place]) -> None:
    keeper, place = made
    with ThreadPoolExecutor(4) as pool:
        copies = list(pool.map(keeper.playable, [place] * 4))
    assert len({copy.stat().st_ino for copy in copies}) == 1
