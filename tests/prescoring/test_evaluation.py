"""One dialogue against the default checklist: contracts that hold for every dialogue, and a few plain cases."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.checklist import load_checklist, parse_checklist
from pipeline.corpus import load_corpus
from pipeline.prescoring import Ladder, Lexicons, evaluate, heads_judge, rules_judge
from pipeline.prescoring.ladder import combine
from pipeline.prescoring.rules import RULES
from pipeline.prescoring.vector_rung import VectorRung, phrases_of
from pipeline.records import Dialogue, Evaluation, Suggestion, Utterance, Word
from pipeline.settings import EvaluationSettings, load_yaml

CQR = load_checklist("cqr")
RULES_JUDGE = rules_judge()
JUDGES = [RULES_JUDGE, heads_judge()]
ANY_LENGTH = EvaluationSettings(min_words=0, min_duration_s=0)
REASONS = Path(__file__).parents[2] / "configs" / "reasons"


def talk(*turns: str, language: str = "ru", duration_s: float | None = None) -> Dialogue:
    """Turns as `a: words` or `c: words`."""
    roles = {"a": "agent", "c": "client", "o": "other"}
    utterances = tuple(Utterance(i, roles[turn[0]], turn[3:]) for i, turn in enumerate(turns))  # type: ignore[arg-type]
    return Dialogue(language, utterances, duration_s)


def value(dialogue: Dialogue, criterion_id: str) -> float | None:
    answers = {s.criterion_id: s for s in evaluate(dialogue, CQR, RULES_JUDGE, ANY_LENGTH).suggestions}
    return answers[criterion_id].value


def assert_holds(dialogue: Dialogue, evaluation: Evaluation) -> None:
    texts = {u.index: u.text for u in dialogue.utterances}
    pieces = [e for s in evaluation.suggestions for e in s.evidence] + list(evaluation.call_type.evidence)
    assert all(piece.quote in texts[piece.utterance_index] for piece in pieces)
    for suggestion in evaluation.suggestions:
        assert 0 <= suggestion.confidence <= 1
        assert suggestion.value in (None, 0, 0.5, 1)
        assert suggestion.applicable or suggestion.value is None


@pytest.mark.parametrize("judge", JUDGES, ids=["rules", "heads"])
def test_every_quote_of_the_corpus_stands_verbatim_and_every_reason_is_told(judge: Ladder) -> None:
    known = [set(load_yaml(REASONS / f"{language}.yaml")) for language in ("ru", "en", "pl")]
    for labelled in load_corpus(CQR, "dev")[::9]:
        evaluation = evaluate(labelled.dialogue, CQR, judge, ANY_LENGTH)
        assert_holds(labelled.dialogue, evaluation)
        assert all(s.reason in codes for s in evaluation.suggestions for codes in known)


words = st.text(alphabet="абвdżё «»\"'.,?!…—-0129\n", max_size=40)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["agent", "client", "other"]), words), max_size=8), st.sampled_from(["ru", "pl"])
)
def test_any_text_is_judged_without_falling_over(turns: list[Any], language: str) -> None:
    dialogue = Dialogue(language, tuple(Utterance(i, role, text) for i, (role, text) in enumerate(turns)))
    assert_holds(dialogue, evaluate(dialogue, CQR, RULES_JUDGE, ANY_LENGTH))


@pytest.mark.parametrize(
    ("language", "opening", "expected"),
    [
        ("ru", "Добрый день, меня зовут Ольга, компания «Маяк».", 1),
        ("ru", "здравствуйте это пётр компания маяк", 1),
        ("ru", "Добрый день, компания «Маяк».", 0.5),
        ("ru", "Алло, слушаю.", 0),
        ("en", "Good morning, this is Anna from Northway.", 1),
        ("en", "Hi, my name is Peter.", 0.5),
        ("pl", "Dzień dobry, mówi Anna z firmy Latarnia.", 1),
        ("pl", "Halo, słucham.", 0),
    ],
)
def test_greeting_counts_three_parts(language: str, opening: str, expected: float) -> None:
    assert value(talk(f"a: {opening}", "c: м", language=language), "greeting") == expected


def test_a_company_named_when_asked_does_not_count() -> None:
    asked = talk("a: Здравствуйте, можно Ивана Петровича?", "c: А кто это?", "a: Компания «Маяк».")
    assert value(asked, "greeting") == 0.5


def test_questions_without_marks_are_heard() -> None:
    plain = talk("a: а какая у вас площадь", "c: сто метров", "a: а сколько у вас человек работает", "c: пять")
    assert value(plain, "needs") == 1


def test_objection_does_not_apply_after_a_bare_think_about_it() -> None:
    (objection,) = [
        s
        for s in evaluate(
            talk("a: Тариф пять тысяч.", "c: Хорошо, я подумаю."), CQR, RULES_JUDGE, ANY_LENGTH
        ).suggestions
        if s.criterion_id == "objection"
    ]
    assert (objection.applicable, objection.value, objection.reason) == (False, None, "objection.not_raised")


@pytest.mark.parametrize(
    ("dialogue", "settings_"),
    [
        (talk("a: да", "c: нет"), EvaluationSettings()),
        (talk("a: " + "слово " * 30, duration_s=3), EvaluationSettings()),
        (talk("c: " + "слово " * 30), ANY_LENGTH),
        (Dialogue("ru", ()), ANY_LENGTH),
    ],
)
def test_a_call_without_enough_words_is_not_scored(dialogue: Dialogue, settings_: EvaluationSettings) -> None:
    evaluation = evaluate(dialogue, CQR, RULES_JUDGE, settings_)
    assert (evaluation.scored, evaluation.cqr, evaluation.passed, evaluation.suggestions) == (False, None, None, ())


def test_unknown_type_suggests_but_has_no_rate() -> None:
    cut_off = talk(
        "a: Компания «Маяк», добрый день.", "c: Алло, вас плохо слышно, прерывается", "a: Алло? Вас не слышно."
    )
    evaluation = evaluate(cut_off, CQR, RULES_JUDGE, ANY_LENGTH)
    assert evaluation.call_type.call_type == "unknown"
    assert (evaluation.cqr, evaluation.passed, len(evaluation.suggestions)) == (None, None, 8)


def test_spam_is_rated_on_its_two_criteria() -> None:
    spam = talk("a: Добрый день, компания «Маяк», Ольга.", "c: Я ошибся номером, извините.", "a: Ничего страшного.")
    evaluation = evaluate(spam, CQR, RULES_JUDGE, ANY_LENGTH)
    assert evaluation.call_type.call_type == "spam"
    assert [s.criterion_id for s in evaluation.suggestions if s.applicable] == ["greeting", "politeness"]
    assert evaluation.cqr == 100 and evaluation.passed


def test_combine_takes_the_confident_keeps_the_unsure_as_evidence_and_abstains() -> None:
    needs = CQR.criterion("needs")
    weak, sure = Suggestion("needs", True, 0.5, 0.2, "needs.x"), Suggestion("needs", True, 1.0, 0.8, "needs.y")
    assert combine(needs, [weak, sure]) is sure
    assert combine(needs, [weak]).value is None
    assert combine(needs, [weak]).reason == "needs.not_enough_evidence"
    assert combine(needs, []).value is None


def test_rules_are_those_a_checklist_may_name() -> None:
    assert {criterion.rule for criterion in CQR.criteria} == set(RULES)


def mine(scale: str = "yes_no") -> Any:
    examples = {"yes": {"en": ["would you recommend us"]}, "no": {"en": ["bye"]}}
    criterion = {
        "id": "ask",
        "title": {"en": "ask"},
        "scale": scale,
        "weights": {"qualification": 1},
        "examples": examples,
    }
    return parse_checklist({"id": "mine", "title": {"en": "mine"}, "criteria": [criterion]}, "x")


def test_a_new_criterion_works_from_its_examples_alone() -> None:
    checklist = mine()
    phrases = phrases_of(checklist)
    rung = VectorRung(phrases, np.eye(2, 3, dtype=np.float32), "toy")
    case_vectors = np.array([[0.1, 0.9, 0], [0, 0, 1]], dtype=np.float32)  # near the example of "yes"
    ladder = Ladder([rung], Lexicons())
    dialogue = talk("a: Would you recommend us?", "c: Sure.", language="en")
    (answer,) = evaluate(dialogue, checklist, ladder, ANY_LENGTH, case_vectors).suggestions
    assert (answer.value, answer.rung, answer.evidence[0].utterance_index) == (1.0, "vectors", 0)
    for vectors in (None, np.zeros((2, 3), dtype=np.float32)):
        (silent,) = evaluate(dialogue, checklist, ladder, ANY_LENGTH, vectors).suggestions
        assert (silent.value, silent.reason) == (None, "ask.not_enough_evidence")
    with pytest.raises(ValueError, match="1 vectors for 2 utterances"):
        evaluate(dialogue, checklist, ladder, ANY_LENGTH, case_vectors[:1])
    with pytest.raises(ValueError, match="vectors for 2 phrases"):
        VectorRung(phrases, np.eye(3, dtype=np.float32), "toy")


def test_evidence_plays_its_own_words() -> None:
    texts = ["Добрый", "день,", "компания", "«Маяк»,", "Ольга.", "Какие", "окна", "вам", "нужны?"]
    words = tuple(Word(text, number * 1.0, number + 0.8, 0.9) for number, text in enumerate(texts))
    utterance = Utterance(0, "agent", " ".join(texts), "CHANNEL_0", 0.0, 8.8, words)
    line = RULES_JUDGE.read(Dialogue("ru", (utterance,), 9.0), None).reading.lines[0]
    question = line.quote(line.hits["question_word"][-1])
    assert (question.quote, question.start_s, question.end_s) == ("Какие окна вам нужны?", 5.0, 8.8)
