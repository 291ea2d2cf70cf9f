"""The real trainer on calls of which only a part is known."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from models.head_learning import Answers, _level
from models.head_trainer import Trainer, nearest, turn_targets
from models.head_training import Options, TurnData, chosen, fit_levels, fit_turns
from models.verdict_learning import ANY_LENGTH, learner
from pipeline.learning.labels import Label, LearningSample, corpus_samples
from pipeline.prescoring import build_judge, evaluate
from pipeline.prescoring.call_features import CALL_TYPES, TurnLabels
from pipeline.prescoring.head_artefact import save_artefact
from pipeline.prescoring.head_names import head_name
from pipeline.prescoring.rules import RULES
from pipeline.settings import JudgeSettings
from tests.learning.heads import CQR, own_checklist
from tests.prescoring.test_head_learning import WordVectors, largest_trades

MINE = own_checklist(examples={"1": {"ru": ["с улыбкой"]}})
SMILE = head_name(MINE.criteria[0]) or ""
ENCODER = WordVectors()


@pytest.fixture(scope="module")
def written() -> list[LearningSample]:
    return corpus_samples(largest_trades(4)[::4])


def called(sample: LearningSample, **labels: Label) -> LearningSample:
    """The same words as a call of which only these labels are known."""
    vectors = ENCODER.encode_dialogue(sample.dialogue)
    named = {SMILE if name == "smile" else name: label for name, label in labels.items()}
    name = f"sha-{sample.sample_id}"
    return replace(sample, sample_id=name, group=name, call_type=None, labels=named, vectors=vectors)


@pytest.fixture(scope="module")
def samples(written: list[LearningSample]) -> list[LearningSample]:
    calls = []
    for number, sample in enumerate(written):
        value = float(number % 2)
        smile = Label(True, value, (0,) if number % 3 else None)
        calls.append(called(sample, smile=smile, greeting=Label(True, value, None, is_coarse=number % 4 == 0)))
    return [*written, *calls]


def test_what_nobody_said_is_not_told(written: list[LearningSample]) -> None:
    labels = TurnLabels((*RULES, SMILE))
    call = called(written[0], needs=Label(True, 0.3, (1,)), greeting=Label(True, 1.0), objection=Label(False, None, ()))
    targets, told = turn_targets(call, labels)
    assert targets.sum() == 1 and targets[1, labels.of("needs").start + 1] == 1  # 0.3 is nearest to 0.5
    expected = np.zeros(labels.count, bool)
    for columns in (labels.of("needs"), labels.of("objection"), labels.concern):
        expected[columns] = True
    assert told.tolist() == expected.tolist()
    assert [nearest(value) for value in (0.0, 0.25, 0.74, 0.76)] == [0.0, 0.0, 0.5, 1.0]


def test_calls_of_which_little_is_known_change_only_what_they_tell(
    written: list[LearningSample], samples: list[LearningSample]
) -> None:
    alone, together = (Trainer(known, ENCODER, Options()) for known in (written, samples))
    assert SMILE in together.labels.criteria and SMILE not in alone.labels.criteria
    count = len(written)
    known = [sample.told[together.labels.of("needs")].all() for sample in together.samples]
    assert known == [True] * count + [False] * (len(samples) - count)
    assert together.samples[-1].cases[0] is together.samples[-1].cases[1]
    model = together.turn_model(range(len(samples)))
    heads = together.fit_heads(together.honest_features(range(len(samples))))
    assert model[0][:, together.labels.of(SMILE)].any()
    assert heads[SMILE][0].shape == heads["needs"][0].shape
    nobody = together.turn_model(range(count))  # without the calls nobody speaks of it
    assert not nobody[0][:, together.labels.of(SMILE)].any()


def test_the_learner_makes_a_judge_of_all(samples: list[LearningSample], tmp_path: Path) -> None:
    with threadpool_limits(1, user_api="blas"):  # on busy cores a second thread makes it ten times slower
        artefact = learner(ENCODER)(samples)
    assert artefact.facts.dialogues == len(samples)
    assert set(artefact.heads) == {"call_type", "applies:objection", *RULES, SMILE}
    assert 0 <= artefact.facts.figures[f"{SMILE}.exact"] <= 1
    assert artefact.heads["call_type"].weights.shape[1] == len(CALL_TYPES)
    save_artefact(artefact, tmp_path / "heads.npz")
    sample = samples[-1]
    assert sample.call_type is None
    for checklist, names in ((CQR, set(RULES)), (MINE, {"smile"})):
        judge = build_judge(checklist, ENCODER, tmp_path / "heads.npz", JudgeSettings(rungs=("heads",)))
        made = evaluate(sample.dialogue, checklist, judge, ANY_LENGTH, sample.vectors)
        assert {item.criterion_id for item in made.suggestions} == names
        assert {item.rung for item in made.suggestions} <= {"heads", "weights"}


def test_no_on_a_scale_without_a_middle_says_nothing_of_the_middle() -> None:
    features = np.array([[0.0], [0.1], [0.9], [1.0]] * 5)
    values, coarse = np.array([0.0, 0.0, 1.0, 1.0] * 5), np.array([True] * 20)
    weights, bias = fit_levels(features, values, np.ones(1), 1.0, coarse)
    assert not weights[:, 0].any()  # every value that is told is above 0
    assert chosen(features @ weights + bias)[0][:4].tolist() == [0.5, 0.5, 1.0, 1.0]


@pytest.mark.parametrize(
    ("label", "level"),
    [(Label(True, 0.5), 0.5), (Label(True, 0.3), 0.5), (Label(True, 1.0, None, True), 1.0)],
)
def test_levels_that_calibration_compares_with(label: Label, level: float) -> None:
    assert _level(label) == level


@pytest.mark.parametrize("label", [None, Label(False, None), Label(True, 0.0, None, True)])
def test_what_is_unknown_is_not_compared(label: Label | None) -> None:
    answers = Answers(np.array([_level(label), 1.0]), np.array([0.0, 1.0]), np.ones(2))
    assert answers.known.tolist() == [False, True]


def test_a_label_of_which_no_row_speaks_scores_nothing() -> None:
    rows = np.random.default_rng(0).normal(size=(9, 2))
    weights, bias = fit_turns([TurnData(rows, rows, np.array([0]))], 2, 0.1)
    assert weights[0, 0] > 0.5 and not weights[:, 1].any() and bias[1] == 0
