from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from scipy import stats

from review.intervals import (
    Interval,
    Sample,
    apart,
    difference,
    margin_of,
    mean_interval,
    sample_size,
    share_interval,
)
from review.pages.period import Period, choose_period, day_of, midnight, period_around, weeks_until

MOSCOW = ZoneInfo("Europe/Moscow")
NEWEST = date(2026, 11, 6)


def test_a_mean_has_students_interval() -> None:
    found = mean_interval(Sample(4, 70.0, 10.0))
    low, high = stats.t.interval(0.95, 3, loc=70, scale=5)
    assert (found.value, found.low, found.high) == (70.0, pytest.approx(low), pytest.approx(high))
    assert found.half_width == pytest.approx((high - low) / 2)


def test_a_mean_stays_on_its_scale() -> None:
    found = mean_interval(Sample(3, 95.0, 30.0))
    assert (found.low, found.high) == (pytest.approx(95 - stats.t.ppf(0.975, 2) * 30 / 3**0.5), 100.0)


@pytest.mark.parametrize("sample", [Sample(), Sample(1, 80.0, None)])
def test_one_call_or_none_has_no_interval(sample: Sample) -> None:
    found = mean_interval(sample)
    assert (found.value, found.low, found.high, found.half_width) == (sample.mean, None, None, None)


@pytest.mark.parametrize(
    ("found", "is_too_wide"),
    [
        (Interval(), False),
        (Interval(80.0, count=1), True),
        (Interval(80.0, 70.0, 90.0, 20), False),
        (Interval(80.0, 69.0, 91.0, 20), True),
        (Interval(80.0, 80.0, 80.0, 4), True),
    ],
)
def test_what_is_known_too_badly_to_be_compared(found: Interval, is_too_wide: bool) -> None:
    assert found.is_too_wide is is_too_wide


def test_a_difference_is_welchs() -> None:
    one, two = [60.0, 70.0, 90.0, 80.0], [50.0, 55.0, 52.0, 60.0, 51.0]
    found = difference(sample_of(one), sample_of(two))
    expected = stats.ttest_ind(one, two, equal_var=False).confidence_interval(0.95)
    assert (found.low, found.high) == (pytest.approx(expected.low), pytest.approx(expected.high))
    assert found.is_clear


def sample_of(numbers: list[float]) -> Sample:
    return Sample(len(numbers), float(stats.tmean(numbers)), float(stats.tstd(numbers)))


def test_a_difference_of_nothing_or_of_single_calls() -> None:
    assert difference(Sample(), Sample(3, 5.0, 1.0)) == Interval()
    assert difference(Sample(1, 7.0), Sample(3, 5.0, 1.0)) == Interval(2.0, count=1)
    assert difference(Sample(3, 7.0, 0.0), Sample(3, 5.0, 0.0)) == Interval(2.0, 2.0, 2.0, 3)
    assert not Interval(2.0, -1.0, 5.0).is_clear


def test_a_share_is_wilsons() -> None:
    expected = stats.binomtest(3, 10).proportion_ci(0.95, method="wilson")
    found = share_interval(3, 10)
    assert (found.value, found.low, found.high) == (0.3, pytest.approx(expected.low), pytest.approx(expected.high))
    assert share_interval(0, 0) == Interval()
    assert share_interval(4, 4).high == 1.0


def test_figures_with_intervals_of_their_own_are_compared() -> None:
    found = apart(Interval(0.8, 0.7, 0.88), Interval(0.9, 0.85, 0.94))
    assert found.value == pytest.approx(0.1)
    assert found.low == pytest.approx(0.1 - (0.05**2 + 0.08**2) ** 0.5)
    assert found.high == pytest.approx(0.1 + (0.04**2 + 0.1**2) ** 0.5)
    assert apart(Interval(), Interval(1.0)) == Interval()
    assert apart(Interval(0.5), Interval(1.0, 0.9, 1.0)) == Interval(0.5)
    assert found.times(100).value == pytest.approx(10)


def test_how_many_calls_are_enough() -> None:
    assert [sample_size(calls) for calls in (0, 1, 10, 1000, 1_000_000)] == [0, 1, 10, 278, 384]


def test_what_the_heard_calls_are_worth() -> None:
    assert margin_of(10, 1_000_000) == pytest.approx(0.31, abs=0.001)  # ten calls: +-31 points
    assert margin_of(278, 1000) == pytest.approx(0.05, abs=0.001)
    assert margin_of(5, 5) == 0.0
    assert margin_of(0, 5) is None


@pytest.mark.parametrize(
    ("kind", "first", "last"),
    [
        ("week", date(2026, 11, 2), date(2026, 11, 8)),
        ("month", date(2026, 11, 1), date(2026, 11, 30)),
        ("quarter", date(2026, 10, 1), date(2026, 12, 31)),
    ],
)
def test_periods_of_the_calendar(kind: str, first: date, last: date) -> None:
    period = choose_period(kind, "", "", NEWEST)
    assert (period.kind, period.first, period.last) == (kind, first, last)
    assert period.before().last == date.fromordinal(first.toordinal() - 1)
    assert period.after().before() == period
    assert period.query == [("period", kind), ("from", first.isoformat())]


def test_chosen_days_are_compared_with_as_many_before() -> None:
    period = choose_period("custom", "2026-11-10", "2026-11-01", NEWEST)
    assert (period.first, period.last, period.days) == (date(2026, 11, 1), date(2026, 11, 10), 10)
    assert period.before() == Period("custom", date(2026, 10, 22), date(2026, 10, 31))
    assert period.after() == Period("custom", date(2026, 11, 11), date(2026, 11, 20))
    assert period.query[-1] == ("to", "2026-11-10")


@pytest.mark.parametrize(
    ("kind", "first", "last"),
    [("", "", ""), ("year", "", ""), ("custom", "2026-11-02", ""), ("month", "no day", "2026-13-01")],
)
def test_what_cannot_be_read_is_the_newest_month(kind: str, first: str, last: str) -> None:
    assert choose_period(kind, first, last, NEWEST) == period_around("month", NEWEST)


def test_no_period_is_longer_than_a_calendar_can_step_around() -> None:
    period = choose_period("", "1971-01-01", "9000-12-31", NEWEST)
    assert period.days == 3661
    assert choose_period("week", "0001-01-01", "", NEWEST).first == date(2026, 11, 2)
    assert choose_period("month", "1971-01-01", "", NEWEST).before().first == date(1970, 12, 1)


def test_days_begin_on_the_clock_that_is_shown() -> None:
    assert midnight(date(2026, 11, 2), MOSCOW) == datetime(2026, 11, 1, 21)
    assert day_of(datetime(2026, 11, 1, 21), MOSCOW) == date(2026, 11, 2)
    period = choose_period("week", "", "", NEWEST)
    assert (period.starts(UTC), period.ends(UTC)) == (datetime(2026, 11, 2), datetime(2026, 11, 9))


def test_weeks_reach_back_and_not_into_the_future() -> None:
    week = choose_period("week", "", "", NEWEST)
    assert weeks_until(week, NEWEST, 3, 53) == [date(2026, 10, 19), date(2026, 10, 26), date(2026, 11, 2)]
    quarter = choose_period("quarter", "", "", NEWEST)
    assert weeks_until(quarter, NEWEST, 3, 53)[0] == date(2026, 9, 28)
    assert weeks_until(quarter, NEWEST, 3, 53)[-1] == date(2026, 11, 2)
    assert len(weeks_until(choose_period("", "2020-01-01", "2026-11-01", NEWEST), NEWEST, 3, 53)) == 53
