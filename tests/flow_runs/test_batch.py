"""Whole runs on fakes: what is stored, and that a second run does only what is missing."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from flows.batch import RunSummary, run_batch, store_shard
from flows.planning import new_run_id, plan_run, with_known_results
from flows.shards import Shard, ShardResult
from flows.workshop import WorkOrder, workshop_of
from pipeline.data_folder import DataFolder
from pipeline.errors import InputError, StoreError, WeightsError
from pipeline.processing import CallResult
from pipeline.settings import CONFIGS, Settings
from pipeline.store import Store
from pipeline.store.calls import KnownFile, read_known_files, read_status_counts
from pipeline.store.failures import read_open_failures, request_retries
from pipeline.store.lock import locked
from pipeline.store.results import read_known_stages, write_results
from pipeline.store.rows import fetch
from pipeline.store.show import StoredCall, read_call
from tests.flow_runs.conftest import FAKES, RunOn
from tests.flow_runs.recordings import JOURNAL, breaking_call, stereo_call
from tests.flow_runs.rows import count_rows, differences, rows_of
from tests.store.builders import sha_of, whole_call

Night = tuple[RunSummary, Path]


@pytest.fixture(scope="module")
def night(
    whole_night: tuple[Path, Path, dict[str, str]], settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Night:
    """The whole night in this process."""
    folder, journal, _ = whole_night
    order = WorkOrder(settings, DataFolder(tmp_path_factory.mktemp("data")), FAKES)
    return run_batch(order, [folder], journal, b"key", 0), order.data.store


def show(store: Path, name: str) -> StoredCall:
    with Store(store).reading() as con:
        return read_call(con, name)


def stages_by_key(store: Path) -> dict[str, set[str]]:
    """Which stage keys were ever stored, by stage."""
    with Store(store).reading() as con:
        rows = con.execute("SELECT stage, stage_key FROM base.stage_results").fetchall()
    return {stage: {key for name, key in rows if name == stage} for stage, _ in rows}


def make_unreadable(folder: Path) -> None:
    """Whoever reads a recording again now hears noise instead of tones; size and time say it did not change."""
    for path in folder.iterdir():
        facts = path.stat()
        path.write_bytes(bytes(facts.st_size))
        os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))


def test_every_recording_ends_as_what_it_is(night: Night, whole_night: tuple[Path, Path, dict[str, str]]) -> None:
    summary, store = night
    codes = whole_night[2]
    with Store(store).reading() as con:
        counts = read_status_counts(con)
        failures = {item.file_name: item.code for item in read_open_failures(con)}
        found = con.execute("SELECT counts ->> 'recordings' FROM base.run_events WHERE event = 'started'").fetchall()
    assert found == [("7",)]  # as the command says: what could not be read is one of them
    assert counts == {"done": 3, "missed": 1, "no_speech": 1, "failed": 3}
    assert failures == codes
    assert summary.counts() == {"done": 3, "no_speech": 1, "failed": 2}  # the empty file needs no processing
    assert summary.processed == 6
    assert (summary.plan.recording_count, summary.plan.standing_failures, summary.plan.ignored_count) == (7, 1, 1)
    assert summary.audio_s == pytest.approx(12.1 + 12.2 + 12.3, abs=0.1)
    assert set(summary.stage_s) == {"transcription", "diarization", "dialogue", "vectors", "evaluation"}
    assert not list(store.parent.glob("cache/decoded/*"))


def test_a_stereo_call_has_its_roles_and_facts(night: Night) -> None:
    call = show(night[1], "stereo-1.wav")
    assert call.status == "done"
    assert (call.call.manager, call.call.direction, call.call.client_phone_last4) == ("Анна", "outgoing", "0101")
    assert call.analysed is not None and call.transcription is not None
    assert call.transcription.audio.layout == "stereo"
    said = [(item.role, item.text.split()[0]) for item in call.analysed.dialogue.utterances]
    assert said == [("agent", "добрый"), ("client", "здравствуйте"), ("agent", "товар"), ("client", "это")]
    assert call.evaluations[0].evaluation.scored


def test_a_mono_call_is_diarized_and_a_stereo_call_is_not(night: Night) -> None:
    with Store(night[1]).reading() as con:
        diarized = con.execute(
            "SELECT file_name FROM base.stage_results JOIN base.recordings USING (content_sha256) WHERE stage = $stage",
            {"stage": "diarization"},
        ).fetchall()
    assert diarized == [("mono-1.wav",)]
    analysed = show(night[1], "mono-1.wav").analysed
    assert analysed is not None
    assert set(analysed.roles.role_by_speaker) == {"SPEAKER_00", "SPEAKER_01"}


def test_a_copy_under_another_name_is_one_call(night: Night) -> None:
    assert show(night[1], "copy.wav").call == show(night[1], "stereo-1.wav").call
    assert count_rows(night[1], "deliveries") == count_rows(night[1], "recordings") + 1


def test_what_is_published_holds_the_same_calls(night: Night) -> None:
    with duckdb.connect(str(night[1].parent / "published" / "snapshot.duckdb"), read_only=True) as con:
        assert con.sql("SELECT count(*) FROM calls").fetchall() == [(8,)]
    assert list((night[1].parent / "published" / "parquet" / "calls").glob("month=*/*.parquet"))


def test_a_second_run_processes_nothing(
    night: Night, settings: Settings, whole_night: tuple[Path, Path, dict[str, str]]
) -> None:
    _, store = night
    before = rows_of(store)
    order = WorkOrder(settings, DataFolder(store.parent), FAKES)
    seen: list[int] = []
    again = run_batch(
        order, [whole_night[0]], whole_night[1], b"key", 0, on_calls=lambda count, _audio_s: seen.append(count)
    )
    assert (again.plan.tasks, again.processed, seen) == ((), 0, [])
    assert again.plan.standing_failures == 4
    assert differences(before, rows_of(store)) == []


def test_two_workers_store_the_same_rows(
    night: Night, settings: Settings, whole_night: tuple[Path, Path, dict[str, str]], tmp_path: Path
) -> None:
    order = WorkOrder(settings, DataFolder(tmp_path / "data"), FAKES)
    run_batch(order, [whole_night[0]], whole_night[1], b"key", 2)
    assert differences(rows_of(night[1]), rows_of(order.data.store)) == []


def test_a_journal_may_come_a_night_later(run: RunOn, order: WorkOrder, tmp_path: Path) -> None:
    first = run()
    before = show(order.data.store, "stereo-1.wav").call
    assert (first.done, before.manager) == (2, None)
    journal = tmp_path / "calls.csv"
    journal.write_text(JOURNAL, encoding="utf-8")
    second = run(journal=journal)
    # the direction helps to tell roles, so those are decided anew; nothing is heard again
    assert set(second.stage_s) == {"dialogue", "vectors", "evaluation"}
    assert any("call 2: its recording stereo-2.wav was not found" in line for line in second.plan.problems)
    after = show(order.data.store, "stereo-1.wav").call
    assert after == replace(
        before,
        journal_call_id="1", source="office", direction="outgoing", manager="Анна", answered=True, duration_s=12.0,
        started_at=after.started_at, client_phone_hash=after.client_phone_hash, client_phone_last4="0101",
    )  # fmt: skip
    with Store(order.data.store).reading() as con:
        assert read_status_counts(con) == {"done": 2, "missed": 1, "no_recording": 1}


def test_a_recording_delivered_again_under_another_name_is_not_heard_again(
    run: RunOn, order: WorkOrder, inbox: Path
) -> None:
    run()
    results = count_rows(order.data.store, "stage_results")
    (inbox / "stereo-1.wav").rename(inbox / "renamed.wav")
    again = run()
    assert (again.processed, count_rows(order.data.store, "stage_results")) == (0, results)
    assert show(order.data.store, "renamed.wav").call.call_id == show(order.data.store, "stereo-1.wav").call.call_id


def test_other_content_under_the_same_name_is_another_call(run: RunOn, order: WorkOrder, inbox: Path) -> None:
    run()
    stereo_call(inbox / "stereo-1.wav", 7)
    again = run()
    assert again.done == 1
    with Store(order.data.store).reading() as con:
        assert read_status_counts(con) == {"done": 3}


def test_a_new_checklist_version_evaluates_again_and_touches_no_audio(
    run: RunOn, order: WorkOrder, inbox: Path, tmp_path: Path
) -> None:
    run()
    before = stages_by_key(order.data.store)
    make_unreadable(inbox)
    content = yaml.safe_load((CONFIGS / "checklists" / "cqr.yaml").read_text(encoding="utf-8")) | {"threshold": 10}
    (tmp_path / "cqr.yaml").write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    changed = order.settings.model_copy(update={"checklist": str(tmp_path / "cqr")})
    summary = run(order=replace(order, settings=changed))
    after = stages_by_key(order.data.store)
    assert (summary.done, set(summary.stage_s)) == (2, {"evaluation"})
    assert {stage for stage in after if after[stage] != before[stage]} == {"evaluation"}
    assert after["evaluation"] > before["evaluation"]  # added, not overwritten
    with Store(order.data.store).reading() as con:
        versions = con.execute("SELECT version_number, threshold FROM base.checklist_versions ORDER BY 1").fetchall()
    assert versions == [(1, 80.0), (2, 10.0)]
    assert show(order.data.store, "stereo-1.wav").evaluations[0].version_number == 2


def test_configured_channels_decide_again_from_stored_words(run: RunOn, order: WorkOrder, inbox: Path) -> None:
    run()
    make_unreadable(inbox)
    rules: Any = {"agent_channels": [{"agent_channel": 1}]}
    changed = Settings.model_validate(order.settings.model_dump() | {"roles": rules})
    summary = run(order=replace(order, settings=changed))
    assert (summary.done, set(summary.stage_s)) == (2, {"dialogue", "vectors", "evaluation"})
    call = show(order.data.store, "stereo-1.wav")
    assert call.analysed is not None
    assert call.analysed.roles.source == "configured"
    assert call.analysed.dialogue.utterances[0].role == "client"


@pytest.mark.parametrize(
    ("kind", "code", "reason"),
    [
        ("out of memory", "out_of_memory", "bad.wav: not enough memory for its transcription"),
        ("breaks", "internal_error", "bad.wav: transcription broke with ValueError"),
        ("invents", "no_speech", "bad.wav: there is sound, but no words in it"),
    ],
)
def test_a_broken_call_takes_no_other_along(
    kind: str, code: str, reason: str, run: RunOn, order: WorkOrder, inbox: Path
) -> None:
    breaking_call(inbox / "bad.wav", kind)
    summary = run()
    assert summary.done == 2
    with Store(order.data.store).reading() as con:
        (failure,) = read_open_failures(con)
    assert (failure.file_name, failure.code) == ("bad.wav", code)
    assert failure.reason.startswith(reason)
    assert "клиента" not in failure.reason


def test_what_was_computed_before_a_failure_is_kept_and_built_upon(
    run: RunOn, order: WorkOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder = workshop_of(order).models.encoder

    def break_down(texts: list[str]) -> None:
        raise KeyError("слова клиента")

    with monkeypatch.context() as patch:
        patch.setattr(type(encoder), "encode", lambda self, texts: break_down(texts))
        assert run().failed[0][0] == "internal_error"
    assert set(stages_by_key(order.data.store)) == {"transcription", "diarization", "dialogue"}
    with Store(order.data.store).writing() as con:
        request_retries(con, read_open_failures(con))
    summary = run()
    assert (summary.done, set(summary.stage_s)) == (2, {"vectors", "evaluation"})


def test_missing_weights_end_the_run_and_blame_no_call(run: RunOn, order: WorkOrder, inbox: Path) -> None:
    breaking_call(inbox / "bad.wav", "no weights")
    with pytest.raises(WeightsError, match="prescore weights"):
        run()
    with pytest.raises(WeightsError, match="prescore weights"):
        run(workers=1)
    with Store(order.data.store).reading() as con:
        assert read_open_failures(con) == []


def test_a_worker_that_dies_fails_its_own_call_alone(
    run: RunOn, order: WorkOrder, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    breaking_call(inbox / "bad.wav", "dies")
    stereo_call(inbox / "stereo-2.wav", 2)
    summary = run(workers=2)
    assert summary.done == 3
    with Store(order.data.store).reading() as con:
        (failure,) = read_open_failures(con)
    assert (failure.file_name, failure.code) == ("bad.wav", "worker_died")
    assert "use fewer workers" in failure.reason

    assert run().plan.standing_failures == 1  # it stands until somebody asks for a retry
    monkeypatch.setenv("PRESCORE_FAKE_MENDED", "1")
    workshop_of.cache_clear()
    with Store(order.data.store).writing() as con:
        request_retries(con, [failure])
    assert run().done == 1
    with Store(order.data.store).reading() as con:
        assert (read_open_failures(con), read_status_counts(con)) == ([], {"done": 4})


def test_a_second_run_on_the_same_folder_is_refused(run: RunOn, order: WorkOrder) -> None:
    order.data.prepare()
    with (
        locked(order.data.run_lock, exclusive=True, timeout_s=1),
        pytest.raises(StoreError, match=r"run\.lock: the store is busy"),
    ):
        run()
    assert not order.data.store.exists()


def test_a_data_folder_that_cannot_be_made_says_so(run: RunOn, order: WorkOrder, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InputError, match=r"cannot be written .*choose another folder with --data"):
        run(order=replace(order, data=DataFolder(tmp_path / "file" / "data")))


def test_a_path_that_does_not_exist_leaves_no_trace(order: WorkOrder, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file or folder"):
        run_batch(order, [tmp_path / "absent"], None, None, 0)
    assert not order.data.store.exists()


def test_left_scratch_is_removed(run: RunOn, order: WorkOrder) -> None:
    left = order.data.scratch / "decoding-of-a-killed-run"
    left.mkdir(parents=True)
    run()
    assert not left.exists()


def test_every_run_has_a_start_and_an_end(run: RunOn, order: WorkOrder) -> None:
    run()
    run()
    with Store(order.data.store).reading() as con:
        events = con.execute("SELECT event, count(DISTINCT run_id) FROM base.run_events GROUP BY 1 ORDER BY 1")
        assert events.fetchall() == [("finished", 2), ("started", 2)]
        assert len(fetch(con, "list_calls")) == 2
    assert len({new_run_id() for _ in range(50)}) == 50


def test_an_empty_file_that_is_whole_a_night_later_is_one_call(run: RunOn, order: WorkOrder, inbox: Path) -> None:
    journal = inbox.parent / "calls.csv"
    header = "call_id,started_at,direction,manager,client_phone,duration_s,answered,file_name,source"
    journal.write_text(f"{header}\n7,2026-10-05T10:00:00,incoming,Анна,,60,yes,late.wav,\n", encoding="utf-8")
    late = inbox / "late.wav"
    late.touch()
    run(journal=journal)
    run(journal=journal)  # the same empty file again changes nothing
    with Store(order.data.store).reading() as con:
        assert [failure.code for failure in read_open_failures(con)] == ["empty_file"]
        assert read_call(con, "late.wav").status == "failed"
    stereo_call(late, 9)
    run(journal=journal)
    with Store(order.data.store).reading() as con:
        stored = read_call(con, "late.wav")
        assert (stored.status, stored.call.manager) == ("done", "Анна")
        assert read_open_failures(con) == []
        assert sum(read_status_counts(con).values()) == 3


def test_a_run_asks_for_what_lies_before_it_alone(
    order: WorkOrder, inbox: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a million files that were ever delivered it reads none but those of tonight's inbox."""
    run_batch(order, [inbox], None, None, 0)
    tonight = tmp_path / "tonight"
    tonight.mkdir()
    stereo_call(tonight / "new.wav", 2)
    asked: list[list[Path]] = []

    def known(con: duckdb.DuckDBPyConnection, paths: list[Path]) -> dict[Path, KnownFile]:
        asked.append(list(paths))
        return read_known_files(con, paths)

    monkeypatch.setattr("flows.planning.read_known_files", known)
    assert run_batch(order, [tonight], None, None, 0).done == 1
    assert asked == [[tonight / "new.wav"]]


