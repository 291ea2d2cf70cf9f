"""A changed checklist: with answers kept the evaluation is what it is without, whatever changed and whoever judges."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, get_args

import numpy as np
import pytest

from pipeline.checklist import Checklist, load_checklist
from pipeline.corpus import LabelledDialogue, load_corpus
from pipeline.interfaces import Message, Vectors
from pipeline.prescoring import Ladder, Revision, RuleRung, evaluate, evaluate_again, heads_judge, rules_judge
from pipeline.prescoring.head_artefact import HEADS, load_artefact
from pipeline.prescoring.instruct_rung import InstructRung
from pipeline.prescoring.ladder import Case, Rung
from pipeline.prescoring.nli_rung import NliRung
from pipeline.prescoring.prompts import load_call_types, load_instruct_prompts, load_nli_prompts
from pipeline.prescoring.vector_rung import VectorRung, phrases_of
from pipeline.records import CallType, Dialogue, Evaluation
from pipeline.settings import EvaluationSettings, load_settings
from pipeline.store.payloads import from_payload, to_payload
from tests.fakes import FakeEncoder
from tests.prescoring.judging import DOWN, LEXICONS, ToldEntailer, ToldInstructor

SETTINGS = EvaluationSettings(min_words=40)
Content = dict[str, Any]
Change = Callable[[Content], None]
OWN: list[Content] = [
    {
        "id": "thanks",
        "title": {"en": "Thanks the client"},
        "weights": 1,
        "phrases": {"found": {"1": {"ru": ["спасибо"], "en": ["thank*"], "pl": ["dziękuję"]}}, "otherwise": "0"},
    },
    {
        "id": "talkative",
        "title": {"en": "Lets the client speak"},
        "weights": {"qualification": 1, "objection": 2},
        "metric": {"name": "words", "thresholds": [{"up_to": 60, "label": "1"}, {"label": "0"}]},
    },
    {
        "id": "recommends",
        "title": {"en": "Asks for a recommendation"},
        "scale": "yes_no",
        "weights": 1,
        "examples": {"yes": {"en": ["Would you recommend us?"]}, "no": {"en": ["Goodbye."]}},
    },
    {
        "id": "price",
        "title": {"en": "Names the price when asked"},
        "weights": 2,
        "applies_when": {"said": {"ru": ["сколько", "стоит"], "en": ["price", "cost*"]}},
        "levels": {"0": {"en": "No price."}, "1": {"en": "A price with its terms."}},
    },
]


def checklist_of(content: Content) -> Checklist:
    return Checklist.model_validate(content)


CQR = load_checklist("cqr")
BEFORE = checklist_of(CQR.model_dump() | {"criteria": [*CQR.model_dump()["criteria"], *OWN]})


def put(criterion_id: str, key: str, value: object) -> Change:
    def change(content: Content) -> None:
        next(item for item in content["criteria"] if item["id"] == criterion_id)[key] = value

    return change


def add_text(content: Content) -> None:
    content["criteria"][0]["levels"]["0"]["ru"] += " Молчание тоже."


def remove(content: Content) -> None:
    del content["criteria"][3]


def reverse(content: Content) -> None:
    content["criteria"].reverse()


def append(content: Content) -> None:
    content["criteria"].append({"id": "new", "title": {"en": "New"}, "weights": 1, "rule": "upsell"})


def rename_list(content: Content) -> None:
    content["id"] = "another"
    content["threshold"] = 50


UNTOUCHED: dict[str, Change] = {  # by which no rung can answer otherwise
    "weight": put("greeting", "weights", dict.fromkeys(("qualification", "objection", "spam"), 7)),
    "critical": put("needs", "critical", True),
    "group": put("needs", "group", "culture"),
    "threshold": rename_list,
    "removed": remove,
    "order": reverse,
}
TEXTS: dict[str, Change] = {  # which learned heads do not read
    "title": put("closing", "title", {"en": "Agreed on a next step?"}),
    "level": add_text,
    "examples": put("upsell", "examples", {"1": {"en": ["We also sell doors."]}}),
}
TOUCHING: dict[str, Change] = {
    "asked of more types": put("upsell", "weights", 1),
    "scale": put("needs", "scale", ("0", "0.5", "1", "4")),
    "finer scale": put("closing", "scale", ("0", "0.25", "0.5", "0.75", "1")),
    "applies to objections": put("upsell", "applies_when", "objection_raised"),
    "applies always": put("objection", "applies_when", "always"),
    "applies under a condition": put("closing", "applies_when", {"said": {"ru": ["хорошо"], "en": ["okay"]}}),
    "another condition": put("price", "applies_when", {"metric": "words", "at_least": 30}),
    "another rule": put("needs", "rule", "upsell"),
    "no rule": put("product", "rule", None),
    "role": put("politeness", "role", "client"),
    "phrases": put("thanks", "phrases", {"found": {"1": {"ru": ["вам"], "en": ["you"]}}, "otherwise": "0"}),
    "metric": put("talkative", "metric", {"name": "words", "thresholds": [{"up_to": 9, "label": "0"}, {"label": "1"}]}),
    "own title": put("recommends", "title", {"en": "Recommendation"}),
    "own examples": put("recommends", "examples", {"yes": {"en": ["Tell your friends!"]}, "no": {"en": ["Bye."]}}),
    "own level": put("price", "levels", {"0": {"en": "None."}, "1": {"en": "The price."}}),
    "renamed": put("needs", "id", "needs2"),
    "added": append,
}
CHANGES = UNTOUCHED | TEXTS | TOUCHING


def changed(*changes: Change, before: Checklist = BEFORE) -> Checklist:
    content = json.loads(before.model_dump_json())
    for change in changes:
        change(content)
    return checklist_of(content)


LISTS = {name: changed(change) for name, change in CHANGES.items()} | {
    "several": changed(add_text, TOUCHING["scale"], TOUCHING["own title"], append, remove)
}


def part(*texts: str) -> float:
    """0..1 by the texts alone."""
    return int(hashlib.sha256("|".join(texts).encode()).hexdigest()[:8], 16) / 2**32


class WholeInstructor:
    """Every answer hangs on all that was asked, as a model's does."""

    identity = "whole-instructor"

    def answer(self, messages: Sequence[Message], schema: Mapping[str, Any]) -> str:
        if "call_type" in schema["properties"]:
            return "{}"  # it has nothing to say
        asked = "\n".join(message.content for message in messages)
        turns = [json.loads(line) for line in asked.splitlines() if line.startswith('{"turn": ')]
        quotes = [{"turn": turn["turn"], "quote": turn["text"]} for turn in turns if turn["role"] == "agent"]
        answers = {}
        for name, of in schema["properties"].items():
            labels = of["properties"]["label"]["enum"]
            chosen = {"label": labels[int(part(asked, name) * len(labels))], "confidence": round(part(name, asked), 1)}
            answers[name] = {"evidence": quotes[:1], "reason": "", **chosen}
        return json.dumps(answers)


