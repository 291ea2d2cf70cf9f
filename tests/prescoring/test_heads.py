import hashlib
import json
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from pipeline.checklist import load_checklist
from pipeline.corpus import LabelledDialogue, load_corpus
from pipeline.errors import WeightsError
from pipeline.interfaces import Vectors
from pipeline.prescoring.evaluation import evaluate
from pipeline.prescoring.head_artefact import HEADS, load_artefact, save_artefact
from pipeline.prescoring.heads import level_probabilities, load_heads, nearest_level
from pipeline.prescoring.judges import heads_judge
from pipeline.prescoring.ladder import Case, Ladder
from pipeline.prescoring.lexicon import Lexicons
from pipeline.prescoring.rule_rung import RuleRung
from pipeline.records import Dialogue, Evaluation, Utterance
from pipeline.settings import EvaluationSettings

CHECKLIST = load_checklist("cqr")
SETTINGS = EvaluationSettings(min_words=0, min_duration_s=0)


DIMENSION = load_artefact(HEADS).facts.dimension


def vectors_of(dialogue: Dialogue, dimension: int = DIMENSION) -> Vectors:
    """The same text, the same unit vector; no meaning."""
    rows = []
    for utterance in dialogue.utterances:
        seed = int(hashlib.sha256(utterance.text.encode()).hexdigest()[:8], 16)
        row = np.random.default_rng(seed).normal(size=dimension)
        rows.append(row / np.linalg.norm(row))
    return np.array(rows, dtype=np.float32)


@pytest.fixture(scope="module")
def corpus() -> tuple[LabelledDialogue, ...]:
    return load_corpus(CHECKLIST, "dev")[::16]


@pytest.fixture(scope="module")
def judge() -> Ladder:
    return heads_judge()


def judged(judge: Ladder, dialogue: Dialogue) -> Evaluation:
    return evaluate(dialogue, CHECKLIST, judge, SETTINGS, vectors_of(dialogue))


def test_every_quote_stands_in_its_turn(judge, corpus):
    quotes = 0
    for item in corpus:
        evaluation = judged(judge, item.dialogue)
        found = [*evaluation.call_type.evidence, *(e for s in evaluation.suggestions for e in s.evidence)]
        for evidence in found:
            assert evidence.quote
            assert evidence.quote in item.dialogue.utterances[evidence.utterance_index].text
        for suggestion in evaluation.suggestions:
            indexes = [evidence.utterance_index for evidence in suggestion.evidence]
            assert len(indexes) == len(set(indexes))
        quotes += len(found)
    assert quotes > len(corpus)


def test_a_second_run_and_a_second_judge_answer_the_same(judge, corpus):
    first = [judged(judge, item.dialogue) for item in corpus]
    assert first == [judged(judge, item.dialogue) for item in corpus]
    assert first[:2] == [judged(heads_judge(), item.dialogue) for item in corpus[:2]]


def test_the_order_of_calls_changes_nothing(judge, corpus):
    cases = [judge.read(item.dialogue, vectors_of(item.dialogue)) for item in corpus[:4]]
    criterion = CHECKLIST.criterion("needs")
    forward = [judge.suggest(case, criterion) for case in cases]
    assert [judge.suggest(case, criterion) for case in reversed(cases)] == forward[::-1]


def test_what_a_head_sees_holds_no_manager_no_phone_and_no_history(judge, corpus):
    """Speaker labels are the only place a name could hide: changing them changes nothing."""
    assert {field.name for field in fields(Case)} == {"dialogue", "reading", "call_type", "vectors"}
    assert {field.name for field in fields(Dialogue)} == {"language", "utterances", "duration_s"}
    dialogue = corpus[0].dialogue
    renamed = replace(
        dialogue, utterances=tuple(replace(u, speaker=f"Ivan Petrov +7900{u.index}") for u in dialogue.utterances)
    )
    assert judged(judge, dialogue) == judged(judge, renamed)


def test_confidence_is_a_share_and_the_rung_is_named(judge, corpus):
    evaluation = judged(judge, corpus[0].dialogue)
    assert 0 <= evaluation.call_type.confidence <= 1
    for suggestion in evaluation.suggestions:
        assert 0 <= suggestion.confidence <= 1
        assert suggestion.rung in {"heads", "weights"}
        assert suggestion.applicable or suggestion.value is None


