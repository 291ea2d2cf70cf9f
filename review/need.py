"""Which calls need a person first, and why: a pure function over facts that are stored.

The order of the reasons is the order of the queue; a call stands where its strongest reason puts it.

1. `audit`: auto-confirmation has left a suggestion for a person; only these tell whether it keeps its promise.
2. `rescue`: a supervisor has flagged the deal to be rescued, and the call has been judged anew since.
3. `critical`: the machine suggests 0 for a critical criterion, which fails the whole call.
4. `newcomer`: of the manager's first days.
5. `unsure`: the machine doubts the call type, or criteria that carry a good part of the weight.
6. `disagreement`: it half doubts a criterion on which supervisors and machine have agreed too little so far.
7. `never_reviewed`: nobody has reviewed any call of this manager.
8. `below_share`: fewer of the manager's calls of that week were reviewed than the plan says.

A call without a reason is beyond the plan: whoever has time may review it.
"""

from dataclasses import dataclass
from typing import Literal, get_args

from review.pages.checklist_view import SURE_FROM

ReasonCode = Literal[
    "audit", "rescue", "critical", "newcomer", "unsure", "disagreement", "never_reviewed", "below_share"
]
REASONS: tuple[ReasonCode, ...] = get_args(ReasonCode)
BY_THE_MACHINE: frozenset[ReasonCode] = frozenset({"critical", "unsure", "disagreement"})
UNSURE_SHARE = 0.4  # of the weight of what applies; about two heavy criteria
DOUBTFUL_BELOW = 0.8  # of confidence: above it even a disputed criterion is mostly right


@dataclass(frozen=True, slots=True)
class NeedFacts:
    """What is known of a call that nobody has reviewed. Confidences and shares are 0..1.

    `critical_confidence`: of the surest 0 that is suggested for a critical criterion; None: there is none.
    `unsure_share`: of the weight, for criteria that are unsure or lack evidence; None: nothing has a weight.
    `disputed`: disputed criteria that this call's suggestions half doubt. `reviewed_ever`: any call of the manager. The
    counts are of the manager's scored calls in the week of the call. None where nobody knows the manager, or the week.
    """

    audited: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    critical_confidence: float | None = None
    type_confidence: float | None = None
    unsure_share: float | None = None
    disputed: tuple[str, ...] = ()
    is_newcomer: bool = False
    reviewed_ever: bool | None = None
    reviewed_in_week: int | None = None
    calls_in_week: int | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """`share`: the confidence or share that tells how strong it is; `criteria`: those that it is about."""

    code: ReasonCode
    share: float | None = None
    criteria: tuple[str, ...] = ()
    count: int = 0
    total: int = 0


def need(facts: NeedFacts, listened_share: float, *, blind: bool = False) -> tuple[Reason, ...]:
    """Why the call needs a person, the strongest reason first; none: it is beyond the plan.

    To a person who works `blind` nothing is said that would tell what the machine suggests.
    """
    found = (
        _audit(facts),
        Reason("rescue") if "rescue" in facts.flags else None,
        None if facts.critical_confidence is None else Reason("critical", facts.critical_confidence),
        Reason("newcomer") if facts.is_newcomer else None,
        _unsure(facts),
        Reason("disagreement", criteria=facts.disputed) if facts.disputed else None,
        Reason("never_reviewed") if facts.reviewed_ever is False else None,
        _below_share(facts, listened_share),
    )
    return tuple(reason for reason in found if reason is not None and not (blind and reason.code in BY_THE_MACHINE))


def urgency(reasons: tuple[Reason, ...]) -> tuple[int, int]:
    """Smaller is sooner: by the strongest reason, then by how many there are."""
    strongest = REASONS.index(reasons[0].code) if reasons else len(REASONS)
    return strongest, -len(reasons)


def _audit(facts: NeedFacts) -> Reason | None:
    return Reason("audit", criteria=facts.audited, count=len(facts.audited)) if facts.audited else None


def _unsure(facts: NeedFacts) -> Reason | None:
    """The type before the criteria: which criteria apply hangs on it."""
    if facts.type_confidence is not None and facts.type_confidence < SURE_FROM:
        return Reason("unsure", facts.type_confidence, criteria=("call_type",))
    if facts.unsure_share is not None and facts.unsure_share >= UNSURE_SHARE:
        return Reason("unsure", facts.unsure_share)
    return None


def _below_share(facts: NeedFacts, listened_share: float) -> Reason | None:
    if facts.calls_in_week is None or facts.reviewed_in_week is None:
        return None
    if facts.reviewed_in_week >= listened_share * facts.calls_in_week:
        return None
    return Reason("below_share", count=facts.reviewed_in_week, total=facts.calls_in_week)
