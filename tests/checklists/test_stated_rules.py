"""What a supervisor states without code: phrases, metrics, conditions."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.analysis import analyse
from pipeline.checklist import Criterion, parse_checklist
from pipeline.checklist.rules import RoleMetric
from pipeline.prescoring import Ladder, Lexicons, RuleRung, evaluate
from pipeline.prescoring.applicability import check_condition
from pipeline.prescoring.head_artefact import load_artefact, save_artefact
from pipeline.prescoring.head_names import head_name
from pipeline.prescoring.ladder import Case
from pipeline.prescoring.rules import RULES
from pipeline.prescoring.stated_metrics import metric_value
from pipeline.prescoring.trained import is_tested, measured_own, trained_rules, untested_criteria
from pipeline.records import (
    AudioFacts,
    Call,
    ChannelTranscript,
    Dialogue,
    Suggestion,
    Transcription,
    Utterance,
    Word,
)
from pipeline.settings import EvaluationSettings, RoleSettings

LEXICONS = Lexicons()
RUNG = RuleRung(LEXICONS)
JUDGE = Ladder([RUNG], LEXICONS)
THANKS = {"found": {"yes": {"ru": ["спасибо за звонок|обращение", "благодар*"]}}, "otherwise": "no"}


def criterion(**changes: Any) -> Criterion:
    content = {"id": "mine", "title": {"en": "mine"}, "scale": "yes_no", "weights": 1, **changes}
    return parse_checklist({"id": "list", "title": {"en": "list"}, "criteria": [content]}, "x").criteria[0]


def case(*turns: str, language: str = "ru", duration_s: float | None = None) -> Case:
    roles = {"a": "agent", "c": "client", "o": "other"}
    utterances = tuple(Utterance(i, roles[turn[0]], turn[3:]) for i, turn in enumerate(turns))  # type: ignore[arg-type]
    return JUDGE.read(Dialogue(language, utterances, duration_s), None)


def spoken(*turns: tuple[str, float, float, str]) -> Case:
    """(role, start, end, words), the words evenly in that time."""
    utterances = []
    for index, (role, start_s, end_s, text) in enumerate(turns):
        step = (end_s - start_s) / len(text.split())
        words = tuple(
            Word(word, start_s + place * step, start_s + (place + 1) * step, 0.9)
            for place, word in enumerate(text.split())
        )
        utterances.append(Utterance(index, role, text, role, start_s, end_s, words))  # type: ignore[arg-type]
    return JUDGE.read(Dialogue("ru", tuple(utterances), 60.0), None)


def answer(case: Case, item: Criterion) -> Suggestion:
    found = RUNG.suggest(case, item)
    assert found is not None
    return found


def test_a_phrase_fits_every_inflection_and_is_quoted() -> None:
    found = answer(case("c: Алло.", "a: Всего доброго. Спасибо за обращения в компанию."), criterion(phrases=THANKS))
    assert (found.value, found.reason, found.confidence) == (1.0, "phrases.said", 0.8)
    assert [(e.utterance_index, e.quote) for e in found.evidence] == [(1, "Спасибо за обращения в компанию.")]


def test_whose_words_and_where() -> None:
    said_by_client = case("a: Слушаю.", "c: Спасибо за звонок.")
    assert answer(said_by_client, criterion(phrases=THANKS)).value == 0.0
    assert answer(said_by_client, criterion(phrases=THANKS, role="client")).value == 1.0
    assert answer(said_by_client, criterion(phrases={**THANKS, "said_by": "anyone"})).value == 1.0
    long = case("a: Спасибо за звонок.", *["c: Да.", "a: Хорошо, записал."] * 6)
    assert answer(long, criterion(phrases={**THANKS, "within": "opening"})).value == 1.0
    late = answer(long, criterion(phrases={**THANKS, "within": "ending"}))
    assert (late.value, late.reason, late.evidence[0].utterance_index) == (0.0, "phrases.not_said", 12)
    early = answer(case("a: Алло.", *["c: Да."] * 9), criterion(phrases={**THANKS, "within": "opening"}))
    assert (early.value, early.evidence[0].quote) == (0.0, "Алло.")


def test_best_or_worst_label_wins_and_no_phrase_is_its_own_answer() -> None:
    both = {"found": {"yes": {"ru": ["спасибо"]}, "no": {"ru": ["не знаю"]}}, "otherwise": "not_enough_evidence"}
    said = case("a: Спасибо, но я не знаю.")
    assert answer(said, criterion(phrases=both)).value == 1.0
    assert answer(said, criterion(phrases={**both, "prefer": "worst"})).value == 0.0
    assert RUNG.suggest(case("a: Слушаю вас."), criterion(phrases=both)) is None


def test_phrases_of_another_language_say_nothing() -> None:
    assert RUNG.suggest(case("a: Thank you for calling.", language="en"), criterion(phrases=THANKS)) is None
    half = {"found": {"yes": {"ru": ["спасибо"], "en": ["thanks"]}, "no": {"ru": ["пока"]}}, "otherwise": "no"}
    assert answer(case("a: Thanks.", language="en"), criterion(phrases=half)).value == 1.0
    assert RUNG.suggest(case("a: Bye.", language="en"), criterion(phrases=half)) is None


TALK = spoken(
    ("agent", 0.0, 4.0, "добрый день компания маяк ольга слушаю вас"),
    ("client", 6.0, 16.0, "мне нужно окно два на два и подоконник"),
    ("agent", 14.0, 18.0, "подождите сначала скажите адрес пожалуйста"),
    ("client", 30.0, 31.0, "ленина пять"),
    ("agent", 31.5, 33.5, "записала спасибо"),
)


@pytest.mark.parametrize(
    ("name", "role", "expected"),
    [
        ("talk_share", "agent", 10 / 21),
        ("longest_monologue_s", "client", 10.0),
        ("interruptions", "agent", 1),
        ("interruptions", "client", 0),
        ("response_time_s", "agent", 0.25),
        ("pace_wpm", "client", 10 / 11 * 60),
        ("words", "agent", 14),
        ("longest_silence_s", "agent", 26.5),
        ("silence_share", "agent", 1 - 19 / 60),
        ("duration_s", "agent", 60.0),
    ],
)
def test_metrics_come_from_the_times_of_words(name: Any, role: Any, expected: float) -> None:
    assert metric_value(TALK, name, role) == pytest.approx(expected, abs=0.06)


def test_thresholds_map_ranges_to_labels_and_point_at_what_can_be_heard() -> None:
    rule = {
        "name": "longest_monologue_s",
        "of": "client",
        "thresholds": [{"up_to": 8, "label": "yes"}, {"label": "no"}],
    }
    found = answer(TALK, criterion(metric=rule))
    assert (found.value, found.confidence, found.reason) == (0.0, 0.9, "metric.longest_monologue_s")
    assert [piece.utterance_index for piece in found.evidence] == [1]
    near = answer(TALK, criterion(metric={**rule, "thresholds": [{"up_to": 10.5, "label": "yes"}, {"label": "no"}]}))
    assert (near.value, near.confidence) == (1.0, 0.6)
    cuts = {"name": "interruptions", "thresholds": [{"up_to": 0, "label": "yes"}, {"label": "no"}]}
    cut_in = answer(TALK, criterion(metric=cuts))
    assert (cut_in.value, [piece.utterance_index for piece in cut_in.evidence]) == (0.0, [2])


@pytest.mark.parametrize(("without", "applicable"), [("not_enough_evidence", True), ("does_not_apply", False)])
def test_a_chat_has_no_times_but_words(without: str, applicable: bool) -> None:
    rule = {
        "name": "talk_share",
        "thresholds": [{"up_to": 0.5, "label": "yes"}, {"label": "no"}],
        "without_audio": without,
    }
    chat = case("a: Добрый день.", "c: Здравствуйте.")
    found = answer(chat, criterion(metric=rule))
    assert (found.applicable, found.value, found.reason) == (applicable, None, "metric.no_audio")
    assert answer(chat, criterion(metric={**rule, "name": "words"})).applicable
    assert metric_value(case("a: Да.", duration_s=9), "duration_s", "agent") == 9
    assert metric_value(JUDGE.read(Dialogue("ru", (), 9.0), None), "talk_share", "agent") is None


def test_utterances_without_words_are_speech_too() -> None:
    told = (Utterance(0, "agent", "добрый день", "A", 0.0, 3.0), Utterance(1, "other", "ждите", "B", 3.0, 4.0))
    read = JUDGE.read(Dialogue("ru", told, 10.0), None)
    assert metric_value(read, "talk_share", "agent") == 1.0
    assert metric_value(read, "response_time_s", "client") is None
    assert metric_value(read, "silence_share", "agent") == pytest.approx(0.6)


def test_metrics_of_a_rung_are_those_of_the_stage_on_stereo() -> None:
    """Derived from the dialogue alone, they must not differ from what the page shows."""
    sides = ([(0.0, "добрый"), (0.5, "день"), (9.0, "записала")], [(3.0, "нужно"), (3.4, "окно"), (5.5, "срочно")])
    channels = tuple(
        ChannelTranscript(number, (), tuple(Word(text, at, at + 0.4, 0.9) for at, text in words))
        for number, words in enumerate(sides)
    )
    audio = AudioFacts(12.0, 8000, 2, "pcm", "stereo")
    analysed = analyse(Transcription(audio, "ru", 1.0, channels), None, Call("c"), RoleSettings())
    read = JUDGE.read(analysed.dialogue, None)
    for metrics in analysed.metrics.roles:
        for name in RoleMetric.__args__:
            if name != "words":
                assert metric_value(read, name, metrics.role) == getattr(metrics, name)
    assert metric_value(read, "silence_share", "agent") == analysed.metrics.silence_share


def test_a_condition_on_words_decides_applicability_first() -> None:
    item = criterion(phrases=THANKS, applies_when={"said": {"ru": ["сломал*", "не работает"]}})
    assert check_condition(case("a: Алло.", "c: У меня сломалась дверь."), item) is None
    unasked = check_condition(case("a: Сломалась дверь?", "c: Нет."), item)
    assert unasked is not None
    assert (unasked.applicable, unasked.reason, unasked.rung) == (False, "condition.not_met", "condition")
    foreign = check_condition(case("c: It broke.", language="en"), item)
    assert foreign is not None
    assert (foreign.applicable, foreign.value, foreign.reason) == (True, None, "condition.cannot_tell")


@pytest.mark.parametrize(
    ("bounds", "applies"),
    [
        ({"at_least": 30}, True),
        ({"at_least": 90}, False),
        ({"at_most": 30}, False),
        ({"at_least": 1, "at_most": 99}, True),
    ],
)
def test_a_condition_on_a_metric(bounds: dict[str, float], applies: bool) -> None:
    item = criterion(phrases=THANKS, applies_when={"metric": "duration_s", **bounds})
    found = check_condition(TALK, item)
    assert (found is None) == applies
    chat = check_condition(case("a: Алло."), item)
    assert chat is not None
    assert (chat.applicable, chat.reason, chat.rung) == (True, "metric.no_audio", "condition")


def test_the_condition_stands_in_the_evaluation() -> None:
    content = {
        "id": "mine", "title": {"en": "mine"}, "scale": "yes_no", "weights": 1, "phrases": THANKS,
        "applies_when": {"said": {"ru": ["вернуть деньги"]}},
    }  # fmt: skip
    checklist = parse_checklist({"id": "list", "title": {"en": "list"}, "criteria": [content]}, "x")
    settings = EvaluationSettings(min_words=0, min_duration_s=0)
    (found,) = evaluate(case("a: Спасибо за звонок.", "c: Пока.").dialogue, checklist, JUDGE, settings).suggestions
    assert (found.applicable, found.rung) == (False, "condition")
    asked = case("a: Спасибо за звонок.", "c: Верните деньги.").dialogue
    (found,) = evaluate(asked, checklist, JUDGE, settings).suggestions
    assert (found.value, found.rung) == (1.0, "rules")


def test_what_is_tested_is_what_a_head_was_trained_on(tmp_path: Path) -> None:
    trained = trained_rules()
    assert trained == set(RULES)
    assert is_tested(criterion(rule="needs"), trained)  # yes or no is a coarser view of 0, 0.5, 1
    assert is_tested(criterion(rule="needs", scale="0/0.5/1"), trained)
    assert not is_tested(criterion(rule="needs", scale="1-5"), trained)
    assert not is_tested(criterion(rule="needs", role="client"), trained)
    assert not is_tested(criterion(rule="needs", applies_when={"metric": "duration_s", "at_least": 9}), trained)
    assert not is_tested(criterion(rule="needs"), frozenset())
    assert not is_tested(criterion(phrases=THANKS), trained)
    assert trained_rules(tmp_path / "none.npz") == frozenset()
    (tmp_path / "bad.npz").write_bytes(b"no heads")
    assert trained_rules(tmp_path / "bad.npz") == frozenset()
    heads = load_artefact()
    save_artefact(replace(heads, facts=replace(heads.facts, figures={"needs.kappa": 0.8})), tmp_path / "few.npz")
    assert trained_rules(tmp_path / "few.npz") == {"needs"}  # the others were never measured
    both = [
        {"id": "a", "title": {"en": "a"}, "weights": 1, "rule": "needs"},
        {"id": "b", "title": {"en": "b"}, "weights": 1},
    ]
    checklist = parse_checklist({"id": "list", "title": {"en": "list"}, "criteria": both}, "x")
    assert untested_criteria(checklist, trained) == {"b"}


def test_what_verdicts_taught_is_tested_once_held_out_verdicts_measured_it() -> None:
    own = criterion(scale="1-5", levels={"5": {"ru": "Улыбается"}})
    name = head_name(own)
    assert name is not None
    taught, compared = {"cross_validated": {f"{name}.exact": 0.9}}, {"held_out": [{"name": name, "verdicts": 15}]}
    measured = measured_own(taught | compared)
    assert measured == {name}
    assert is_tested(own, measured)
    assert not is_tested(criterion(scale="1-10", levels={"10": {"ru": "Улыбается"}}), measured)  # another scale
    assert not is_tested(criterion(scale="1-5", levels={"5": {"ru": "Смеётся"}}), measured)  # another standard
    assert not measured_own(taught)
    assert not measured_own(compared)  # answered by the examples: there were too few verdicts for a head
    assert not measured_own(taught | {"held_out": [{"name": name, "verdicts": 0}]})
    assert not measured_own({"held_out": [{"name": "needs", "verdicts": 5}], "cross_validated": {"needs.exact": 1.0}})
