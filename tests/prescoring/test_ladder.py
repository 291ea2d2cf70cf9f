"""The ladder: a costlier rung is asked only what the cheaper ones are unsure of, and left out when it cannot answer."""

import logging
import pickle
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from pipeline.checklist import Criterion, load_checklist
from pipeline.errors import ConfigurationError, UnavailableError
from pipeline.prescoring import Ladder, build_judge, evaluate, rules_judge
from pipeline.prescoring.availability import REST_S, Availability
from pipeline.prescoring.ladder import Case, Rung, RungUnavailableError
from pipeline.prescoring.prompts import load_call_types, load_instruct_prompts, load_nli_prompts
from pipeline.records import CallTypeSuggestion, Evaluation, Suggestion
from pipeline.settings import EvaluationSettings, JudgeSettings, NliSettings, load_settings
from tests.fakes import FakeEncoder
from tests.prescoring.judging import DOWN, LEXICONS, ToldEntailer, ToldInstructor, case_of, said, talk

CQR = load_checklist("cqr")
ANY_LENGTH = EvaluationSettings(min_words=0, min_duration_s=0)
DIALOGUE = talk(
    "a: Добрый день, компания «Север».",
    "c: Здравствуйте, сколько стоят окна? Дорого, наверное.",
    "a: Смотря какие. Какой у вас дом?",
    "c: Деревянный, на даче.",
)
SERVED = JudgeSettings.model_validate(
    {
        "rungs": ["rules", "instruct"],
        "instruct": {"backend": "openai", "base_url": "http://127.0.0.1:1/v1", "model": "m"},
    }
)


@dataclass
class ToldRung:
    """Answers each criterion with its confidence; `asked` says what it was asked."""

    name: str
    confidence: dict[str, float]
    identity: str = "told"
    asked: list[str] = field(default_factory=list)

    def classify(self, case: Case) -> CallTypeSuggestion | None:
        self.asked.append("call_type")
        confidence = self.confidence.get("call_type")
        return None if confidence is None else CallTypeSuggestion("objection", confidence)

    def suggest(self, case: Case, criterion: Criterion) -> Suggestion | None:
        self.asked.append(criterion.id)
        confidence = self.confidence.get(criterion.id)
        return None if confidence is None else Suggestion(criterion.id, True, 1.0, confidence, self.name)


def ladder(*rungs: Rung) -> Ladder:
    return Ladder(rungs, LEXICONS)


def test_a_costlier_rung_is_asked_only_what_is_unsure() -> None:
    cheap = ToldRung("cheap", {"greeting": 0.9, "needs": 0.4, "call_type": 0.9})
    dear = ToldRung("dear", {"needs": 0.8, "initiative": 0.2})
    dearest = ToldRung("dearest", {})
    criteria = [CQR.criterion(name) for name in ("greeting", "needs", "initiative")]
    judge, case = ladder(cheap, dear, dearest), case_of(DIALOGUE)
    answers = judge.suggest_all(case, criteria)
    assert (cheap.asked, dear.asked, dearest.asked) == (
        ["greeting", "needs", "initiative"],
        ["needs", "initiative"],
        ["initiative"],
    )
    assert {name: (answer.rung, answer.value) for name, answer in answers.items()} == {
        "greeting": ("cheap", 1.0),
        "needs": ("dear", 1.0),
        "initiative": ("dear", None),
    }
    assert judge.suggest(case, criteria[1]) == answers["needs"]
    assert judge.classify(case).confidence == 0.9
    assert "call_type" not in dear.asked


def test_a_sure_call_costs_no_request() -> None:
    model = ToldInstructor(["{}"])
    sure = ToldRung("sure", {criterion.id: 0.9 for criterion in CQR.criteria} | {"call_type": 0.9})
    settings = JudgeSettings.model_validate(SERVED.model_dump() | {"rungs": ["instruct"]})
    instruct = build_judge(CQR, FakeEncoder(), settings=settings, instructor=model).rungs[0]
    evaluate(DIALOGUE, CQR, ladder(sure, instruct), ANY_LENGTH)
    assert model.asked == []


def test_a_call_costs_one_request_for_its_type_and_one_for_its_criteria() -> None:
    model = ToldInstructor(["{}"])
    judge = build_judge(CQR, FakeEncoder(), settings=SERVED, instructor=model)
    evaluate(DIALOGUE, CQR, judge, ANY_LENGTH)
    assert len(model.asked) <= 4  # each at most once more, for its malformed answer


