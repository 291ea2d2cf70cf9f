"""Runs whose judge asks an instruct model on a server of this machine; hearing is faked, judging is real."""

import json
from pathlib import Path
from typing import Any

from flows.workshop import WorkOrder
from models.build import build_instructor
from models.hardware import Hardware
from pipeline.data_folder import DataFolder
from pipeline.settings import Profile, Settings
from pipeline.store import Store
from tests.fakes import FakeModels

MODELS = "tests.flow_runs.judged:build_judged_models"
INSTRUCT_RUNGS = ("rules", "instruct")


def build_judged_models(profile: Profile) -> FakeModels:
    """What a work order names."""
    return FakeModels(instructor=build_instructor(profile.judge.instruct, Hardware(2, 0)))


def judged_order(settings: Settings, folder: Path, base_url: str, rungs: tuple[str, ...] = INSTRUCT_RUNGS) -> WorkOrder:
    """An order whose profile asks the server at `base_url`."""
    content: dict[str, Any] = settings.model_dump()
    instruct = {"backend": "openai", "base_url": base_url, "model": "told", "attempts": 1, "timeout_s": 5}
    content["profiles"]["offline"]["judge"] = {"rungs": rungs, "instruct": instruct}
    return WorkOrder(Settings.model_validate(content), DataFolder(folder), MODELS)


def evaluations_of(store: Path, sha: str | None = None) -> list[tuple[str, str, str]]:
    """(content sha256, stage key, payload as it is stored) of every evaluation, oldest first."""
    with Store(store).reading() as con:
        rows = con.execute(
            "SELECT content_sha256, stage_key, payload FROM base.stage_results WHERE stage = 'evaluation' "
            "ORDER BY content_sha256, created_at"
        ).fetchall()
    return [(found, key, str(payload)) for found, key, payload in rows if sha in (None, found)]


def judges_of(store: Path) -> list[str]:
    """Whose evaluations are stored."""
    return [json.loads(payload)["judge"] for _, _, payload in evaluations_of(store)]
