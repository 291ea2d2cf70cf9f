import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fastapi.testclient import TestClient

from pipeline.data_folder import DataFolder
from pipeline.errors import RecordingError
from pipeline.records import RoleAssignment
from review.desk.audit import AuditFilter, read_audit
from review.peaks import LOUDEST, POINTS, Lane, Outline, Outlines, lanes_of, measure
from tests.pages.answering import AskedCall
from tests.pages.calls import _analysed, alaw_recording
from tests.pages.people import logged_in


def test_the_outline_of_each_channel(tmp_path: Path) -> None:
    """A left channel that is silent in its second half, and a right one that is quiet all along, with one click."""
    frames = np.zeros((80_000, 2), "<i2")
    frames[:40_000, 0] = 12_000
    frames[:, 1] = -300
    frames[100, 1] = 32_000
    samples = tmp_path / "samples.s16"
    frames.tofile(samples)
    outline = measure(tmp_path / "x.ogg", samples)
    assert outline.duration_s == 20.0
    left, right = outline.channels
    assert (len(left), set(left[: POINTS // 2]), set(left[POINTS // 2 :])) == (POINTS, {LOUDEST}, {0})
    assert set(right) == {LOUDEST}  # by its own loudness, and the click flattens nothing


def test_no_sound_no_outline(tmp_path: Path, data: DataFolder) -> None:
    with pytest.raises(RecordingError, match="no sound comes out"):
        measure(tmp_path / "x.ogg", tmp_path / "nothing.s16")
    (tmp_path / "x.ogg").write_text("no audio")
    with pytest.raises(RecordingError, match="no sound comes out"):
        Outlines(data).outline("sha", tmp_path / "x.ogg")
    assert not list(data.peaks.iterdir())
    assert not list(data.scratch.iterdir())


def test_an_outline_is_made_once(tmp_path: Path, data: DataFolder) -> None:
    path = alaw_recording(tmp_path / "call.wav", seconds=2)
    outlines = Outlines(data)
    first = outlines.outline("sha", path)
    assert first.duration_s == pytest.approx(2, abs=0.1)
    path.unlink()
    assert outlines.outline("sha", path) == first
    assert (data.peaks / "sha.json").stat().st_size < 10_000


def test_each_role_has_the_lane_of_its_channel() -> None:
    outline = Outline(12.0, ((1, 2, 3), (4, 5, 6)))
    roles = RoleAssignment({"CHANNEL_1": "agent", "CHANNEL_0": "client"}, 1.0, "configured")
    assert lanes_of(outline, replace(_analysed(), roles=roles)) == (Lane("agent", (4, 5, 6)), Lane("client", (1, 2, 3)))


def test_speakers_of_one_channel_are_told_apart_by_when_they_speak() -> None:
    outline = Outline(12.0, (tuple([7] * 24), tuple([5] * 24)))
    agent, client = lanes_of(outline, _analysed())
    assert (agent.role, client.role) == ("agent", "client")
    assert [place for place, value in enumerate(agent.peaks) if value] == [1, 2, 3, 4, 9, 10, 11, 12]
    assert [place for place, value in enumerate(client.peaks) if value] == [5, 6, 7, 8, 9, 10]
    assert lanes_of(outline, None) == (Lane("other", tuple([7] * 24)),)


def test_the_page_gets_a_lane_per_role(asked: AskedCall) -> None:
    response = asked.client.get(f"{asked.address}/peaks")
    assert response.status_code == 200
    content = json.loads(response.text)
    assert content["duration_s"] == pytest.approx(12, abs=0.1)
    assert [lane["role"] for lane in content["lanes"]] == ["agent", "client"]
    assert all(len(lane["peaks"]) == POINTS for lane in content["lanes"])
    assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("what", ["peaks", "audio"])
def test_who_may_not_hear_sees_no_outline_either(asked: AskedCall, what: str) -> None:
    assert logged_in(asked.app, "data").get(f"{asked.address}/{what}").status_code == 403
    foreign = logged_in(asked.app, "manager", "kate", manager="Kate O'Neil & Co").get(f"{asked.address}/{what}")
    assert foreign.status_code == 404
    own = logged_in(asked.app, "manager", "olga", manager="Ольга Смирнова").get(f"{asked.address}/{what}")
    assert own.status_code == 200
    assert TestClient(asked.app).get(f"{asked.address}/{what}", follow_redirects=False).status_code == 303


def test_peaks_of_what_is_not_there(client: TestClient) -> None:
    assert client.get("/calls/x/peaks").status_code == 404


def test_a_recording_that_is_gone_has_no_peaks(asked: AskedCall) -> None:
    assert asked.client.get(f"/calls/{asked.calls.gone}/peaks").status_code == 404


@pytest.mark.parametrize(
    ("headers", "count"),
    [({}, 1), ({"range": "bytes=0-"}, 1), ({"range": "bytes=0-99"}, 1), ({"range": "bytes=100-"}, 0)],
)
def test_hearing_is_in_the_audit_once_a_playing(asked: AskedCall, headers: dict[str, str], count: int) -> None:
    asked.client.head(f"{asked.address}/audio")
    asked.client.get(f"{asked.address}/audio", headers=headers)
    entries = read_audit(asked.desk, AuditFilter(action="call.heard"))
    assert [(entry.person, entry.subject) for entry in entries] == [("anna", asked.call_id)] * count
