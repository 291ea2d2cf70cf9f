import time
from collections.abc import Callable
from datetime import UTC

import pytest

from pipeline.data_folder import DataFolder
from pipeline.review_settings import ReviewSettings
from pipeline.store import Store
from review.desk_work import is_listed_as_current
from review.listing import Listing
from review.listing_keeper import ListingKeeper
from tests.pages.answering import AskedCall
from tests.pages.scored_calls import add_call


@pytest.fixture
def store(data: DataFolder) -> Store:
    return Store(data.store, timeout_s=5)


def until(holds: Callable[[], bool]) -> bool:
    ends_s = time.monotonic() + 30
    while not holds() and time.monotonic() < ends_s:
        time.sleep(0.01)
    return holds()


def test_it_fills_the_list_before_anybody_asks_and_keeps_it_up_to_date(store: Store) -> None:
    first = add_call(store, "1")
    kept = Listing()
    keeper = ListingKeeper(kept, store, UTC, ReviewSettings(), every_s=0.01)
    keeper.start()
    try:
        assert until(lambda: bool(kept._kept))
        assert kept.old_s > 0
        with Store(store.path).writing():  # a view does not look at the store, which is busy
            assert [call.call_id for call in kept.read(store, UTC).calls] == [first]
        second = add_call(store, "2", days=1)
        assert until(lambda: [call.call_id for call in kept.read(store, UTC).calls] == [second, first])
    finally:
        keeper.stop()
    assert kept.old_s == 0


def test_it_outlives_a_busy_store_and_one_that_is_not_there(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    kept, quick = Listing(), Store(store.path, timeout_s=0.01)
    keeper = ListingKeeper(kept, quick, UTC, ReviewSettings(), every_s=0.01)
    keeper.start()
    try:
        time.sleep(0.05)
        call_id = add_call(store, "1")
        with store.writing():
            time.sleep(0.1)
        monkeypatch.setattr(quick, "timeout_s", 5.0)
        assert until(lambda: bool(kept._kept))
        assert [call.call_id for call in kept.read(store, UTC).calls] == [call_id]
        broken = store.path.with_suffix(".kept")
        store.path.rename(broken)
        store.path.write_bytes(b"no database")
        time.sleep(0.1)
        store.path.unlink()
        broken.rename(store.path)
        assert until(lambda: [call.call_id for call in kept.read(store, UTC).calls] == [call_id])
    finally:
        keeper.stop()


def test_a_submission_asks_the_store_only_where_the_list_does_not_know(asked: AskedCall) -> None:
    site = asked.app.state.site
    assert not is_listed_as_current(site, asked.call_id, asked.evaluation_id)  # nobody keeps the list up to date
    site.listing.old_s = 60.0
    assert is_listed_as_current(site, asked.call_id, asked.evaluation_id)
    assert not is_listed_as_current(site, asked.call_id, "0" * 16)
    assert not is_listed_as_current(site, "0" * 16, asked.evaluation_id)
