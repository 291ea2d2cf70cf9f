"""What a rule has been through, read from its events, and what it may confirm."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

AUTO_CONFIRMATION = "auto-confirmation"  # the reviewer of what a rule confirmed, and the actor of its events
LEARNED_RUNG = "heads"  # only answers of heads that were trained and measured are confirmed

TrustEventName = Literal["allowed", "looked", "started", "stopped", "withdrawn"]
StopReason = Literal[
    "by_person", "audit", "checklist_changed", "judge_changed", "recogniser_changed", "promise_changed", "untested"
]
RuleState = Literal["off", "waiting", "running", "stopped"]
_STATES: dict[TrustEventName, RuleState] = {"allowed": "waiting", "started": "running", "stopped": "stopped"}


@dataclass(frozen=True, slots=True)
class Identity:
    """What suggestions are made with. A promise holds for all three together."""

    checklist_version: str
    judge: str
    recogniser: str

    def change(self, now: "Identity") -> StopReason | None:
        """What is different now; None when nothing is."""
        if now.checklist_version != self.checklist_version:
            return "checklist_changed"
        if now.judge != self.judge:
            return "judge_changed"
        return "recogniser_changed" if now.recogniser != self.recogniser else None


@dataclass(frozen=True, slots=True)
class TrustEvent:
    """One step in the life of a rule; what does not belong to its kind is None."""

    event_id: str
    event_number: int
    checklist_id: str
    criterion_id: str
    event: TrustEventName
    actor: str
    reason: str
    identity: Identity
    first_look: int | None = None
    threshold: float | None = None
    verdict_count: int | None = None
    error_count: int | None = None
    upper_bound: float | None = None
    promised_error: float | None = None
    confidence: float | None = None
    audit_share: float | None = None
    occurred_at: datetime | None = None  # UTC, naive

    @property
    def promise(self) -> tuple[float | None, float | None]:
        """The largest error, and how sure that is."""
        return self.promised_error, self.confidence

    @property
    def is_broken_promise(self) -> bool:
        return self.event == "stopped" and self.reason == "audit"


@dataclass(frozen=True, slots=True)
class Rule:
    """The auto-confirmation of one criterion as it stands. `events`: oldest first."""

    checklist_id: str
    criterion_id: str
    events: tuple[TrustEvent, ...] = ()

    @property
    def state(self) -> RuleState:
        return next((_STATES[event.event] for event in reversed(self.events) if event.event in _STATES), "off")

    @property
    def allowed(self) -> TrustEvent | None:
        """The newest permission."""
        return self._newest("allowed")

    @property
    def started(self) -> TrustEvent | None:
        """The start since the newest permission."""
        started, allowed = self._newest("started"), self.allowed
        return started if started and allowed and started.event_number > allowed.event_number else None

    @property
    def broken_at(self) -> datetime | None:
        """When an audit last broke the promise: only later verdicts can bear out a new one."""
        broken = [event for event in self.events if event.is_broken_promise]
        return broken[-1].occurred_at if broken else None

    def start_to_resume(self, identity: Identity, promise: tuple[float, float]) -> TrustEvent | None:
        """An earlier start that still holds: a person stopped it, no audit broke it, all is as it was."""
        starts = [event for event in self._since_broken() if event.event == "started" and event.identity == identity]
        return next((start for start in reversed(starts) if start.promise == promise), None)

    def looks(self, identity: Identity) -> tuple[TrustEvent, ...]:
        """Looks that used the verdicts which would be used now: being allowed again does not refill what they spent."""
        held = [event for event in self._since_broken() if event.event == "looked"]
        return tuple(event for event in held if event.identity == identity)

    def _since_broken(self) -> tuple[TrustEvent, ...]:
        broken = [place for place, event in enumerate(self.events, start=1) if event.is_broken_promise]
        return self.events[broken[-1] if broken else 0 :]

    def _newest(self, name: TrustEventName) -> TrustEvent | None:
        return next((event for event in reversed(self.events) if event.event == name), None)


def rules_of(events: Sequence[TrustEvent]) -> tuple[Rule, ...]:
    """The rules that the events belong to, in order of checklist and criterion."""
    by_criterion: dict[tuple[str, str], list[TrustEvent]] = {}
    for event in sorted(events, key=lambda event: event.event_number):
        by_criterion.setdefault((event.checklist_id, event.criterion_id), []).append(event)
    return tuple(Rule(*key, tuple(found)) for key, found in sorted(by_criterion.items()))
