"""What `prescore doctor` looks at; each finding says what to do."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import httpx

from flows.workshop import WorkOrder, models_of, read_environment
from models.hardware import find_hardware
from models.weights import cache_folder, checked_files, load_sources
from pipeline.errors import PrescoreError, StoreError
from pipeline.ffmpeg_program import INSTALL, find_ffmpeg
from pipeline.learning.files import check_heads, heads_named
from pipeline.settings import ServedInstructSettings
from pipeline.store import Store
from pipeline.store.heads import read_history

NEEDED_GB = 5.0
DOCTOR_WAIT_S = 2.0
OLD_BACKUP = timedelta(days=2)
WEIGHTS_OF = {  # model of a profile -> sets of weights in configs/weights.yaml
    "whisper-base": ("whisper-base",),
    "pyannet-ge2e": ("pyannet", "ge2e"),
    "usem3": ("usem3",),
    "gemma3-270m": ("usem3", "gemma3-270m"),
}


@dataclass(frozen=True)
class Finding:
    level: Literal["ok", "note", "problem"]
    what: str
    found: str
    remedy: str = ""


def examine(order: WorkOrder) -> list[Finding]:
    """All findings, in the order in which a run would meet them."""
    about_models = [*_weights(order), *_judge_models(order), *_heads(order)]
    return [
        *_machine(order),
        *_ffmpeg(order),
        *about_models,
        *_disk(order),
        *_database(order),
        *_backup(order),
        *_secrets(),
    ]


def _machine(order: WorkOrder) -> Iterator[Finding]:
    hardware = find_hardware()
    yield Finding("ok", "processor", f"{hardware.cores} cores")
    wants_gpu = order.settings.active.transcriber.device != "cpu"
    if hardware.gpus:
        remedy = "" if wants_gpu else "use it with `--profile gpu`"
        yield Finding("ok" if wants_gpu else "note", "GPU", f"{hardware.gpus} found", remedy)
    elif wants_gpu:
        remedy = "check `nvidia-smi`, or work without: `--profile offline`"
        yield Finding("problem", "GPU", f"none found, and profile {order.settings.profile} wants one", remedy)
    else:
        yield Finding("ok", "GPU", "none; the profile needs none")


def _ffmpeg(order: WorkOrder) -> Iterator[Finding]:
    try:
        program = find_ffmpeg(order.ffmpeg)
        version = subprocess.run([program, "-version"], capture_output=True, text=True, check=True, timeout=20)  # noqa: S603
    except (PrescoreError, OSError, subprocess.SubprocessError) as error:
        yield Finding("problem", "ffmpeg", str(error), f"install it: {INSTALL}")
        return
    yield Finding("ok", "ffmpeg", f"{program} ({version.stdout.split()[2]})")


def _weights(order: WorkOrder) -> Iterator[Finding]:
    active = order.settings.active
    for model in (active.transcriber.model, active.diarizer.model, active.encoder.model):
        names = WEIGHTS_OF.get(model)
        if names is None:
            remedy = "the hub must be reached at the first run, or name a folder with converted weights"
            yield Finding("note", f"weights of {model}", "not among configs/weights.yaml", remedy)
            continue
        for name in names:
            try:
                checked_files(name)
            except PrescoreError as error:
                yield Finding("problem", f"weights {name}", str(error), "fetch them: prescore weights")
            else:
                yield Finding("ok", f"weights {name}", f"{load_sources()[name].title}; sha256 holds")


def _judge_models(order: WorkOrder) -> Iterator[Finding]:
    """Models of the upper rungs that are asked; a rung whose model cannot answer is left out of the judge."""
    judge = order.settings.active.judge
    for name in ("nli", "instruct"):
        chosen = getattr(judge, name)
        if name not in judge.rungs or chosen is None:
            continue
        if isinstance(chosen, ServedInstructSettings):
            yield _served(chosen)
        elif Path(chosen.model).is_dir() or _is_in_hub_cache(chosen.model, chosen.revision):
            yield Finding("ok", f"model of the rung {name}", f"{chosen.model}: its files are here")
        else:
            remedy = "the hub must be reached at the first run; or name a folder that holds the model"
            yield Finding("note", f"model of the rung {name}", f"{chosen.model}: not on this machine yet", remedy)


def _served(chosen: ServedInstructSettings) -> Finding:
    """Whether the server answers and has the model. No word of a call is sent."""
    what, key = "model of the rung instruct", read_environment().get("PRESCORE_INSTRUCT_KEY")
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    try:
        answer = httpx.get(f"{chosen.base_url}/models", headers=headers, timeout=DOCTOR_WAIT_S)
        answer.raise_for_status()
        known = {str(item["id"]) for item in answer.json()["data"]}
    except httpx.HTTPStatusError as error:
        remedy = "check judge.instruct.base_url (up to and including /v1) and PRESCORE_INSTRUCT_KEY"
        return Finding("problem", what, f"{chosen.base_url} answers {error.response.status_code}", remedy)
    except httpx.HTTPError as error:
        remedy = "start the server or mend judge.instruct.base_url; until then calls are judged without this rung"
        return Finding("problem", what, f"{chosen.base_url} does not answer ({type(error).__name__})", remedy)
    except (ValueError, KeyError, TypeError):
        return Finding("note", what, f"{chosen.base_url} answers, and does not say which models it has")
    if chosen.model not in known:
        remedy = f"name one of them as judge.instruct.model: {', '.join(sorted(known)[:5])}"
        return Finding("problem", what, f"{chosen.base_url} has no {chosen.model}", remedy)
    return Finding("ok", what, f"{chosen.base_url} has {chosen.model}")


def _is_in_hub_cache(model: str, revision: str | None) -> bool:
    from huggingface_hub import try_to_load_from_cache

    try:
        return isinstance(try_to_load_from_cache(model, "config.json", revision=revision), str)
    except ValueError:  # no name that the hub could have
        return False


def _heads(order: WorkOrder) -> Iterator[Finding]:
    """Whether the adopted heads are there, as they were stored, and fit the encoder."""
    if "heads" not in order.settings.active.judge.rungs or not order.data.store.exists():
        return
    try:
        with Store(order.data.store, timeout_s=DOCTOR_WAIT_S).reading() as con:
            chosen = heads_named(order.data.heads, read_history(con).in_use)
        check_heads(chosen, models_of(order).encoder.dialogue_identity)
    except StoreError:
        return  # the database has a line of its own
    except PrescoreError as error:
        yield Finding("problem", "judge's heads", str(error))
    else:
        yield Finding("ok", "judge's heads", f"{chosen.version}: in use; content and encoder fit")


def _backup(order: WorkOrder) -> Iterator[Finding]:
    if not order.data.store.exists():
        return
    remedy = "make one: prescore backup FOLDER (docs/operator.md, section 9)"
    try:
        made_at = datetime.fromisoformat(json.loads(order.data.last_backup.read_text(encoding="utf-8"))["made_at"])
    except (OSError, ValueError, KeyError):
        yield Finding("note", "backup", "none of this data folder is known", remedy)
        return
    is_old = datetime.now(UTC) - made_at > OLD_BACKUP
    yield Finding(
        "note" if is_old else "ok", "backup", f"last made {made_at:%Y-%m-%d %H:%M} UTC", remedy if is_old else ""
    )


def _disk(order: WorkOrder) -> Iterator[Finding]:
    try:
        order.data.prepare()
    except PrescoreError as error:
        yield Finding("problem", "data folder", str(error))
        return
    for name, folder in (("data folder", order.data.root), ("weights folder", cache_folder())):
        present = next(path for path in (folder, *folder.parents) if path.exists())
        free_gb = shutil.disk_usage(present).free / 1e9
        remedy = "" if free_gb >= NEEDED_GB else f"free at least {NEEDED_GB:.0f} GB"
        yield Finding("ok" if not remedy else "problem", name, f"{folder}, {free_gb:.0f} GB free", remedy)


def _database(order: WorkOrder) -> Iterator[Finding]:
    if not order.data.store.exists():
        yield Finding("ok", "database", f"{order.data.store}: none yet, the first run makes it")
        return
    try:
        with Store(order.data.store, timeout_s=DOCTOR_WAIT_S).reading() as con:
            con.execute("SELECT count(*) FROM main.calls")
    except PrescoreError as error:
        yield Finding("problem", "database", str(error))
    else:
        yield Finding("ok", "database", f"{order.data.store}: opens, nobody blocks it")


def _secrets() -> Iterator[Finding]:
    if "PRESCORE_PHONE_KEY" in read_environment():
        yield Finding("ok", "phone key", "set: clients' numbers are stored as a keyed hash")
    else:
        remedy = "set PRESCORE_PHONE_KEY to a long random text to recognise a client across calls"
        yield Finding("note", "phone key", "not set: only the last four digits of numbers are stored", remedy)
