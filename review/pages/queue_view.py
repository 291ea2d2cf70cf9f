"""The context of the queue's page: what waits, and around it what the person did and holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from review.call_facts import CallFacts
from review.desk.people import Person, read_people
from review.desk.submissions import submitted_today, undoable
from review.desk_work import Queue, minutes_per_call, timezone_of
from review.filters import Filters
from review.need import REASONS
from review.pages.call_rows import Paging, RowMaker, ShownRow, paging
from review.pages.filter_form import FilterForm, build_form, link
from review.site import Site

PATH = "/"
NOTHING_LEFT, PRESS_NEXT, LET_GO = "nothing_left", "press_next", "let_go"
NOTICES = (NOTHING_LEFT, PRESS_NEXT, LET_GO)


@dataclass(frozen=True, slots=True)
class Progress:
    """Of the person, today. `minutes`: per call; None before there is anything to measure."""

    submitted: int
    plan: int
    minutes: float | None


@dataclass(frozen=True, slots=True)
class DoneCall:
    """A submission of the person's that can be taken back; `call` None: the store does not know it any more."""

    submission_id: str
    call_id: str
    submitted_at: datetime
    cqr: float | None
    call: CallFacts | None


@dataclass(frozen=True, slots=True)
class Apart:
    """Calls that are in no ordinary figure and not in the queue."""

    not_scored: int
    mystery: int
    rescue: int


@dataclass(frozen=True, slots=True)
class QueuePage:
    """`own`: calls that the person holds; `needed_count`: how many have a reason, the rest being beyond the plan.

    `free_count`: how many nobody else holds; `criteria`: titles by id; `notice`: its key, or empty.
    """

    form: FilterForm
    filters: Filters
    rows: tuple[ShownRow, ...]
    own: tuple[ShownRow, ...]
    waiting_count: int
    needed_count: int
    free_count: int
    criteria: Mapping[str, Mapping[str, str]]
    paging: Paging
    progress: Progress
    done: tuple[DoneCall, ...]
    apart: Apart
    notice: str
    is_empty: bool
    reasons: tuple[str, ...] = (*REASONS, "optional")

    @property
    def next_address(self) -> str:
        """Where the button sends to: the next call of the calls that are shown."""
        return link("/next", self.filters.address())


def build_page(site: Site, person: Person, queue: Queue, page: str, notice: str, *, masked: bool) -> QueuePage:
    """The asked page of the queue, and around it what the person did and holds."""
    pages = paging(page, len(queue.waiting), PATH)
    names = {item.login: item.name for item in read_people(site.desk)}
    maker = RowMaker(person, names, queue.claims, queue.filters.checklist, queue.filters.address())
    by_id = queue.listed.by_id
    claimed = [item.call_id for item in queue.claims.values() if item.person_id == person.person_id]
    return QueuePage(
        form=build_form(PATH, queue.filters, queue.listed, queue.shown, person, masked=masked, by_status=False),
        filters=queue.filters,
        rows=maker.rows([(item.call, item.reasons) for item in queue.waiting[pages.rows]]),
        own=maker.rows([(by_id[call_id], ()) for call_id in claimed if call_id in by_id]),
        waiting_count=len(queue.waiting),
        needed_count=sum(bool(item.reasons) for item in queue.waiting),
        free_count=count_free(queue, person),
        criteria={item.id: item.title for item in queue.shown.criteria} if queue.shown else {},
        paging=pages,
        progress=read_progress(site, person),
        done=read_done(site, person, by_id),
        apart=Apart(**queue.listed.apart),
        notice=notice,
        is_empty=not queue.listed.calls,
    )


def count_free(queue: Queue, person: Person) -> int:
    """How many nobody else has."""
    held = {call_id for call_id, claim in queue.claims.items() if claim.person_id != person.person_id}
    return len(queue.waiting) - sum(item.call.call_id in held for item in queue.waiting) if held else len(queue.waiting)


def read_progress(site: Site, person: Person) -> Progress:
    zone = timezone_of(site)
    return Progress(
        submitted_today(site.desk, person, zone), person.daily_plan, minutes_per_call(site.desk, person, zone)
    )


def read_done(site: Site, person: Person, calls: Mapping[str, CallFacts]) -> tuple[DoneCall, ...]:
    """What the person can take back, the newest first."""
    return tuple(
        DoneCall(
            submission_id=item.submission_id,
            call_id=item.call_id,
            submitted_at=datetime.fromtimestamp(item.submitted_s, UTC).replace(tzinfo=None),
            cqr=item.cqr,
            call=calls.get(item.call_id),
        )
        for item in undoable(site.desk, person)
    )
