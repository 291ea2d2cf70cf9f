"""Links of a call's page: to other checklists and versions of it, and back to where the reader came from."""

from collections.abc import Sequence
from urllib.parse import urlencode

from review.desk.people import Person
from review.pages.call_reading import Judged
from review.pages.call_view import ChecklistLink, VersionLink
from review.pages.checklist_choice import choose_checklist
from review.site import Site

CHECKLIST, VERSION, EVALUATION = "checklist", "version", "evaluation"  # in the address
BLIND, BESIDE, PROBLEM = "blind", "beside", "problem"
LIST, ALL = "list", "all"  # the reader came from the list, not from the queue
OF_ONE_CALL = frozenset({VERSION, EVALUATION, BLIND, BESIDE, PROBLEM})  # no filters of the list that led here
Query = Sequence[tuple[str, str]]


def checklist_links(site: Site, judged: Sequence[Judged], shown: Judged, query: Query) -> tuple[ChecklistLink, ...]:
    """The checklists that have judged the call, the default one first; their names matter where there are several."""
    current = [item.checklist_id for item in judged if item.is_current]
    options = choose_checklist(site, "").options if len(current) > 1 else ()
    titles = {option.checklist_id: option.title for option in options}
    return tuple(
        ChecklistLink(name, titles.get(name, {}), address(query, name), name == shown.checklist_id) for name in current
    )


def version_links(judged: Sequence[Judged], shown: Judged, query: Query) -> tuple[VersionLink, ...]:
    """The versions of the shown checklist that have judged the call, the current one first."""
    return tuple(
        VersionLink(
            number=item.version_number,
            address=address(query, item.checklist_id, None if item.is_current else item.version_number),
            is_current=item.is_current,
            is_shown=item == shown,
            verdict_count=item.verdict_count,
        )
        for item in judged
        if item.checklist_id == shown.checklist_id and item.version_number is not None
    )


def address(query: Query, checklist_id: str, version_number: int | None = None) -> str:
    """This page by another checklist or version, with the filters of the list that the reader came from."""
    kept = [(key, value) for key, value in query if key not in (CHECKLIST, VERSION, EVALUATION)]
    version = [] if version_number is None else [(VERSION, str(version_number))]
    return "?" + urlencode([*kept, (CHECKLIST, checklist_id), *version])


def back_link(query: Query, person: Person) -> str:
    """The queue or the list that the reader came from, with its filters."""
    from_queue = person.may("review") and dict(query).get(LIST) != ALL
    kept = list_query([(key, value) for key, value in query if key != LIST])
    return ("/" if from_queue else "/calls") + (f"?{kept}" if kept else "")


def list_query(query: Query) -> str:
    """The filters of the list, without what concerns one call."""
    return urlencode([(key, value) for key, value in query if key not in OF_ONE_CALL and key != LIST])
