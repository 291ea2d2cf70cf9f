"""A night over a bucket, with failures and a retry, and the page that plays one of its calls."""

from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from flows.batch import run_batch
from flows.nightly import nightly
from flows.workshop import WorkOrder, inbox_of
from pipeline.data_folder import DataFolder
from pipeline.errors import RecordingError
from pipeline.settings import Settings
from pipeline.store import Store
from pipeline.store.failures import read_open_failures
from pipeline.store.retrying import choose_retries
from review.app import create_app
from review.recordings import Place, Recordings, find_recording
from tests.flow_runs.recordings import breaking_call, mono_call, stereo_call
from tests.flow_runs.rows import differences, rows_of
from tests.pages.conftest import _cheap_hashes  # noqa: F401
from tests.pages.people import logged_in
from tests.remote.conftest import Bucket


@pytest.fixture
def inbox(tmp_path: Path, bucket: Bucket) -> Path:
    """The same recordings in a folder and in the bucket."""
    folder = tmp_path / "inbox" / "day"
    folder.mkdir(parents=True)
    for path in (stereo_call(folder / "stereo-1.wav", 1), mono_call(folder / "mono-1.wav", 3)):
        bucket.put(f"day/{path.name}", path)
    return folder


def configured(order: WorkOrder, bucket: Bucket) -> WorkOrder:
    ingest = order.settings.ingest.model_copy(update={"inbox": f"s3://{bucket.name}/day"})
    return replace(order, settings=order.settings.model_copy(update={"ingest": ingest}))


def test_a_bucket_gives_the_rows_of_a_folder(order: WorkOrder, inbox: Path, bucket: Bucket, tmp_path: Path) -> None:
    order = configured(order, bucket)
    place = inbox_of(order.settings, order.data)
    assert run_batch(order, [place], None, None, 2).counts() == {"done": 2, "no_speech": 0, "failed": 0}
    local = replace(order, data=DataFolder(tmp_path / "local"))
    run_batch(local, [inbox], None, None, 0)
    found = differences(rows_of(local.data.store), rows_of(order.data.store))
    assert [line for line in found if not line.startswith("deliveries:")] == []
    with Store(order.data.store).reading() as con:
        paths = {path for (path,) in con.execute("SELECT path FROM base.deliveries").fetchall()}
    assert paths == {f"s3://{bucket.name}/day/mono-1.wav", f"s3://{bucket.name}/day/stereo-1.wav"}
    assert not list(order.data.scratch.iterdir())
    again = run_batch(order, [place], None, None, 0)
    assert (again.processed, len(again.plan.tasks)) == (0, 0)


def test_the_nightly_flow_takes_the_inbox_of_the_configuration(
    order: WorkOrder, inbox: Path, bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    monkeypatch.setattr("flows.nightly.load_settings", lambda *_: configured(order, bucket).settings)
    monkeypatch.setattr("flows.nightly.report", lambda *_: None)
    monkeypatch.setattr("flows.nightly.task_runner", lambda *_: None)
    monkeypatch.setattr("flows.nightly.process_night", Stand(seen))
    nightly.fn(data=str(tmp_path / "data"))
    assert seen == [bucket.place / "day"]


class Stand:
    """In place of the inner flow, which needs a server: keeps the place that it is told."""

    def __init__(self, seen: list[Path]) -> None:
        self._seen = seen

    def with_options(self, **_: object) -> "Stand":
        return self

    def __call__(self, order: WorkOrder, recordings: Path, journal: Path | None) -> "Stand":
        self._seen.append(recordings)
        return self

    def counts(self) -> dict[str, int]:
        return {}


def test_failures_name_the_place_and_can_be_retried(order: WorkOrder, bucket: Bucket, tmp_path: Path) -> None:
    bucket.put("text.wav", b"this is not sound, whatever the name says\n" * 400)
    bucket.put("breaks.wav", breaking_call(tmp_path / "breaks.wav", "breaks"))
    run_batch(order, [bucket.place], None, None, 0)
    with Store(order.data.store).reading() as con:
        reasons = {item.code: item.reason for item in read_open_failures(con)}
        assert set(choose_retries(con).paths) == {bucket.place / "text.wav", bucket.place / "breaks.wav"}
    assert reasons["not_audio"].startswith(f"s3://{bucket.name}/text.wav: ")
    assert reasons["internal_error"].startswith("breaks.wav: ")
    bucket.remove("text.wav")
    with Store(order.data.store).reading() as con:
        retries = choose_retries(con)
    assert [item.file_name for item in retries.gone] == ["text.wav"]


def test_a_recording_that_goes_during_the_run(order: WorkOrder, inbox: Path, bucket: Bucket) -> None:
    summary = run_batch(order, [bucket.place], None, None, 0, on_plan=lambda _: bucket.remove("day/mono-1.wav"))
    assert summary.counts() == {"done": 1, "no_speech": 0, "failed": 1}
    assert summary.failed[0][0] == "no_such_file"


def test_the_page_plays_it(order: WorkOrder, inbox: Path, bucket: Bucket, settings: Settings) -> None:
    run_batch(order, [bucket.place], None, None, 0)
    with Store(order.data.store).reading() as con:
        ((call_id,),) = con.execute("SELECT call_id FROM main.calls WHERE file_name = 'stereo-1.wav'").fetchall()
    client: TestClient = logged_in(create_app(order.data, settings), "administrator")
    part = client.get(f"/calls/{call_id}/audio", headers={"range": "bytes=0-99"})
    assert (part.status_code, len(part.content), part.headers["content-type"]) == (206, 100, "audio/ogg")
    whole = client.get(f"/calls/{call_id}/audio").content
    assert whole.startswith(part.content)
    assert not list(order.data.scratch.iterdir())
    bucket.remove("day/stereo-1.wav")
    assert client.get(f"/calls/{call_id}/audio").status_code == 404


def test_the_page_refuses_another_content(order: WorkOrder, bucket: Bucket, settings: Settings) -> None:
    order.data.prepare()
    place = Place(f"s3://{bucket.name}/call.wav", 4, "0" * 64)
    bucket.put("call.wav", b"RIFF")
    assert find_recording([place]) == place
    with pytest.raises(RecordingError, match="holds another content"):
        Recordings(order.data, settings).playable(place)
