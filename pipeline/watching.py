"""What whoever watches sees of the work: spans and figures by OpenTelemetry. Nothing is sent until `use` gets an SDK.

Only ids of calls and runs, codes, counts and seconds: never a word, a number, a name or a path, and no error's text.
The providers are our own and not OpenTelemetry's global ones: what libraries would tell is not ours to send.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager

from opentelemetry import context, trace
from opentelemetry.metrics import CallbackOptions, MeterProvider, NoOpMeterProvider, Observation
from opentelemetry.trace import NoOpTracerProvider, Span, Status, StatusCode, TracerProvider
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

SCOPE = "prescore"
RUN_ID, CALL_ID, STAGE, OUTCOME = "prescore.run.id", "prescore.call.id", "prescore.stage", "prescore.call.outcome"
SHARD_NUMBER, SHARD_CALLS, BOX = "prescore.shard.number", "prescore.shard.calls", "prescore.outbox.box"
ERROR = "error.type"  # as OpenTelemetry's conventions call it
STAGE_SECONDS = (0.01, 0.05, 0.1, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800)
FACTORS = (0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2)
_W3C = TraceContextTextMapPropagator()
Carried = tuple[tuple[str, str], ...]


class Instruments:
    """The tracer, and each figure under its name."""

    def __init__(self, tracers: TracerProvider, meters: MeterProvider) -> None:
        self.tracer = tracers.get_tracer(SCOPE)
        meter = meters.get_meter(SCOPE)
        self.calls = meter.create_counter("prescore.calls", "{call}", "Calls that a run has stored, by outcome.")
        self.stage_duration = meter.create_histogram(
            "prescore.stage.duration", "s", "Work on one call.", explicit_bucket_boundaries_advisory=STAGE_SECONDS
        )
        self.real_time_factor = meter.create_histogram(
            "prescore.stage.real_time_factor",
            "1",
            "Seconds of work by second of audio.",
            explicit_bucket_boundaries_advisory=FACTORS,
        )
        self.waiting = meter.create_gauge(
            "prescore.run.waiting", "{call}", "Calls of this run that are not stored yet."
        )
        self.applied = meter.create_counter("prescore.verdicts.applied", "{verdict}", "Answers that the store took.")
        self.meter = meter


_instruments = Instruments(NoOpTracerProvider(), NoOpMeterProvider())


def use(tracers: TracerProvider, meters: MeterProvider) -> None:
    """From now on everything is told to these."""
    global _instruments
    _instruments = Instruments(tracers, meters)


def instruments() -> Instruments:
    return _instruments


@contextmanager
def span(name: str, attributes: Mapping[str, str | int], parent: Carried = ()) -> Iterator[Span]:
    """A stretch of work. `parent`: the span that it belongs to, as another process has `carried` it here.

    An error that passes through marks it with its kind; what the error says is not told.
    """
    inside = _W3C.extract(dict(parent)) if parent else context.get_current()
    with _instruments.tracer.start_as_current_span(
        name, inside, attributes=attributes, record_exception=False, set_status_on_exception=False
    ) as made:
        try:
            yield made
        except BaseException as error:
            mark_failed(made, type(error).__name__)
            raise


def mark_failed(made: Span, code: str) -> None:
    made.set_attribute(ERROR, code)
    made.set_status(Status(StatusCode.ERROR))


def name_run(run_id: str) -> None:
    """Says which run the span at hand is, once that is known."""
    trace.get_current_span().set_attribute(RUN_ID, run_id)


def carried() -> Carried:
    """The span at hand in the form in which it travels to another process (W3C Trace Context)."""
    carrier: dict[str, str] = {}
    _W3C.inject(carrier)
    return tuple(sorted(carrier.items()))


def observe(name: str, unit: str, text: str, read: Callable[[], Mapping[str, float]]) -> None:
    """A figure that is looked up whenever figures are sent: `read` gives it by the name of its box."""

    def answer(_: CallbackOptions) -> Iterable[Observation]:
        return [Observation(value, {BOX: box}) for box, value in read().items()]

    _instruments.meter.create_observable_gauge(name, [answer], unit, text)
