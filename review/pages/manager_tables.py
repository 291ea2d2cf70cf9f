"""The tables of a manager's page, as files hold them: what is shown, with the ends of each interval."""

from collections.abc import Callable

from review.catalogue import Catalogue
from review.exports import Column, Row
from review.pages.manager_view import ManagerDetails


def weeks_table(details: ManagerDetails, words: Catalogue) -> tuple[tuple[Column, ...], list[Row]]:
    counted, rated = ("week", "calls", "heard", "heard_share", "scored"), ("cqr", "cqr_low", "cqr_high", "team_cqr")
    rows: list[Row] = []
    for week in details.weeks:
        now = week.figures
        counts = (now.call_count, now.heard_count, now.heard_share, now.scored_count)
        rate = (now.cqr.value, now.cqr.low, now.cqr.high, week.team_cqr, now.passed.value, now.talk_share)
        rows.append((week.monday, *counts, *rate))
    return named(words, (*counted, *rated, "passed", "talk")), rows


def criteria_table(details: ManagerDetails, words: Catalogue) -> tuple[tuple[Column, ...], list[Row]]:
    keys = ("criterion", "calls", "own", "own_low", "own_high", "others", "apart", "apart_low", "apart_high")
    rows: list[Row] = []
    for item in details.criteria:
        own, between = item.own, item.apart
        points = (own.value, own.low, own.high, item.others.value, between.value, between.low, between.high)
        rows.append((words.of(item.title), own.count, *points))
    return named(words, keys), rows


def types_table(details: ManagerDetails, words: Catalogue) -> tuple[tuple[Column, ...], list[Row]]:
    keys = ("call_type", "calls", "share", "others_share", "cqr", "cqr_low", "cqr_high", "others_cqr")
    rows: list[Row] = []
    for item in details.types:
        shares = (item.share.value, item.others_share)
        cqr = (item.cqr.value, item.cqr.low, item.cqr.high, item.others_cqr)
        rows.append((words.call_type(item.call_type), item.count, *shares, *cqr))
    return named(words, keys), rows


def named(words: Catalogue, keys: tuple[str, ...]) -> tuple[Column, ...]:
    return tuple(words(f"manager.columns.{key}") for key in keys)


TABLES: dict[str, Callable[[ManagerDetails, Catalogue], tuple[tuple[Column, ...], list[Row]]]] = {
    "weeks": weeks_table,
    "criteria": criteria_table,
    "types": types_table,
}
