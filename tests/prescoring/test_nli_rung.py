"""The NLI rung over an entailer that answers as told: what it asks, and what it makes of the probabilities."""

import numpy as np
import pytest

from pipeline.checklist import Checklist, Criterion, load_checklist, parse_checklist
from pipeline.prescoring.nli_rung import NliRung, level_texts
from pipeline.prescoring.prompts import load_call_types, load_nli_prompts
from pipeline.records import CallTypeSuggestion, Dialogue, Suggestion
from tests.fakes import FakeEncoder
from tests.prescoring.judging import ToldEntailer, case_of, talk

CQR = load_checklist("cqr")
PROMPTS, CALL_TYPES = load_nli_prompts(), load_call_types()
DIALOGUE = talk(
    "a: Добрый день, меня зовут Анна, компания «Север». Удобно говорить?",
    "c: Да, слушаю. Мне посоветовали вас знакомые.",
    "a: А сколько у вас человек работает?",
    "c: Двенадцать, и все сидят в разных городах.",
)


def rung(entailer: ToldEntailer) -> NliRung:
    return NliRung(entailer, FakeEncoder(), PROMPTS, CALL_TYPES)


def suggest(entailer: ToldEntailer, criterion: Criterion, dialogue: Dialogue = DIALOGUE) -> Suggestion | None:
    return rung(entailer).suggest(case_of(dialogue), criterion)


def test_the_entailed_level_is_taken_and_its_sentence_quoted() -> None:
    def probability(premise: str, hypothesis: str) -> float:
        if "Поздоровался, назвал своё имя и компанию" not in hypothesis:
            return 0.1
        return 0.9 if "Север" in premise else 0.2

    entailer = ToldEntailer(probability)
    answer = suggest(entailer, CQR.criterion("greeting"))
    assert answer is not None
    assert (answer.applicable, answer.value, answer.reason, answer.rung) == (True, 1.0, "nli.entailed", "nli")
    assert answer.confidence == pytest.approx(0.9 * 0.9 / (0.9 + 0.1))
    assert [item.quote for item in answer.evidence] == ["Добрый день, меня зовут Анна, компания «Север»."]
    premise, hypothesis = entailer.asked[0]
    assert premise.startswith("Менеджер: Добрый день") and "Клиент: Да, слушаю." in premise
    assert hypothesis.startswith("О работе менеджера в этом разговоре верно: ")


def test_two_levels_entailed_alike_leave_it_unsure() -> None:
    answer = suggest(ToldEntailer(lambda _premise, _hypothesis: 0.9), CQR.criterion("needs"))
    assert answer is not None and answer.confidence == pytest.approx(0.45)


def test_nothing_entailed_is_an_abstention() -> None:
    entailer = ToldEntailer(lambda _premise, _hypothesis: 0.4)
    assert suggest(entailer, CQR.criterion("greeting")) is None
    assert rung(entailer).classify(case_of(DIALOGUE)) is None
    assert suggest(entailer, CQR.criterion("greeting"), talk("c: Алло")) is None  # the agent says nothing


@pytest.mark.parametrize(
    ("raised", "expected"), [(0.1, (False, None, 0.9, "nli.not_applicable")), (0.35, None), (0.9, (True, 1.0))]
)
def test_applicability_is_decided_first(raised: float, expected: tuple[object, ...] | None) -> None:
    objection = CQR.criterion("objection")
    top = objection.levels["1"]["ru"]
    entailer = ToldEntailer(lambda p, h: raised if h.startswith("Клиент возражает") else 0.9 * h.endswith(top))
    answer = suggest(entailer, objection)
    if expected is None:
        assert answer is None
    elif len(expected) == 2:
        assert answer is not None and (answer.applicable, answer.value) == expected
    else:
        assert answer is not None
        assert (answer.applicable, answer.value, answer.confidence, answer.reason) == expected


def test_a_silent_client_raises_no_objection() -> None:
    entailer = ToldEntailer(lambda _premise, _hypothesis: 0.9)
    answer = suggest(entailer, CQR.criterion("objection"), talk("a: Добрый день, это Анна."))
    assert answer is not None and (answer.applicable, answer.confidence) == (False, 1.0)


def test_the_call_type_is_the_entailed_purpose() -> None:
    def probability(premise: str, hypothesis: str) -> float:
        return 0.8 if "Знакомство с клиентом" in hypothesis and "посоветовали" in premise else 0.1

    answer = rung(ToldEntailer(probability)).classify(case_of(DIALOGUE))
    assert isinstance(answer, CallTypeSuggestion)
    assert answer.call_type == "qualification"
    assert [item.quote for item in answer.evidence] == ["Мне посоветовали вас знакомые."]
    assert rung(ToldEntailer(probability)).classify(case_of(talk("a: Да", "c: Нет"))) is None


def my_checklist(**changes: object) -> Checklist:
    criterion = {"id": "mine", "title": {"pl": "Zaproponował ratę"}, "weights": {"qualification": 1}} | changes
    return parse_checklist({"id": "x", "title": {"en": "x"}, "criteria": [criterion]}, "x")


def test_a_criterion_of_a_title_alone_can_be_done_and_not_undone() -> None:
    (criterion,) = my_checklist(scale="1-4").criteria
    assert level_texts(criterion, "ru") == [(1.0, "Zaproponował ratę")]
    entailer = ToldEntailer(lambda _premise, _hypothesis: 0.9)
    answer = suggest(entailer, criterion)
    assert answer is not None and (answer.value, answer.confidence) == (1.0, 0.9)
    assert entailer.asked[0][1] == "В этом разговоре выполнено: Zaproponował ratę"


def test_another_language_is_asked_in_english_where_nothing_else_is_written() -> None:
    entailer = ToldEntailer(lambda _premise, _hypothesis: 0.9)
    suggest(entailer, CQR.criterion("greeting"), talk("a: Guten Tag, Anna von Nord.", language="de"))
    assert entailer.asked[0][1].startswith("About the manager's work")


def test_metrics_are_not_for_words() -> None:
    metric = {"name": "words", "thresholds": [{"up_to": 9, "label": "0"}, {"label": "1"}]}
    (criterion,) = my_checklist(metric=metric).criteria
    assert suggest(ToldEntailer(lambda _premise, _hypothesis: 0.9), criterion) is None


def test_in_a_long_call_the_nearest_turns_are_asked_about() -> None:
    turns = [f"a: Реплика номер {number}, слово за словом." for number in range(40)]
    dialogue = talk(*turns)
    vectors = np.zeros((40, 8), dtype=np.float32)
    vectors[17] = FakeEncoder().encode([CQR.criterion("greeting").levels["1"]["ru"]])[0]
    for given, expected in ((vectors, "номер 17"), (None, "номер 39")):
        entailer = ToldEntailer(lambda _premise, _hypothesis: 0.1)
        assert rung(entailer).suggest(case_of(dialogue, given), CQR.criterion("greeting")) is None
        premise = entailer.asked[0][0]
        assert expected in premise
        assert len(premise.split()) < 280


def test_identity_tells_model_and_prompts() -> None:
    def told(identity: str) -> ToldEntailer:
        return ToldEntailer(lambda _premise, _hypothesis: 0.5, identity)

    other = {"en": PROMPTS["en"]}
    identities = [
        rung(told("a")).identity,
        rung(told("b")).identity,
        NliRung(told("a"), FakeEncoder(), other, CALL_TYPES).identity,
    ]
    assert len(set(identities)) == 3
    assert identities[0] == rung(told("a")).identity
