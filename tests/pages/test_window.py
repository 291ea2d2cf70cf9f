from datetime import UTC, date, datetime, timedelta

import pytest
from fastapi import FastAPI

from pipeline.data_folder import DataFolder
from pipeline.review_settings import ReviewSettings
from pipeline.settings import Settings
from pipeline.store import Store
from review.app import create_app
from review.listing import Listing
from review.window import Span, Window, read_window
from tests.pages.calls import START
from tests.pages.people import logged_in
from tests.pages.scored_calls import add_call, draw_audit, submit
from tests.pages.test_call_list import listed

FIRST, SECOND, THIRD = (START.date() + timedelta(days=days) for days in range(3))


@pytest.fixture
def store(data: DataFolder) -> Store:
    """Two calls on each of three days."""
    made = Store(data.store, timeout_s=5)
    for number in range(6):
        add_call(made, str(number), ("Olga", "Kate")[number % 2], days=number // 2 + 0.01 * (number % 2))
    return made


@pytest.fixture
def app(data: DataFolder, settings: Settings) -> FastAPI:
    """A page that lists four calls."""
    review = settings.review.model_copy(update={"listed_calls": 4})
    return create_app(data, settings.model_copy(update={"review": review}))


@pytest.mark.parametrize(
    ("most", "span", "cut_day"),
    [
        (6, Span(), None),
        (5, Span(), SECOND),
        (4, Span(), SECOND),
        (3, Span(), THIRD),
        (1, Span(), THIRD),  # the last day, however many calls it has
        (2, Span(last=SECOND), SECOND),
        (2, Span(FIRST, FIRST), None),
        (1, Span(FIRST, FIRST), FIRST),
    ],
)
def test_whole_days_from_the_newest_back(store: Store, most: int, span: Span, cut_day: date | None) -> None:
    with store.reading() as con:
        window = read_window(con, span, most, UTC)
    assert window.cut_day == cut_day
    assert window.holds(None)
    if cut_day is not None:
        assert window.since == datetime.combine(cut_day, datetime.min.time())


def test_which_days_a_window_covers() -> None:
    cut = Window(datetime(2026, 10, 6), None, date(2026, 10, 6))
    assert cut.covers(Span())
    assert cut.covers(Span(date(2026, 10, 6), None))
    assert not cut.covers(Span(date(2026, 10, 5), None))
    assert not cut.covers(Span(None, date(2026, 10, 5)))
    assert Window().covers(Span(date(2026, 1, 1), None))


def test_the_list_says_what_it_leaves_out_and_gives_it_by_its_days(app: FastAPI, store: Store) -> None:
    browser = logged_in(app, "supervisor")
    html = browser.get("/calls").text
    assert len(listed(html)) == 4
    assert "Calls since 06 Oct 2026 are listed" in html
    assert "Calls since 06 Oct 2026 are listed" in browser.get("/").text
    earlier = browser.get(f"/calls?to={FIRST}").text
    assert len(listed(earlier)) == 2
    assert "are listed" not in earlier
    assert len(listed(browser.get(f"/calls?from={FIRST}&to={SECOND}").text)) == 4
    assert len(listed(browser.get("/calls?words=понимаю+вас").text)) == 4


def test_a_verdict_on_an_earlier_call_does_not_bring_it_into_the_list(store: Store) -> None:
    kept = Listing(most=4)
    assert len(kept.read(store, UTC).calls) == 4
    early = Listing().read(store, UTC).calls[-1]
    submit(store, early.call_id, "anna")
    assert early.call_id not in kept.read(store, UTC).by_id
    draw_audit(store, early.call_id, "needs")
    assert kept.read(store, UTC).by_id[early.call_id].audited == ("needs",)
    assert Listing(most=4).read(store, UTC).by_id[early.call_id].scores == early.scores


def test_earlier_calls_still_say_who_is_new_and_who_was_reviewed(store: Store) -> None:
    late = add_call(store, "late", "Newcomer", days=20)
    for number in range(4):
        add_call(store, f"more {number}", ("Olga", "Kate")[number % 2], days=20)
    oldest = Listing().read(store, UTC).calls[-1]
    assert oldest.manager == "Olga"
    submit(store, oldest.call_id, "anna")
    whole, part = (Listing(most).read(store, UTC) for most in (100, 5))
    assert (len(whole.calls), len(part.calls)) == (11, 5)
    settings = ReviewSettings()
    for few in (True, False):
        orders = [
            {item.call.call_id: [reason.code for reason in item.reasons] for item in each.waiting(settings, blind=few)}
            for each in (whole, part)
        ]
        assert orders[1] == {call_id: orders[0][call_id] for call_id in orders[1]}
    assert "newcomer" in orders[1][late]
