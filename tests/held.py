"""Fakes that hold a night in its middle until a test lets it go on, however fast or slow the machine is."""

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from pipeline.interfaces import SpeechChannel
from pipeline.records import Segment
from pipeline.settings import Profile
from tests.fakes import FakeModels, FakeTranscriber, build_fake_models

POLL_S = 0.02


@dataclass(frozen=True)
class Hold:
    """The recognition with this number in the night, in whichever worker, waits, and so do all after it.

    `folder` is empty or not there yet: each recognition of the night leaves a file with its number in it.
    """

    folder: Path
    call: int

    @property
    def environment(self) -> dict[str, str]:
        return {
            "PRESCORE_MODELS": "tests.held:build_held_models",
            "PRESCORE_FAKE_HOLD": str(self.folder),
            "PRESCORE_FAKE_HELD_CALL": str(self.call),
        }

    def wait(self) -> None:
        """In a worker, at the beginning of each recognition."""
        if self._next_number() >= self.call:
            while not self._gate.exists():
                time.sleep(POLL_S)

    def is_reached(self) -> bool:
        return (self.folder / str(self.call)).exists()

    def let_go(self) -> None:
        self.folder.mkdir(exist_ok=True)
        self._gate.touch()

    @property
    def _gate(self) -> Path:
        return self.folder / "let-go"

    def _next_number(self) -> int:
        self.folder.mkdir(exist_ok=True)
        return next(number for number in count(1) if _made(self.folder / str(number)))


def _made(path: Path) -> bool:
    """False where another process was first."""
    try:
        path.touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


@dataclass
class HeldTranscriber(FakeTranscriber):
    hold: Hold | None = None

    def transcribe(
        self, channels: Sequence[SpeechChannel], language: str, vocabulary: Sequence[str]
    ) -> tuple[tuple[Segment, ...], ...]:
        if self.hold is not None:
            self.hold.wait()
        return super().transcribe(channels, language, vocabulary)


def build_held_models(profile: Profile) -> FakeModels:
    """What PRESCORE_MODELS names: the fakes, held as the environment says."""
    hold = Hold(Path(os.environ["PRESCORE_FAKE_HOLD"]), int(os.environ["PRESCORE_FAKE_HELD_CALL"]))
    delay_s = build_fake_models(profile).transcriber.delay_s
    return FakeModels(transcriber=HeldTranscriber(delay_s=delay_s, hold=hold))
