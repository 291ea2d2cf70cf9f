"""A run as OpenTelemetry sees it, by its own SDK and its own protocol."""

from pathlib import Path

from flows.workshop import WorkOrder
from pipeline.store import Store
from tests.command.real_command import finish
from tests.fakes import AGENT_LINE, CLIENT_LINE
from tests.flow_runs.conftest import RunOn
from tests.flow_runs.recordings import JOURNAL, breaking_call
from tests.watching.conftest import Collector, Watcher

STAGES = {"transcription", "diarization", "dialogue", "vectors", "evaluation"}
ATTRIBUTES = {
    "prescore.run.id",
    "prescore.call.id",
    "prescore.stage",
    "prescore.call.outcome",
    "prescore.shard.number",
    "prescore.shard.calls",
    "error.type",
}


def test_night_shard_call_and_stage_hang_together(watcher: Watcher, run: RunOn, order: WorkOrder) -> None:
    run_id = run().plan.run_id
    by_id = {span.context.span_id: span for span in watcher.spans}
    parents = {(span.name, by_id[span.parent.span_id].name if span.parent else "") for span in watcher.spans}
    assert {("night", ""), ("process shard", "night"), ("process call", "process shard")} <= parents
    assert {name for name, parent in parents if parent == "process call"} == STAGES
    assert len({span.context.trace_id for span in watcher.spans}) == 1
    (night,) = [span for span in watcher.spans if span.name == "night"]
    assert night.attributes == {"prescore.run.id": run_id}
    with Store(order.data.store).reading() as con:
        known = {row[0] for row in con.execute("SELECT call_id FROM base.recordings").fetchall()}
    assert {span.attributes["prescore.call.id"] for span in watcher.spans if span.name == "process call"} == known


def test_figures_of_a_run(watcher: Watcher, run: RunOn, inbox: Path) -> None:
    breaking_call(inbox / "breaks.wav", "breaks")
    run()
    figures = watcher.figures()
    calls = {tuple(sorted(attributes.items())): value for attributes, value in figures["prescore.calls"]}
    assert calls == {
        (("prescore.call.outcome", "done"),): 2,
        (("error.type", "internal_error"), ("prescore.call.outcome", "failed")): 1,
    }
    assert {item["prescore.stage"] for item, _ in figures["prescore.stage.duration"]} == STAGES
    assert all(count for _, count in figures["prescore.stage.real_time_factor"])
    assert figures["prescore.run.waiting"] == [({}, 0)]


def test_a_failed_call_is_marked_by_its_code_and_nothing_is_told_of_it(
    watcher: Watcher, run: RunOn, inbox: Path
) -> None:
    """The fake's error holds words of the client."""
    breaking_call(inbox / "breaks.wav", "breaks")
    run()
    failed = [span for span in watcher.spans if not span.status.is_ok]
    assert {(span.name, span.attributes["error.type"]) for span in failed} == {
        ("process call", "internal_error"),
        ("transcription", "ValueError"),
    }
    assert all(span.status.description is None and not span.events for span in failed)
    assert {key for span in watcher.spans for key in span.attributes} <= ATTRIBUTES


def test_workers_send_to_a_collector_what_belongs_to_the_night(
    collector: Collector, inbox: Path, tmp_path: Path
) -> None:
    """The real command with a worker process, over the real protocol."""
    journal = tmp_path / "calls.csv"
    journal.write_text(JOURNAL, encoding="utf-8")
    words = ("run", inbox, "--journal", journal, "--workers", "1", "--data", tmp_path / "data")
    code, _, errors = finish(
        *words, PRESCORE_PHONE_KEY="key", OTEL_EXPORTER_OTLP_ENDPOINT=collector.address, OTEL_SERVICE_NAME="office"
    )
    assert (code, errors) == (0, "")
    assert {resource["service.name"] for resource in collector.resources} == {"office"}
    assert len({resource["service.instance.id"] for resource in collector.resources}) == 2  # command and worker
    by_id = {span.span_id: span for span in collector.spans}
    assert len({span.trace_id for span in collector.spans}) == 1
    shards = [span for span in collector.spans if span.name == "process shard"]
    assert shards
    assert {by_id[span.parent_span_id].name for span in shards} == {"night"}
    assert {"prescore.calls", "prescore.stage.duration", "prescore.run.waiting"} <= collector.metrics
    everything = b"".join(collector.bytes_got)
    private = [*AGENT_LINE, *CLIENT_LINE, "Анна", "Борис", "stereo-1", "mono-1", str(tmp_path), "5550101"]
    assert [word for word in private if len(word) > 3 and word.encode() in everything] == []


def test_nothing_is_sent_unless_told(collector: Collector, inbox: Path, tmp_path: Path) -> None:
    code, _, errors = finish("run", inbox, "--workers", "0", "--data", tmp_path / "data")
    assert (code, errors, collector.bytes_got) == (0, "", [])
