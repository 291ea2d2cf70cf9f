"""How many batches of a call are recognised side by side in a run of few calls."""

import pytest

from flows.spare_cores import MOST_AT_ONCE, with_spare_cores
from pipeline.settings import Settings, load_settings


def asked(at_once: int | str, device: str = "cpu") -> Settings:
    """The settings that come with the program, with recognition so configured."""
    settings = load_settings(profile="offline")
    transcriber = settings.active.transcriber.model_copy(update={"at_once": at_once, "device": device})
    profile = settings.active.model_copy(update={"transcriber": transcriber})
    return settings.model_copy(update={"profiles": {**settings.profiles, "offline": profile}})


@pytest.mark.parametrize(
    ("calls", "workers", "at_once"),
    [(1, 2, 2), (1, 16, MOST_AT_ONCE), (3, 16, 5), (8, 16, 2), (0, 4, 4)],
)
def test_few_calls_share_all_cores(calls: int, workers: int, at_once: int) -> None:
    assert with_spare_cores(asked("auto"), calls, workers).active.transcriber.at_once == at_once


@pytest.mark.parametrize(("calls", "workers"), [(2, 2), (9, 16), (500, 4), (1, 1), (1, 0)])
def test_enough_calls_have_a_core_each(calls: int, workers: int) -> None:
    settings = asked("auto")
    assert with_spare_cores(settings, calls, workers) == settings


@pytest.mark.parametrize(("at_once", "device"), [(1, "cpu"), (3, "cpu"), ("auto", "cuda")])
def test_what_is_configured_stays(at_once: int | str, device: str) -> None:
    settings = asked(at_once, device)
    assert with_spare_cores(settings, 1, 16) == settings


def test_nothing_else_changes() -> None:
    settings = asked("auto")
    changed = with_spare_cores(settings, 1, 2)
    assert changed.active.model_copy(update={"transcriber": settings.active.transcriber}) == settings.active
    assert changed.profiles["gpu"] == settings.profiles["gpu"]
