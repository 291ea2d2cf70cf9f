"""A criterion that only its users' verdicts have taught is answered by its own head."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from flows.learning import read_heads, run_learning
from flows.workshop import WorkOrder, judge_for, models_of, with_heads
from models.verdict_learning import ANY_LENGTH
from pipeline.checklist import Checklist
from pipeline.prescoring import build_judge, evaluate
from pipeline.prescoring.head_artefact import HeadArtefact, save_artefact
from pipeline.prescoring.head_names import head_name
from pipeline.reasons import load_reasons
from pipeline.records import Evaluation
from pipeline.store import Store
from tests.learning.heads import ENCODER, LINES, START, constant_heads, give, own_checklist, teach
from tests.learning.test_learning import Learner
from tests.store.builders import analysed, sha_of

MINE = own_checklist(scale="1-5")
SMILE = head_name(MINE.criteria[0]) or ""


def judged(artefact: HeadArtefact, checklist: Checklist, tmp_path) -> Evaluation:
    save_artefact(artefact, tmp_path / "heads.npz")
    dialogue = analysed(LINES).dialogue
    judge = build_judge(checklist, ENCODER, heads=tmp_path / "heads.npz")
    return evaluate(dialogue, checklist, judge, ANY_LENGTH, ENCODER.encode_dialogue(dialogue))


@pytest.mark.parametrize(
    ("value", "reason"), [(1.0, "own.level_done"), (0.5, "own.level_partly"), (0.0, "own.level_none")]
)
def test_its_head_answers_on_its_scale(tmp_path, value: float, reason: str) -> None:
    (answer,) = judged(constant_heads({SMILE: value}), MINE, tmp_path).suggestions
    assert (answer.value, answer.reason, answer.rung, answer.evidence) == (value, reason, "heads", ())
    assert answer.confidence > 0.9
    assert reason in load_reasons("pl")


def test_a_reworded_standard_is_not_answered_by_it(tmp_path) -> None:
    reworded = own_checklist(scale="1-5", title={"ru": "Другое"})
    (answer,) = judged(constant_heads({SMILE: 1.0}), reworded, tmp_path).suggestions
    assert (answer.value, answer.rung) == (None, "")


@pytest.mark.parametrize(("role", "turns"), [("agent", {0, 2}), ("client", {1, 3})])
def test_evidence_is_the_role_s_own_words(tmp_path, role: str, turns: set[int]) -> None:
    checklist = own_checklist(role=role)
    name = head_name(checklist.criteria[0]) or ""
    made = constant_heads({name: 1.0})
    weights = made.turn_weights.copy()
    weights[:, made.labels.of(name)] = np.linspace(0.1, 1, len(weights))[:, None]
    (answer,) = judged(replace(made, turn_weights=weights), checklist, tmp_path).suggestions
    assert answer.evidence
    assert {item.utterance_index for item in answer.evidence} <= turns


def test_verdicts_on_it_make_a_head_that_is_adopted(order: WorkOrder, store: Store) -> None:
    teach(store, 20, {"smile": 1.0}, checklist=MINE)
    with store.reading() as con:
        rows = con.execute("SELECT content_sha256, evaluation_id FROM base.evaluations").fetchall()
    found = [dict(rows)[sha_of(f"call-{number}.wav")] for number in range(4)]
    give(store, found, {"smile": 0.0}, START + timedelta(days=90), reviewer="boris")
    learner = Learner(constant_heads({SMILE: 1.0}))
    summary = run_learning(order, learn=learner)
    taught = [sample.labels for sample in learner.given[0] if SMILE in sample.labels]
    assert len(taught) == 15
    assert summary.adopted
    chosen = with_heads(order).heads
    judge = judge_for(MINE, models_of(order), order.settings.active, chosen)
    assert read_heads(order).in_use in judge.rungs[0].identity


def test_too_few_verdicts_on_it_are_left_out(order: WorkOrder, store: Store) -> None:
    teach(store, 20, {"greeting": 1.0})
    teach(store, 5, {"smile": 1.0}, first=20, checklist=MINE)
    learner = Learner(constant_heads())
    run_learning(order, learn=learner)
    assert not any(SMILE in sample.labels for samples in learner.given for sample in samples)
