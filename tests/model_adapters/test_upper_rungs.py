"""From a profile to an evaluation through the real upper rungs, on small randomly initialised models.

What such models answer means nothing; that whatever they answer ends as a suggestion that holds does.
"""

from pathlib import Path

import pytest

from models.build import build_entailer, build_instructor, build_models
from models.hardware import Hardware
from models.openai_instructor import OpenAiInstructor
from models.transformers_entailer import TransformersEntailer
from models.transformers_instructor import TransformersInstructor
from pipeline.checklist import load_checklist
from pipeline.prescoring import build_judge, evaluate
from pipeline.settings import EvaluationSettings, JudgeSettings, load_settings
from tests.fakes import FakeEncoder
from tests.model_adapters.tiny_models import save_entailer, save_instructor
from tests.prescoring.judging import talk

BARE = Hardware(2, 0)
WHOLE = load_checklist("cqr")
CQR = WHOLE.model_copy(update={"criteria": (WHOLE.criterion("greeting"), WHOLE.criterion("objection"))})
DIALOGUE = talk(
    "a: Добрый день, меня зовут Анна, компания «Север».",
    "c: Здравствуйте. Дорого у вас, и сосед жаловался на монтаж.",
    "a: Понимаю. Зато монтаж входит в цену. Давайте сравним по пунктам?",
    "c: Ну давайте, пришлите расчёт.",
)


def test_random_models_give_suggestions_that_hold(tmp_path: Path) -> None:
    settings = JudgeSettings.model_validate(
        {
            "rungs": ["nli", "instruct"],
            "nli": {
                "model": str(save_entailer(tmp_path / "nli", "xlm-roberta")),
                "device": "cpu",
                "max_tokens": 128,
                "batch_size": 4,
            },
            "instruct": {
                "backend": "transformers",
                "model": str(save_instructor(tmp_path / "instruct", max_tokens=32_768)),
                "device": "cpu",
                "max_new_tokens": 9000,
            },
        }
    )
    judge = build_judge(
        CQR,
        FakeEncoder(),
        settings=settings,
        entailer=build_entailer(settings.nli, BARE),
        instructor=build_instructor(settings.instruct, BARE),
    )
    evaluation = evaluate(DIALOGUE, CQR, judge, EvaluationSettings(min_words=0, min_duration_s=0))
    texts = {item.index: item.text for item in DIALOGUE.utterances}
    assert evaluation.judge == judge.identity  # both rungs could answer
    assert {suggestion.rung for suggestion in evaluation.suggestions} <= {"nli", "instruct", "weights"}
    for suggestion in evaluation.suggestions:
        assert suggestion.value in (None, *CQR.criterion(suggestion.criterion_id).values)
        assert 0 <= suggestion.confidence <= 1
        assert all(item.quote in texts[item.utterance_index] for item in suggestion.evidence)


def test_the_profiles_build_what_they_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRESCORE_INSTRUCT_KEY", "secret")
    settings = load_settings()
    offline = build_models(settings.profiles["offline"], BARE)
    assert (offline.entailer, offline.instructor) == (None, None)
    gpu = build_models(settings.profiles["gpu"], Hardware(16, 1))
    assert isinstance(gpu.entailer, TransformersEntailer)
    assert isinstance(gpu.instructor, TransformersInstructor)
    assert "bfloat16" in gpu.entailer.identity
    served = {"backend": "openai", "base_url": "http://127.0.0.1:8000/v1/", "model": "m"}
    judge = JudgeSettings.model_validate({"instruct": served})
    instructor = build_instructor(judge.instruct, BARE)
    assert isinstance(instructor, OpenAiInstructor)
    assert (instructor._base_url, instructor._key) == ("http://127.0.0.1:8000/v1", "secret")
    assert "secret" not in instructor.identity
