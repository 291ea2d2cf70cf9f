"""The application as it is served, on a free port, and the browser that looks at it."""

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from review.server import guarded, listen

HOST = "127.0.0.1"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = ("--no-sandbox", "--autoplay-policy=no-user-gesture-required", "--mute-audio")
SIZE = {"width": 1280, "height": 720}
PATIENCE_MS = 30_000  # a busy machine is slow, not wrong
LEAVE_S = 5


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """The address at which the application answers as long as the block lasts."""
    listening = listen(HOST, 0)
    config = uvicorn.Config(guarded(app, HOST), access_log=False, log_level="warning", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    try:
        yield f"http://{HOST}:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(LEAVE_S)
        listening.close()


def find_chromium() -> str | None:
    """The program of the system's own browser."""
    return next(filter(None, map(shutil.which, CHROMIUM)), None)


@contextmanager
def opened_browser(program: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()


def new_context(
    browser: Browser, address: str, language: str = "en", *, script: bool = True, bypass_csp: bool = False
) -> BrowserContext:
    """A browser of somebody's own: nobody is logged in. `bypass_csp`: for a script of the test's own on the page."""
    context = browser.new_context(
        base_url=address,
        locale=language,
        viewport=SIZE,
        java_script_enabled=script,
        bypass_csp=bypass_csp,
        timezone_id="Europe/Moscow",
    )
    context.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    return context


def log_in(page: Page, login: str, password: str) -> None:
    """By the form, as a person does."""
    page.goto("/log-in")
    page.locator("input[name=login]").fill(login)
    page.locator("input[name=password]").fill(password)
    page.locator("form.log-in button").click()
    page.wait_for_url(lambda url: "/log-in" not in url)
