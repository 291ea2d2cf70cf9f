"""Figures that people open first are at hand before anybody asks, and worked out again when the store changes."""

import time
from collections.abc import Callable, Iterator

import pytest
from fastapi import FastAPI

from pipeline.data_folder import DataFolder
from pipeline.store import Store
from review import remembered
from review.desk_work import timezone_of
from review.figures_keeper import FiguresKeeper
from review.site import Site
from tests.pages.people import logged_in
from tests.pages.team import team_store

PAGES = ("/managers", "/trust", "/checklists", "/nights", "/rescores?checklist=cqr@1")


def until(holds: Callable[[], bool]) -> bool:
    ends_s = time.monotonic() + 60
    while not holds() and time.monotonic() < ends_s:
        time.sleep(0.01)
    return holds()


@pytest.fixture
def site(app: FastAPI, data: DataFolder, monkeypatch: pytest.MonkeyPatch) -> Site:
    """Over a store of some weeks, where everything takes long enough to be kept."""
    monkeypatch.setattr(remembered, "OLD_S", 30.0)
    monkeypatch.setattr(remembered, "QUICK_S", 0.0)
    data.prepare()
    data.store.write_bytes(team_store()[0])
    site: Site = app.state.site
    return site


@pytest.fixture
def keeper(site: Site) -> Iterator[FiguresKeeper]:
    keeper = FiguresKeeper(site, every_s=0.01, again_s=0.05)
    keeper.start()
    yield keeper
    keeper.stop()


def values(site: Site) -> dict[object, object]:
    with site.figures._lock:
        return {key: kept.value for key, kept in site.figures._kept.items()}


def test_the_queue_comes_first_and_then_figures_before_anybody_asks(
    app: FastAPI, site: Site, keeper: FiguresKeeper
) -> None:
    assert not keeper.is_ready.wait(0.2)
    assert values(site) == {}
    site.listing.read(site.store, timezone_of(site))
    assert keeper.is_ready.wait(60)
    before = values(site)
    browser = logged_in(app, "head")
    for address in PAGES:
        assert browser.get(address).status_code == 200
    assert values(site) == before  # the very figures that the pages show
    assert len(before) == 6  # those, and which checklists there are


def test_they_are_worked_out_again_when_they_are_old(
    site: Site, keeper: FiguresKeeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.listing.read(site.store, timezone_of(site))
    assert keeper.is_ready.wait(60)
    before = values(site)
    monkeypatch.setattr(remembered, "OLD_S", 0.1)
    with site.store.writing() as con:
        con.execute("INSERT INTO base.retries VALUES ('none', now()::TIMESTAMP)")
    assert until(lambda: all(values(site)[key] is not value for key, value in before.items()))


def test_it_outlives_a_store_that_is_busy(site: Site, keeper: FiguresKeeper, monkeypatch: pytest.MonkeyPatch) -> None:
    site.listing.read(site.store, timezone_of(site))
    monkeypatch.setattr(site.store, "timeout_s", 0.01)
    with Store(site.store.path).writing():
        site.figures.forget()
        time.sleep(0.2)
    monkeypatch.setattr(site.store, "timeout_s", 20.0)
    assert until(lambda: len(values(site)) >= 6)


def test_the_application_keeps_them(app: FastAPI, site: Site) -> None:
    with logged_in(app, "head"):
        assert app.state.figures_are_ready.wait(60)
    assert len(values(site)) == 6


def test_a_click_that_changes_something_is_noted(app: FastAPI, site: Site) -> None:
    browser = logged_in(app, "head")
    browser.get("/managers")
    assert site.figures._wrote_s == {}
    browser.post("/nights/retry")
    (person_id,) = site.figures._wrote_s
    assert site.figures._has_written(person_id)
    assert not site.figures._has_written("somebody else")
