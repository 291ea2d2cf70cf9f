"""One version of a checklist, as a supervisor reads and prints it."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from review.access import may
from review.checklist_versions import KnownChecklist, KnownVersion, Shelf, read_shelf
from review.desk.people import Person
from review.pages.checklist_text import GroupText, WeightTable, group_texts, weight_table
from review.pages.checklists import find_shelf
from review.refusals import Refusal
from review.site import Site, ThisSite

router = APIRouter(dependencies=[Depends(may("see_checklists"))])


@dataclass(frozen=True, slots=True)
class ChecklistPage:
    """`earlier`: the version before the shown one, to compare with; None: it is the first."""

    known: KnownChecklist
    version: KnownVersion
    title: str
    groups: tuple[GroupText, ...]
    weights: WeightTable
    earlier: KnownVersion | None


@router.get("/checklists/{checklist_id}")
def show_checklist(
    request: Request,
    site: ThisSite,
    person: Annotated[Person, Depends(may("see_checklists"))],
    checklist_id: str,
    version: str = "",
) -> Response:
    """`version`: its number, or `file` for a file that has judged nothing yet; else the newest that has judged."""
    known = known_of(find_shelf(site, person), checklist_id)
    shown = known.version(version)
    if shown is None:
        raise Refusal(404, "no_such_version")
    words = site.words(request)
    page = ChecklistPage(
        known=known,
        version=shown,
        title=words.of(shown.checklist.title),
        groups=group_texts(words, shown.checklist, shown.untested),
        weights=weight_table(words, shown.checklist),
        earlier=known.before(shown),
    )
    return site.respond(request, "checklist.html", page)


def find_checklist(site: Site, checklist_id: str) -> KnownChecklist:
    """With counts of this moment. Raises Refusal 404 when there is none of that id."""
    return known_of(read_shelf(site.store, site.settings.checklist), checklist_id)


def known_of(shelf: Shelf, checklist_id: str) -> KnownChecklist:
    found = shelf.checklist(checklist_id)
    if found is None:
        raise Refusal(404, "no_such_checklist")
    return found
