"""What every page needs: the store, the words, the templates and the recordings; and how a page becomes a response."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from pipeline.store import Store
from review.catalogue import Catalogue
from review.languages import COOKIE, COOKIE_AGE_S, LANGUAGE, choose_language
from review.recordings import Recordings

TEMPLATES = Path(__file__).resolve().parent / "templates"


@dataclass(frozen=True)
class Site:
    """The parts of the running application. `store` answers within its timeout or raises StoreError."""

    store: Store
    recordings: Recordings
    catalogues: Mapping[str, Catalogue]
    templates: Environment

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
        html = self.templates.get_template(template).render(
            page=page, words=words, language_links=self._language_links(request, words)
        )
        response = HTMLResponse(html, status_code)
        if request.query_params.get(LANGUAGE) == words.language:
            response.set_cookie(COOKIE, words.language, COOKIE_AGE_S, httponly=True, samesite="lax")
        return response

    def _language_links(self, request: Request, words: Catalogue) -> list[tuple[str, str, bool]]:
        """For each language its own name, the address of this page in it, and whether it is the one shown."""
        kept = kept_query(request)
        return [
            (other.texts["language_name"], "?" + urlencode([*kept, (LANGUAGE, language)]), language == words.language)
            for language, other in self.catalogues.items()
        ]


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
