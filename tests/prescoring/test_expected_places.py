"""A lowest label without a quote shows where the thing should have been; nothing else about the answer changes."""

from dataclasses import replace

import pytest

from pipeline.checklist import Criterion, load_checklist, parse_checklist
from pipeline.corpus import load_corpus
from pipeline.prescoring import Ladder, evaluate, heads_judge, rules_judge
from pipeline.prescoring.expected_places import find_expected, is_expected, show_expected
from pipeline.prescoring.ladder import Case
from pipeline.records import CallTypeSuggestion, Evidence, Suggestion
from pipeline.settings import EvaluationSettings
from tests.prescoring.judging import LEXICONS, case_of, talk
from tests.prescoring.test_heads import vectors_of

CQR = load_checklist("cqr")
ANY_LENGTH = EvaluationSettings(min_words=1, min_duration_s=0)
ORDER = case_of(
    talk(
        "a: Алло.",
        "c: Алло?",
        "a: Слушаю.",
        "c: Здравствуйте. Мне нужны два окна на дачу, недорогие.",
        "a: Есть такие. Двенадцать тысяч.",
        "c: Боюсь, что дорого для меня.",
        "a: Ну как хотите.",
        "c: Ладно, беру, куда приехать?",
        "a: Приезжайте завтра в десять, подпишем договор.",
        "c: Хорошо, в десять.",
        "a: До свидания.",
    )
)


def turns(evidence: tuple[Evidence, ...]) -> list[int]:
    return [item.utterance_index for item in evidence]


def own(**changes: object) -> Criterion:
    content = {"id": "mine", "title": {"en": "mine"}, "weights": 1, **changes}
    return parse_checklist({"id": "list", "title": {"en": "list"}, "criteria": [content]}, "x").criteria[0]


@pytest.mark.parametrize(
    ("rule", "places"),
    [
        ("greeting", [0]),
        ("needs", [3, 4]),
        ("initiative", [3, 4]),
        ("product", [7, 8]),
        ("objection", [5, 6]),
        ("closing", [8, 9]),
        ("upsell", [8, 9]),
        ("politeness", []),
    ],
)
def test_each_criterion_has_its_place(rule: str, places: list[int]) -> None:
    found = find_expected(ORDER, CQR.criterion(rule))
    assert turns(found) == places
    assert find_expected(ORDER, own(rule=rule, scale="1-5", title={"en": "Another list"})) == found
    texts = {turn.index: turn.text for turn in ORDER.dialogue.utterances}
    assert all(item.quote and item.quote in texts[item.utterance_index] for item in found)


def test_the_sentence_that_tells_is_quoted() -> None:
    wanted, answer = find_expected(ORDER, CQR.criterion("needs"))
    assert wanted.quote == "Мне нужны два окна на дачу, недорогие."
    assert answer.quote == "Есть такие."


@pytest.mark.parametrize(
    ("lines", "needs", "upsell"),
    [
        (("a: Алло.",), [0], [0]),
        (("c: Кто это?", "a: Окна.", "c: Спасибо."), [1], [1, 2]),
        (("a: Добрый день!", "c: Да.", "a: Хорошо, до свидания."), [1, 2], [1, 2]),
        (("a: ", "c: "), [], []),
        (("c: Вы где?",), [], []),
        (("o: Шум.",), [], []),
    ],
)
def test_short_calls_have_what_there_is(lines: tuple[str, ...], needs: list[int], upsell: list[int]) -> None:
    case = case_of(talk(*lines))
    assert turns(find_expected(case, CQR.criterion("needs"))) == needs
    assert turns(find_expected(case, CQR.criterion("upsell"))) == upsell


