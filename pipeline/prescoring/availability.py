"""Whether the model of an upper rung is worth asking: a server that is down must not cost every call its timeout."""

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from pipeline.errors import UnavailableError

FAILURES_IN_A_ROW = 2  # one long call that ran into the timeout does not send the rung to rest
REST_S = 300.0
Answer = TypeVar("Answer")
logger = logging.getLogger(__name__)


class Availability:
    """Asks a model, lets it rest after failures in a row, and tells the log once what to do."""

    def __init__(self, rung: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._rung = rung
        self._clock = clock
        self._failures = 0
        self._rests_until_s = 0.0
        self._told = False

    def ask(self, question: Callable[[], Answer]) -> Answer:
        """The answer. Raises UnavailableError, at once while the model rests."""
        if self._clock() < self._rests_until_s:
            raise UnavailableError(f"the model of the rung {self._rung} rests after {self._failures} failures in a row")
        try:
            answer = question()
        except UnavailableError as error:
            self._fail(error)
            raise
        self._failures = 0
        return answer

    def _fail(self, error: UnavailableError) -> None:
        self._failures += 1
        if self._failures >= FAILURES_IN_A_ROW:
            self._rests_until_s = self._clock() + REST_S
        if not self._told:
            self._told = True
            logger.warning(
                "rung %s left out: %s. Its calls keep the answers of the cheaper rungs, are stored as judged without "
                "it, and are asked again in the next run",
                self._rung,
                error,
            )
