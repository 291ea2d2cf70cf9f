"""Stored calls judged again: what is added, what stays, what is compared, and that no audio is needed."""

import hashlib
import multiprocessing
import os
import shutil
import signal
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from flows.batch import run_batch
from flows.change_report import call_type_rows, change_rows, outcome_rows, rescore_rows
from flows.rescore_run import plan_rescore, read_shards, run_rescore, shard_size
from flows.rescoring import (
    RescoreOrder,
    RescoreShard,
    bench_of,
    compute_rescore,
    rescore_order,
    rescore_shard,
    rescore_workers,
)
from flows.selection import choose_calls
from flows.shards import ShardResult
from flows.workshop import WorkOrder
from pipeline.checklist import Checklist
from pipeline.data_folder import DataFolder
from pipeline.errors import ConfigurationError, InputError, StoreError, WeightsError
from pipeline.interfaces import Vectors
from pipeline.prescoring import evaluate, evaluate_again
from pipeline.records import AnalysedDialogue
from pipeline.settings import Settings
from pipeline.stages import StageResult
from pipeline.store import Store
from pipeline.store.calls import register_journal
from pipeline.store.lock import locked
from pipeline.store.rescoring import Selection
from pipeline.store.results import read_result, write_results
from pipeline.store.show import read_call
from tests.bench.rescore_store import DIALOGUE_KEY, Source, build_store
from tests.fakes import FakeEncoder
from tests.flow_runs.conftest import FAKES
from tests.flow_runs.recordings import stereo_call
from tests.flow_runs.rows import count_rows, differences, rows_of
from tests.store.builders import journal_call

EVERY = Selection()
TURNS = (
    ("agent", "Добрый день, меня зовут Анна, компания «Вектор». Чем могу помочь?"),
    ("client", "Здравствуйте, дорого у вас, но мне нужны окна к пятнице."),
    ("agent", "Понимаю вас. Скажите, какой профиль вы хотите и что для вас важнее всего?"),
    ("client", "Тёплый. Сколько это стоит?"),
    ("agent", "Двадцать тысяч. Давайте завтра в двенадцать пришлю договор, вы подпишете?"),
    ("client", "Хорошо, договорились, спасибо."),
)
CALLS = 12
DOOMED = hashlib.sha256(b"bench 3 3").hexdigest()


def sources() -> list[Source]:
    return [
        Source("ru", turns, FakeEncoder().encode([text for _, text in turns]))
        for turns in (TURNS, TURNS[:4] + TURNS[5:])
    ]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> DataFolder:
    """Dialogues with vectors that nobody has judged; for copying."""
    data = DataFolder(tmp_path_factory.mktemp("built") / "data")
    build_store(Store(data.store), sources(), CALLS, FakeEncoder.dialogue_identity)
    return data


