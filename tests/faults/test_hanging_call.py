"""A call that hangs is stopped and named, and the others go on; a parent that is killed takes its workers along."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from flows.batch import run_batch
from flows.call_watch import length_s, limit_s, note_path, place_in, stopped_before, watched
from flows.planning import plan_run, with_known_results
from flows.shards import Shard
from flows.workshop import WorkOrder
from pipeline.processing import CallTask
from pipeline.store import Store
from pipeline.store.calls import read_status_counts
from pipeline.store.failures import read_open_failures
from tests.audio.signals import voice, write_audio
from tests.flow_runs.recordings import breaking_call, stereo_call

pytestmark = pytest.mark.kill
FLOOR_S = 15.0  # long enough for the others on a busy machine


def impatient(order: WorkOrder, lengths: float = 0.0) -> WorkOrder:
    run = order.settings.run.model_copy(update={"stop_after_s": FLOOR_S, "stop_after_lengths": lengths})
    return replace(order, settings=order.settings.model_copy(update={"run": run}))


def planned(order: WorkOrder, path: Path) -> CallTask:
    order.data.prepare()
    (task,) = plan_run(Store(order.data.store), order, [path], None, None).tasks
    return task


def test_a_call_that_hangs_is_stopped_once_and_named(order: WorkOrder, inbox: Path) -> None:
    breaking_call(inbox / "hangs.wav", "hangs")
    stereo_call(inbox / "stereo-2.wav", 2)
    summary = run_batch(impatient(order), [inbox], None, None, 2)
    assert summary.counts() == {"done": 3, "no_speech": 0, "failed": 1}
    with Store(order.data.store).reading() as con:
        (failure,) = read_open_failures(con)
        assert read_status_counts(con) == {"done": 3, "failed": 1}
    assert (failure.file_name, failure.code) == ("hangs.wav", "timed_out")
    assert failure.reason.startswith("hangs.wav: not done after 15 s and stopped (")
    assert "`prescore retry`" in failure.reason
    assert not list(order.data.scratch.iterdir())


def test_the_limit_grows_with_the_length(order: WorkOrder, inbox: Path) -> None:
    task = planned(order, inbox / "stereo-1.wav")  # 12.1 s
    assert limit_s(task, impatient(order, 10).settings) == pytest.approx(FLOOR_S + 121, abs=1)


def test_a_length_that_no_header_states_is_bounded_by_the_size(order: WorkOrder, tmp_path: Path) -> None:
    path = write_audio(tmp_path / "call.mp3", voice(4))
    task = planned(order, path)
    assert 4 <= length_s(task, order.settings) == path.stat().st_size / 500
    path.write_bytes(b"no sound at all" * 40)
    assert length_s(task, order.settings) == 0.0


def test_a_known_dialogue_says_its_length_without_the_file(order: WorkOrder, inbox: Path) -> None:
    run_batch(order, [inbox], None, None, 0)
    evaluation = order.settings.evaluation.model_copy(update={"min_words": 1})
    changed = order.settings.model_copy(update={"evaluation": evaluation})
    path = inbox / "stereo-1.wav"
    task = planned(replace(order, settings=changed), path)
    ((known,),) = (shard.tasks for shard in with_known_results(Store(order.data.store), [Shard(0, (task,))]))
    path.unlink()
    assert length_s(known, order.settings) == pytest.approx(12.1, abs=0.1)


def test_a_note_without_a_place_names_none() -> None:
    assert place_in("Timeout (0:00:03)!\n") == ""
    assert place_in('Thread 0x1:\n  File "/a/b.py", line 3 in f\nThread 0x2:\n  File "/c/d.py", line 7 in g\n') == (
        " (d.py, line 7)"
    )
    assert os.sep not in place_in('Thread 0x2:\n  File "d.py", line 7 in g\n')


def test_the_thread_that_processed_is_named() -> None:
    working = 'Thread 0x1:\n  File "/a/decoder.py", line 3 in f\n  File "/a/processing.py", line 9 in g\n'
    assert place_in(working + 'Thread 0x2:\n  File "/c/selectors.py", line 7 in g\n') == " (decoder.py, line 3)"


def test_a_call_in_time_leaves_no_note(order: WorkOrder, inbox: Path) -> None:
    """As in a worker; the process that gave the order is not watched."""
    task, settings, notes = planned(order, inbox / "stereo-1.wav"), order.settings, order.data.scratch
    with watched(task, settings, notes, order.home):
        assert not list(notes.iterdir())
    with watched(task, settings, notes, "another process"):
        assert [path.stat().st_size for path in notes.iterdir()] == [0]
        assert stopped_before(task, settings, notes) is None
    assert not list(notes.iterdir())


def test_a_note_is_answered_once(order: WorkOrder, inbox: Path) -> None:
    task, settings, notes = planned(order, inbox / "stereo-1.wav"), order.settings, order.data.scratch
    note_path(task, notes).write_text('Timeout!\nThread 0x2:\n  File "/a/decoder.py", line 7 in g\n')
    stopped = stopped_before(task, settings, notes)
    assert stopped is not None and stopped.failure is not None
    assert "stopped (decoder.py, line 7); `prescore retry`" in stopped.failure.reason
    assert stopped_before(task, settings, notes) is None
