"""The calls that wait for a person, in the order in which they are handed out."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from operator import attrgetter
from typing import NamedTuple

from review.call_facts import CallFacts
from review.need import NeedFacts, Reason, need, urgency


@dataclass(frozen=True, slots=True)
class WaitingCall:
    """`reasons`: why it needs a person, the strongest first; none: it is beyond the plan. `urgency`: smaller is sooner.

    `standing`: of the manager, when it was considered.
    """

    call: CallFacts
    standing: "Standing"
    reasons: tuple[Reason, ...]
    urgency: tuple[int, int]


class Standing(NamedTuple):
    """What a call's manager and their week say of it; None where nobody knows the manager, or the week."""

    is_newcomer: bool = False
    reviewed_ever: bool | None = None
    reviewed_in_week: int | None = None
    calls_in_week: int | None = None


@dataclass(frozen=True, slots=True)
class Before:
    """What is known of managers beside the calls at hand: since when they have had any, and whose were reviewed."""

    first_days: Mapping[str, date] = field(default_factory=dict)
    reviewed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Team:
    """What the plan asks of the managers' calls. Mystery calls are in no count."""

    first_day: date | None  # of any call: before it nobody knows who worked already
    first_days: dict[str, date]  # by manager
    reviewed: Counter[str]  # scored calls that somebody reviewed, by manager; of earlier ones one stands for all
    reviewed_in_week: Counter[tuple[str, date]]  # by manager and Monday
    scored_in_week: Counter[tuple[str, date]]


NOTHING_BEFORE = Before()


def build_team(calls: Sequence[CallFacts], before: Before = NOTHING_BEFORE) -> Team:
    """One pass over the calls, newest first."""
    days = [*before.first_days.values(), *(call.day for call in calls if call.day)]
    reviewed = Counter(dict.fromkeys(before.reviewed, 1))
    team = Team(min(days, default=None), dict(before.first_days), reviewed, Counter(), Counter())
    for call in calls:
        manager, day, monday = call.manager, call.day, call.monday
        if manager is None:
            continue
        if day is not None:
            team.first_days[manager] = min(day, team.first_days.get(manager, day))
        if not call.is_scored or call.is_mystery:
            continue
        team.reviewed[manager] += bool(call.reviewers)
        if monday is not None:
            team.scored_in_week[manager, monday] += 1
            team.reviewed_in_week[manager, monday] += bool(call.reviewers)
    return team


def in_order(
    calls: Sequence[CallFacts],
    disputed: frozenset[tuple[str, str]],
    listened_share: float,
    newcomer_days: int,
    *,
    blind: bool,
    known: Iterable[WaitingCall] = (),
    before: Before = NOTHING_BEFORE,
) -> tuple[WaitingCall, ...]:
    """Those that wait, the most urgent first; equally urgent ones in the order of `calls`, which is newest first.

    `disputed`: (checklist, criterion). To a person who works `blind` the order tells nothing of the suggestions either.
    `known`: an earlier order by the same rules: whatever is the same still need not be considered again.
    """
    team = build_team(calls, before)
    earlier = {item.call.call_id: item for item in known}
    found = []
    for call in calls:
        if call.waits:
            standing = standing_of(call, team, newcomer_days)
            item = earlier.get(call.call_id)
            if item is None or item.call is not call or item.standing != standing:
                reasons = need(facts_of(call, standing, disputed), listened_share, blind=blind)
                item = WaitingCall(call, standing, reasons, urgency(reasons))
            found.append(item)
    found.sort(key=attrgetter("urgency"))
    return tuple(found)


def standing_of(call: CallFacts, team: Team, newcomer_days: int) -> Standing:
    manager, monday = call.manager, call.monday
    if manager is None:
        return Standing()
    ever = team.reviewed[manager] > 0
    if monday is None:
        return Standing(reviewed_ever=ever)
    week = (manager, monday)
    return Standing(
        is_newcomer(call, team, newcomer_days), ever, team.reviewed_in_week[week], team.scored_in_week[week]
    )


def facts_of(call: CallFacts, standing: Standing, disputed: frozenset[tuple[str, str]]) -> NeedFacts:
    """A reviewed call waits for its audits alone."""
    if call.reviewers:
        return NeedFacts(audited=call.audited)
    score = call.score(None)
    return NeedFacts(
        audited=call.audited,
        flags=call.flags,
        critical_confidence=score.critical_confidence if score else None,
        type_confidence=score.call_type_confidence if score else None,
        unsure_share=score.unsure_share if score else None,
        disputed=tuple(name for name in score.doubtful if (score.checklist_id, name) in disputed) if score else (),
        is_newcomer=standing.is_newcomer,
        reviewed_ever=standing.reviewed_ever,
        reviewed_in_week=standing.reviewed_in_week,
        calls_in_week=standing.calls_in_week,
    )


def is_newcomer(call: CallFacts, team: Team, newcomer_days: int) -> bool:
    """Whether the call is of the manager's first days.

    Of somebody who is there from the first days of the store nobody knows it: they may have worked for years.
    """
    if call.manager is None or call.day is None or team.first_day is None:
        return False
    first, days = team.first_days[call.manager], timedelta(days=newcomer_days)
    return first - team.first_day >= days and call.day - first < days
