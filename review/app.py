"""The application put together: store, words, pages, static files, headers."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from pipeline.data_folder import DataFolder
from pipeline.errors import ConfigurationError
from pipeline.settings import Settings
from pipeline.store import Store
from review import refusals, vendor
from review.access import LogInNeeded, to_log_in
from review.api.mounting import add_api
from review.background import background
from review.body_limit import BodyLimit
from review.catalogue import load_catalogues
from review.desk.database import Desk
from review.health import Health
from review.kept_records import KeptRecords, KeptWithStore
from review.listing import Listing
from review.metrics import RequestFigures, State, new_registry
from review.oidc import provider_for
from review.pages import (
    account,
    audio,
    audit,
    call,
    call_answers,
    call_list,
    checklist,
    checklist_compare,
    checklists,
    log_in,
    night,
    nights,
    oidc,
    peaks,
    people,
    person,
    rescore,
    rescores,
    sides,
    watching,
)
from review.pages import exports as exports_page
from review.pages import manager as manager_page
from review.pages import managers as managers_page
from review.pages import queue as queue_page
from review.pages import trust as trust_page
from review.peaks import Outlines
from review.recordings import Recordings
from review.security import SecurityHeaders
from review.site import Site, load_templates
from review.webhook_sender import outlet_for

STATIC = Path(__file__).resolve().parent / "static"
STORE_TIMEOUT_S = 20.0  # a click waits rather than fails; who holds the store longer than that is named


def create_app(
    data: DataFolder,
    settings: Settings,
    ffmpeg_program: str | None = None,
    secrets: Mapping[str, str] = MappingProxyType({}),
) -> FastAPI:
    """The page over a data folder, which need not hold a store yet. `ffmpeg_program`: as `find_ffmpeg` gives it.

    `secrets`: by the name of the environment's variable. Raises ConfigurationError when a catalogue lacks a key, the
    journal's time zone is not known, or log-in by OpenID Connect or webhooks are configured without their secret.
    """
    app = FastAPI(title="Prescore", docs_url=None, redoc_url=None, openapi_url=None, lifespan=background)
    data.prepare()
    app.state.site = Site(
        settings=settings,
        desk=Desk(data.desk, told=settings.review.webhooks, claim_minutes=settings.review.claim_minutes),
        store=Store(data.store, timeout_s=STORE_TIMEOUT_S),
        recordings=Recordings(data, settings, ffmpeg_program),
        outlines=Outlines(data, ffmpeg_program),
        catalogues=load_catalogues(timezone_of(settings)),
        templates=load_templates(),
        records=KeptRecords(data.store),
        asked=KeptWithStore(data.store),
        ahead=KeptWithStore(data.store),
        listing=Listing(settings.review.listed_calls),
    )
    for page in (log_in, queue_page, call_list, call, call_answers, sides, audio, peaks, vendor):
        app.include_router(page.router)
    for page in (oidc, account, people, person, audit):
        app.include_router(page.router)
    for page in (managers_page, manager_page, trust_page, exports_page):
        app.include_router(page.router)
    for page in (checklists, checklist, checklist_compare, rescores, rescore, nights, night):
        app.include_router(page.router)
    app.state.provider = provider_for(settings.review.oidc, secrets.get("PRESCORE_OIDC_SECRET"))
    app.state.outlet = outlet_for(settings.review.webhooks, secrets)
    app.add_exception_handler(LogInNeeded, to_log_in)
    app.mount("/static", StaticFiles(directory=STATIC))
    app.include_router(watching.router)
    refusals.install(app)
    add_api(app)
    app.add_middleware(BodyLimit)
    app.add_middleware(SecurityHeaders)
    app.state.health, app.state.registry = Health(app.state.site), new_registry()
    app.state.registry.register(State(app.state.health, data))
    app.add_middleware(RequestFigures, registry=app.state.registry)
    return app


def timezone_of(settings: Settings) -> ZoneInfo:
    """Times are shown on the clock that the journal is written by."""
    name = settings.ingest.journal.timezone
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ConfigurationError(
            f'ingest.journal.timezone: no time zone is called "{name}"; use a name like Europe/Moscow'
        ) from error
