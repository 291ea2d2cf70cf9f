"""Whatever is handed in, undone, and applied in whatever order: the store ends where the desk is."""

import shutil
import tempfile
from pathlib import Path
from types import SimpleNamespace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.store import Store
from review.desk.applying import apply_waiting
from review.desk.database import Desk
from review.desk.people import Person, add_person
from review.desk.submissions import submissions_of_call, undo, undoable
from tests.desk.judged import answered, hand_in, rows

ACTIONS = st.one_of(
    st.tuples(st.just("submit"), st.sampled_from("ab"), st.sampled_from([None, "0", "0.5", "1"])),
    st.tuples(st.just("undo"), st.integers(0, 3), st.none()),
    st.tuples(st.just("apply"), st.none(), st.none()),
    st.tuples(st.just("forget marks"), st.none(), st.none()),
)


@given(st.lists(st.tuples(st.integers(0, 1), ACTIONS), max_size=12))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_store_ends_where_the_desk_is(judged_folder: SimpleNamespace, steps: list) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "calls.duckdb", timeout_s=10)
        shutil.copyfile(judged_folder.path, store.path)
        desk = Desk(Path(folder) / "desk.sqlite")
        people = [add_person(desk, Person("", login, login, "supervisor"), None) for login in ("anna", "boris")]
        for place, step in steps:
            act(desk, store, people[place], judged_folder.calls, *step)
        assert apply_waiting(desk, store) == 0
        check(desk, store, judged_folder)


def act(desk: Desk, store: Store, person: Person, calls: dict, action: str, what, value) -> None:
    if action == "submit":
        call = calls[what]
        others = [item.submission_id for item in submissions_of_call(desk, call.call_id)]
        with store.writing():  # busy: so that it waits
            hand_in(desk, store, person, call, answered(needs=value), known=others)
    elif action == "undo":
        mine = undoable(desk, person)
        if what < len(mine):
            undo(desk, store, person, mine[what].submission_id)
    elif action == "apply":
        apply_waiting(desk, store)
    else:
        with desk.writing() as con:
            con.execute("UPDATE submissions SET applied_s = NULL, undo_applied_s = NULL")


def check(desk: Desk, store: Store, judged_folder: SimpleNamespace) -> None:
    every = [item for call in judged_folder.calls.values() for item in submissions_of_call(desk, call.call_id)]
    standing = [item for item in every if item.undone_s is None]
    assert len({(item.evaluation_id, item.person_id) for item in standing}) == len(standing)
    ids = "SELECT submission_id FROM base.submissions WHERE NOT withdrawn ORDER BY ALL"
    assert [row[0] for row in rows(store, ids)] == sorted(item.submission_id for item in every)
    assert rows(store, "SELECT count(*) - count(DISTINCT verdict_id) FROM base.verdicts") == [(0,)]
    found = rows(
        store,
        "SELECT evaluation_id, reviewer, applicable, value FROM base.standing_verdicts WHERE criterion_id = 'needs'",
    )
    assert sorted(found, key=str) == sorted((expected(item) for item in standing), key=str)
    reviewed = {row[0] for row in rows(store, "SELECT call_id FROM base.current_submissions")}
    assert reviewed == {item.call_id for item in standing}


def expected(item) -> tuple:
    answer = item.draft.answer_to("needs")
    return item.evaluation_id, item.login, True, None if answer.label is None else float(answer.label)
