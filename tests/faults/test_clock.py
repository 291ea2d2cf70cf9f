"""The clock is set back between two nights: what came later still counts as later, and the operator is told."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from flows.batch import run_batch
from flows.planning import plan_run
from flows.workshop import WorkOrder
from pipeline.store import Store
from pipeline.store.clock import clock_problem, read_now
from pipeline.store.failures import read_open_failures, request_retries
from pipeline.store.rows import utc_now
from pipeline.store.show import read_call
from tests.flow_runs.recordings import breaking_call
from tests.flow_runs.rows import differences, rows_of


def put_clock_back(store: Store, by: timedelta) -> None:
    """The same as if the clock had been so far ahead when everything in the store was written."""
    sql = "FROM duckdb_columns() SELECT table_name, column_name WHERE schema_name = 'base' AND data_type = 'TIMESTAMP'"
    sql += " AND table_name IN (SELECT table_name FROM duckdb_tables() WHERE schema_name = 'base')"
    with store.writing() as con:
        for table, column in con.execute(sql).fetchall():
            con.execute(f'UPDATE base.{table} SET "{column}" = "{column}" + $later', {"later": by})


@pytest.fixture
def night(order: WorkOrder, inbox: Path) -> WorkOrder:
    """A night with a failure; since then the clock was put back by an hour."""
    breaking_call(inbox / "breaks.wav", "breaks")
    run_batch(order, [inbox], None, None, 0)
    put_clock_back(Store(order.data.store), timedelta(hours=1))
    return order


def test_what_is_judged_again_is_what_is_shown(night: WorkOrder, inbox: Path) -> None:
    evaluation = night.settings.evaluation.model_copy(update={"min_words": 10_000})
    strict = night.settings.model_copy(update={"evaluation": evaluation})
    assert run_batch(replace(night, settings=strict), [inbox], None, None, 0).done == 2
    with Store(night.data.store).reading() as con:
        assert not read_call(con, "stereo-1.wav").evaluations[0].evaluation.scored


def test_a_failure_that_comes_again_stands_open_again(night: WorkOrder, inbox: Path) -> None:
    store = Store(night.data.store)
    with store.writing() as con:
        request_retries(con, read_open_failures(con))
    assert run_batch(night, [inbox], None, None, 0).failed[0][0] == "internal_error"
    with store.reading() as con:
        (failure,) = read_open_failures(con)
        assert failure.failed_at > utc_now()


def test_the_same_night_again_adds_nothing(night: WorkOrder, inbox: Path) -> None:
    before = rows_of(night.data.store)
    assert run_batch(night, [inbox], None, None, 0).plan.problems == ()
    assert differences(before, rows_of(night.data.store)) == []


def test_years_ahead_are_not_believed_and_the_operator_is_told(order: WorkOrder, inbox: Path) -> None:
    run_batch(order, [inbox], None, None, 0)
    store = Store(order.data.store)
    put_clock_back(store, timedelta(days=3650))
    with store.reading() as con:
        assert abs(read_now(con) - utc_now()) < timedelta(minutes=1)
        assert "set the clock" in (clock_problem(con) or "")
    (line,) = plan_run(store, order, [inbox], None, None).problems
    assert line.startswith("the clock says 20") and "timedatectl" in line