def test_the_upper_rung_decides_what_the_rules_cannot() -> None:
    answer = said("1", (0, "Добрый день"))
    model = ToldInstructor([{criterion.id: answer | {"applicable": True} for criterion in CQR.criteria}])
    judge = build_judge(CQR, FakeEncoder(), settings=SERVED, instructor=model)
    evaluation = evaluate(DIALOGUE, CQR, judge, ANY_LENGTH)
    assert {suggestion.rung for suggestion in evaluation.suggestions} >= {"rules"}
    assert evaluation.judge == judge.identity and evaluation.judge.startswith("rules+instruct:")


def down(*answers: object) -> tuple[Ladder, Evaluation]:
    judge = build_judge(CQR, FakeEncoder(), settings=SERVED, instructor=ToldInstructor(list(answers)))
    unsure = ToldRung("unsure", {criterion.id: 0.5 for criterion in CQR.criteria}, "unsure")
    whole = ladder(unsure, *judge.rungs[1:])
    return whole, evaluate(DIALOGUE, CQR, whole, ANY_LENGTH)


@pytest.mark.parametrize("answers", [(DOWN,), ('{"call_type": "objection"}', "{", DOWN)], ids=["at once", "midway"])
def test_a_server_that_is_down_leaves_the_rung_out_of_the_whole_call(answers: tuple[object, ...]) -> None:
    """The answer is the same, to the byte, as by a ladder that was never given the rung."""
    whole, evaluation = down(*answers)
    lower = ladder(*whole.rungs[:1])
    assert evaluation == evaluate(DIALOGUE, CQR, lower, ANY_LENGTH)
    assert evaluation.judge == lower.identity != whole.identity


def test_only_an_upper_rung_that_was_needed_is_missed() -> None:
    sure = ToldRung("sure", {criterion.id: 0.9 for criterion in CQR.criteria} | {"call_type": 0.9})
    dead = build_judge(CQR, FakeEncoder(), settings=SERVED, instructor=ToldInstructor([DOWN])).rungs[1]
    whole = ladder(sure, dead)
    assert evaluate(DIALOGUE, CQR, whole, ANY_LENGTH).judge == whole.identity


def test_a_model_rests_after_failures_in_a_row_and_the_log_tells_once(caplog: pytest.LogCaptureFixture) -> None:
    clock_s = [0.0]
    asked: list[int] = []

    def fail() -> None:
        asked.append(1)
        raise DOWN

    availability = Availability("instruct", clock=lambda: clock_s[0])
    for _ in range(5):
        with pytest.raises(UnavailableError):
            availability.ask(fail)
    assert len(asked) == 2
    clock_s[0] = REST_S + 1
    assert availability.ask(lambda: 7) == 7
    with pytest.raises(UnavailableError):
        availability.ask(fail)
    assert availability.ask(lambda: 8) == 8  # one failure between answers is no reason to rest
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert "rung instruct left out: http://127.0.0.1:1/v1: ConnectError; does the server run?" in record.getMessage()


def test_the_error_crosses_process_borders() -> None:
    error = pickle.loads(pickle.dumps(RungUnavailableError("nli", "down")))
    assert (error.rung, str(error)) == ("nli", "down")


def test_the_default_ladder_is_as_it_was() -> None:
    judge = build_judge(CQR, FakeEncoder())
    assert judge.identity == rules_judge().identity  # another encoder than the heads', and every criterion has a rule
    assert judge.identity == build_judge(CQR, FakeEncoder(), settings=JudgeSettings()).identity
    for profile in load_settings().profiles.values():
        assert profile.judge.rungs == ("heads", "vectors")


def test_every_rung_can_be_built_and_changes_the_identity() -> None:
    entailer, instructor = ToldEntailer(lambda _premise, _hypothesis: 0.5), ToldInstructor(["{}"])
    models = {"nli": NliSettings(model="m"), "instruct": SERVED.instruct}
    identities = set()
    for rungs in (["rules"], ["rules", "nli"], ["rules", "instruct"], ["rules", "nli", "instruct"]):
        settings = JudgeSettings.model_validate({"rungs": rungs} | models)
        judge = build_judge(CQR, FakeEncoder(), settings=settings, entailer=entailer, instructor=instructor)
        assert [rung.name for rung in judge.rungs] == rungs
        identities.add(judge.identity)
        assert judge.without(rungs[-1]).identity not in {judge.identity}
    assert len(identities) == 4


