"""The calls of the lists at one moment, and what every view of them needs, worked out once."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from pipeline.checklist import Checklist
from pipeline.review_settings import ReviewSettings
from review.call_facts import CallFacts
from review.waiting import NOTHING_BEFORE, Before, WaitingCall, in_order
from review.window import EVERYTHING, Window


@dataclass(frozen=True)
class Listed:
    """The calls at one moment, newest first.

    `checklists`: those that have judged a call, in their newest version; None where that is not stored. `disputed`:
    (checklist, criterion) with little agreement so far. `read_s`: when it was read, on the clock of the desk.
    `window`: which calls these are; `before`: what the others say of the managers.
    """

    calls: tuple[CallFacts, ...] = ()
    checklists: Mapping[str, Checklist | None] = field(default_factory=dict)
    default_checklist: str | None = None
    disputed: frozenset[tuple[str, str]] = frozenset()
    has_store: bool = True
    read_s: float = 0.0
    window: Window = EVERYTHING
    before: Before = NOTHING_BEFORE
    _orders: dict[bool, tuple[WaitingCall, ...]] = field(default_factory=dict)
    _earlier: Mapping[bool, tuple[WaitingCall, ...]] = field(default_factory=dict)

    @cached_property
    def by_id(self) -> Mapping[str, CallFacts]:
        return {call.call_id: call for call in self.calls}

    @cached_property
    def managers(self) -> tuple[str, ...]:
        """Whose calls these are, by name."""
        return tuple(sorted({call.manager for call in self.calls if call.manager}))

    @cached_property
    def apart(self) -> Mapping[str, int]:
        """How many are in no ordinary figure: not scored, mystery calls; and how many deals are to be rescued."""
        return {
            "not_scored": sum(call.status == "not_scored" for call in self.calls),
            "mystery": sum(call.is_mystery for call in self.calls),
            "rescue": sum("rescue" in call.flags for call in self.calls),
        }

    def checklist(self, checklist_id: str | None) -> Checklist | None:
        """The asked one; without a name, or where it has judged nothing, the default one, or else the first."""
        for name in (checklist_id, self.default_checklist, *self.checklists):
            if name is not None and name in self.checklists:
                return self.checklists[name]
        return None

    def waiting(self, review: ReviewSettings, *, blind: bool) -> tuple[WaitingCall, ...]:
        """Those that wait for a person, in the order of the queue; worked out once."""
        if blind not in self._orders:
            self._orders[blind] = in_order(
                self.calls,
                self.disputed,
                review.listened_share,
                review.newcomer_days,
                blind=blind,
                known=self._earlier.get(blind, ()),
                before=self.before,
            )
        return self._orders[blind]

    def after(self, earlier: "Listed") -> "Listed":
        """The same, with the orders that were worked out before where they still help."""
        known = {**earlier._earlier, **earlier._orders}
        return replace(self, _earlier=known) if self.disputed == earlier.disputed else self
