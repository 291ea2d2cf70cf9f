"""Who gets which call: the queue as it is at this moment, and the next call of it, claimed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from itertools import pairwise
from statistics import median

from pipeline.checklist import Checklist
from pipeline.errors import StoreError
from review.call_facts import CallFacts
from review.desk import database
from review.desk.claims import Claim, release_claim, standing_claims, take_claim
from review.desk.database import Desk, now_s
from review.desk.people import Person
from review.filters import Filters, refuse_unknown
from review.listed import Listed
from review.selection import select
from review.site import Site
from review.waiting import WaitingCall
from review.window import Span

TAKEN_FROM_S = 20.0  # as old may be the list that a call is taken from: whoever was quicker is known to the desk
ANYTHING = Filters()
PAUSE_S = 30 * 60.0  # between two submissions: longer is no work on a call


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits and fits, the most urgent first, and who holds which call. `filters`: those that could be used."""

    filters: Filters
    listed: Listed
    shown: Checklist | None
    waiting: tuple[WaitingCall, ...]
    claims: Mapping[str, Claim]


def timezone_of(site: Site) -> tzinfo:
    """The clock that the pages show."""
    return next(iter(site.catalogues.values())).timezone


def is_masked(site: Site, person: Person) -> bool:
    """Whether the person sees transcripts without numbers, names and addresses."""
    return person.masked or person.role in site.settings.review.masked_roles


def read_listed(site: Site, filters: Filters = ANYTHING, old_s: float = 0.0) -> Listed:
    """The newest calls as they are now, or were at most `old_s` ago; or those of the days that `filters` ask for.

    While `review.listing_keeper` works they may be as old as it says. Raises StoreError when the store cannot be read.
    """
    span = Span(filters.first_day, filters.last_day)
    return site.listing.read(site.store, timezone_of(site), old_s, span)


def read_queue(site: Site, person: Person, filters: Filters, old_s: float = 0.0) -> Queue:
    """The queue for this person, without what was handed in a moment ago. Raises StoreError like the store.

    `old_s`: how old the list of calls may be; what was handed in since then is known to the desk.
    """
    with site.desk.reading() as con:  # before the calls: what is applied in between stands in one of the two
        handed_in = {row["call_id"] for row in database.fetch(con, "unapplied_calls")}
    listed = read_listed(site, filters, old_s)
    with site.desk.reading() as con:
        handed_in |= {row["call_id"] for row in database.fetch(con, "handed_in_since", since_s=listed.read_s)}
    shown = listed.checklist(filters.checklist)
    filters = refuse_unknown(filters, listed.checklists, shown)
    waiting = listed.waiting(site.settings.review, blind=person.blind)
    if filters.any_set:
        fitting = read_fitting(site, person, listed, filters, shown)
        names = {call.call_id for call in fitting}
        waiting = tuple(item for item in waiting if item.call.call_id in names)
    waiting = tuple(item for item in waiting if item.call.call_id not in handed_in) if handed_in else waiting
    return Queue(filters, listed, shown, waiting, standing_claims(site.desk))


def read_fitting(
    site: Site, person: Person, listed: Listed, filters: Filters, shown: Checklist | None
) -> list[CallFacts]:
    """The calls that fit; the store is asked only for words."""
    said_in = None
    if filters.words is not None and listed.has_store:
        said_in = site.said.find(site.store, listed, filters.words)
    return select(listed.calls, filters, person, shown, said_in)


def take_next(site: Site, person: Person, filters: Filters, after: str | None = None) -> str | None:
    """Claims the most urgent call that nobody else holds, and returns its id; None when nothing is left that fits.

    Two people who ask at once never get the same call. Asking again gives the person's own call again, unless they
    leave it: `after` is let go, and the call behind it in the queue follows, from the end again the first.

    For the page of a call: `POST /calls/ID/submit` may lead on to what this returns, with the filters of its address
    (`read_filters(request.query_params, person)`).
    """
    since_s = now_s()
    queue = read_queue(site, person, filters, TAKEN_FROM_S)
    if after is not None:
        release_claim(site.desk, after, person)
    for call_id in following([item.call.call_id for item in queue.waiting], after):
        claim = queue.claims.get(call_id)
        if claim is not None and claim.person_id != person.person_id:
            continue
        claim = take_claim(site.desk, call_id, person, site.settings.review.claim_minutes)
        if claim.person_id != person.person_id:
            continue
        if not was_handed_in(site.desk, call_id, since_s):
            return call_id
        release_claim(site.desk, call_id, person)
    return None


def is_listed_as_current(site: Site, call_id: str, evaluation_id: str) -> bool:
    """Whether the list has it as the current evaluation of its call. False says nothing, like None of the list."""
    call = read_listed_call(site, call_id)
    return call is not None and any(score.evaluation_id == evaluation_id for score in call.scores)


def read_listed_call(site: Site, call_id: str) -> CallFacts | None:
    """What the list, which is kept up to date beside the pages, says of the call.

    None says nothing: the list may be behind, or hold other calls. Then the store has to be asked.
    """
    if not site.listing.old_s:
        return None
    try:
        return site.listing.read(site.store, timezone_of(site)).by_id.get(call_id)
    except StoreError:
        return None


def following(call_ids: Sequence[str], after: str | None) -> Sequence[str]:
    """The calls behind `after`, then those before it; all of them when it is not there."""
    if after not in call_ids:
        return call_ids
    place = call_ids.index(after)
    return [*call_ids[place + 1 :], *call_ids[:place]]


def was_handed_in(desk: Desk, call_id: str, since_s: float) -> bool:
    """Whether somebody submitted the call since that moment: the queue was read before, and the claim taken after."""
    with desk.reading() as con:
        return bool(database.fetch(con, "submitted_since", call_id=call_id, since_s=since_s))


def minutes_per_call(desk: Desk, person: Person, timezone: tzinfo) -> float | None:
    """The median between the person's submissions today; pauses do not count. None before the second submission."""
    midnight = datetime.now(timezone).replace(hour=0, minute=0, second=0, microsecond=0)
    with desk.reading() as con:
        rows = database.fetch(con, "submission_times", person_id=person.person_id, since_s=midnight.timestamp())
    return pace([row["submitted_s"] for row in rows])


def pace(submitted_s: Sequence[float]) -> float | None:
    """Minutes from one submission to the next, in the middle. `submitted_s`: the earliest first."""
    gaps = [later - earlier for earlier, later in pairwise(submitted_s)]
    work = [gap for gap in gaps if gap <= PAUSE_S]
    return median(work) / 60 if work else None
