"""A person says who the agent is: the words of the call get roles anew and are judged again, without its audio."""

from pathlib import Path

from flows.batch import RUN_LOCK_S, store_shard
from flows.confirming import confirm_stored
from flows.planning import new_run_id, with_known_results
from flows.shards import Shard, ShardResult
from flows.workshop import WorkOrder, with_heads, workshop_of
from pipeline.errors import InputError, StoreError
from pipeline.processing import CallTask, process_call, stage_keys
from pipeline.records import Recording
from pipeline.sides import client_second
from pipeline.store import Store
from pipeline.store.calls import name_agent, read_calls
from pipeline.store.evaluations import write_checklist
from pipeline.store.lock import locked
from pipeline.store.publish import publish
from pipeline.store.runs import write_run_event
from pipeline.store.show import StoredCall, read_call


def name_sides(
    order: WorkOrder, name: str, agent_at_s: float | None, login: str, lock_timeout_s: float = RUN_LOCK_S
) -> StoredCall:
    """Keeps that whoever speaks at that second is the agent, and judges the call again. None: who is the client now.

    What was said stays in the store whatever happens afterwards: the next run over the recording heeds it.

    Raises InputError for a call that nobody was heard in, or a second outside it; StoreError while a run works.
    """
    store = Store(order.data.store)
    with store.reading() as con:
        stored = read_call(con, name)
    at_s = second_of(stored, name, agent_at_s)
    sha = str(stored.call.content_sha256)
    with store.writing() as con:
        name_agent(con, sha, at_s, login)
    try:
        with locked(order.data.run_lock, exclusive=True, timeout_s=lock_timeout_s):
            return _judge_again(store, with_heads(order), stored)
    except StoreError as error:
        raise StoreError(f"{name}: who the agent is was kept; to judge the call by it, repeat: {error}") from error


def second_of(stored: StoredCall, name: str, agent_at_s: float | None) -> float:
    """The second that is to be kept: the one given, else one at which the client speaks now. Raises InputError."""
    if stored.analysed is None or not stored.analysed.dialogue.utterances:
        raise InputError(f"{name}: nobody was heard in it yet, so there are no sides; `prescore run` it first")
    if agent_at_s is None:
        agent_at_s = client_second(stored.analysed)
        if agent_at_s is None:
            raise InputError(f"{name}: no client was heard in it; say when the agent speaks: --agent-at 0:12")
    duration_s = stored.analysed.metrics.duration_s
    if not 0 <= agent_at_s <= duration_s:
        raise InputError(f"{name}: is {duration_s:.0f} s long; {agent_at_s:g} s is not in it, name another second")
    return agent_at_s


def _judge_again(store: Store, order: WorkOrder, stored: StoredCall) -> StoredCall:
    """One call's part of a run, from the words that are stored."""
    sha, workshop = str(stored.call.content_sha256), workshop_of(order)
    with store.reading() as con:
        (call,) = read_calls(con, [sha])
    recording = Recording(sha, Path(stored.path or call.file_name or sha), 0)
    task = CallTask(recording, call, stage_keys(workshop, call))
    run_id = new_run_id()
    with store.writing() as con:
        write_run_event(con, run_id, "started", {"to_rescore": 1})
        write_checklist(con, workshop.checklist)
    (shard,) = with_known_results(store, [Shard(0, (task,))])
    result = process_call(shard.tasks[0], workshop)
    store_shard(store, ShardResult(0, (result,), sum(found.processing_s for found in result.results)), run_id)
    confirm_stored(store, order.settings.trust)
    with store.writing() as con:
        counts = {"rescored": int(result.failure is None), "failed": int(result.failure is not None)}
        write_run_event(con, run_id, "finished", counts)
    publish(store, order.data.published)
    if result.failure is not None:
        raise InputError(result.failure.reason)
    with store.reading() as con:
        return read_call(con, stored.call.call_id)
