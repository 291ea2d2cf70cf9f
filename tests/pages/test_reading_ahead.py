import re

import pytest

from pipeline.errors import StoreError
from pipeline.store import Store
from pipeline.store.lock import locked
from review.desk.applying import apply_waiting
from review.desk_work import timezone_of
from review.reading_ahead import AHEAD, ReadCall, ReadingAhead, find_read_ahead
from review.site import Site
from tests.pages.answering import AskedCall
from tests.pages.people import logged_in


@pytest.fixture
def site(asked: AskedCall) -> Site:
    """As beside the pages: the list counts as kept up to date."""
    site: Site = asked.app.state.site
    site.listing.old_s = 60.0
    return site


def read_all(site: Site) -> ReadingAhead:
    ahead = ReadingAhead(site)
    for _ in range(AHEAD):
        ahead()
    return ahead


def refuse(*_: object, **__: object) -> None:
    raise StoreError("nobody may open the store")


def without_nonce(html: str) -> str:
    return re.sub(r'nonce="[^"]+"', "", html)


def test_the_page_of_the_next_call_is_the_same_without_the_store(
    asked: AskedCall, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = asked.client.get(asked.address).text
    read_all(site)
    monkeypatch.setattr(Store, "reading", refuse)
    assert without_nonce(asked.client.get(asked.address).text) == without_nonce(stored)
    asked.answer("greeting", "=1")
    assert asked.client.get(f"{asked.address}?version=1").status_code == 503  # the address asks for something else


def test_after_a_write_the_store_is_asked_unless_somebody_writes_on(asked: AskedCall, site: Site) -> None:
    read_all(site)
    first = asked.client.get(asked.address).text
    with site.store.writing() as con:
        con.execute("UPDATE base.call_facts SET manager = 'Xenia' WHERE call_id = ?", [asked.call_id])
    with locked(site.store.lock_path, exclusive=True, timeout_s=1):
        assert without_nonce(asked.client.get(asked.address).text) == without_nonce(first)
    assert "Xenia" in asked.client.get(asked.address).text


def test_what_was_read_counts_only_while_the_list_says_the_same(asked: AskedCall, site: Site) -> None:
    read_all(site)
    assert isinstance(find_read_ahead(site, asked.call_id), ReadCall)
    assert asked.submit().status_code == 303
    apply_waiting(site.desk, site.store)
    site.listing.refresh(site.store, timezone_of(site), site.settings.review)
    assert find_read_ahead(site, asked.call_id) is None
    assert "verdict" in asked.client.get(asked.address).text


def test_what_was_read_before_a_write_is_read_again_when_it_gets_old(
    asked: AskedCall, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    ahead = read_all(site)
    monkeypatch.setattr("review.reading_ahead.OLD_S", 0.0)
    assert find_read_ahead(site, asked.call_id) is not None  # nothing was written
    with site.store.writing() as con:  # the list does not tell it
        con.execute("UPDATE base.call_facts SET source = 'hotline' WHERE call_id = ?", [asked.call_id])
    assert find_read_ahead(site, asked.call_id) is None
    for _ in range(AHEAD):
        ahead()
    read = find_read_ahead(site, asked.call_id)
    assert read is not None and read.found.call.source == "hotline"


def test_nothing_counts_where_nobody_keeps_the_list_up_to_date(asked: AskedCall, site: Site) -> None:
    read_all(site)
    site.listing.old_s = 0.0
    assert find_read_ahead(site, asked.call_id) is None


def test_a_call_of_another_manager_is_refused_from_memory_too(asked: AskedCall, site: Site) -> None:
    read_all(site)
    with logged_in(asked.app, "manager", manager="Somebody Else") as foreign:
        assert foreign.get(asked.address).status_code == 404


def test_a_busy_store_is_left_alone_and_nothing_is_read_twice(
    asked: AskedCall, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    ahead = ReadingAhead(site)
    ahead._first_calls()
    with locked(site.store.lock_path, exclusive=True, timeout_s=1):
        ahead()
    assert find_read_ahead(site, asked.call_id) is None
    for _ in range(AHEAD):
        ahead()
    monkeypatch.setattr(Store, "reading", lambda *_, **__: pytest.fail("looked at the store again"))
    ahead()


def test_without_a_store_there_is_nothing_ahead(asked: AskedCall, site: Site) -> None:
    site.store.path.unlink()
    ReadingAhead(site)()
    assert find_read_ahead(site, asked.call_id) is None