@pytest.fixture(scope="module")
def judged_once(built: DataFolder, settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> DataFolder:
    """The same dialogues, judged by the default checklist, and what was published then; for copying."""
    data = DataFolder(Path(shutil.copytree(built.root, tmp_path_factory.mktemp("judged") / "data")))
    run_rescore(rescore_order(WorkOrder(settings, data, FAKES), None), EVERY, 0)
    return data


@pytest.fixture
def store(built: DataFolder, order: WorkOrder) -> Store:
    """Dialogues with vectors, evaluated by the configured checklist; their recordings lie nowhere."""
    shutil.copytree(built.root, order.data.root)
    return Store(order.data.store)


@pytest.fixture
def cqr(order: WorkOrder) -> RescoreOrder:
    return rescore_order(order, None)


@pytest.fixture
def judged(judged_once: DataFolder, order: WorkOrder) -> Store:
    shutil.copytree(judged_once.root, order.data.root, symlinks=True)
    return Store(order.data.store)


@pytest.fixture
def changed(cqr: RescoreOrder) -> RescoreOrder:
    """The checklist with another weight, a criterion judged by another rule, and one left out."""
    content = cqr.checklist.model_dump()
    by_id = {item["id"]: item for item in content["criteria"]}
    by_id["greeting"]["weights"]["qualification"] = 2
    by_id["needs"]["rule"] = "upsell"
    content["criteria"] = [item for name, item in by_id.items() if name != "product"]
    return replace(cqr, checklist=Checklist.model_validate(content))


def test_a_new_version_is_added_and_nothing_is_overwritten(judged: Store, changed: RescoreOrder) -> None:
    before = rows_of(judged.path)
    summary = run_rescore(changed, EVERY, 0)
    after = rows_of(judged.path)
    assert summary.counts() == {"rescored": CALLS, "done_before": 0, "encoded": 0, "failed": 0}
    assert (summary.plan.version_number, summary.plan.is_new_version) == (2, True)
    for table, kept in before.items():
        assert set(kept) <= set(after[table]), table
    assert len(after["evaluations"]) == 2 * CALLS
    assert after["utterance_vectors"] == before["utterance_vectors"]
    assert (changed.order.data.published / "snapshot.duckdb").exists()


def test_what_changed_is_counted(judged: Store, changed: RescoreOrder) -> None:
    changes = run_rescore(changed, EVERY, 0).changes
    assert (changes.calls, changes.first_time) == (CALLS, 0)
    assert set(changes.by_criterion) == {item.id for item in changed.checklist.criteria}
    assert set(changes.by_criterion["greeting"]) == {"unchanged"}
    assert changes.by_criterion["needs"]["down"] > 0
    assert changes.cqr_before != changes.cqr_after
    greeting, needs = change_rows(changes)[:2]
    assert (greeting["criterion"], greeting["unchanged"], needs["up"]) == ("greeting", CALLS, 0)
    assert outcome_rows(changes)[0]["what"] == "mean CQR"
    assert call_type_rows(changes) == []


def test_run_again_adds_nothing_and_shows_the_same_changes(judged: Store, changed: RescoreOrder) -> None:
    first = run_rescore(changed, EVERY, 0)
    before = rows_of(judged.path)
    again = run_rescore(changed, EVERY, 0)
    assert differences(before, rows_of(judged.path)) == []
    assert again.counts() == {"rescored": 0, "done_before": CALLS, "encoded": 0, "failed": 0}
    assert (again.changes, again.plan.superseded) == (first.changes, 0)


def test_an_older_version_is_not_judged_again_and_says_so(
    judged: Store, cqr: RescoreOrder, changed: RescoreOrder
) -> None:
    run_rescore(changed, EVERY, 0)
    back = run_rescore(cqr, EVERY, 0)
    assert (back.counts()["rescored"], back.plan.superseded) == (0, CALLS)


def test_a_dry_run_shows_the_same_and_writes_nothing(judged: Store, changed: RescoreOrder) -> None:
    before = rows_of(judged.path)
    dry = run_rescore(changed, EVERY, 0, dry_run=True)
    assert differences(before, rows_of(judged.path)) == []
    assert not list(changed.order.data.published.glob(".work*"))
    wet = run_rescore(changed, EVERY, 0)
    assert dry.changes == wet.changes
    assert (dry.plan.version_number, rescore_rows(dry)[0]["dry run"]) == (2, True)


def test_a_new_checklist_is_compared_with_the_default_one(judged: Store, changed: RescoreOrder) -> None:
    other = replace(changed, checklist=changed.checklist.model_copy(update={"id": "mystery"}))
    other = replace(other, checklist=Checklist.model_validate(other.checklist.model_dump()))
    summary = run_rescore(other, EVERY, 0)
    assert (summary.plan.version_number, summary.changes.first_time) == (1, 0)
    assert summary.changes.by_criterion["greeting"]["unchanged"] == CALLS
    with judged.reading() as con:
        assert con.execute("SELECT DISTINCT checklist_id FROM calls").fetchall() == [("cqr",)]
        name = con.execute("SELECT min(call_id) FROM calls").fetchall()[0][0]
        assert [item.evaluation.checklist_id for item in read_call(con, name).evaluations] == ["cqr", "mystery"]


def test_the_first_judgement_has_nothing_before_it(store: Store, cqr: RescoreOrder) -> None:
    summary = run_rescore(cqr, EVERY, 0)
    assert (summary.changes.first_time, summary.changes.calls) == (CALLS, CALLS)


def test_workers_answer_what_one_process_answers(judged: Store, changed: RescoreOrder, tmp_path: Path) -> None:
    alone = Store(tmp_path / "alone" / "calls.duckdb")
    alone.path.parent.mkdir()
    alone.path.write_bytes(judged.path.read_bytes())
    counted: list[int] = []
    run_rescore(changed, EVERY, 2, on_calls=counted.append)
    data = replace(changed.order.data, root=alone.path.parent)
    run_rescore(replace(changed, order=replace(changed.order, data=data)), EVERY, 0)
    assert differences(rows_of(judged.path), rows_of(alone.path)) == []
    assert sum(counted) == CALLS


def test_a_recording_and_a_re_score_agree_on_the_key(order: WorkOrder, inbox: Path) -> None:
    run_batch(order, [inbox], None, b"key", 0)
    for recording in inbox.iterdir():
        recording.unlink()  # a re-score needs none
    before = rows_of(order.data.store)
    summary = run_rescore(rescore_order(order, "cqr"), EVERY, 0)
    assert summary.counts() == {"rescored": 0, "done_before": 2, "encoded": 0, "failed": 0}
    assert differences(before, rows_of(order.data.store)) == []
    stereo_call(inbox / "stereo-1.wav", 1)
    assert run_batch(order, [inbox], None, b"key", 0).processed == 0


class ForbiddenEncoder(FakeEncoder):
    def encode(self, texts: Iterable[str]) -> Vectors:
        raise AssertionError("what is stored is not encoded again")


def test_stored_vectors_are_never_made_again(store: Store, cqr: RescoreOrder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.fakes.FakeEncoder", ForbiddenEncoder)
    bench_of.cache_clear()
    assert run_rescore(cqr, EVERY, 0).counts()["rescored"] == CALLS


def test_missing_vectors_are_made_and_stored_once(store: Store, cqr: RescoreOrder, changed: RescoreOrder) -> None:
    with store.writing() as con:
        con.execute("DELETE FROM base.utterance_vectors")
        con.execute("DELETE FROM base.stage_results WHERE stage = 'vectors'")
    assert run_rescore(cqr, EVERY, 0, dry_run=True).encoded == CALLS
    assert count_rows(store.path, "utterance_vectors") == 0
    assert run_rescore(cqr, EVERY, 0).encoded == CALLS
    with store.reading() as con:
        encoders = con.execute("SELECT DISTINCT encoder, len(vector) > 0 FROM base.utterance_vectors").fetchall()
    assert encoders == [(FakeEncoder.dialogue_identity, True)]
    assert count_rows(store.path, "utterance_vectors") == count_rows(store.path, "utterances")
    assert run_rescore(changed, EVERY, 0).encoded == 0


def test_a_part_that_was_stored_is_kept_and_the_rest_is_added(
    judged: Store, changed: RescoreOrder, tmp_path: Path
) -> None:
    class Stopped(Exception):
        pass

    def stops(shards: Iterable[RescoreShard], order: RescoreOrder, workers: int) -> Iterator[ShardResult]:
        for number, result in enumerate(compute_rescore(shards, order, workers)):
            if number == 2:
                raise Stopped
            yield result

    with pytest.raises(Stopped):
        run_rescore(changed, EVERY, 0, compute=stops)
    part = count_rows(judged.path, "evaluations") - CALLS
    assert 0 < part < CALLS
    summary = run_rescore(changed, EVERY, 0)
    assert (summary.counts()["rescored"], summary.counts()["done_before"]) == (CALLS - part, part)
    assert summary.changes.calls == CALLS
    assert summary.changes.first_time == 0
    assert count_rows(judged.path, "evaluations") == 2 * CALLS


def breaking(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    """Judging the first call breaks."""
    left = [error]

    def breaks(*arguments: object) -> object:
        if left:
            raise left.pop()
        return evaluate_again(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr("flows.rescoring.evaluate_again", breaks)


@pytest.mark.parametrize(
    ("error", "code", "says"),
    [
        (ValueError("слова клиента"), "internal_error", "judging it broke with ValueError (test_rescoring.py"),
        (MemoryError(), "out_of_memory", "not enough memory"),
    ],
)
def test_a_call_that_breaks_takes_no_other_with_it(
    judged: Store, changed: RescoreOrder, monkeypatch: pytest.MonkeyPatch, error: Exception, code: str, says: str
) -> None:
    breaking(error, monkeypatch)
    summary = run_rescore(changed, EVERY, 0)
    ((found, reason),) = summary.failed
    assert (found, len(summary.fresh)) == (code, CALLS - 1)
    assert says in reason
    assert "слова" not in reason
    assert summary.changes.calls == CALLS - 1
    with judged.reading() as con:
        assert con.execute("SELECT DISTINCT status FROM calls").fetchall() == [("done",)]
    assert run_rescore(changed, EVERY, 0).counts()["rescored"] == 1


def test_what_no_call_is_to_blame_for_ends_the_re_score(
    judged: Store, changed: RescoreOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    breaking(WeightsError("heads.npz: missing"), monkeypatch)
    with pytest.raises(WeightsError):
        run_rescore(changed, EVERY, 0)


def test_an_answer_without_a_rung_is_not_what_stood_before_it(
    store: Store, cqr: RescoreOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is stored under the key of the rungs that remained, and the call is judged again by the next re-score."""
    monkeypatch.setattr("flows.rescoring.evaluate", lambda *given: replace(evaluate(*given), judge="rules:0"))
    first = run_rescore(cqr, EVERY, 0)
    assert (first.changes.first_time, first.counts()["rescored"]) == (CALLS, CALLS)
    monkeypatch.undo()
    second = run_rescore(cqr, EVERY, 0)
    assert (second.changes.first_time, second.counts()["rescored"]) == (0, CALLS)


def killing_shard(shard: RescoreShard, order: RescoreOrder) -> ShardResult:
    """Stands in for native code that crashes on the call `call-3`."""
    if DOOMED in {task.content_sha256 for task in shard.tasks} and multiprocessing.parent_process() is not None:
        os.kill(os.getpid(), signal.SIGKILL)
    return rescore_shard(shard, order)


def test_a_worker_that_dies_costs_one_call(
    judged: Store, changed: RescoreOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flows.rescoring.rescore_shard", killing_shard)
    summary = run_rescore(changed, EVERY, 2)
    assert [code for code, _ in summary.failed] == ["worker_died"]
    assert f"call {DOOMED[:16]}: the worker process died on it" in summary.failed[0][1]
    assert len(summary.fresh) == CALLS - 1


def test_two_runs_at_once_are_refused_and_a_dry_run_is_not(judged: Store, changed: RescoreOrder) -> None:
    with locked(changed.order.data.run_lock, exclusive=True, timeout_s=1):
        with pytest.raises(StoreError, match="busy"):
            run_rescore(changed, EVERY, 0, lock_timeout_s=0.1)
        assert run_rescore(changed, EVERY, 0, dry_run=True).counts()["rescored"] == CALLS


def test_without_a_store_or_a_fitting_call(order: WorkOrder, cqr: RescoreOrder) -> None:
    for dry_run in (True, False):
        with pytest.raises(StoreError, match="there is no store yet"):
            run_rescore(cqr, EVERY, 0, dry_run=dry_run)
    assert not order.data.root.exists()
    with Store(order.data.store).writing():
        pass
    with pytest.raises(InputError, match="the store holds no calls yet"):
        run_rescore(cqr, EVERY, 0)
    with Store(order.data.store).writing() as con:
        register_journal(con, [journal_call(1, answered=False)])
    with pytest.raises(InputError, match="1 calls fit, but none has a transcript"):
        run_rescore(cqr, EVERY, 0)
    with pytest.raises(InputError, match="no call fits --manager X, --type spam; `prescore status --calls` lists"):
        run_rescore(cqr, Selection(manager="X", call_type="spam"), 0)


def test_days_are_those_of_the_journal(order: WorkOrder, store: Store) -> None:
    chosen = choose_calls(store, order.settings, since="2026-10-05", until="2026-10-05")
    assert f"{chosen.since} {chosen.until}" == "2026-10-04 21:00:00 2026-10-05 21:00:00"  # Moscow
    named = choose_calls(store, order.settings, calls=["call-1.wav", "2", "call-1.wav"])
    assert len(named.call_ids or ()) == 2
    assert choose_calls(store, order.settings, since="", manager="") == EVERY


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"since": "5.10.2026"}, r"--since 5\.10\.2026: is no day; write it as 2026-10-05"),
        ({"until": "2026-13-01"}, "--until 2026-13-01: is no day"),
        ({"since": "2026-10-05", "until": "2026-10-04"}, "--until 2026-10-04 is before --since 2026-10-05; swap them"),
        ({"call_type": "sale"}, "--type sale: no such call type; use one of qualification, objection, spam"),
        ({"calls": ["nobody"]}, "nobody: no such call"),
    ],
)
def test_a_wrong_choice_names_the_option(
    order: WorkOrder, store: Store, asked: dict[str, object], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        choose_calls(store, order.settings, **asked)  # type: ignore[arg-type]


def test_an_unknown_checklist_lists_those_known(order: WorkOrder, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r'there is no checklist "nope" \(there are: .*cqr'):
        rescore_order(order, "nope")
    path = tmp_path / "own.yaml"
    path.write_text("id: own\ntitle: {en: Own}\ncriteria:\n- {id: a, title: {en: A}, weights: {spam: 1}}\n")
    assert rescore_order(order, str(path)).checklist.id == "own"


def test_shards_and_workers_suit_the_work(order: WorkOrder) -> None:
    assert [shard_size(calls, 2) for calls in (0, 1, 12, 10_000)] == [1, 1, 2, 500]
    assert rescore_workers(order, 10) == 0
    assert rescore_workers(order, 10_000) == rescore_workers(order) == len(os.sched_getaffinity(0))
    fixed = order.settings.model_copy(update={"run": order.settings.run.model_copy(update={"workers": 3})})
    assert rescore_workers(replace(order, settings=fixed), 10) == 3


def test_a_shard_is_read_when_its_turn_comes(judged: Store, changed: RescoreOrder) -> None:
    bench = bench_of(changed)
    plan = plan_rescore(judged, bench, EVERY, "cqr")
    first = next(read_shards(judged, plan, 5, bench))
    assert first.tasks == plan.tasks[:5]
    dialogues = [stored.dialogue and stored.dialogue.content_sha256 for stored in first.stored]
    assert dialogues == [task.content_sha256 for task in plan.tasks[:5]]


@pytest.fixture
def reweighed(cqr: RescoreOrder) -> RescoreOrder:
    """The checklist with another weight and another text, which no answer hangs on."""
    content = cqr.checklist.model_dump()
    content["criteria"][0]["weights"]["qualification"] = 2
    content["criteria"][0]["levels"]["0"]["ru"] += " Молчание тоже."
    return replace(cqr, checklist=Checklist.model_validate(content))


@pytest.mark.parametrize("name", ["changed", "reweighed"])
def test_kept_answers_are_those_that_are_given_anew(
    judged: Store, name: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    order: RescoreOrder = request.getfixturevalue(name)
    anew = tmp_path / "anew" / "calls.duckdb"
    anew.parent.mkdir()
    anew.write_bytes(judged.path.read_bytes())
    kept = run_rescore(order, EVERY, 0)
    monkeypatch.setattr("flows.rescore_run._with_earlier", lambda _con, tasks, _earlier, _bench: tasks)
    data = replace(order.order.data, root=anew.parent)
    fresh = run_rescore(replace(order, order=replace(order.order, data=data)), EVERY, 0)
    assert differences(rows_of(judged.path), rows_of(anew)) == []
    assert (fresh.kept, fresh.given, fresh.changes) == (0, kept.given, kept.changes)
    assert 0 < kept.kept <= kept.given
    assert (kept.kept == kept.given) == (name == "reweighed")


def test_no_dialogue_is_read_where_every_answer_stands(
    judged: Store, reweighed: RescoreOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(*_arguments: object) -> None:
        raise AssertionError("no words and no vectors are needed")

    monkeypatch.setattr("flows.rescore_run.read_unparsed_dialogues", forbidden)
    monkeypatch.setattr("flows.rescoring.dialogue_of", forbidden)
    summary = run_rescore(reweighed, EVERY, 0)
    assert (len(summary.fresh), summary.failed) == (CALLS, [])
    assert rescore_rows(summary)[0]["answers kept"] == summary.given


def test_answers_are_kept_from_version_to_version(judged: Store, cqr: RescoreOrder, reweighed: RescoreOrder) -> None:
    run_rescore(reweighed, EVERY, 2)
    third = replace(cqr, checklist=cqr.checklist.model_copy(update={"threshold": 1}))
    third = replace(third, checklist=Checklist.model_validate(third.checklist.model_dump()))
    assert (summary := run_rescore(third, EVERY, 0)).kept == summary.given


def kept_by(order: RescoreOrder) -> int:
    summary = run_rescore(order, EVERY, 0)
    assert len(summary.fresh) == CALLS
    return summary.kept


def test_another_judge_keeps_nothing(store: Store, cqr: RescoreOrder, reweighed: RescoreOrder) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("flows.rescoring.evaluate", lambda *given: replace(evaluate(*given), judge="rules:0"))
        run_rescore(cqr, EVERY, 0)
    assert kept_by(reweighed) == 0


def test_other_settings_keep_nothing(judged: Store, reweighed: RescoreOrder) -> None:
    settings = reweighed.order.settings
    other = settings.model_copy(update={"evaluation": settings.evaluation.model_copy(update={"min_words": 1})})
    assert kept_by(replace(reweighed, order=replace(reweighed.order, settings=other))) == 0


def test_another_dialogue_keeps_nothing(judged: Store, reweighed: RescoreOrder) -> None:
    """The sides of one call were swapped: that one is judged anew."""
    with judged.writing() as con:
        sha = con.execute("SELECT min(content_sha256) FROM base.recordings").fetchall()[0][0]
        stored: AnalysedDialogue = read_result(con, sha, "dialogue", DIALOGUE_KEY)  # type: ignore[assignment]
        write_results(con, [StageResult(sha, "dialogue", "swapped", stored, 0.0, 60.0)], "swapped")
    summary = run_rescore(reweighed, EVERY, 0)
    assert (len(summary.fresh), summary.encoded) == (CALLS, 1)
    assert summary.kept == summary.given * (CALLS - 1) // CALLS


def test_an_evaluation_of_a_version_that_is_not_stored_keeps_nothing(judged: Store, reweighed: RescoreOrder) -> None:
    with judged.writing() as con:
        con.execute("DELETE FROM base.checklist_versions")
    assert kept_by(reweighed) == 0