def test_the_nli_rung_works_inside_the_ladder() -> None:
    top = {criterion.levels["1"]["ru"] for criterion in CQR.criteria}
    entailer = ToldEntailer(lambda _premise, hypothesis: 0.9 if any(text in hypothesis for text in top) else 0.1)
    settings = JudgeSettings(rungs=("nli",), nli=NliSettings(model="m"))
    judge = build_judge(CQR, FakeEncoder(), settings=settings, entailer=entailer)
    vectors = np.asarray(FakeEncoder().encode([item.text for item in DIALOGUE.utterances]))
    evaluation = evaluate(DIALOGUE, CQR, judge, ANY_LENGTH, vectors)
    assert {s.rung for s in evaluation.suggestions if s.applicable} == {"nli"}
    assert evaluation.judge.startswith("nli:")


@pytest.mark.parametrize("name", ["nli", "instruct"])
def test_a_rung_without_its_model_is_refused(name: str) -> None:
    settings = JudgeSettings.model_validate({"rungs": [name], "nli": {"model": "m"}, "instruct": SERVED.instruct})
    with pytest.raises(ConfigurationError, match=f"judge.rungs names {name}, and no model was built"):
        build_judge(CQR, FakeEncoder(), settings=settings)


@pytest.mark.parametrize(
    ("judge", "message"),
    [
        ("{rungs: [nli]}", r"rungs: nli has no model; add the key nli beside rungs"),
        ("{rungs: [instruct]}", r"rungs: instruct has no model"),
        ("{rungs: [vectors, heads]}", r"the cheapest first; write \[heads, vectors\]"),
        ("{rungs: [heads, heads]}", r"each once and the cheapest first; write \[heads\]"),
        ("{rungs: []}", r"judge.rungs"),
        ("{rungs: [llm]}", r"judge.rungs.0"),
        ("{instruct: {backend: openai, base_url: 'localhost:80', model: m}}", r"give the server's address"),
        ("{instruct: {backend: openai, base_url: 'http://me:key@h/v1', model: m}}", r"PRESCORE_INSTRUCT_KEY"),
        ("{instruct: {backend: openai, base_url: 'http://h/v1?key=1', model: m}}", r"PRESCORE_INSTRUCT_KEY"),
        ("{instruct: {backend: other, model: m}}", r"judge.instruct"),
    ],
)
def test_a_judge_that_does_not_hold_names_its_key(judge: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "pipeline.yaml"
    text = (Path(__file__).parents[2] / "configs" / "pipeline.yaml").read_text(encoding="utf-8")
    lines = [f"    judge: {judge}" if line.startswith("    judge: {") else line for line in text.splitlines()]
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=message) as error:
        load_settings(path)
    assert "profiles.offline.judge" in str(error.value)
    assert "me:key" not in str(error.value)


def test_prompts_that_do_not_hold_name_file_and_key(tmp_path: Path) -> None:
    path = tmp_path / "prompts.yaml"
    path.write_text("{system: hello, criteria: a, call_type: b, objection_raised: c, correction: $problem}")
    with pytest.raises(ConfigurationError, match=r"prompts.yaml: system: holds the places none, expected \$fence"):
        load_instruct_prompts(path)
    path.write_text("{system: '$fence costs 5$', criteria: a, call_type: b, objection_raised: c, correction: d}")
    with pytest.raises(ConfigurationError, match=r"system: holds a \$ that begins no name; write \$\$"):
        load_instruct_prompts(path)
    path.write_text("{}")
    with pytest.raises(ConfigurationError, match="en: missing; add it"):
        load_nli_prompts(path)
    with pytest.raises(ConfigurationError, match="no such file"):
        load_call_types(tmp_path / "none.yaml")


def test_hypotheses_are_written_for_every_language_and_role() -> None:
    prompts = load_nli_prompts()
    assert set(prompts) == {"ru", "en", "pl"}
    assert all(set(found.level) == set(found.speakers) == {"agent", "client", "other"} for found in prompts.values())
