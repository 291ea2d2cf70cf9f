"""The draft that a person goes on with: their own, with what they had answered before a re-score came in between."""

from collections.abc import Sequence

from pipeline.store.evaluations import read_checklist
from review.desk.carrying import carry
from review.desk.drafts import Draft, change_draft, open_drafts, read_draft
from review.desk.people import Person
from review.pages.call_reading import EarlierEvaluation, ShownEvaluation
from review.site import Site


def draft_to_go_on(site: Site, person: Person, shown: ShownEvaluation) -> Draft:
    """The stored draft of what is shown; where a draft of an evaluation that it has replaced says more, with that.

    The older draft stays as it is: another page may still write to it.
    """
    evaluation_id = shown.judged.evaluation_id
    found = _newest(site, person, shown.earlier)
    if found is None or shown.checklist is None:
        return read_draft(site.desk, evaluation_id, person)
    earlier, older = found
    draft, checklist = read_draft(site.desk, evaluation_id, person), shown.checklist
    if draft.carried_from == earlier.evaluation_id and draft.carried_revision >= older.revision:
        return draft
    with site.store.reading() as con:
        former = read_checklist(con, checklist.id, earlier.checklist_version)
    return change_draft(
        site.desk, evaluation_id, person, lambda stored: carry(older, earlier.evaluation_id, former, stored, checklist)
    )


def _newest(site: Site, person: Person, earlier: Sequence[EarlierEvaluation]) -> tuple[EarlierEvaluation, Draft] | None:
    """The evaluation whose draft was saved last, if any says anything and was not handed in."""
    by_id = {item.evaluation_id: item for item in earlier}
    for evaluation_id, draft in open_drafts(site.desk, tuple(by_id), person) if by_id else ():
        if not draft.says_the_same(Draft()):
            return by_id[evaluation_id], draft
    return None
