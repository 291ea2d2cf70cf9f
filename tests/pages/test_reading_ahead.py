import pytest

from pipeline.store import Store
from pipeline.store.lock import locked
from review.reading_ahead import AT_ONCE, ReadingAhead
from review.site import Site
from tests.pages.answering import AskedCall


def site_of(asked: AskedCall) -> Site:
    site: Site = asked.app.state.site
    return site


def test_the_head_of_the_queue_is_in_memory_before_it_is_asked_for(asked: AskedCall) -> None:
    site = site_of(asked)
    ahead = ReadingAhead(site)
    for _ in range(AT_ONCE):
        ahead()
    listed = [call.call_id for call in ahead._first_calls()]
    assert asked.call_id in listed and ahead._known == set(listed)
    kept = dict(site.records._records._values)
    assert asked.evaluation_id and len(kept) >= 2  # the dialogue and the evaluation
    asked.client.get(asked.address)
    assert dict(site.records._records._values) == kept


def test_a_busy_store_is_left_alone_and_nothing_is_read_twice(
    asked: AskedCall, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = site_of(asked)
    ahead = ReadingAhead(site)
    ahead._first_calls()
    with locked(site.store.lock_path, exclusive=True, timeout_s=1):
        ahead()
    assert not ahead._known
    for _ in range(AT_ONCE):
        ahead()
    monkeypatch.setattr(Store, "reading", lambda *_, **__: pytest.fail("looked at the store again"))
    monkeypatch.setattr(site.listing, "old_s", 60.0)
    ahead()


def test_without_a_store_there_is_nothing_ahead(asked: AskedCall) -> None:
    site_of(asked).store.path.unlink()
    ahead = ReadingAhead(site_of(asked))
    ahead()
    assert not ahead._known
