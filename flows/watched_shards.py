"""A shard as whoever watches sees it: spans where it is worked on, figures where it is stored."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flows.watch_export import flush, watch_from_environment
from pipeline import watching
from pipeline.processing import CallResult, CallTask
from pipeline.watching import Carried


@contextmanager
def shard_span(number: int, calls: int, night: Carried) -> Iterator[None]:
    """In whatever process: the night's span is the parent. What is kept is sent before the shard is answered."""
    watch_from_environment()
    attributes = {watching.SHARD_NUMBER: number, watching.SHARD_CALLS: calls}
    try:
        with watching.span("process shard", attributes, night):
            yield
    finally:
        flush()


@contextmanager
def call_span(task: CallTask) -> Iterator[list[CallResult]]:
    """The caller puts the result into the list."""
    answered: list[CallResult] = []
    with watching.span("process call", {watching.CALL_ID: task.call.call_id}) as made:
        yield answered
        for result in answered:
            made.set_attribute(watching.OUTCOME, outcome_of(result))
            if result.failure is not None and outcome_of(result) == "failed":
                watching.mark_failed(made, result.failure.code)


def outcome_of(result: CallResult) -> str:
    if result.failure is None:
        return "done"
    return "no_speech" if result.failure.code == "no_speech" else "failed"


def count_calls(calls: tuple[CallResult, ...], waiting: int) -> None:
    """Tells what a stored shard held, and how many calls of the run are left."""
    told = watching.instruments()
    for call in calls:
        attributes: dict[str, Any] = {watching.OUTCOME: outcome_of(call)}
        if call.failure is not None and outcome_of(call) == "failed":
            attributes[watching.ERROR] = call.failure.code
        told.calls.add(1, attributes)
        for result in call.results:
            told.stage_duration.record(result.processing_s, {watching.STAGE: result.stage})
            if result.audio_s > 0:
                told.real_time_factor.record(result.processing_s / result.audio_s, {watching.STAGE: result.stage})
    told.waiting.set(waiting)
