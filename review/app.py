"""The application put together: store, words, pages, static files, headers."""

from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from pipeline.data_folder import DataFolder
from pipeline.errors import ConfigurationError
from pipeline.settings import Settings
from pipeline.store import Store
from review import refusals, vendor
from review.access import LogInNeeded, to_log_in
from review.catalogue import load_catalogues
from review.desk.database import Desk
from review.pages import audio, call, call_list, log_in
from review.recordings import Recordings
from review.security import SecurityHeaders
from review.site import Site, load_templates

STATIC = Path(__file__).resolve().parent / "static"
STORE_TIMEOUT_S = 5.0  # a reader waits no longer for a page; the store says who holds it


def create_app(data: DataFolder, settings: Settings, ffmpeg_program: str | None = None) -> FastAPI:
    """The page over a data folder, which need not hold a store yet. `ffmpeg_program`: as `find_ffmpeg` gives it.

    Raises ConfigurationError when a catalogue lacks a key or the journal's time zone is not known.
    """
    app = FastAPI(title="Prescore", docs_url=None, redoc_url=None, openapi_url=None)
    data.prepare()
    app.state.site = Site(
        settings=settings,
        desk=Desk(data.desk),
        store=Store(data.store, timeout_s=STORE_TIMEOUT_S),
        recordings=Recordings(data, settings, ffmpeg_program),
        catalogues=load_catalogues(timezone_of(settings)),
        templates=load_templates(),
    )
    for page in (log_in, call_list, call, audio, vendor):
        app.include_router(page.router)
    app.add_exception_handler(LogInNeeded, to_log_in)
    app.mount("/static", StaticFiles(directory=STATIC))
    refusals.install(app)
    app.add_middleware(SecurityHeaders)
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
