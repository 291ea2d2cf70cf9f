"""The API as a part of the application."""

from fastapi import FastAPI

from review.api import calls, deliveries, description, managers, problems, queue, verdicts

PREFIX = "/api/v1"


def add_api(app: FastAPI) -> None:
    """All its addresses under /api/v1. After the pages' own error handlers were installed."""
    for part in (queue, calls, verdicts, managers, deliveries, description):
        app.include_router(part.router, prefix=PREFIX)
    problems.install(app)
