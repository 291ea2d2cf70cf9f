"""Every page that the navigation of a role leads to: no error in the console, no request to a foreign address."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from pipeline.store import Store
from review.permissions import ROLES, Role
from tests.browser.conftest import Served

Open = Callable[..., Page]
FURTHER = ("main table a[href^='/']", "main a.card[href^='/']", "main ul a[href^='/']")  # one page behind each place
WIDTHS = (1280, 834)  # a small screen, and a tablet that stands
LONG_NAME = "Константин Константинович Константинопольский-Задунайский"


def places(page: Page) -> list[str]:
    links = page.locator("header.site nav.pages a, header.site a.person").all()
    return [address for link in links if (address := link.get_attribute("href"))]


@pytest.mark.parametrize("role", ROLES)
def test_no_page_of_a_role_has_errors_or_asks_a_foreign_address(role: Role, team: Served, open_page: Open) -> None:
    page = open_page(team, role)
    assert len(places(page)) >= 2
    for address in places(page):
        look_at(page, address)
        for selector in FURTHER:
            found = [link.get_attribute("href") or "" for link in page.locator(selector).all()[:1]]
            for further in found:
                if "/exports/" not in further and "/audio" not in further:
                    look_at(page, further)
                    page.goto(address)


def look_at(page: Page, address: str) -> None:
    response = page.goto(address)
    assert response is not None
    assert response.status == 200, address
    expect(page.locator("h1").first).to_be_visible()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", ["ru", "en"])
def test_the_navigation_of_an_administrator_fits(width: int, language: str, team: Served, open_page: Open) -> None:
    page = open_page(team, "administrator")
    page.set_viewport_size({"width": width, "height": 720})
    page.goto(f"/account?lang={language}")
    cut = page.evaluate(
        "() => [...document.querySelectorAll('header.site a, header.site button')].filter(item => {"
        " const box = item.getBoundingClientRect(); const header = item.closest('header').getBoundingClientRect();"
        " return box.left < 0 || box.right > innerWidth || box.bottom > header.bottom + 1 || box.height > 34;"
        " }).map(item => item.textContent)"
    )
    assert [item for item in cut if "content" not in item.lower() and "содерж" not in item.lower()] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_long_name_leaves_the_tables_in_sight(team: Served, open_page: Open) -> None:
    with Store(team.site.store.path).writing() as con:
        con.execute("UPDATE base.call_facts SET manager = $1 WHERE manager = 'Анна Белова'", [LONG_NAME])
    page = open_page(team, "head")
    page.set_viewport_size({"width": WIDTHS[0], "height": 720})
    for address in ("/calls", "/managers"):
        page.goto(f"{address}?lang=ru")
        expect(page.locator("table")).to_contain_text(LONG_NAME)
        beyond = "item => item.scrollWidth - item.clientWidth"
        assert page.locator("html").evaluate(beyond) == 0, address
        assert page.locator(".scroll").evaluate(beyond) == 0, address
