"""Parts of the page of a call that htmx puts in place: the score as it stands, or the whole form."""

from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import Response

from review.desk.drafts import Draft
from review.desk.people import Person
from review.desk_work import is_masked
from review.masked import masked_form, read_lines
from review.pages.asked_evaluation import KNOWN, AskedEvaluation, Fields, is_hidden, take_for
from review.pages.call import sound_of
from review.pages.call_reading import read_dialogue
from review.pages.call_view import Sound
from review.pages.review_form import Problem, ReviewForm, build_review
from review.site import Site, kept_query

CONFLICT = 409


@dataclass(frozen=True, slots=True)
class FragmentPage:
    """What a part of the page needs to show itself; named as in `CallPage`."""

    call_id: str
    review: ReviewForm
    sound: Sound
    query: str


def respond_bar(
    request: Request, site: Site, person: Person, asked: AskedEvaluation, fields: Fields, draft: Draft
) -> Response:
    """The score, what is missing, and what can be done."""
    return _respond(request, site, "_review_bar.html", form_of(site, person, asked, fields, draft))


def respond_form(
    request: Request, site: Site, person: Person, asked: AskedEvaluation, fields: Fields, draft: Draft
) -> Response:
    """The whole form anew, with its evidence."""
    masked = is_masked(site, person)
    form = form_of(site, person, asked, fields, draft)
    if not masked:
        return _respond(request, site, "_review.html", form, sound_of(asked.places))
    with site.store.reading() as con:
        analysed = read_dialogue(con, site.records, asked.judged.content_sha256)
    return _respond(request, site, "_review.html", masked_form(form, read_lines(analysed)), "masked")


def form_of(site: Site, person: Person, asked: AskedEvaluation, fields: Fields, draft: Draft) -> ReviewForm:
    """The form as it stands after a change, with the claim that the change took or found."""
    claim, earlier = take_for(site, person, asked, fields)
    return build_review(
        asked.call_id,
        asked.judged.evaluation_id,
        asked.checklist,
        asked.evaluation,
        draft,
        measured=asked.measured,
        version_number=asked.judged.version_number,
        blind=is_hidden(person, fields),
        known=fields.get(KNOWN, ()),
        claim=claim if claim is not None and claim.person_id != person.person_id else None,
        problem=Problem("submitted", earlier.name) if earlier else None,
    )


def _respond(request: Request, site: Site, template: str, form: ReviewForm, sound: Sound = "none") -> Response:
    """409 where somebody else was there first: the draft is saved, and the part says who."""
    page = FragmentPage(form.call_id, form, sound, urlencode(kept_query(request)))
    return site.respond(request, template, page, CONFLICT if form.claim or form.problem else 200)
