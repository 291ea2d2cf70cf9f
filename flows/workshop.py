"""From a work order, which travels between processes, to a workshop with models, which stays in one."""

import importlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from pipeline.checklist import load_checklist
from pipeline.data_folder import DataFolder
from pipeline.ffmpeg_program import find_ffmpeg
from pipeline.interfaces import Models
from pipeline.prescoring import build_judge
from pipeline.processing import Workshop
from pipeline.settings import Profile, Settings

REAL_MODELS = "models.build:build_models"


@dataclass(frozen=True)
class WorkOrder:
    """What a worker must know to set itself up. `models` names the function that builds them, so tests name fakes."""

    settings: Settings
    data: DataFolder
    models: str = REAL_MODELS
    ffmpeg: str | None = None

    def __hash__(self) -> int:
        return hash((self.settings.model_dump_json(), self.data, self.models, self.ffmpeg))


@lru_cache(maxsize=1)
def workshop_of(order: WorkOrder) -> Workshop:
    """The workshop of this process, set up once and kept: models are loaded at their first use."""
    module, _, name = order.models.partition(":")
    build: Callable[[Profile], Models] = getattr(importlib.import_module(module), name)
    models = build(order.settings.active)
    checklist = load_checklist(order.settings.checklist)
    return Workshop(
        settings=order.settings,
        models=models,
        checklist=checklist,
        judge=build_judge(checklist, models.encoder),
        ffmpeg_program=find_ffmpeg(order.ffmpeg),
        scratch=order.data.scratch,
    )


def read_environment() -> dict[str, str]:
    """The one place where the environment is read: everything of ours that is set there."""
    return {name: value for name, value in os.environ.items() if name.startswith("PRESCORE_")}


def read_phone_key() -> bytes | None:
    """The key of the phone hash: a secret, so only ever from the environment."""
    key = read_environment().get("PRESCORE_PHONE_KEY")
    return key.encode() if key else None
