"""From verdicts in the store to adopted heads, and back."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from flows.learning import choose, read_heads, roll_back, run_learning
from flows.learning_report import comparison_rows, learning_rows, model_rows
from flows.workshop import WorkOrder, judge_for, models_of, with_heads
from pipeline.errors import InputError, StoreError, WeightsError
from pipeline.learning.files import check_heads, heads_named, save_version
from pipeline.learning.versions import SHIPPED
from pipeline.prescoring.head_artefact import HEADS
from pipeline.settings import JudgeSettings
from pipeline.store import Store
from pipeline.store.lock import locked
from tests.learning.heads import CQR, START, constant_heads, names, teach

DONE = {"greeting": 1.0, "closing": 1.0, "politeness": 1.0}


class Learner:
    """Learns nothing: gives these heads, and keeps what it was given."""

    def __init__(self, *artefacts):
        self.artefacts, self.given = list(artefacts), []

    def __call__(self, samples):
        self.given.append(list(samples))
        return self.artefacts.pop(0) if len(self.artefacts) > 1 else self.artefacts[0]


def test_too_few_verdicts_are_counted_and_nothing_is_done(order: WorkOrder, store: Store) -> None:
    teach(store, 3, DONE)
    learner = Learner(constant_heads())
    summary = run_learning(order, learn=learner)
    assert summary.sentence == (
        "nothing learned: 3 calls with verdicts; 13 more are needed before anything is learned from them"
    )
    assert (learner.given, read_heads(order).models, comparison_rows(summary)) == ([], (), [])
    assert summary.counts() == {"calls_with_verdicts": 3, "verdicts": 12, "held_out": 1, "adopted": 0}


def test_better_heads_are_learned_again_from_all_and_adopted(order: WorkOrder, store: Store) -> None:
    teach(store, 20, DONE)
    final = constant_heads(mark=1, figures={"mean.kappa": 0.5, "own.kappa": float("nan")})  # JSON knows no nan
    learner = Learner(constant_heads(), final)
    summary = run_learning(order, learn=learner)
    older, everything = learner.given
    assert (len(older), len(everything)) == (4 + 15, 4 + 20)
    assert summary.adopted and summary.sentence.startswith("adopted: no criterion is worse")
    assert {row["criterion"] for row in comparison_rows(summary)} == {*DONE, "call_type"}
    history = read_heads(order)
    assert history.in_use == summary.version
    (model,) = history.models
    assert (model.parent, model.dialogue_count, model.verdict_call_count, model.verdict_count) == (SHIPPED, 24, 20, 80)
    assert model.learned_until == START + timedelta(days=19)
    assert model.figures["cross_validated"] == {"mean.kappa": 0.5}
    assert (order.data.heads / f"{summary.version}.npz").exists()
    assert list(order.data.heads.iterdir()) == [order.data.heads / f"{summary.version}.npz"]
    assert learning_rows(summary)[0]["new heads"] == summary.version
    assert [row["in use"] for row in model_rows(history)] == ["", "in use"]
    assert names(store, "SELECT last_event, last_actor FROM head_models") == [("adopted", "prescore learn")]


def test_adopted_heads_make_another_judge(order: WorkOrder, store: Store) -> None:
    teach(store, 20, DONE)
    before = judge_for(CQR, models_of(order), order.settings.active, with_heads(order).heads)
    summary = run_learning(order, learn=Learner(constant_heads()))
    chosen = with_heads(order)
    assert chosen.heads is not None and chosen.heads.version == summary.version
    assert hash(chosen) != hash(order)
    after = judge_for(CQR, models_of(order), order.settings.active, chosen.heads)
    assert after.identity != before.identity
    assert summary.version and summary.version in after.rungs[0].identity


def test_heads_that_are_worse_at_one_criterion_are_kept_but_not_used(order: WorkOrder, store: Store) -> None:
    teach(store, 20, DONE)
    first = run_learning(order, learn=Learner(constant_heads()))
    teach(store, 20, DONE, first=20)
    learner = Learner(constant_heads({"closing": 0.0}))
    summary = run_learning(order, learn=learner)
    assert len(learner.given) == 1
    assert not summary.adopted
    assert summary.sentence == "not adopted: worse on held-out verdicts of closing"
    history = read_heads(order)
    assert (history.in_use, len(history.models)) == (first.version, 2)
    assert names(store, "SELECT last_event, last_reason FROM head_models ORDER BY created_at")[1] == (
        "rejected",
        "worse on held-out verdicts of closing",
    )
    # a person may choose them all the same, and go back
    assert summary.version is not None
    assert choose(order, summary.version[:6], "boris", "trial") == summary.version
    assert read_heads(order).in_use == summary.version
    assert roll_back(order, "boris") == first.version
    assert roll_back(order, "boris") == SHIPPED
    with pytest.raises(InputError, match="nothing to roll back to"):
        roll_back(order, "boris")
    assert len(names(store, "SELECT * FROM base.head_events")) == 5


def test_heads_that_win_nothing_are_not_adopted(order: WorkOrder, store: Store) -> None:
    teach(store, 20, DONE)
    run_learning(order, learn=Learner(constant_heads()))
    teach(store, 20, DONE, first=20)
    summary = run_learning(order, learn=Learner(constant_heads(mark=2)))
    assert "not adopted: no better: mean squared error 0.0000" in summary.sentence


def test_calls_that_the_heads_in_use_know_do_not_measure(order: WorkOrder, store: Store) -> None:
    teach(store, 20, DONE)
    run_learning(order, learn=Learner(constant_heads()))
    teach(store, 3, DONE, first=20)
    summary = run_learning(order, learn=Learner(constant_heads()))
    assert "3 calls with verdicts that the heads in use have not learned from; 1 more are needed" in summary.sentence


def test_a_dry_run_keeps_nothing(order: WorkOrder, store: Store) -> None:
    teach(store, 20, DONE)
    learner = Learner(constant_heads())
    summary = run_learning(order, dry_run=True, learn=learner)
    assert summary.sentence.startswith("dry run, nothing kept; would be adopted: no criterion is worse")
    assert (len(learner.given), summary.counts()["adopted"]) == (1, 0)
    assert read_heads(order).models == ()
    assert not order.data.heads.exists()


def test_only_verdicts_since_a_day(order: WorkOrder, store: Store) -> None:
    teach(store, 20, DONE)
    summary = run_learning(order, since=START + timedelta(days=10), learn=Learner(constant_heads()))
    assert (summary.calls, summary.learned) == (10, None)


def test_heads_chosen_meanwhile_are_not_replaced(order: WorkOrder, store: Store) -> None:
    teach(store, 20, DONE)
    run_learning(order, learn=Learner(constant_heads()))
    teach(store, 20, DONE, first=20)

    def learn(samples):
        roll_back(order, "boris")
        return constant_heads(mark=3)

    with pytest.raises(InputError, match=r"heads shipped were chosen while learning compared with .*; learn again"):
        run_learning(order, learn=learn, dry_run=False)


def test_nothing_is_adopted_while_a_run_works(order: WorkOrder, store: Store) -> None:
    teach(store, 20, DONE)
    with locked(order.data.run_lock, exclusive=True, timeout_s=1), pytest.raises(StoreError):
        run_learning(order, learn=Learner(constant_heads()), lock_timeout_s=0.1)
    assert read_heads(order).models == ()


def test_missing_or_altered_heads_are_an_error_with_a_remedy(order: WorkOrder, store: Store) -> None:
    teach(store, 20, DONE)
    summary = run_learning(order, learn=Learner(constant_heads()))
    chosen = with_heads(order).heads
    assert chosen is not None
    models, profile = models_of(order), order.settings.active
    kept = chosen.path.read_bytes()
    chosen.path.write_bytes(kept + b" ")
    with pytest.raises(WeightsError, match=r"adopted heads .* were altered .*prescore heads rollback"):
        judge_for(CQR, models, profile, chosen)
    chosen.path.unlink()
    with pytest.raises(WeightsError, match=rf"{summary.version}.npz: the adopted heads .* are missing; .*use shipped"):
        judge_for(CQR, models, profile, chosen)
    with pytest.raises(WeightsError, match="are missing"):
        run_learning(order, learn=Learner(constant_heads()))
    without = profile.model_copy(update={"judge": JudgeSettings(rungs=("vectors",))})
    judge_for(CQR, models, without, chosen)  # a profile that asks no heads needs none
    assert choose(order, "shipped", "boris") == SHIPPED
    judge_for(CQR, models, profile, with_heads(order).heads)
    with pytest.raises(WeightsError, match="are missing"):
        choose(order, str(summary.version), "boris")


def test_heads_of_another_program_or_encoder_are_refused(tmp_path: Path) -> None:
    chosen = save_version(constant_heads(), tmp_path)
    with pytest.raises(WeightsError, match=r"expect the encoder fake-encoder-in-context, the profile names other"):
        check_heads(chosen, "other")
    old = save_version(constant_heads(feature_version="0"), tmp_path)
    with pytest.raises(WeightsError, match=r"cannot be used by this program .*feature version 0.*prescore learn"):
        check_heads(old, "fake-encoder-in-context")
    assert check_heads(heads_named(tmp_path, SHIPPED), "any") == HEADS  # not questioned


@pytest.mark.parametrize(
    ("version", "person", "message"),
    [
        ("nothing", "boris", '"nothing": no such heads'),
        ("shipped", "boris", "in use already"),
        ("shipped", " ", "--by"),
    ],
)
def test_a_choice_that_does_not_hold_is_said(
    order: WorkOrder, store: Store, version: str, person: str, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        choose(order, version, person)


def test_there_may_be_no_store_yet(order: WorkOrder, tmp_path: Path) -> None:
    empty = replace(order, data=type(order.data)(tmp_path / "none"))
    assert read_heads(empty).in_use == SHIPPED
    assert with_heads(empty) is empty


def test_dialogues_that_are_gone_teach_nothing(order: WorkOrder, store: Store) -> None:
    teach(store, 20, DONE)
    with store.writing() as con:
        con.execute("DELETE FROM base.stage_results WHERE stage = 'dialogue'")
    with pytest.raises(InputError, match="dialogues of the calls with verdicts are not stored"):
        run_learning(order, learn=Learner(constant_heads()))
