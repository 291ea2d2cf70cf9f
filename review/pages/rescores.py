"""Judging calls again: what it would be about, its start, and those that were started from here."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Annotated, get_args
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from pipeline.data_folder import DataFolder
from pipeline.records import CallType
from pipeline.store.lock import is_held
from review.access import may
from review.checklist_versions import KnownVersion, Shelf, no_counts, read_shelf
from review.desk.audit import record
from review.desk.people import Person
from review.pages.rescore_calls import RescoreCount, find_rescore_calls
from review.refusals import Refusal
from review.rescores import Rescore, RescoreBusy, RescoreRequest, read_rescores, start_rescore
from review.site import Site, ThisSite, address_of

router = APIRouter()
CALL_TYPES = get_args(CallType)


@dataclass(frozen=True, slots=True)
class RescoreForm:
    """What the form says. `since` as it was typed; `day` None where it is empty or no day."""

    checklist: str = ""
    since: str = ""
    manager: str = ""
    call_type: str = ""

    @property
    def day(self) -> date | None:
        try:
            return date.fromisoformat(self.since)
        except ValueError:
            return None

    @property
    def is_bad_day(self) -> bool:
        return bool(self.since) and self.day is None

    @property
    def request(self) -> RescoreRequest:
        return RescoreRequest(self.checklist, self.since or None, self.manager or None, self.call_type or None)


@dataclass(frozen=True, slots=True)
class RescoresPage:
    """`chosen` and `count` are None until a version was chosen; `is_busy`: another run works on the data."""

    form: RescoreForm
    shelf: Shelf
    managers: tuple[str, ...]
    chosen: KnownVersion | None
    count: RescoreCount | None
    is_busy: bool
    rescores: tuple[Rescore, ...]
    call_types: tuple[str, ...] = CALL_TYPES

    @property
    def working(self) -> Rescore | None:
        return next((rescore for rescore in self.rescores if rescore.is_working), None)


def data_of(site: Site) -> DataFolder:
    return site.recordings.data


def read_form(
    checklist: str = "",
    since: str = "",
    manager: str = "",
    type: str = "",
) -> RescoreForm:
    """The form in the address."""
    return RescoreForm(checklist, since.strip(), manager, type if type in CALL_TYPES else "")


@router.get("/rescores")
def show_rescores(
    request: Request,
    site: ThisSite,
    person: Annotated[Person, Depends(may("see_checklists"))],
    form: Annotated[RescoreForm, Depends(read_form)],
) -> Response:
    """With a checklist in the address also how many calls that means; a fragment of the same for htmx."""
    page = build_page(site, form if person.may("start_rescore") else RescoreForm())
    template = "_rescore_count.html" if request.headers.get("hx-request") else "rescores.html"
    return site.respond(request, template, page)


@router.post("/rescores")
def start(
    request: Request,
    site: ThisSite,
    person: Annotated[Person, Depends(may("start_rescore"))],
    checklist: Annotated[str, Form()] = "",
    since: Annotated[str, Form()] = "",
    manager: Annotated[str, Form()] = "",
    type: Annotated[str, Form()] = "",
) -> Response:
    """Starts it in a process of its own and leads to where it can be watched."""
    form = read_form(checklist, since, manager, type)
    chosen = read_shelf(site.store, site.settings.checklist, counts=no_counts).named(form.checklist)
    if chosen is None:
        raise Refusal(404, "no_such_version")
    if form.is_bad_day:
        raise Refusal(400, "bad_request")
    try:
        rescore = start_rescore(data_of(site), site.settings, form.request, chosen.checklist, person.login)
    except RescoreBusy:
        raise Refusal(409, "rescore_busy") from None
    record(
        site.desk, person, "rescore.started", rescore.rescore_id, address_of(request),
        checklist=form.checklist, since=form.since, call_type=form.call_type, one_manager=bool(form.manager),
    )  # fmt: skip
    return RedirectResponse(f"/rescores/{rescore.rescore_id}", 303)


def build_page(site: Site, form: RescoreForm) -> RescoresPage:
    """Everything that the page shows, and the fragment of it."""
    shelf = read_shelf(site.store, site.settings.checklist, counts=no_counts)
    chosen = shelf.named(form.checklist)
    managers: tuple[str, ...] = ()
    count = None
    has_store = site.store.path.exists()
    if has_store:
        managers = find_rescore_calls(site).managers
    if chosen is not None and not form.is_bad_day:
        count = find_count(site, form, chosen) if has_store else RescoreCount()
    return RescoresPage(
        form=form,
        shelf=shelf,
        managers=managers,
        chosen=chosen,
        count=count,
        is_busy=is_held(data_of(site).run_lock),
        rescores=read_rescores(data_of(site)),
    )


def find_count(site: Site, form: RescoreForm, chosen: KnownVersion) -> RescoreCount:
    """How many calls that means; as old as `review/remembered.py` says. Raises StoreError like the store."""
    since = midnight_of(form.day, ZoneInfo(site.settings.ingest.journal.timezone)) if form.day else None
    asked = since, form.manager or None, form.call_type or None
    return find_rescore_calls(site).count(chosen.checklist.id, chosen.version, *asked)


def midnight_of(day: date, zone: ZoneInfo) -> datetime:
    """A day begins at midnight of the journal's clock; as the store keeps times: UTC, naive."""
    return datetime.combine(day, time(), zone).astimezone(UTC).replace(tzinfo=None)
