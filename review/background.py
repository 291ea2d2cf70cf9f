"""What works beside the pages as long as the application runs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from review.desk.applying import Applier
from review.site import Site
from review.webhook_sender import WebhookSender


@asynccontextmanager
async def background(app: FastAPI) -> AsyncIterator[None]:
    """The application's lifespan: submissions go into the store and webhooks out, those too that a killed page left."""
    site: Site = app.state.site
    threads: list[Applier | WebhookSender] = [Applier(site.desk, site.store)]
    if app.state.outlet is not None:
        threads.append(WebhookSender(site.desk, site.store, app.state.outlet))
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for thread in threads:
            await asyncio.to_thread(thread.stop)
