"""What a run of few calls does with cores that would otherwise have nothing to do."""

from models.hardware import choose_device, find_hardware
from pipeline.settings import Settings

MOST_AT_ONCE = 8  # batches of one call: each takes memory of its own


def with_spare_cores(settings: Settings, calls: int, workers: int) -> Settings:
    """The settings by which `calls`, fewer than the workers, share all their cores for recognition.

    A long night is best done by one thread a worker, but a call that comes alone would leave all cores but one idle.
    What the configuration names itself, and recognition on a GPU, stays as it is.
    """
    profile = settings.active
    transcriber = profile.transcriber
    at_once = min(workers // max(calls, 1), MOST_AT_ONCE)
    if at_once < 2 or transcriber.at_once != "auto" or choose_device(transcriber.device, find_hardware()) != "cpu":
        return settings
    shared = profile.model_copy(update={"transcriber": transcriber.model_copy(update={"at_once": at_once})})
    return settings.model_copy(update={"profiles": {**settings.profiles, settings.profile: shared}})
