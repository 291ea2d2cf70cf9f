"""Who the agent is, said by a person: the call is judged again without its audio, and later runs heed it."""

from pathlib import Path

import pytest

from flows.sides import name_sides
from flows.workshop import WorkOrder
from pipeline.errors import InputError, StoreError
from pipeline.sides import client_second, role_at
from pipeline.store import Store
from pipeline.store.lock import locked
from pipeline.store.show import StoredCall, read_call
from tests.flow_runs.conftest import RunOn
from tests.flow_runs.recordings import bad_recordings
from tests.flow_runs.rows import count_rows


def read(store: Store, name: str) -> StoredCall:
    with store.reading() as con:
        return read_call(con, name)


def sides_of(stored: StoredCall) -> list[tuple[str, str]]:
    assert stored.analysed is not None
    return [(item.role, item.text) for item in stored.analysed.dialogue.utterances]


@pytest.mark.parametrize("name", ["stereo-1.wav", "mono-1.wav"])
def test_the_sides_are_swapped_without_hearing_the_call_again(
    run: RunOn, order: WorkOrder, inbox: Path, name: str
) -> None:
    run()
    store = Store(order.data.store)
    before = read(store, name)
    assert before.analysed is not None
    heard = count_rows(order.data.store, "transcriptions")
    (inbox / name).rename(inbox / "elsewhere.bin")
    after = name_sides(order, name, None, "anna")
    other = {"agent": "client", "client": "agent"}
    assert sides_of(after) == [(other[role], text) for role, text in sides_of(before)]
    assert after.analysed is not None
    assert (after.analysed.roles.source, after.analysed.roles.confidence) == ("named", 1.0)
    assert count_rows(order.data.store, "transcriptions") == heard
    assert after.evaluations[0].evaluation_id != before.evaluations[0].evaluation_id
    assert count_rows(order.data.store, "evaluations") == 3  # the earlier one, and the other call's, stay
    with store.reading() as con:
        assert con.execute("SELECT named_by FROM base.named_agents").fetchall() == [("anna",)]
        last = con.execute("SELECT counts FROM base.run_events ORDER BY occurred_at DESC LIMIT 1").fetchone()
    assert last == ('{"rescored": 1, "failed": 0}',)  # a night's figures stay those of a night
    assert sides_of(name_sides(order, name, client_second(after.analysed), "anna")) == sides_of(before)


def test_the_next_run_knows_it_and_has_nothing_to_do(run: RunOn, order: WorkOrder) -> None:
    run()
    store = Store(order.data.store)
    swapped = sides_of(name_sides(order, "mono-1.wav", None, "anna"))
    again = run()
    assert again.done == 0
    assert sides_of(read(store, "mono-1.wav")) == swapped


def test_it_is_kept_while_another_run_works_and_the_next_run_heeds_it(run: RunOn, order: WorkOrder) -> None:
    run()
    store = Store(order.data.store)
    before = read(store, "mono-1.wav")
    with (
        locked(order.data.run_lock, exclusive=True, timeout_s=1),
        pytest.raises(StoreError, match=r"mono-1\.wav: who the agent is was kept; to judge the call by it, repeat"),
    ):
        name_sides(order, "mono-1.wav", None, "anna", lock_timeout_s=0.1)
    assert sides_of(read(store, "mono-1.wav")) == sides_of(before)
    assert run().done == 1
    assert sides_of(read(store, "mono-1.wav")) != sides_of(before)


def test_what_cannot_be_said_of_a_call_is_refused(run: RunOn, order: WorkOrder, inbox: Path) -> None:
    bad_recordings(inbox)
    run()
    with pytest.raises(InputError, match="s long; 99 s is not in it"):
        name_sides(order, "mono-1.wav", 99.0, "anna")
    failed = next(path.name for path in sorted(inbox.iterdir()) if path.stem[:4] not in ("mono", "ster"))
    with pytest.raises(InputError, match="nobody was heard in it yet"):
        name_sides(order, failed, None, "anna")
    with Store(order.data.store).reading() as con:
        assert con.execute("SELECT count(*) FROM base.named_agents").fetchone() == (0,)


def test_a_second_names_who_speaks_then(run: RunOn, order: WorkOrder) -> None:
    run()
    analysed = read(Store(order.data.store), "stereo-1.wav").analysed
    assert analysed is not None
    second = client_second(analysed)
    assert second is not None
    assert role_at(analysed, second) == "client"
