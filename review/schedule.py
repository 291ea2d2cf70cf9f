"""When the next night begins, by the schedule that `prefect.yaml` gives to the deployment `nightly`."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from cronsim import CronSim, CronSimError

from pipeline.settings import ROOT

FILE = ROOT / "prefect.yaml"
NIGHTLY = "nightly"


def next_night(now: datetime, file: Path = FILE) -> datetime | None:
    """The soonest of its active schedules, UTC and naive like `now`; None where there is none that can be read.

    Whether a worker is there to begin it, the file does not know: that a night is overdue is said by the page.
    """
    found = [begins for schedule in read_schedules(file) if (begins := next_of(schedule, now)) is not None]
    return min(found, default=None)


def read_schedules(file: Path) -> list[dict[str, Any]]:
    """Those of the nightly deployment that are active; none where the file is not there or says something else."""
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
        (nightly,) = [item for item in content["deployments"] if item["name"] == NIGHTLY]
        return [item for item in nightly["schedules"] if item.get("active", True)]
    except (OSError, yaml.YAMLError, KeyError, TypeError, ValueError, AttributeError):
        return []


def next_of(schedule: dict[str, Any], now: datetime) -> datetime | None:
    """None for what is no cron schedule."""
    try:
        zone = ZoneInfo(str(schedule.get("timezone", "UTC")))
        local = next(CronSim(str(schedule["cron"]), now.replace(tzinfo=UTC).astimezone(zone)))
    except (CronSimError, KeyError, ValueError, OSError, StopIteration):
        return None
    return local.astimezone(UTC).replace(tzinfo=None)
