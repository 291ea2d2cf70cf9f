"""All checklists: their versions, what each has judged, and which criteria nobody has measured."""

from dataclasses import dataclass
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from review.access import may
from review.checklist_versions import Counts, Shelf, read_counts, read_shelf
from review.desk.people import Person
from review.site import Site, ThisSite

router = APIRouter(dependencies=[Depends(may("see_checklists"))])


@dataclass(frozen=True, slots=True)
class ChecklistsPage:
    shelf: Shelf


@router.get("/checklists")
def show_checklists(
    request: Request, site: ThisSite, person: Annotated[Person, Depends(may("see_checklists"))]
) -> Response:
    return site.respond(request, "checklists.html", ChecklistsPage(find_shelf(site, person)))


def find_shelf(site: Site, person: Person) -> Shelf:
    """All checklists, with counts as old as `find_counts` says. Raises StoreError like the store."""
    return read_shelf(site.store, site.settings.checklist, counts=lambda: find_counts(site, person))


def find_counts(site: Site, person: Person | None) -> Counts:
    """As old as `review/remembered.py` says; one's own verdict is in them at once. Raises StoreError like the store."""
    person_id = person.person_id if person else ""
    make = partial(read_counts, site.store)
    return site.figures.read(site.store.path, ("checklists",), make, person_id, is_own_seen_at_once=True)
