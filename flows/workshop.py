"""From a work order, which travels between processes, to a workshop with models, which stays in one."""

import importlib
import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from uuid import uuid4

from pipeline.checklist import Checklist, load_checklist
from pipeline.data_folder import DataFolder
from pipeline.ffmpeg_program import find_ffmpeg
from pipeline.interfaces import Models
from pipeline.learning.files import ChosenHeads, check_heads, heads_named
from pipeline.prescoring import Judge, build_judge
from pipeline.prescoring.head_artefact import HEADS
from pipeline.processing import Workshop
from pipeline.remote_files import is_remote
from pipeline.settings import Profile, Settings
from pipeline.store import Store
from pipeline.store.heads import read_history
from pipeline.watching import Carried

REAL_MODELS = "models.build:build_models"
_IMPORTED = uuid4().hex  # a number alone would be that of another process on another machine


def this_process() -> str:
    """Tells this process from every other, on whatever machine."""
    return f"{_IMPORTED}-{os.getpid()}"


@dataclass(frozen=True)
class WorkOrder:
    """What a worker must know to set itself up. `models` names the function that builds them, so tests name fakes.

    `heads`: which learned heads judge, as `with_heads` found at the door; None: those that came with the program.
    `night`: the span that the work belongs to, for whoever watches. `home`: the process that gives the order.
    """

    settings: Settings
    data: DataFolder
    models: str = REAL_MODELS
    ffmpeg: str | None = None
    heads: ChosenHeads | None = None
    night: Carried = field(default=(), compare=False)
    home: str = field(default_factory=this_process, compare=False)

    def __hash__(self) -> int:
        return hash((self.settings.model_dump_json(), self.data, self.models, self.ffmpeg, self.heads))


def order_for(settings: Settings, data: DataFolder) -> WorkOrder:
    """The order, with the models and the ffmpeg that the environment names."""
    environment = read_environment()
    models = environment.get("PRESCORE_MODELS") or WorkOrder.models
    return WorkOrder(settings, data, models, environment.get("PRESCORE_FFMPEG"))


def inbox_of(settings: Settings, data: DataFolder) -> Path:
    """Where recordings lie when nobody names a folder; what the configuration says is relative to the data folder."""
    if settings.ingest.inbox is None:
        return data.inbox
    inbox = Path(settings.ingest.inbox)
    return inbox if is_remote(inbox) else data.root / inbox


def with_heads(order: WorkOrder) -> WorkOrder:
    """The order with the heads that are in use in its data folder now, so that all its workers judge by the same."""
    if not order.data.store.exists():
        return order
    with Store(order.data.store).reading() as con:
        version = read_history(con).in_use
    return replace(order, heads=heads_named(order.data.heads, version))


@lru_cache(maxsize=1)
def workshop_of(order: WorkOrder) -> Workshop:
    """The workshop of this process, set up once and kept: models are loaded at their first use."""
    models = models_of(order)
    checklist = load_checklist(order.settings.checklist)
    return Workshop(
        settings=order.settings,
        models=models,
        checklist=checklist,
        judge=judge_for(checklist, models, order.settings.active, order.heads),
        ffmpeg_program=find_ffmpeg(order.ffmpeg),
        scratch=order.data.scratch,
    )


def models_of(order: WorkOrder) -> Models:
    """The models that the order names; each loads its weights when first used."""
    module, _, name = order.models.partition(":")
    build: Callable[[Profile], Models] = getattr(importlib.import_module(module), name)
    return build(order.settings.active)


def judge_for(checklist: Checklist, models: Models, profile: Profile, heads: ChosenHeads | None = None) -> Judge:
    """The judge of a checklist: the same in a run, in a re-score and on text channels.

    Raises ConfigurationError; WeightsError where the adopted heads are missing, altered or another encoder's.
    """
    path = HEADS
    if heads is not None and "heads" in profile.judge.rungs:
        path = check_heads(heads, models.encoder.dialogue_identity)
    return build_judge(
        checklist,
        models.encoder,
        heads=path,
        settings=profile.judge,
        entailer=models.entailer,
        instructor=models.instructor,
    )


def checklist_named(name: str) -> Checklist:
    """The checklist of that name in configs/checklists, or in the file of that path. Raises ConfigurationError."""
    is_path = name.endswith((".yaml", ".yml")) or os.sep in name
    return load_checklist(Path(name) if is_path else name)


def read_environment() -> dict[str, str]:
    """The one place where the environment is read: everything of ours that is set there, and OpenTelemetry's."""
    return {name: value for name, value in os.environ.items() if name.startswith(("PRESCORE_", "OTEL_"))}


def read_phone_key() -> bytes | None:
    """The key of the phone hash: a secret, so only ever from the environment."""
    key = read_environment().get("PRESCORE_PHONE_KEY")
    return key.encode() if key else None
