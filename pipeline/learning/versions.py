"""Which model of learned heads is in use, read from what happened to all of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Literal

SHIPPED = "shipped"  # the heads that came with the program
HeadEventName = Literal["adopted", "rejected", "used", "rolled_back"]


@dataclass(frozen=True, slots=True)
class HeadModel:
    """A model that was learned from verdicts; its file is `heads/VERSION.npz` in the data folder."""

    version: str  # hash of the file
    parent: str  # what it was compared with
    encoder: str
    data_hash: str
    dialogue_count: int
    verdict_call_count: int
    verdict_count: int
    learned_until: datetime  # no call that got its first verdict later was learned from; UTC, naive
    figures: Mapping[str, Any]
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class HeadEvent:
    """What happened to a model, by whom and why. Of `rolled_back`, `version` is the one that was put out of use."""

    event: HeadEventName
    version: str
    actor: str
    reason: str = ""
    event_id: str = ""
    event_number: int = 0
    occurred_at: datetime | None = None


@dataclass(frozen=True)
class HeadHistory:
    """Every model and every event, oldest first."""

    models: tuple[HeadModel, ...] = ()
    events: tuple[HeadEvent, ...] = ()

    @cached_property
    def _chosen(self) -> list[str]:
        return _replay(self.events)

    @property
    def in_use(self) -> str:
        """The version that calls are judged with."""
        return self._chosen[-1]

    @property
    def before(self) -> str | None:
        """The version that a rollback brings back; None where nothing was in use before."""
        return self._chosen[-2] if len(self._chosen) > 1 else None

    def model(self, version: str) -> HeadModel | None:
        return next((model for model in self.models if model.version == version), None)

    def events_of(self, version: str) -> tuple[HeadEvent, ...]:
        return tuple(event for event in self.events if event.version == version)


def _replay(events: Iterable[HeadEvent]) -> list[str]:
    """The versions that were put into use and not rolled back, the one in use last."""
    chosen = [SHIPPED]
    for event in sorted(events, key=lambda event: event.event_number):
        if event.event in {"adopted", "used"} and event.version != chosen[-1]:
            chosen.append(event.version)
        elif event.event == "rolled_back" and len(chosen) > 1:
            chosen.pop()
    return chosen
