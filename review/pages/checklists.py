"""All checklists: their versions, what each has judged, and which criteria nobody has measured."""

from dataclasses import dataclass

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from review.access import may
from review.checklist_versions import Shelf, read_shelf
from review.site import ThisSite

router = APIRouter(dependencies=[Depends(may("see_checklists"))])


@dataclass(frozen=True, slots=True)
class ChecklistsPage:
    shelf: Shelf


@router.get("/checklists")
def show_checklists(request: Request, site: ThisSite) -> Response:
    shelf = read_shelf(site.store, site.settings.checklist)
    return site.respond(request, "checklists.html", ChecklistsPage(shelf))
