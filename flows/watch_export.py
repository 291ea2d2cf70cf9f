"""Spans and figures sent to whoever the environment names, by OpenTelemetry's own variables; off without them."""

import logging
from functools import lru_cache
from importlib.metadata import version
from typing import Protocol
from uuid import uuid4

from flows.workshop import read_environment
from pipeline import watching

log = logging.getLogger(__name__)
ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
FLUSH_MS = 5_000


class Provider(Protocol):
    """An SDK's provider, which keeps what it sends for a while."""

    def force_flush(self, timeout_millis: int = ...) -> bool: ...


@lru_cache(maxsize=1)
def watch_from_environment() -> tuple[Provider, ...]:
    """Begins to send, once a process, where OTEL_EXPORTER_OTLP_ENDPOINT says; nothing is sent without it."""
    environment = read_environment()
    if not environment.get(ENDPOINT):
        return ()
    try:
        from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.metrics import MeterProvider
        from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        log.warning("%s is set, and nothing is sent: .venv/bin/pip install -e '.[watch]' -c constraints.txt", ENDPOINT)
        return ()
    resource = Resource.create(
        {
            "service.name": environment.get("OTEL_SERVICE_NAME", "prescore"),
            "service.version": version("prescore"),
            "service.instance.id": uuid4().hex,
        }
    )
    tracers = TracerProvider(resource=resource)
    tracers.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    meters = MeterProvider(resource=resource, metric_readers=[PeriodicExportingMetricReader(OTLPMetricExporter())])
    watching.use(tracers, meters)
    return tracers, meters


def flush() -> None:
    """Sends what is kept: a worker is ended without being asked."""
    for provider in watch_from_environment():
        provider.force_flush(FLUSH_MS)
