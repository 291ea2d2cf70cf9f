"""Re-scores that people started from the page: what was asked, which process does it, and how far it is.

Each is a process `prescore rescore` and a few files in DATA/cache/rescores, so that a restart of the page, or of the
machine, loses sight of none.
"""

import json
import re
import sys
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, cast
from uuid import uuid4

from pipeline.checklist import Checklist
from pipeline.data_folder import DataFolder
from pipeline.errors import PrescoreError
from pipeline.rescore_progress import RescoreProgress, read_progress
from pipeline.settings import Settings
from pipeline.store.lock import is_held, locked
from review.desk.database import now_s
from review.processes import Process, interrupt, start_process

RESCORE_ID = re.compile(r"\d{8}-\d{6}-[0-9a-f]{6}")
START_TIMEOUT_S = 2.0
LOG_SHOWN = 4000  # characters at its end
State = Literal["loading", "judging", "finishing", "stopping", "finished", "stopped", "failed", "died"]
WORKING: tuple[State, ...] = ("loading", "judging", "finishing", "stopping")


class RescoreBusy(PrescoreError):
    """Another run works on the data."""


@dataclass(frozen=True, slots=True)
class RescoreRequest:
    """`checklist`: how the page names the version; `since`: a day as 2026-10-05. None: no such limit."""

    checklist: str
    since: str | None = None
    manager: str | None = None
    call_type: str | None = None


@dataclass(frozen=True, slots=True)
class Rescore:
    """One that was started. `stopped_by`: the login of whoever asked it to stop."""

    rescore_id: str
    request: RescoreRequest
    started_by: str
    started_s: float
    process: Process
    state: State
    progress: RescoreProgress
    stopped_by: str | None = None

    @property
    def started_at(self) -> datetime:
        """As the store keeps times: UTC, naive."""
        return datetime.fromtimestamp(self.started_s, UTC).replace(tzinfo=None)

    @property
    def is_working(self) -> bool:
        return self.state in WORKING


def start_rescore(
    data: DataFolder, settings: Settings, request: RescoreRequest, checklist: Checklist, login: str
) -> Rescore:
    """Starts it by this very checklist and these settings, whatever becomes of their files meanwhile.

    Raises RescoreBusy while another run works on the data; InputError when the command cannot be started.
    """
    data.rescores.mkdir(parents=True, exist_ok=True)
    with locked(data.rescores / "start.lock", exclusive=True, timeout_s=START_TIMEOUT_S):
        if is_held(data.run_lock) or any(rescore.is_working for rescore in read_rescores(data)):
            raise RescoreBusy(f"{data.root}: another run works on it; start again when it has ended")
        rescore_id = f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{uuid4().hex[:6]}"
        own = data.rescores / rescore_id
        own.with_suffix(".checklist.yaml").write_text(checklist.model_dump_json(), encoding="utf-8")
        own.with_suffix(".settings.yaml").write_text(settings.model_dump_json(), encoding="utf-8")
        process = start_process(command_of(data, own, request), own.with_suffix(".log"))
        content = {"request": asdict(request), "started_by": login, "started_s": now_s(), "process": asdict(process)}
        partial = own.with_suffix(".part")
        partial.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        partial.replace(own.with_suffix(".json"))
    return cast(Rescore, find_rescore(data, rescore_id))


def command_of(data: DataFolder, own: Path, request: RescoreRequest) -> list[str]:
    """The command, with files that begin with `own`; it lies beside the Python that serves the page."""
    command = [str(Path(sys.executable).with_name("prescore")), f"--data={data.root}"]
    command += [f"--config={own.with_suffix('.settings.yaml')}", "rescore"]
    options = {
        "checklist": str(own.with_suffix(".checklist.yaml")),
        "since": request.since,
        "manager": request.manager,
        "type": request.call_type,
        "progress-file": str(own.with_suffix(".progress")),
    }
    return command + [f"--{name}={value}" for name, value in options.items() if value]


def read_rescores(data: DataFolder, newest: int = 20) -> tuple[Rescore, ...]:
    """The newest first."""
    names = sorted((path.stem for path in data.rescores.glob("*.json")), reverse=True)[:newest]
    return tuple(found for name in names if (found := find_rescore(data, name)) is not None)


def find_rescore(data: DataFolder, rescore_id: str) -> Rescore | None:
    """The one of that id; None when there is none, or its file cannot be read."""
    if not RESCORE_ID.fullmatch(rescore_id):
        return None
    own = data.rescores / rescore_id
    try:
        content = json.loads(own.with_suffix(".json").read_text(encoding="utf-8"))
        stop = own.with_suffix(".stop")
        stopped_by = stop.read_text(encoding="utf-8") if stop.exists() else None
        process = Process(**content["process"])
        is_running = process.is_running  # before the progress is read: what it wrote at its end is seen
        progress = read_progress(own.with_suffix(".progress"))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return Rescore(
        rescore_id=rescore_id,
        request=RescoreRequest(**content["request"]),
        started_by=content["started_by"],
        started_s=content["started_s"],
        process=process,
        state=state_of(progress, is_running=is_running, asked_to_stop=stopped_by is not None),
        progress=progress,
        stopped_by=stopped_by,
    )


def state_of(progress: RescoreProgress, *, is_running: bool, asked_to_stop: bool) -> State:
    """What a person would say of it."""
    if progress.outcome is not None:
        return "finished"
    if not is_running:
        return "stopped" if asked_to_stop else "failed" if progress.error is not None else "died"
    if asked_to_stop:
        return "stopping"
    if progress.planned is None:
        return "loading"
    return "judging" if progress.judged < progress.planned.total else "finishing"


def stop_rescore(data: DataFolder, rescore: Rescore, login: str) -> bool:
    """Asks it to stop; what is stored stays. False when it has ended already."""
    stop = (data.rescores / rescore.rescore_id).with_suffix(".stop")
    if not rescore.is_working or not rescore.process.is_running:
        return False
    stop.write_text(login, encoding="utf-8")
    return interrupt(rescore.process)


def end_of_log(data: DataFolder, rescore: Rescore) -> str:
    """What the command printed last, for the operator."""
    log = (data.rescores / rescore.rescore_id).with_suffix(".log")
    text = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
    return text[-LOG_SHOWN:].strip()
