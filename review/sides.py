"""Sides swapped from the page: a process judges the call again, and the page says whether it still does.

Each has a few files in DATA/cache/sides, named by the recording: a restart of the page loses sight of none.
"""

import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from pipeline.data_folder import DataFolder
from pipeline.records import AnalysedDialogue
from pipeline.settings import Settings
from pipeline.sides import role_at
from pipeline.store.lock import locked
from review.processes import Process, start_process

START_TIMEOUT_S = 2.0
State = Literal["none", "working", "failed"]


@dataclass(frozen=True, slots=True)
class Swap:
    """What was asked last for a recording: whoever speaks at that second is the agent.

    `is_working`: whether its process was, when this was read. Read it before what the process writes.
    """

    agent_at_s: float
    is_working: bool


def swap_sides(data: DataFolder, settings: Settings, call_id: str, sha: str, agent_at_s: float, login: str) -> None:
    """Has the call judged again with whoever speaks at that second as the agent; not twice at a time.

    Raises InputError when the command cannot be started.
    """
    data.sides.mkdir(parents=True, exist_ok=True)
    own = data.sides / sha
    with locked(data.sides / "start.lock", exclusive=True, timeout_s=START_TIMEOUT_S):
        if (swap := find_swap(data, sha)) is not None and swap.is_working:
            return
        own.with_suffix(".settings.yaml").write_text(settings.model_dump_json(), encoding="utf-8")
        process = start_process(command_of(data, own, call_id, agent_at_s, login), own.with_suffix(".log"))
        partial = own.with_suffix(".part")
        partial.write_text(json.dumps({"agent_at_s": agent_at_s, "process": asdict(process)}), encoding="utf-8")
        partial.replace(own.with_suffix(".json"))


def command_of(data: DataFolder, own: Path, call_id: str, agent_at_s: float, login: str) -> list[str]:
    """The command, with the page's settings; it lies beside the Python that serves the page."""
    command = [str(Path(sys.executable).with_name("prescore")), f"--data={data.root}"]
    command += [f"--config={own.with_suffix('.settings.yaml')}", "sides", call_id]
    return [*command, f"--agent-at={agent_at_s}", f"--by={login}"]


def find_swap(data: DataFolder, sha: str) -> Swap | None:
    """None when nobody asked for one, or its file cannot be read."""
    try:
        content = json.loads((data.sides / f"{sha}.json").read_text(encoding="utf-8"))
        return Swap(float(content["agent_at_s"]), Process(**content["process"]).is_running)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def state_of_swap(swap: Swap | None, analysed: AnalysedDialogue | None) -> State:
    """failed: its process has ended, and whoever speaks at that second is not the agent."""
    if swap is None or analysed is None:
        return "none"
    if swap.is_working:
        return "working"
    return "none" if role_at(analysed, swap.agent_at_s) == "agent" else "failed"
