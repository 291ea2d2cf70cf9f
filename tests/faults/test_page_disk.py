"""The page on a full disk, or over a folder that cannot be written: it says so, keeps what it acknowledged, goes on."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.data_folder import DataFolder
from review.desk.applying import apply_waiting
from review.desk.audit import AuditFilter, read_audit
from review.desk.claims import standing_claims
from review.desk.submissions import submissions_of_call
from tests.api.conftest import Program
from tests.desk.judged import rows
from tests.faults.mounts import remount, room_left, tmpfs
from tests.pages.answering import AskedCall
from tests.pages.calls import CHECKLIST
from tests.pages.conftest import _cheap_hashes, _read_once, asked, built_calls, settings  # noqa: F401

SIZE = "200m"
KIB = 1024
ROOMS = (0, *(size * KIB for size in (32, 48, 64, 80, 96, 112, 128, 160, 4096)))  # the log of the desk takes 32 at once
SAID = "The disk is full or cannot be written"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with tmpfs(tmp_path / "disk", SIZE) as folder:
        yield folder


@pytest.fixture
def data(disk: Path) -> DataFolder:
    return DataFolder(disk / "data")


def is_done(reply: Any, status: int) -> bool:
    """Whether it is acknowledged; else it says that it is not, and why."""
    if reply.status_code == status:
        return True
    assert (reply.status_code, SAID in reply.text) == (503, True), reply.text
    assert reply.headers["retry-after"]
    return False


def whole_submissions(asked: AskedCall) -> dict[str, str]:  # noqa: F811
    """Notes by id, after a look at whether each is in the audit log once and the last one alone stands."""
    found = submissions_of_call(asked.desk, asked.call_id)
    entries = read_audit(asked.desk, AuditFilter(action="verdict.submitted"))
    assert sorted(str(entry.detail["submission"]) for entry in entries) == sorted(item.submission_id for item in found)
    assert [item.undone_s is None for item in found] == [True] * bool(found) + [False] * (len(found) - 1)
    return {item.submission_id: item.draft.note for item in found}


def test_an_answer_on_a_full_disk(asked: AskedCall, disk: Path) -> None:  # noqa: F811
    asked.answer("politeness", "=1")
    done = []
    for number, room in enumerate(ROOMS):
        note, before = f"note {number}", asked.draft()
        room_left(disk, room)
        reply = asked.post("draft", answer__greeting="=0.5", note=note)
        remount(disk, f"size={SIZE}")
        done.append(is_done(reply, 200))
        after = asked.draft()
        assert after.note == note or (after == before and not done[-1])
        assert asked.post("draft", answer__greeting="=0.5", note=note).status_code == 200
        assert {answer.criterion_id: answer.label for answer in asked.draft().answers} == {
            "politeness": "1",
            "greeting": "0.5",
        }
        assert asked.draft().note == note
    assert done[0] is False and done[-1] is True, done
    assert set(standing_claims(asked.desk)) == {asked.call_id}


def test_a_submission_on_a_full_disk(asked: AskedCall, disk: Path) -> None:  # noqa: F811
    acknowledged: set[str] = set()
    done = []
    for number, room in enumerate(ROOMS):
        note, before = f"note {number}", whole_submissions(asked)
        room_left(disk, room)
        reply = asked.submit(note=note)
        remount(disk, f"size={SIZE}")
        done.append(is_done(reply, 303))
        after = whole_submissions(asked)
        assert acknowledged <= set(after)
        assert note in after.values() or (after == before and not done[-1])
        again = asked.submit(note=note)
        assert (again.status_code, "problem" in again.headers["location"]) == (303, False)
        kept = whole_submissions(asked)
        assert list(kept.values()).count(note) == 1
        acknowledged = set(kept)
    assert done[0] is False and done[-1] is True, done
    store = asked.app.state.site.store
    assert apply_waiting(asked.desk, store) == 0
    stored = rows(store, "SELECT submission_id FROM base.submissions WHERE NOT withdrawn")
    assert sorted(row[0] for row in stored) == sorted(acknowledged)


def test_a_program_is_told_of_a_full_disk(asked: AskedCall, disk: Path) -> None:  # noqa: F811
    program = Program(asked.app, "supervisor", "olga")
    answers = [{"criterion_id": item.id, "label": item.scale[-1]} for item in CHECKLIST.criteria]
    body = {"evaluation_id": asked.evaluation_id, "answers": answers}
    address = f"calls/{asked.call_id}/verdict"
    room_left(disk, 0)
    problem = program.ask(address, 503, "POST", json=body)
    remount(disk, f"size={SIZE}")
    assert (problem["code"], problem["title"]) == ("not_written", SAID)
    assert whole_submissions(asked) == {}
    done = program.ask(address, 201, "POST", json=body)
    assert set(whole_submissions(asked)) == {done["submission_id"]}


def test_a_folder_that_cannot_be_written(asked: AskedCall, disk: Path) -> None:  # noqa: F811
    asked.answer("politeness", "=1")
    before = asked.draft()
    remount(disk, "ro")
    assert not is_done(asked.post("draft", answer__greeting="=0.5"), 200)
    assert not is_done(asked.submit(), 303)
    remount(disk, "rw")
    assert asked.draft() == before and whole_submissions(asked) == {}
    asked.answer("greeting", "=0.5")
    assert is_done(asked.submit(), 303)
    assert len(whole_submissions(asked)) == 1