def test_what_is_known_of_a_night_is_asked_once(order: WorkOrder, inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And results are read of those calls alone that have some."""
    run_batch(order, [inbox], None, None, 0)
    evaluation = order.settings.evaluation.model_copy(update={"min_words": 1})
    changed = replace(order, settings=order.settings.model_copy(update={"evaluation": evaluation}))
    stereo_call(inbox / "new.wav", 2)
    store = Store(order.data.store)
    tasks = plan_run(store, changed, [inbox], None, None).tasks
    asked: list[list[str]] = []

    def known(con: duckdb.DuckDBPyConnection, shas: list[str]) -> dict[str, Any]:
        asked.append(list(shas))
        return read_known_stages(con, shas)

    monkeypatch.setattr("flows.planning.read_known_stages", known)
    shards = list(with_known_results(store, [Shard(number, (task,)) for number, task in enumerate(tasks)]))
    assert len(shards) == len(tasks) > 1
    assert asked == [[task.recording.content_sha256 for task in tasks]]
    held = {task.recording.path.name: set(task.known) for shard in shards for task in shard.tasks}
    assert held.pop("new.wav") == set()
    assert all("dialogue" in stages for stages in held.values())


def test_a_shard_of_which_something_is_stored_already_adds_the_rest(tmp_path: Path) -> None:
    store = Store(tmp_path / "calls.duckdb")
    first, second = whole_call(sha_of("a.wav")), whole_call(sha_of("b.wav"))
    with store.writing() as con:
        write_results(con, first[:3], "before")
    results = tuple(CallResult(results[0].content_sha256, results) for results in (first, second))
    for _ in range(2):
        store_shard(store, ShardResult(0, results, 0.0), "run")
    with store.reading() as con:
        runs = con.execute("SELECT run_id, count(*) FROM base.stage_results GROUP BY ALL ORDER BY ALL").fetchall()
    assert runs == [("before", 3), ("run", 7)]