DIMENSION = load_artefact(HEADS).facts.dimension
PHRASES = tuple(dict.fromkeys(text for checklist in (BEFORE, *LISTS.values()) for text in phrases_of(checklist)))


def vectors_of(dialogue: Dialogue) -> Vectors:
    """The same text, the same vector; its first numbers are those of the fake encoder, the rest means nothing."""
    texts = [utterance.text for utterance in dialogue.utterances]
    rows = [np.random.default_rng(int(part(text) * 2**32)).normal(size=DIMENSION - 8) for text in texts]
    return np.hstack([FakeEncoder().encode(texts), np.array(rows) / np.sqrt(DIMENSION)]).astype(np.float32)


def vector_rung() -> VectorRung:
    return VectorRung(PHRASES, FakeEncoder().encode(PHRASES), "fake")


def nli_rung() -> NliRung:
    return NliRung(ToldEntailer(part), FakeEncoder(), load_nli_prompts(), load_call_types())


def instruct_rung(instructor: Any) -> InstructRung:
    return InstructRung(instructor, load_instruct_prompts(), load_call_types(), 10_000)


class RememberedLadder(Ladder):
    """Reads a dialogue once; the tests ask about each of them dozens of times."""

    def read(self, dialogue: Dialogue, vectors: Vectors | None) -> Case:
        known = self.__dict__.setdefault("known", {})
        if id(dialogue) not in known:
            known[id(dialogue)] = super().read(dialogue, vectors)
        return known[id(dialogue)]


def ladder(*rungs: Rung) -> Ladder:
    return RememberedLadder(rungs, LEXICONS)


LADDERS: dict[str, Callable[[], Ladder]] = {
    "rules": lambda: ladder(*rules_judge().rungs),
    "heads": lambda: ladder(*heads_judge().rungs),
    "vectors": lambda: ladder(vector_rung()),
    "heads, vectors": lambda: ladder(*heads_judge().rungs, vector_rung()),
    "rules, nli": lambda: ladder(RuleRung(LEXICONS), nli_rung()),
    "heads, vectors, instruct": lambda: ladder(*heads_judge().rungs, vector_rung(), instruct_rung(WholeInstructor())),
}


@pytest.fixture(scope="module")
def corpus() -> tuple[LabelledDialogue, ...]:
    return load_corpus(CQR, "dev")[::24]


def judged(dialogue: Dialogue, checklist: Checklist, judge: Ladder) -> Evaluation:
    """As it is read from the store."""
    made = evaluate(dialogue, checklist, judge, SETTINGS, vectors_of(dialogue))
    stored: Evaluation = from_payload("evaluation", to_payload("evaluation", made))
    return stored


def forbidden() -> tuple[Dialogue, Vectors]:
    raise AssertionError("all answers stand: nobody need read the dialogue")