def test_without_vectors_the_rules_answer(judge, corpus):
    evaluation = evaluate(corpus[0].dialogue, CHECKLIST, judge, SETTINGS)
    assert {suggestion.rung for suggestion in evaluation.suggestions} <= {"rules", "weights"}


def test_without_vectors_and_fallback_the_rung_has_nothing_to_say(corpus):
    lexicons = Lexicons()
    rung = load_heads(RuleRung(lexicons))
    case = Ladder([rung], lexicons).read(corpus[0].dialogue, None)
    assert rung.classify(case) is None
    assert rung.suggest(case, CHECKLIST.criterion("needs")) is None


def test_a_criterion_without_a_head_falls_back(judge, corpus):
    criterion = CHECKLIST.criterion("needs").model_copy(update={"rule": None, "id": "jokes"})
    case = judge.read(corpus[0].dialogue, vectors_of(corpus[0].dialogue))
    assert judge.suggest(case, criterion).value is None


def test_silence_of_one_side_is_answered(judge):
    dialogue = Dialogue("ru", (Utterance(0, "client", "Алло"), Utterance(1, "other", ""), Utterance(2, "agent", "")))
    evaluation = evaluate(dialogue, CHECKLIST, judge, SETTINGS, vectors_of(dialogue))
    assert not evaluation.scored


def test_vectors_of_another_encoder_are_refused(judge, corpus):
    dialogue = corpus[0].dialogue
    with pytest.raises(WeightsError, match=f"384 numbers, the heads were trained on {DIMENSION}"):
        evaluate(dialogue, CHECKLIST, judge, SETTINGS, vectors_of(dialogue, 384))


def test_the_artefact_survives_a_round_trip(tmp_path, corpus):
    path = tmp_path / "heads" / "copy.npz"
    save_artefact(load_artefact(), path)
    assert path.stat().st_size < 8_000_000
    assert load_artefact(path).facts == load_artefact().facts
    dialogue = corpus[0].dialogue
    assert judged(heads_judge(path), dialogue).suggestions == judged(heads_judge(), dialogue).suggestions
    save_artefact(load_artefact(path), tmp_path / "again.npz")
    assert (tmp_path / "again.npz").read_bytes() == path.read_bytes()


def changed(tmp_path: Path, **facts: object) -> Path:
    """The shipped heads with other facts."""
    path = tmp_path / "changed.npz"
    with np.load(HEADS) as file:
        arrays = dict(file)
    arrays["facts"] = np.array(json.dumps(json.loads(str(arrays["facts"])) | facts))
    np.savez(path, **arrays)
    return path


def test_an_artefact_of_other_features_is_refused(tmp_path):
    with pytest.raises(WeightsError, match=r"changed\.npz: trained for feature version 0, .*head_learning"):
        load_artefact(changed(tmp_path, feature_version="0"))


@pytest.mark.parametrize(
    ("facts", "message"), [({"categories": ["greeting"]}, "weights of shape"), ({"colour": 1}, "incomplete")]
)
def test_an_artefact_that_does_not_fit_together_is_refused(tmp_path, facts, message):
    with pytest.raises(WeightsError, match=message):
        load_artefact(changed(tmp_path, **facts))


def test_missing_and_damaged_artefacts_are_named(tmp_path):
    with pytest.raises(WeightsError, match="no learned heads there"):
        load_artefact(tmp_path / "none.npz")
    (tmp_path / "bad.npz").write_bytes(b"PK no archive")
    with pytest.raises(WeightsError, match="no readable heads"):
        load_artefact(tmp_path / "bad.npz")


def test_levels_are_probabilities_and_the_nearest_is_taken():
    probabilities = level_probabilities(np.array([[5.0, 5.0], [5.0, -5.0], [-5.0, 5.0]]))
    assert np.allclose(probabilities.sum(axis=1), 1)
    assert (probabilities >= 0).all()
    assert [nearest_level(row) for row in probabilities] == [2, 1, 0]
