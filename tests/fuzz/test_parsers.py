"""Whatever a file holds, its parser answers or raises our own error, which names the file and says what to do."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.checklist import load_checklist
from pipeline.checklist.importing import Imported, import_draft
from pipeline.checklist.list_files import read_list
from pipeline.errors import InputError, PrescoreError
from pipeline.journal import Journal, read_journal
from pipeline.settings import JournalColumns, JournalSettings, load_settings
from pipeline.text_channel import TextCall, parse_lines
from tests.fuzz.contents import (
    ENCODINGS,
    JOURNAL_PIECES,
    JSON_PIECES,
    LIST_PIECES,
    YAML_PIECES,
    bytes_of,
    text_of,
    workbooks,
)

EXAMPLES = int(os.environ.get("PRESCORE_FUZZ_EXAMPLES", "0"))  # more than usual, and other ones each time
MOST_CPU_S = 10.0
SHORTEST_REMEDY = 15  # characters after the file's name
COLUMNS = JournalColumns(
    call_id="call_id",
    started_at="started_at",
    duration_s="duration_s",
    file_name="file_name",
    manager="manager",
    client_phone="client_phone",
    direction="direction",
)


def fuzzed(examples: int) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """The same examples on every run, unless PRESCORE_FUZZ_EXAMPLES asks for more."""
    return settings(
        max_examples=EXAMPLES or examples,
        derandomize=not EXAMPLES,
        database=None,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
    )


@contextmanager
def within(cpu_s: float) -> Iterator[None]:
    """Ends what hangs. Counted is the processor's time: a busy machine makes nothing hang."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise TimeoutError(f"took more than {cpu_s} s")

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, cpu_s)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def answer(parse: Callable[[Path], object], path: Path) -> object:
    """What the parser says; None for an error of ours that is whole. Any other error comes out."""
    with within(MOST_CPU_S):
        try:
            return parse(path)
        except PrescoreError as error:
            check_message(str(error), path.name)
            return None


def check_message(message: str, name: str) -> None:
    """It can be printed anywhere, and each line goes on after the file's name."""
    message.encode()
    assert name in message, message
    assert len(message.partition(name)[2]) > SHORTEST_REMEDY, message


def put(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@fuzzed(150)
@given(content=bytes_of(JOURNAL_PIECES), encoding=st.sampled_from(ENCODINGS), delimiter=st.sampled_from(",;\t"))
def test_journals(tmp_path: Path, content: bytes, encoding: str, delimiter: str) -> None:
    check_journal(put(tmp_path, "calls.csv", content), encoding, delimiter)


@fuzzed(150)
@given(rows=text_of(JOURNAL_PIECES), encoding=st.sampled_from(ENCODINGS))
def test_journals_with_their_header(tmp_path: Path, rows: str, encoding: str) -> None:
    header = ",".join(name for name in COLUMNS.model_dump(exclude_none=True))
    check_journal(put(tmp_path, "calls.csv", f"{header}\n{rows}".encode(encoding, "replace")), encoding, ",")


def check_journal(path: Path, encoding: str, delimiter: str) -> None:
    journal = JournalSettings(encoding=encoding, delimiter=delimiter, columns=COLUMNS)
    found = answer(lambda file: read_journal(file, journal, b"key"), path)
    assert found is None or isinstance(found, Journal)
    for problem in found.problems if found else ():
        assert problem.line >= 1 and problem.found and problem.remedy
        assert len(problem.found) < 300


@fuzzed(25)
@given(content=workbooks() | st.binary(max_size=50).map(b"PK\x03\x04".__add__))
def test_a_journal_that_is_a_workbook_is_told_to_be_saved_as_csv(tmp_path: Path, content: bytes) -> None:
    path = put(tmp_path, "calls.xlsx", content)
    if content.startswith(b"PK\x03\x04"):
        with pytest.raises(PrescoreError, match=r"calls\.xlsx: is an Excel workbook; save it as CSV"):
            read_journal(path, JournalSettings(columns=COLUMNS), None)
    else:
        check_journal(path, "utf-8-sig", ",")


@fuzzed(250)
@given(content=bytes_of(YAML_PIECES))
def test_checklists(tmp_path: Path, content: bytes) -> None:
    answer(load_checklist, put(tmp_path, "list.yaml", content))


@fuzzed(250)
@given(content=bytes_of(YAML_PIECES))
def test_configurations(tmp_path: Path, content: bytes) -> None:
    answer(load_settings, put(tmp_path, "pipeline.yaml", content))


@fuzzed(250)
@given(content=bytes_of(LIST_PIECES), ending=st.sampled_from([".csv", ".tsv", ".txt", ".xlsx"]))
def test_lists_to_import(tmp_path: Path, content: bytes, ending: str) -> None:
    check_list(put(tmp_path, f"standard{ending}", content))


@fuzzed(50)
@given(content=workbooks())
def test_workbooks_to_import(tmp_path: Path, content: bytes) -> None:
    check_list(put(tmp_path, "standard.xlsx", content))


def check_list(path: Path) -> None:
    found = answer(lambda file: import_draft(read_list(file), file.stem), path)
    assert found is None or (isinstance(found, Imported) and found.checklist.criteria)


@fuzzed(250)
@given(text=text_of(JSON_PIECES))
def test_dialogues(text: str) -> None:
    with within(MOST_CPU_S):
        for found in parse_lines(text.split("\n"), "chats.jsonl", ("ru", "en")):
            assert isinstance(found, TextCall | InputError)
            if isinstance(found, InputError):
                check_message(str(found), "chats.jsonl")
            else:
                found.call_id.encode()