@pytest.mark.parametrize("name", LADDERS)
def test_what_is_kept_is_what_would_be_said_again(name: str, corpus: tuple[LabelledDialogue, ...]) -> None:
    """Each change meets every fourth dialogue."""
    judge = LADDERS[name]()
    revisions = {change: Revision(BEFORE, checklist, judge) for change, checklist in LISTS.items()}
    kept_answers = dict.fromkeys(LISTS, 0)
    scored = 0
    for number, item in enumerate(corpus):
        dialogue, vectors = item.dialogue, vectors_of(item.dialogue)
        earlier = judged(dialogue, BEFORE, judge)
        scored += earlier.scored
        for change, checklist in list(LISTS.items())[number % 4 :: 4]:
            kept = revisions[change].kept(earlier)
            heard = (dialogue, vectors)
            again = evaluate_again(kept, checklist, judge, SETTINGS, lambda heard=heard: heard)  # type: ignore[misc]
            assert again == evaluate(dialogue, checklist, judge, SETTINGS, vectors), (change, item.id)
            kept_answers[change] += len(kept.answers)
            if revisions[change].keeps_all(earlier.call_type.call_type):
                assert evaluate_again(kept, checklist, judge, SETTINGS, forbidden) == again
    assert 0 < scored < len(corpus)
    assert min(kept_answers[change] for change in ("weight", "critical", "group", "threshold")) > scored / 4


@pytest.mark.parametrize("name", ["rules", "heads"])
def test_texts_change_no_answer_of_what_reads_none(name: str) -> None:
    judge = LADDERS[name]()
    for change in (UNTOUCHED | TEXTS).values():
        revision = Revision(CQR, changed(change, before=CQR), judge)
        assert all(revision.keeps_all(call_type) for call_type in get_args(CallType))


def test_what_touches_one_criterion_leaves_the_others(corpus: tuple[LabelledDialogue, ...]) -> None:
    judge = LADDERS["heads"]()
    earlier = next(e for item in corpus if (e := judged(item.dialogue, CQR, judge)).call_type.call_type == "objection")
    asked = {criterion.id for criterion in CQR.criteria_for("objection")}
    for change in ("scale", "another rule", "renamed"):
        revision = Revision(CQR, changed(TOUCHING[change], before=CQR), judge)
        assert not revision.keeps_all("objection")
        assert set(revision.kept(earlier).answers) == asked - {"needs"}


def test_a_model_that_is_asked_about_all_at_once_is_asked_again(corpus: tuple[LabelledDialogue, ...]) -> None:
    """It is never asked about a part, and not at all where it would be asked the same."""
    judge = ladder(instruct_rung(WholeInstructor()))
    earlier = next(e for item in corpus if (e := judged(item.dialogue, BEFORE, judge)).scored)
    asked = BEFORE.criteria_for(earlier.call_type.call_type)
    for change in ("weight", "critical", "group", "threshold"):
        kept = Revision(BEFORE, LISTS[change], judge).kept(earlier).answers
        assert {criterion.id for criterion in asked} >= set(kept)
        assert any(answer.rung == "instruct" for answer in kept.values())
    for change in ("title", "removed", "order", "added"):
        assert Revision(BEFORE, LISTS[change], judge).kept(earlier).answers == {}


def test_a_rung_that_is_down_leaves_no_answer_of_the_whole_ladder(corpus: tuple[LabelledDialogue, ...]) -> None:
    whole = ladder(RuleRung(LEXICONS), instruct_rung(WholeInstructor()))
    down = ladder(RuleRung(LEXICONS), instruct_rung(ToldInstructor([DOWN])))
    lower = ladder(RuleRung(LEXICONS))
    checklist = LISTS["added"]
    for item in corpus[::10]:
        kept = Revision(BEFORE, checklist, whole).kept(judged(item.dialogue, BEFORE, whole))
        heard = (item.dialogue, vectors_of(item.dialogue))
        again = evaluate_again(kept, checklist, down, SETTINGS, lambda heard=heard: heard)  # type: ignore[misc]
        if again.judge == lower.identity:
            assert again == evaluate(heard[0], checklist, lower, SETTINGS, heard[1])
            return
    pytest.fail("the upper rung was never missed")


@pytest.mark.real_model
def test_real_vectors_and_heads_answer_alike() -> None:
    from models.build import build_models
    from models.remembering_encoder import RememberingEncoder

    encoder = RememberingEncoder(build_models(load_settings().active).encoder)
    judge = ladder(*heads_judge().rungs)
    lists = [changed(change, before=CQR) for change in (UNTOUCHED | TEXTS).values()]
    lists += [changed(TOUCHING[name], before=CQR) for name in ("scale", "another rule", "no rule", "renamed")]
    for item in load_corpus(CQR, "dev")[::400]:
        heard = item.dialogue, encoder.encode_dialogue(item.dialogue)
        earlier = evaluate(heard[0], CQR, judge, SETTINGS, heard[1])
        for checklist in lists:
            kept = Revision(CQR, checklist, judge).kept(earlier)
            again = evaluate_again(kept, checklist, judge, SETTINGS, lambda heard=heard: heard)  # type: ignore[misc]
            assert again == evaluate(heard[0], checklist, judge, SETTINGS, heard[1])