def test_a_criterion_of_ones_own_is_shown_where_its_condition_arose() -> None:
    assert turns(find_expected(ORDER, own(applies_when="objection_raised"))) == [5, 6]
    said = own(applies_when={"said": {"ru": ["куда приехать"]}})
    assert turns(find_expected(ORDER, said)) == [7, 8]
    assert find_expected(ORDER, own(applies_when={"said": {"en": ["where"]}})) == ()
    assert find_expected(ORDER, own(applies_when={"said": {"ru": ["балкон"]}})) == ()
    assert find_expected(ORDER, own(applies_when={"metric": "words", "at_least": 1})) == ()
    assert find_expected(ORDER, own()) == ()
    metric = {"name": "words", "thresholds": [{"up_to": 60, "label": "1"}, {"label": "0"}]}
    assert find_expected(ORDER, own(metric=metric, applies_when="objection_raised")) == ()


def test_only_a_lowest_label_without_a_quote_is_given_one() -> None:
    upsell = CQR.criterion("upsell")
    absent = Suggestion("upsell", True, 0.0, 0.9, "upsell.none", rung="heads")
    shown = show_expected(ORDER, upsell, absent)
    assert replace(shown, evidence=()) == absent
    assert turns(shown.evidence) == [8, 9]
    assert is_expected(shown) and not is_expected(absent)
    quoted = replace(absent, evidence=(Evidence(0, "Алло."),))
    for other in (
        quoted,
        replace(absent, value=0.5),
        replace(absent, value=None),
        replace(absent, applicable=False, value=None),
    ):
        assert show_expected(ORDER, upsell, other) is other
    assert not is_expected(replace(quoted, reason="needs.decision_only"))  # those questions did decide


@pytest.fixture(scope="module", params=["rules", "heads"])
def judge(request: pytest.FixtureRequest) -> Ladder:
    return rules_judge() if request.param == "rules" else heads_judge()


def test_every_lowest_answer_to_the_corpus_has_a_quote_and_is_else_what_the_judge_said(judge: Ladder) -> None:
    lowest = set()
    for item in load_corpus(CQR, "dev")[::48]:
        vectors = vectors_of(item.dialogue)
        made = evaluate(item.dialogue, CQR, judge, ANY_LENGTH, vectors)
        case = replace(judge.read(item.dialogue, vectors), call_type=made.call_type.call_type)
        for answer in made.suggestions:
            if answer.rung == "weights":
                continue
            before = judge.suggest(case, CQR.criterion(answer.criterion_id))
            assert replace(answer, evidence=before.evidence) == before
            assert before.evidence in ((), answer.evidence)
            if answer.value == 0:
                assert answer.evidence, (item.id, answer)
                lowest.add(answer.criterion_id)
    assert {"needs", "upsell"} <= lowest


class AlmostNothing:
    """A rung that gives an expected value a little above the lowest."""

    name = identity = "told"

    def classify(self, case: Case) -> CallTypeSuggestion | None:
        return CallTypeSuggestion("objection", 0.9)

    def suggest(self, case: Case, criterion: Criterion) -> Suggestion | None:
        return Suggestion(criterion.id, True, 0.12, 0.9, "own.level_none")


def test_the_lowest_label_is_that_of_the_scale() -> None:
    scales = {"coarse": "yes_no", "fine": "1-10"}
    criteria = [
        own(id=name, scale=scale, applies_when="objection_raised").model_dump(mode="json")
        for name, scale in scales.items()
    ]
    checklist = parse_checklist({"id": "list", "title": {"en": "list"}, "criteria": criteria}, "x")
    coarse, fine = evaluate(ORDER.dialogue, checklist, Ladder([AlmostNothing()], LEXICONS), ANY_LENGTH).suggestions
    assert (coarse.value, turns(coarse.evidence)) == (0.0, [5, 6])
    assert (fine.value, fine.evidence) == (pytest.approx(1 / 9), ())


def test_it_is_the_same_each_time() -> None:
    again: Case = case_of(ORDER.dialogue)
    for criterion in CQR.criteria:
        assert find_expected(again, criterion) == find_expected(ORDER, criterion)
