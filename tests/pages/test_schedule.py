from datetime import datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from review.schedule import FILE, next_night

NOW = datetime(2026, 11, 22, 12, 0)
NIGHTLY = "deployments:\n  - name: nightly\n    schedules:\n"


def written(folder: Path, text: str) -> Path:
    path = folder / "prefect.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_our_own_schedule_is_every_night_at_one_in_moscow() -> None:
    assert next_night(NOW, FILE) == datetime(2026, 11, 22, 22, 0)


def test_the_soonest_active_schedule_counts(tmp_path: Path) -> None:
    text = NIGHTLY + '      - cron: "0 1 * * *"\n      - cron: "30 12 * * *"\n        active: false\n'
    assert next_night(NOW, written(tmp_path, text + '      - cron: "0 20 * * 1-5"\n')) == datetime(2026, 11, 23, 1, 0)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "deployments: []",
        "- a list",
        "deployments: [{name: nightly}]",
        NIGHTLY + "      - interval: 3600\n",
        NIGHTLY + '      - cron: "every night"\n',
        NIGHTLY + '      - cron: "0 1 * * *"\n        timezone: Mars/Olympus\n',
        "{",
    ],
)
def test_what_is_no_schedule_gives_no_night(text: str, tmp_path: Path) -> None:
    assert next_night(NOW, written(tmp_path, text)) is None


def test_without_the_file_there_is_no_night(tmp_path: Path) -> None:
    assert next_night(NOW, tmp_path / "prefect.yaml") is None


def test_the_page_says_when_the_next_night_begins(client: TestClient) -> None:
    assert "Next by the schedule:" in client.get("/nights").text
