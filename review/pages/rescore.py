"""One re-score: how far it is, what came of it, and its end on request."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from review.access import may
from review.checklist_versions import KnownVersion, no_counts, read_shelf
from review.desk.audit import record
from review.desk.people import Person
from review.pages.checklist_compare import ChangedAnswers, titles_of
from review.pages.rescores import data_of
from review.refusals import Refusal
from review.rescores import Rescore, end_of_log, find_rescore, stop_rescore
from review.site import Site, ThisSite, address_of

router = APIRouter()


@dataclass(frozen=True, slots=True)
class RescorePage:
    """`version` is None where it is neither stored nor a file's any more; `log` where something went wrong."""

    rescore: Rescore
    version: KnownVersion | None
    answers: ChangedAnswers | None
    log: str

    @property
    def share(self) -> float:
        """How much of the work is done, 0..1."""
        planned = self.rescore.progress.planned
        return min(1.0, self.rescore.progress.judged / planned.total) if planned and planned.total else 0.0


@router.get("/rescores/{rescore_id}", dependencies=[Depends(may("see_checklists"))])
def show_rescore(request: Request, site: ThisSite, rescore_id: str) -> Response:
    """Asked again by the page every two seconds, then as a fragment, until it has ended."""
    rescore = find(site, rescore_id)
    is_fragment = bool(request.headers.get("hx-request"))
    version = None if is_fragment and rescore.is_working else version_of(site, rescore)  # not shown there yet
    outcome = rescore.progress.outcome
    titles = titles_of(site.words(request), version) if version else {}
    page = RescorePage(
        rescore=rescore,
        version=version,
        answers=ChangedAnswers(outcome.changes, titles) if outcome else None,
        log=end_of_log(data_of(site), rescore) if rescore.state in ("failed", "died") else "",
    )
    template = "_rescore_progress.html" if is_fragment else "rescore.html"
    return site.respond(request, template, page)


@router.post("/rescores/{rescore_id}/stop")
def stop(
    request: Request, site: ThisSite, person: Annotated[Person, Depends(may("start_rescore"))], rescore_id: str
) -> Response:
    """Ends it as Ctrl-C would: what is stored stays. One that has ended already is left as it is."""
    if stop_rescore(data_of(site), find(site, rescore_id), person.login):
        record(site.desk, person, "rescore.stopped", rescore_id, address_of(request))
    return RedirectResponse(f"/rescores/{rescore_id}", 303)


def find(site: Site, rescore_id: str) -> Rescore:
    """Raises Refusal 404 when there is none of that id."""
    rescore = find_rescore(data_of(site), rescore_id)
    if rescore is None:
        raise Refusal(404, "no_such_rescore")
    return rescore


def version_of(site: Site, rescore: Rescore) -> KnownVersion | None:
    """The version that it judges by, under the number that it has by now."""
    checklist_id, _, asked = rescore.request.checklist.partition("@")
    known = read_shelf(site.store, site.settings.checklist, counts=no_counts).checklist(checklist_id)
    planned = rescore.progress.planned
    return None if known is None else known.version(str(planned.version_number) if planned else asked)
