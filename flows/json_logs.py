"""Logs as one JSON object a line, for programs that collect them: PRESCORE_LOG_FORMAT=json.

Our own parts tell from INFO on, everything else from WARNING; what Prefect tells of a flow goes the same way. Of an
error only its kind and place are told: its text might hold words that were spoken.
"""

import logging
import re
import sys
from collections.abc import Mapping
from functools import lru_cache
from types import TracebackType
from typing import Any

from opentelemetry import trace
from pythonjsonlogger.json import JsonFormatter

from flows.workshop import read_environment
from pipeline.errors import ConfigurationError, PrescoreError, StoreError, WeightsError

VARIABLE = "PRESCORE_LOG_FORMAT"
FORMATS = ("text", "json")
OUR_PARTS = ("pipeline", "models", "flows", "review")
PREFECT = "prefect."
END_OF_A_RUN = re.compile(r"(Finished in state \w+)\(.*", re.DOTALL)  # in brackets: the error that ended it
ExceptionInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class PlaceOnlyFormatter(JsonFormatter):
    """`time` is UTC. `trace_id` and `span_id` stand where a span is open."""

    def __init__(self) -> None:
        super().__init__(
            "%(levelname)s %(name)s %(message)s",
            rename_fields={"levelname": "level", "name": "logger"},
            timestamp="time",
            json_ensure_ascii=False,
        )

    def add_fields(self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]) -> None:
        super().add_fields(log_data, record, message_dict)
        if record.name.startswith(PREFECT):
            log_data["message"] = told_by_prefect(record)
        context = trace.get_current_span().get_span_context()
        if context.is_valid:
            log_data["trace_id"] = trace.format_trace_id(context.trace_id)
            log_data["span_id"] = trace.format_span_id(context.span_id)

    def formatException(self, ei: ExceptionInfo) -> list[str]:  # type: ignore[override]
        """The kind of the error and the places that it came through, the last one last."""
        kind, _, place = ei
        found = [] if kind is None else [kind.__name__]
        while place is not None:
            code = place.tb_frame.f_code
            found.append(f"{code.co_filename}:{place.tb_lineno} {code.co_name}")
            place = place.tb_next
        return found


def told_by_prefect(record: logging.LogRecord) -> str:
    """Prefect puts the text of an error into its messages: of those only what stands before it."""
    message = record.getMessage()
    if record.levelno >= logging.ERROR or any(isinstance(part, BaseException) for part in record.args or ()):
        return message.partition(":")[0]
    return END_OF_A_RUN.sub(r"\1", message)


@lru_cache(maxsize=1)
def logs_from_environment() -> bool:
    """`set_up_logs`, once a process: the command, a flow and each process that works for them begin with it."""
    return set_up_logs(read_environment())


def set_up_logs(environment: Mapping[str, str]) -> bool:
    """Says whether logs are JSON from now on; else Python's own way stays.

    Raises ConfigurationError for another word.
    """
    chosen = environment.get(VARIABLE, "text")
    if chosen not in FORMATS:
        raise ConfigurationError(f'{VARIABLE}: is "{chosen}"; set it to {" or ".join(FORMATS)}')
    if chosen != "json":
        return False
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(PlaceOnlyFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for name in OUR_PARTS:
        logging.getLogger(name).setLevel(logging.INFO)
    return True


def log_end(error: PrescoreError, exit_code: int) -> None:
    """What the command ends with. Messages about input are for the person at the keyboard: they may hold names."""
    about_the_machine = isinstance(error, StoreError | ConfigurationError | WeightsError)
    told = str(error) if about_the_machine else type(error).__name__
    logging.getLogger(__name__).error(told, extra={"error.type": type(error).__name__, "exit_code": exit_code})
