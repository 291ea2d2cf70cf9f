import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from opentelemetry.metrics import NoOpMeterProvider
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import NoOpTracerProvider

from pipeline import watching
from tests.flow_runs.conftest import inbox, order, run, settings  # noqa: F401
from tests.pages.conftest import app, data  # noqa: F401


@dataclass
class Watcher:
    """What was told, in this process."""

    spans_told: InMemorySpanExporter
    reader: InMemoryMetricReader

    @property
    def spans(self) -> tuple[ReadableSpan, ...]:
        return self.spans_told.get_finished_spans()

    def figures(self) -> dict[str, list[tuple[dict[str, Any], Any]]]:
        """By name: attributes with value, or with the count of a histogram."""
        found: dict[str, list[tuple[dict[str, Any], Any]]] = {}
        told = self.reader.get_metrics_data()
        for scope in told.resource_metrics[0].scope_metrics if told else ():
            for metric in scope.metrics:
                for point in metric.data.data_points:
                    value = getattr(point, "value", None)
                    value = point.count if value is None else value
                    found.setdefault(metric.name, []).append((dict(point.attributes), value))
        return found


@pytest.fixture
def watcher() -> Iterator[Watcher]:
    spans, reader = InMemorySpanExporter(), InMemoryMetricReader()
    tracers = TracerProvider()
    tracers.add_span_processor(SimpleSpanProcessor(spans))
    watching.use(tracers, MeterProvider(metric_readers=[reader]))
    yield Watcher(spans, reader)
    watching.use(NoOpTracerProvider(), NoOpMeterProvider())


@dataclass
class Collector:
    """A collector of OpenTelemetry's protocol over HTTP that keeps what it gets."""

    address: str = ""
    spans: list[Any] = field(default_factory=list)
    resources: list[dict[str, str]] = field(default_factory=list)
    metrics: set[str] = field(default_factory=set)
    bytes_got: list[bytes] = field(default_factory=list)

    def take(self, path: str, body: bytes) -> None:
        self.bytes_got.append(body)
        if path == "/v1/traces":
            for told in ExportTraceServiceRequest.FromString(body).resource_spans:
                self.resources.append({item.key: item.value.string_value for item in told.resource.attributes})
                self.spans += [span for scope in told.scope_spans for span in scope.spans]
        elif path == "/v1/metrics":
            for told in ExportMetricsServiceRequest.FromString(body).resource_metrics:
                self.metrics |= {metric.name for scope in told.scope_metrics for metric in scope.metrics}


@pytest.fixture
def collector() -> Iterator[Collector]:
    import gzip

    kept = Collector()

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            kept.take(self.path, gzip.decompress(body) if self.headers.get("content-encoding") == "gzip" else body)
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        kept.address = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield kept
        server.shutdown()


def lines_of(text: str) -> list[dict[str, Any]]:
    """The JSON objects that a log has, one a line; anything else fails."""
    return [json.loads(line) for line in text.splitlines()]
