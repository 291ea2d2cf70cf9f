"""The instruct adapter on a small randomly initialised causal model: whatever it babbles follows the schema."""

import importlib.util
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from models.transformers_instructor import SchemaEnforcer, TransformersInstructor, bounded
from models.transformers_loading import Checkpoint
from pipeline.checklist import load_checklist
from pipeline.errors import ConfigurationError, UnavailableError
from pipeline.interfaces import Message
from pipeline.prescoring.instruct_answers import call_type_schema, criteria_schema, read_call_type, read_criteria
from tests.model_adapters.tiny_models import save_instructor

QUESTION = [Message("system", "Ты судья."), Message("user", '{"turn": 0, "text": "Добрый день"}')]
CRITERIA = load_checklist("cqr").criteria[:2]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_instructor(tmp_path_factory.mktemp("instructor"))


def instructor(folder: Path, max_new_tokens: int = 3000) -> TransformersInstructor:
    return TransformersInstructor(Checkpoint(str(folder), None, "cpu", "float32"), max_new_tokens)


def test_a_random_model_answers_by_the_schema(folder: Path) -> None:
    model = instructor(folder)
    text = model.answer(QUESTION, call_type_schema(["qualification", "spam", "unknown"]))
    jsonschema.validate(json.loads(text), call_type_schema(["qualification", "spam", "unknown"]))
    answer, problems = read_call_type(text)
    assert answer is not None and problems == ()
    assert text == model.answer(QUESTION, call_type_schema(["qualification", "spam", "unknown"]))  # greedy


def test_every_criterion_is_answered_with_a_label_of_its_scale(folder: Path) -> None:
    text = instructor(folder, 6000).answer(QUESTION, criteria_schema(CRITERIA))
    jsonschema.validate(json.loads(text), criteria_schema(CRITERIA))
    answers, problems = read_criteria(text, CRITERIA)
    assert (set(answers), problems) == ({criterion.id for criterion in CRITERIA}, ())


def test_an_answer_cut_short_is_no_json(folder: Path) -> None:
    answers, problems = read_criteria(instructor(folder, 20).answer(QUESTION, criteria_schema(CRITERIA)), CRITERIA)
    assert (answers, len(problems)) == ({}, 2)


def test_a_model_without_chat_template_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="has no chat template, so is no instruct model"):
        instructor(save_instructor(tmp_path, None)).answer(QUESTION, {"type": "object"})


def test_weights_that_are_not_there_leave_the_rung_out(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match=r"none: (cannot be loaded|broke with)"):
        instructor(tmp_path / "none").answer(QUESTION, {"type": "object"})


def test_a_schema_that_cannot_be_enforced_is_named(folder: Path) -> None:
    tokens = instructor(folder)._loaded[2]
    with pytest.raises(UnavailableError, match="the answer's schema cannot be enforced"):
        SchemaEnforcer(tokens, {"type": "no such type"}, 0)


def test_without_the_library_the_remedy_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "llguidance" else find(name))
    with pytest.raises(ConfigurationError, match=r"pip install -e '\.\[instruct\]' -c constraints\.txt"):
        instructor(folder)


def test_bounds_are_added_where_values_are_free() -> None:
    free: dict[str, Any] = {"type": "array", "items": {"type": "string"}}
    assert bounded(free) == {"type": "array", "maxItems": 4, "items": {"type": "string", "maxLength": 300}}
    assert bounded({"type": "string", "enum": ["a"]}) == {"type": "string", "enum": ["a"]}
    assert bounded({"type": "integer"})["maximum"] == 99_999


def test_identity_tells_what_changes_the_answer(folder: Path) -> None:
    assert instructor(folder, 100).identity != instructor(folder, 200).identity
