"""Logs as JSON lines: facts of the program, and no word of a call."""

import logging
from pathlib import Path

import pytest

from flows.json_logs import PlaceOnlyFormatter, set_up_logs
from pipeline import watching
from pipeline.errors import ConfigurationError
from tests.command.real_command import finish
from tests.fakes import AGENT_LINE, CLIENT_LINE
from tests.flow_runs.recordings import breaking_call
from tests.watching.conftest import Watcher, lines_of


def test_a_run_tells_what_it_does(inbox: Path, tmp_path: Path) -> None:
    breaking_call(inbox / "breaks.wav", "breaks")
    words = ("run", inbox, "--workers", "0", "--data", tmp_path / "data")
    code, _, errors = finish(*words, PRESCORE_LOG_FORMAT="json")
    told = lines_of(errors)
    assert code == 0
    assert told[0]["message"] == "run begun"
    assert told[-1]["message"] == "run finished"
    assert (told[-1]["done"], told[-1]["failed"]) == (2, 1)
    assert {line["run_id"] for line in told} == {told[0]["run_id"]}
    assert all(line["time"].endswith("+00:00") and line["level"] == "INFO" for line in told)
    private = [*AGENT_LINE, *CLIENT_LINE, "stereo-1", "mono-1", "breaks.wav"]
    assert [word for word in private if len(word) > 3 and word in errors] == []


def test_an_end_by_an_error_is_a_line_too(tmp_path: Path) -> None:
    code, _, errors = finish("status", "--data", tmp_path, PRESCORE_LOG_FORMAT="json")
    (line,) = lines_of(errors)
    assert (code, line["exit_code"], line["error.type"]) == (3, 3, "StoreError")
    assert "there is no store yet" in line["message"]


def test_messages_about_input_may_hold_names_and_are_not_told(tmp_path: Path) -> None:
    code, _, errors = finish("run", tmp_path / "Ксения.wav", "--data", tmp_path, PRESCORE_LOG_FORMAT="json")
    line = lines_of(errors)[-1]
    assert (code, line["message"], line["exit_code"]) == (2, "InputError", 2)


def test_another_word_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r'PRESCORE_LOG_FORMAT: is "xml"; set it to text or json'):
        set_up_logs({"PRESCORE_LOG_FORMAT": "xml"})
    assert set_up_logs({}) is False


def test_of_an_error_only_kind_and_places_are_told(watcher: Watcher) -> None:
    try:
        raise ValueError("слова клиента")
    except ValueError as error:
        info = (type(error), error, error.__traceback__)
    record = logging.LogRecord("review", logging.ERROR, __file__, 1, "it broke", None, info)
    with watching.span("night", {}) as span:
        (line,) = lines_of(PlaceOnlyFormatter().format(record))
    assert line["exc_info"][0] == "ValueError"
    assert "test_json_logs.py" in line["exc_info"][1]
    assert "клиента" not in str(line)
    assert line["trace_id"] == f"{span.get_span_context().trace_id:032x}"
