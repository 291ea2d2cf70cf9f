"""What every page needs: the store, the words, the templates and the recordings; and how a page becomes a response."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from pipeline.settings import Settings
from pipeline.store import Store
from review.catalogue import Catalogue
from review.desk.database import Desk
from review.desk.people import Person, read_people
from review.kept_records import KeptRecords, KeptWithStore
from review.languages import COOKIE, COOKIE_AGE_S, LANGUAGE, choose_language
from review.listing import Listing
from review.peaks import Outlines
from review.permissions import Permission, Role
from review.recordings import Recordings
from review.remembered import Remembered
from review.said import Said

LOCAL_HOSTS = ("127.0.0.1", "localhost", "::1", "testserver")  # the last is the test client's
TEMPLATES = Path(__file__).resolve().parent / "templates"


@dataclass(frozen=True, slots=True)
class PlaceLink:
    """An entry of the navigation; `key` under `site` of the catalogues."""

    key: str
    address: str
    permission: Permission
    starts: tuple[str, ...]  # of the addresses where it is the current one
    only_for: Role | None = None  # a place that one role alone has

    def is_current(self, path: str) -> bool:
        return path == self.address or any(path.startswith(start) for start in self.starts)


PLACES = (
    PlaceLink("queue", "/", "review", ()),
    PlaceLink("calls", "/calls", "see_calls", ("/calls/",)),
    PlaceLink("managers", "/managers", "see_managers", ("/managers/",)),
    PlaceLink("my_figures", "/my-figures", "see_calls", ("/managers/",), only_for="manager"),
    PlaceLink("trust", "/trust", "see_trust", ("/trust/",)),
    PlaceLink("checklists", "/checklists", "see_checklists", ("/checklists/", "/rescores")),
    PlaceLink("nights", "/nights", "see_nights", ("/nights/",)),
    PlaceLink("exports", "/exports", "export", ("/exports/",)),
    PlaceLink("people", "/people", "manage_people", ("/people/",)),
    PlaceLink("audit", "/audit", "see_audit", ()),
)


@dataclass(frozen=True)
class Site:
    """The parts of the running application. `store` answers within its timeout or raises StoreError."""

    settings: Settings
    store: Store
    desk: Desk
    recordings: Recordings
    outlines: Outlines
    catalogues: Mapping[str, Catalogue]
    templates: Environment
    records: KeptRecords
    asked: KeptWithStore[tuple[str, str], object]  # by call and evaluation: what its form asks, for the next click
    ahead: KeptWithStore[str, object]  # by call: what its page shows, read before somebody takes it
    listing: Listing  # of the newest calls
    figures: Remembered = field(default_factory=Remembered)
    said: Said = field(default_factory=Said)  # in the listed calls

    def words(self, request: Request) -> Catalogue:
        """The catalogue in the reader's language: of the link, else of the cookie, else of the browser."""
        language = choose_language(
            tuple(self.catalogues),
            request.query_params.get(LANGUAGE),
            request.cookies.get(COOKIE),
            request.headers.get("accept-language", ""),
        )
        return self.catalogues[language]

    def respond(self, request: Request, template: str, page: object, status_code: int = 200) -> HTMLResponse:
        """The page in the reader's language; a language chosen by link is kept in a cookie."""
        words = self.words(request)
        session = getattr(request.state, "session", None) or None
        html = self.templates.get_template(template).render(
            page=page,
            words=words,
            person=session.person if session else None,
            csrf=session.csrf if session else "",
            places=[(place, place.is_current(request.url.path)) for place in places_of(session and session.person)],
            language_links=self._language_links(request, words),
        )
        response = HTMLResponse(html, status_code)
        if request.query_params.get(LANGUAGE) == words.language:
            secure = self.secure_cookies(request)
            response.set_cookie(COOKIE, words.language, COOKIE_AGE_S, httponly=True, samesite="lax", secure=secure)
        return response

    def has_people(self) -> bool:
        """Whether anybody was added yet who may log in."""
        return bool(read_people(self.desk))

    def secure_cookies(self, request: Request) -> bool:
        """Cookies travel over TLS alone, except on this machine where it is not used."""
        chosen = self.settings.review.secure_cookies
        if chosen == "auto":
            return request.url.scheme == "https" or request.url.hostname not in LOCAL_HOSTS
        return chosen

    def _language_links(self, request: Request, words: Catalogue) -> list[tuple[str, str, bool]]:
        """For each language its own name, the address of this page in it, and whether it is the one shown."""
        kept = kept_query(request)
        return [
            (other.texts["language_name"], "?" + urlencode([*kept, (LANGUAGE, language)]), language == words.language)
            for language, other in self.catalogues.items()
        ]


def places_of(person: Person | None) -> tuple[PlaceLink, ...]:
    """Where the person may go, the first being where they start."""
    if person is None:
        return ()
    own = tuple(place for place in PLACES if place.only_for in (None, person.role))
    return tuple(place for place in own if person.may(place.permission))


def address_of(request: Request) -> str:
    """The network address that asks."""
    return request.client.host if request.client else ""


def kept_query(request: Request) -> list[tuple[str, str]]:
    """The address's parameters without the language, which the cookie keeps."""
    return [(key, value) for key, value in request.query_params.multi_items() if key != LANGUAGE and value]


def load_templates() -> Environment:
    """Templates that escape everything and refuse a name that is not there."""
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def site_of(request: Request) -> Site:
    site: Site = request.app.state.site
    return site


ThisSite = Annotated[Site, Depends(site_of)]
