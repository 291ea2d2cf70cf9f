from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from models.example_turns import EXAMPLES, read_examples
from models.head_learning import cross_validate, learn, train
from models.head_trainer import Trainer, concern_turn, turn_targets
from models.head_training import (
    Options,
    TurnData,
    calibration_error,
    chosen,
    fit_calibration,
    fit_levels,
    fit_projection,
    fit_turns,
    fit_types,
)
from models.reader_training import ReaderSample
from models.turn_noise import noisy_copy
from pipeline.checklist import load_checklist
from pipeline.corpus import LabelledDialogue, load_corpus
from pipeline.learning.labels import LearningSample, corpus_samples
from pipeline.prescoring.call_features import CALL_TYPES, CUES, TurnLabels
from pipeline.prescoring.evaluation import evaluate
from pipeline.prescoring.head_artefact import load_artefact, save_artefact
from pipeline.prescoring.judges import heads_judge
from pipeline.records import Dialogue, Utterance
from tests.prescoring.test_heads import CHECKLIST, SETTINGS, vectors_of

SMALL = Options(readers=1, reader_width=16, reader_epochs=2)  # the networks' own tests train longer


class WordVectors:
    """An encoder that knows no words; it only has to be the same each time."""

    identity = dialogue_identity = "words:1"

    def encode(self, texts):
        return vectors_of(Dialogue("ru", tuple(Utterance(n, "agent", text) for n, text in enumerate(texts))), 12)

    def encode_dialogue(self, dialogue):
        return self.encode([utterance.text for utterance in dialogue.utterances])


def largest_trades(count: int) -> list[LabelledDialogue]:
    """Dialogues of those lines of business that have the most: many have a single one."""
    corpus = load_corpus(CHECKLIST, "dev")
    counts = Counter(item.trade for item in corpus)
    trades = sorted(counts, key=lambda trade: (-counts[trade], trade))[:count]
    return [item for item in corpus if item.trade in trades]


@pytest.fixture(scope="module")
def trainer() -> Trainer:
    return Trainer(corpus_samples(largest_trades(5)[::2]), WordVectors(), SMALL)  # a fold for each


@pytest.fixture(scope="module")
def learned(trainer, tmp_path_factory):
    """The file of what was learned, with its figures."""
    artefact, figures = learn(trainer)
    path = tmp_path_factory.mktemp("heads") / "heads.npz"
    save_artefact(artefact, path)
    return path, figures


def test_what_is_learned_can_be_saved_and_judged_by(trainer, learned):
    path, figures = learned
    assert load_artefact(path).facts.dialogues == len(trainer.samples)
    assert len(figures) == 2
    assert figures[0]["mean.kappa"] > 0.1  # phrases alone teach something, even from so few
    dialogue = trainer.samples[0].known.dialogue
    vectors = WordVectors().encode([utterance.text for utterance in dialogue.utterances])
    evaluation = evaluate(dialogue, CHECKLIST, heads_judge(path), SETTINGS, vectors)
    assert {suggestion.rung for suggestion in evaluation.suggestions} <= {"heads", "weights"}


def dialogue(**gold) -> LearningSample:
    other = {c.id: {"applicable": False} for c in load_checklist("cqr").criteria}
    labelled = LabelledDialogue.model_validate(
        {
            "id": "ru-x-01", "language": "ru", "trade": "x", "direction": "incoming", "call_type": "objection",
            "turns": [{"agent": "а"}, {"client": "б"}, {"agent": "в"}, {"client": "г"}], "gold": other | gold,
        }
    )  # fmt: skip
    return corpus_samples([labelled])[0]


def test_targets_name_level_concern_and_type():
    labels = TurnLabels(("objection", "upsell"))
    targets, told = turn_targets(dialogue(objection={"value": 1, "evidence": [2]}), labels)
    assert told[: labels.cues.start].all()
    assert not told[labels.cues].any()
    assert targets[2, labels.of("objection")].tolist() == [0, 0, 1]
    assert targets[:, labels.concern].tolist() == [0, 1, 0, 0]
    assert targets[0, labels.types].tolist() == [float(name == "objection") for name in CALL_TYPES]
    assert not targets[:, labels.of("upsell")].any()


def test_cues_are_told_where_somebody_named_them():
    labels = TurnLabels(("objection",))
    targets, told = turn_targets(replace(dialogue(), cues={"known": (1, 2), "none": (3,)}), labels)
    assert told[labels.cues].all()
    by_cue = dict(zip(CUES, targets[:, labels.cues].T.tolist(), strict=True))
    assert (by_cue["known"], by_cue["none"]) == ([0, 1, 1, 0], [0, 0, 0, 1])
    assert not any(any(turns) for cue, turns in by_cue.items() if cue not in {"known", "none"})
    assert [labels.cues.start + place for place, cue in enumerate(CUES) if cue in {"known", "worry"}] == labels.cues_of(
        "objection"
    )


@pytest.mark.parametrize(("evidence", "turn"), [([3], 3), ([], None), ([2, 3], 1), ([0], None)])
def test_the_concern_is_what_the_client_said_before_the_answer(evidence, turn):
    assert concern_turn(dialogue(objection={"value": 0.5, "evidence": evidence})) == turn


def test_ridge_finds_a_line_and_ignores_rows_that_say_nothing_about_it():
    rows = np.random.default_rng(0).normal(size=(80, 3))
    targets = np.column_stack([2 * rows[:, 0] + 1, rows[:, 1]])
    noise = TurnData(rows, np.full((80, 2), 9.0), np.array([1]))
    weights, bias = fit_turns([TurnData(rows, targets, np.array([0, 1])), noise], 2, penalty=1e-6)
    assert np.allclose(weights[:, 0], [2, 0, 0], atol=1e-6)
    assert bias[0] == pytest.approx(1)
    assert bias[1] > 3


