"""axe-core over every page in both languages: nothing serious for those who read with ears, keys or weak eyes.

Its script measures by styles of its own, which the pages' policy would refuse.
"""

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.conftest import Served
from tests.browser.talks import MANAGERS
from tests.browser.test_every_page import FURTHER, places
from tests.browser.test_review import take_next

Open = Callable[..., Page]
SERIOUS = ("serious", "critical")
WAVE = "#wave svg, #wave canvas, #lanes > *"
LANGUAGES = ("ru", "en")


def serious(page: Page) -> list[str]:
    """What axe finds serious on the page as it stands, each with where it is."""
    found: list[dict[str, Any]] = Axe().run(page).response["violations"]
    return [
        f"{page.url}: {item['id']} ({item['help']}): {[node['target'] for node in item['nodes'][:4]]}"
        for item in found
        if item["impact"] in SERIOUS
    ]


def further(page: Page) -> set[str]:
    """One page behind each place, without what is a file."""
    found = {link.get_attribute("href") or "" for selector in FURTHER for link in page.locator(selector).all()[:1]}
    return {address for address in found if "format=" not in address and "/exports/" not in address}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_of_an_administrator_keeps_anybody_out(language: str, team: Served, open_page: Open) -> None:
    page, troubles = open_page(team, "administrator", bypass_csp=True), list[str]()
    seen = set[str]()
    page.goto(f"/account?lang={language}")
    for place in places(page):
        page.goto(place)
        troubles += serious(page)
        seen.add(place)
        for address in sorted(further(page) - seen):
            page.goto(address)
            troubles += serious(page)
            seen.add(address)
    for address in ("/checklists/cqr/compare", "/rescores", "/calls?type=spam&cqr_from=99&from=2026-01-01"):
        page.goto(address)
        troubles += serious(page)
    assert troubles == []
    assert len(seen) > 12


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_call_keeps_nobody_out(language: str, talks: Served, open_page: Open) -> None:
    """While it is asked, with answers, a comment and a dialog, and after it was handed in; blind; for its manager."""
    page, troubles = open_page(talks, "anna", bypass_csp=True), list[str]()
    page.goto(f"/?lang={language}")
    troubles += serious(page)
    take_next(page)
    page.locator(WAVE).first.wait_for()
    troubles += serious(page)
    page.keyboard.press("1")
    page.keyboard.press("c")
    page.keyboard.type("x")
    page.keyboard.press("Escape")
    troubles += serious(page)
    page.keyboard.press("?")
    troubles += serious(page)
    page.keyboard.press("Escape")
    own = page.url
    for choice in page.locator(".choices .segments:first-child .choice:nth-child(2)").all():
        choice.click()
    with page.expect_navigation():
        page.locator("#submit").click()
    troubles += serious(page)
    page.goto(own)
    troubles += serious(page)
    for login in ("vera", "manager"):
        other = open_page(talks, login, bypass_csp=True)
        other.goto(f"/calls/{talks.calls[0 if login == 'manager' else 1]}?lang={language}")
        assert MANAGERS[0 if login == "manager" else 1] in other.locator(".facts").inner_text()
        troubles += serious(other)
    assert troubles == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_says_no_keeps_nobody_out(language: str, talks: Served, open_page: Open) -> None:
    page = open_page(talks, expected=[401, 403, 404], bypass_csp=True)
    page.goto(f"/log-in?lang={language}")
    troubles = serious(page)
    page.locator("input[name=login]").fill("anna")
    page.locator("input[name=password]").fill("wrong")
    page.locator("form.log-in button").click()
    troubles += serious(page)
    logged_in = open_page(talks, "anna", expected=[403, 404], bypass_csp=True)
    for address in ("/people", "/calls/nonsense", "/nothing"):
        logged_in.goto(f"{address}?lang={language}")
        troubles += serious(logged_in)
    assert troubles == []
