"""What works beside the pages as long as the application runs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from pipeline import watching
from review.desk.applying import Applier
from review.desk.outbox import read_outboxes
from review.desk_work import timezone_of
from review.figures_keeper import FiguresKeeper
from review.listing_keeper import ListingKeeper
from review.reading_ahead import ReadingAhead
from review.site import Site
from review.webhook_sender import WebhookSender


@asynccontextmanager
async def background(app: FastAPI) -> AsyncIterator[None]:
    """The application's lifespan: submissions go into the store and webhooks out, those too that a killed page left.

    The list of calls and the figures that people open first are kept up to date.
    """
    site: Site = app.state.site
    applier = Applier(site.desk, site.store)
    app.state.health.applier_is_alive = applier.is_alive
    watch_outboxes(site)
    keeper = ListingKeeper(site.listing, site.store, timezone_of(site), site.settings.review, then=ReadingAhead(site))
    figures = FiguresKeeper(site)
    app.state.figures_are_ready = figures.is_ready
    threads: list[Applier | FiguresKeeper | ListingKeeper | WebhookSender] = [applier, keeper, figures]
    if app.state.outlet is not None:
        threads.append(WebhookSender(site.desk, site.store, app.state.outlet))
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        app.state.health.applier_is_alive = lambda: True
        for thread in threads:
            await asyncio.to_thread(thread.stop)


def watch_outboxes(site: Site) -> None:
    """Tells, whenever figures are sent, what waits in the desk and for how long."""

    def pending() -> dict[str, float]:
        return {item.box: item.pending for item in read_outboxes(site.desk)}

    def ages() -> dict[str, float]:
        return {item.box: item.oldest_age_s for item in read_outboxes(site.desk)}

    watching.observe("prescore.outbox.pending", "{message}", "What waits in the desk to go elsewhere.", pending)
    watching.observe("prescore.outbox.age", "s", "How long the oldest of it has waited.", ages)