def test_a_projection_keeps_what_varies_and_the_mean_says_nothing():
    source = np.random.default_rng(1)
    vectors = np.hstack([source.normal(size=(200, 1)) * [1.0, 2.0, 50.0], source.normal(size=(200, 3)) * 0.1])
    projection = fit_projection(vectors)
    found = projection.apply(vectors)
    assert np.allclose(projection.apply(projection.mean_vector[None]), 0, atol=1e-6)
    assert np.argsort(-found.std(axis=0)).tolist()[:4] == [0, 1, 2, 3]  # the widest first
    assert abs(np.corrcoef(found[:, 0], vectors[:, 0])[0, 1]) > 0.99  # what three numbers say together, in one
    assert np.allclose(np.corrcoef(found[:, :4], rowvar=False), np.eye(4), atol=1e-3)


def test_a_type_that_was_never_seen_is_never_answered():
    features = np.array([[0.0], [1.0]] * 4)
    weights, bias = fit_types(features, ["spam", "objection"] * 4, np.ones(1), 1.0)
    assert weights.shape == (1, len(CALL_TYPES))
    assert set((features @ weights + bias).argmax(axis=1)) == {CALL_TYPES.index("spam"), CALL_TYPES.index("objection")}


def test_two_or_no_different_answers_are_enough():
    features = np.array([[0.0], [1.0], [2.0]])
    weights, bias = fit_levels(features, np.array([0.0, 0.0, 0.0]), np.ones(1), 1.0)
    assert chosen(features @ weights + bias)[0].tolist() == [0.0, 0.0, 0.0]
    weights, bias = fit_levels(features, np.array([1.0, 1.0, 1.0]), np.ones(1), 1.0)
    assert chosen(features @ weights + bias)[0].tolist() == [1.0, 1.0, 1.0]


def test_calibration_pulls_overconfident_answers_down():
    right = np.array([True] * 6 + [False] * 4)
    slope, offset = fit_calibration(np.full(10, 0.99), right)
    logit = np.log(0.99 / 0.01)
    assert 1 / (1 + np.exp(-(slope * logit + offset))) == pytest.approx(0.6, abs=0.1)
    assert fit_calibration(np.full(3, 0.9), np.array([True] * 3)) == (1.0, 0.0)
    assert calibration_error(np.full(10, 0.99), right) == pytest.approx(0.39)


def test_chosen_levels_come_with_their_probability():
    values, probabilities = chosen(np.array([[9.0, 9.0], [-9.0, -9.0]]))
    assert values.tolist() == [1.0, 0.0]
    assert (probabilities > 0.99).all()


def test_a_noisy_copy_is_plain_and_the_same_each_time():
    original = Dialogue(
        "en", tuple(Utterance(n, "agent", "Well, HELLO there! How are things, Margaret?") for n in range(40))
    )
    copy = noisy_copy(original, "seed")
    assert copy == noisy_copy(original, "seed")
    assert copy != noisy_copy(original, "other")
    heard = " ".join(utterance.text for utterance in copy.utterances)
    assert 0.9 < len(heard.split()) / (40 * 7) < 1
    assert {
        noisy_copy(Dialogue("ru", (Utterance(0, "agent", "Да."),)), seed).utterances[0].text for seed in "abcdef"
    } == {
        "да",
        "Да.",
    }


def test_every_example_names_a_known_label():
    labels = TurnLabels(tuple(criterion.id for criterion in CHECKLIST.criteria))
    examples = read_examples(EXAMPLES, labels)
    assert {language for _, language, *_ in examples} == {"ru", "en", "pl"}
    assert all(column is None or 0 <= column < labels.count for *_, column in examples)
    assert len({(language, text) for _, language, _, text, _ in examples}) > 400


def test_a_call_with_a_type_alone_is_measured_and_a_short_call_is_not(trainer):
    typed, short, *rest = (sample.known for sample in trainer.samples)
    samples = [replace(typed, labels={}), replace(short, labels={}, is_measured=False), *rest]
    answers, _ = cross_validate(Trainer(samples, WordVectors(), replace(SMALL, readers=0)))
    assert answers["call_type"].known.tolist() == [True, False, *([True] * len(rest))]
    assert answers["greeting"].known[:2].tolist() == [False, False]


def test_a_copy_that_was_heard_counts_more_for_the_readers(trainer, monkeypatch):
    def remember(samples, *_others):
        learned_from.extend(samples)
        raise InterruptedError

    learned_from: list[ReaderSample] = []
    monkeypatch.setattr("models.head_trainer.train_reader", remember)
    written, heard = (sample.known for sample in trainer.samples[:2])
    samples = [written, replace(heard, heard=heard.dialogue)]
    with pytest.raises(InterruptedError):
        Trainer(samples, WordVectors(), replace(SMALL, heard_times=4)).fit_readers([0, 1])
    assert [len(sample.rows) for sample in learned_from] == [
        *[len(written.dialogue.utterances)] * 2,
        *[len(heard.dialogue.utterances)] * 5,
    ]


def test_the_command_learns_the_same_again(trainer, learned, tmp_path, monkeypatch, capsys):
    samples = [sample.known for sample in trainer.samples]
    monkeypatch.setattr("models.head_learning.Options", lambda: SMALL)
    monkeypatch.setattr("models.head_learning.corpus_with_type_only_calls", lambda *_: samples)
    train("dev", WordVectors(), tmp_path / "new.npz")
    assert "mean.kappa" in capsys.readouterr().out
    assert (tmp_path / "new.npz").read_bytes() == learned[0].read_bytes()
