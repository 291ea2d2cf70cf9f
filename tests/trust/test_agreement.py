from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from pipeline.agreement import RECENT, AnswerPair, Figure, agreement, agreement_by, newest
from pipeline.store import Store
from pipeline.store.trust_pairs import read_machine_pairs, read_supervisor_pairs
from tests.trust.calls import add_calls, answered, give, names_of, rows

START = datetime(2026, 11, 1)
NAMES = names_of("a", 6)


def pair(
    first: float | None,
    second: float | None,
    number: int = 0,
    *,
    abstains: bool = False,
    near: float = 0.5,
    call: str = "",
) -> AnswerPair:
    """None: does not apply."""
    return AnswerPair(
        call_id=call or f"call {number}",
        criterion_id="needs" if number % 2 else "greeting",
        call_type="objection",
        reviewer="anna",
        version_number=1,
        judge="heads 1",
        near=near,
        first_applicable=first is not None or abstains,
        first_value=first,
        second_applicable=second is not None,
        second_value=second,
        submitted_at=START + timedelta(minutes=number),
    )


def pairs_of(*values: tuple[float | None, float | None]) -> list[AnswerPair]:
    return [pair(first, second, number) for number, (first, second) in enumerate(values)]


@given(st.lists(st.tuples(st.sampled_from([0.0, 0.5, 1.0]), st.sampled_from([0.0, 0.5, 1.0])), min_size=2, max_size=40))
def test_kappa_is_cohens_with_quadratic_weights(values: list[tuple[float, float]]) -> None:
    found = agreement(pairs_of(*values), samples=10)
    if len({value for both in values for value in both}) == 1:
        assert found.kappa == Figure(None)
        return
    places = [[round(2 * value) for value in side] for side in zip(*values, strict=True)]
    expected = cohen_kappa_score(*places, weights="quadratic")
    assert found.kappa.value == pytest.approx(float(expected))


def test_each_figure_counts_its_own() -> None:
    pairs = [
        *pairs_of((1.0, 1.0), (0.5, 1.0), (0.0, 1.0), (None, None), (1.0, None)),
        pair(None, 1.0, 5, abstains=True),
    ]
    found = agreement(pairs)
    assert (found.pair_count, found.call_count, found.abstained_count, found.value_count) == (6, 6, 1, 3)
    assert found.exact.value == pytest.approx(1 / 3)
    assert found.near.value == pytest.approx(2 / 3)
    assert found.identical.value == pytest.approx(2 / 5)
    assert found.applicability.value == pytest.approx(4 / 5)


def test_half_a_step_is_one_level_of_a_finer_scale() -> None:
    assert agreement([pair(0.25, 0.5, near=0.25), pair(0.25, 0.75, 1, near=0.25)]).near.value == 0.5


def test_nothing_to_measure_is_shown_as_such() -> None:
    assert agreement([]).kappa == agreement([]).identical == Figure(None)
    only = agreement(pairs_of((1.0, 1.0)))
    assert (only.kappa, only.exact) == (Figure(None), Figure(1.0))
    constant = agreement(pairs_of((1.0, 1.0), (1.0, 1.0), (1.0, 1.0)))
    assert (constant.kappa, constant.exact) == (Figure(None), Figure(1.0, 1.0, 1.0))
    apart = agreement(pairs_of((None, 1.0), (1.0, None)))
    assert (apart.kappa, apart.exact, apart.applicability.value) == (Figure(None), Figure(None), 0.0)


def test_a_kappa_that_most_samples_lack_has_no_interval() -> None:
    found = agreement([pair(1.0, 1.0, 0, call="one"), pair(0.0, 0.0, 1, call="two")])
    assert (found.kappa.value, found.kappa.low) == (1.0, None)


def test_intervals_are_the_same_each_time_and_cover() -> None:
    generator = np.random.default_rng(3)
    covered = []
    for _ in range(100):
        pairs = pairs_of(*[(1.0, float(agrees)) for agrees in generator.random(100) < 0.8])
        found = agreement(pairs, samples=300)
        assert found.exact.low is not None and found.exact.high is not None
        covered.append(found.exact.low <= 0.8 <= found.exact.high)
    assert np.mean(covered) >= 0.88
    assert agreement(pairs) == agreement(pairs)


def test_calls_are_drawn_whole() -> None:
    """Ten answers to one call are worth little more than one: the interval knows."""
    values = [(1.0, 1.0)] * 8 + [(1.0, 0.0)] * 2
    apart = agreement([pair(*both, number=n) for n, both in enumerate(values * 10)])
    together = agreement([pair(*both, number=n, call=f"call {n % 10}") for n, both in enumerate(values * 10)])
    assert apart.exact.value == together.exact.value
    assert together.exact.high - together.exact.low > 2 * (apart.exact.high - apart.exact.low)  # type: ignore[operator]


def test_groups_and_the_newest() -> None:
    pairs = pairs_of(*[(1.0, 1.0)] * 30, *[(1.0, 0.0)] * 30)
    found = agreement_by(pairs, lambda item: item.criterion_id)
    assert {name: item.pair_count for name, item in found.items()} == {"greeting": 30, "needs": 30}
    recent = agreement_by(pairs, lambda item: item.judge, RECENT)["heads 1"]
    assert (recent.pair_count, recent.exact.value) == (25, 0.0)
    assert newest(list(reversed(pairs)), 2) == pairs[-2:]


@pytest.fixture
def compared(store: Store) -> Store:
    """Anna answers six calls, boris three of them; the machine said 0.5 everywhere."""
    add_calls(store, NAMES, answered({"needs": 0.5}))
    add_calls(store, ["silent.wav"], answered({"needs": None}))
    give(store, NAMES[:4], 0.5)
    give(store, NAMES[4:5], 1.0)
    give(store, NAMES[5:6], None)
    give(store, NAMES[:2], 0.5, reviewer="boris")
    give(store, NAMES[2:3], 0.0, reviewer="boris")
    give(store, ["silent.wav"], 0.5)
    return store


def test_pairs_come_out_of_the_store(compared: Store) -> None:
    with compared.reading() as con:
        machine, people = read_machine_pairs(con, "cqr"), read_supervisor_pairs(con, "cqr")
    assert len(machine) == 10
    found = agreement(machine)
    assert (found.abstained_count, found.value_count) == (1, 8)
    assert found.exact.value == pytest.approx(6 / 8)
    assert (found.applicability.value, found.near.value) == (pytest.approx(8 / 9), 1.0)
    assert {item.reviewer for item in people} == {"anna / boris"}
    assert agreement(people).exact.value == pytest.approx(2 / 3)


def test_the_views_say_the_same(compared: Store) -> None:
    columns = "verdict_count, abstained_count, value_count, exact_share, near_share, identical_share, kappa"
    sql = f"SELECT {columns} FROM agreement_with_machine WHERE reviewer IS NULL AND call_type IS NULL"
    assert rows(compared, sql) == [(10, 1, 8, 0.75, 1.0, pytest.approx(6 / 9), 0.0)]
    by_reviewer = "SELECT reviewer, verdict_count FROM agreement_with_machine WHERE reviewer IS NOT NULL ORDER BY 1"
    assert rows(compared, by_reviewer) == [("anna", 7), ("boris", 3)]
    assert rows(
        compared, "SELECT call_type, verdict_count FROM agreement_with_machine WHERE call_type IS NOT NULL"
    ) == [("objection", 10)]
    assert rows(compared, "SELECT count(*) FROM supervisor_pairs") == [(3,)]
    assert rows(compared, "SELECT DISTINCT near, recogniser, blind FROM verdict_pairs") == [(0.5, "t1", False)]
