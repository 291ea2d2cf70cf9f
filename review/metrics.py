"""Figures for Prometheus: requests by route, and how store, desk and disk stand when they are asked for."""

import json
import logging
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from prometheus_client import CollectorRegistry, Histogram, PlatformCollector, ProcessCollector
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipeline.data_folder import DataFolder
from pipeline.errors import StoreError
from pipeline.store.watched import StoreState, read_state
from review.desk.outbox import read_outboxes
from review.health import Health

log = logging.getLogger(__name__)
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)
KEPT_S = 15.0  # how old the figures of the store may be: reading them takes its lock
NO_ROUTE = "(none)"  # of a path that is nobody's: its words are not told
NONE = StoreState(None, None, {}, {})
SCRAPE_S = 2.0


class RequestFigures:
    """Counts and times requests by the template of their route, never by their path, which may hold a name."""

    def __init__(self, app: ASGIApp, registry: CollectorRegistry) -> None:
        self.app = app
        self._seconds = Histogram(
            "http_server_request_duration_seconds",
            "Requests that the page answered, as OpenTelemetry's conventions name them.",
            ("http_request_method", "http_route", "http_response_status_code"),
            buckets=BUCKETS,
            registry=registry,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started_s, status = time.perf_counter(), 500

        async def send_and_note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, send_and_note)
        finally:
            self._tell(scope, status, time.perf_counter() - started_s)

    def _tell(self, scope: Scope, status: int, seconds: float) -> None:
        method = scope["method"] if scope["method"] in METHODS else "_OTHER"
        route = getattr(scope.get("route"), "path", None) or NO_ROUTE
        self._seconds.labels(method, route, str(status)).observe(seconds)
        facts = {"http.request.method": method, "http.route": route, "http.response.status_code": status}
        log.info("request", extra=facts | {"seconds": round(seconds, 4)})


METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


@dataclass(eq=False)  # the registry keeps it as a key
class State(Collector):
    """What a scrape finds: the store's figures at most `KEPT_S` old, everything else as it is."""

    health: Health
    data: DataFolder
    _store: StoreState = NONE
    _read_s: float = float("-inf")

    def describe(self) -> Iterable[Metric]:
        """None: else a scrape would be made when the registry learns of it."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Each figure under the name that docs/operator.md explains."""
        parts = self.health.parts()
        yield gauge("prescore_part_up", "Whether this part works, as /health/ready has it.", "part", parts)
        yield from self._nights_and_calls()
        yield from self._outboxes()
        usage = shutil.disk_usage(self.data.root)
        yield gauge("prescore_disk_free_bytes", "Free on the disk of the data folder.", value=usage.free)
        yield gauge("prescore_disk_size_bytes", "Size of the disk of the data folder.", value=usage.total)
        if (made_s := last_backup_s(self.data)) is not None:
            yield gauge("prescore_last_backup_timestamp_seconds", "When `prescore backup` last ended.", value=made_s)

    def _nights_and_calls(self) -> Iterator[Metric]:
        state = self._state()
        for name, moment_s in (("start", state.night_started_s), ("end", state.night_finished_s)):
            if moment_s is not None:
                text = f"When the last night's {name} was."
                yield gauge(f"prescore_last_night_{name}_timestamp_seconds", text, value=moment_s)
        yield gauge("prescore_last_night_calls", "Calls of the last night that ended.", "outcome", state.night_calls)
        known = {"waiting": 0, "failed": 0} if state is not NONE else {}
        yield gauge("prescore_calls", "Calls by what became of them.", "status", known | dict(state.calls))

    def _outboxes(self) -> Iterator[Metric]:
        try:
            boxes = read_outboxes(self.health.site.desk)
        except StoreError:  # prescore_part_up says so
            return
        pending = {item.box: item.pending for item in boxes}
        ages = {item.box: item.oldest_age_s for item in boxes}
        yield gauge("prescore_outbox_pending", "What waits in the desk to go elsewhere.", "box", pending)
        yield gauge("prescore_outbox_oldest_age_seconds", "How long the oldest of it has waited.", "box", ages)

    def _state(self) -> StoreState:
        store = self.health.site.store
        if time.monotonic() - self._read_s > KEPT_S and store.path.exists():
            try:
                with store.reading(timeout_s=SCRAPE_S) as con:
                    self._store = read_state(con)
            except StoreError as error:
                log.info("the figures of the store are older than %g s: %s", KEPT_S, type(error).__name__)
            else:
                self._read_s = time.monotonic()
        return self._store


def gauge(
    name: str, text: str, label: str = "", values: Mapping[str, float] | None = None, value: float | None = None
) -> GaugeMetricFamily:
    """A figure with one value, or with one for each value of a label."""
    family = GaugeMetricFamily(name, text, value=value, labels=(label,) if label else None)
    for key, found in (values or {}).items():
        family.add_metric((key,), float(found))
    return family


def last_backup_s(data: DataFolder) -> float | None:
    """When the last backup was made; None where there was none."""
    try:
        made_at: str = json.loads(data.last_backup.read_text(encoding="utf-8"))["made_at"]
        return datetime.fromisoformat(made_at).timestamp()
    except (OSError, ValueError, KeyError):
        return None


def new_registry() -> CollectorRegistry:
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    return registry
