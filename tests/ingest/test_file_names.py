"""Facts from file names, by the configured pattern."""

from datetime import datetime
from pathlib import Path

import pytest

from pipeline.errors import ConfigurationError
from pipeline.file_names import calls_of_recordings
from pipeline.phone import hash_phone
from pipeline.records import Call, Recording
from pipeline.settings import IngestSettings, JournalSettings

PATTERN = r"(?P<started_at>\d{8}-\d{6})_(?P<direction>in|out)_(?P<manager>[^_.]+)(?:_(?P<client_phone>\d+))?"
SHA256 = "0123456789abcdef" * 4


def settings(pattern: str | None) -> IngestSettings:
    journal = JournalSettings(timezone="Europe/Moscow", incoming=("in",), outgoing=("out",))
    return IngestSettings(audio_extensions=("wav",), file_name_pattern=pattern, journal=journal)


def recordings(*names: str) -> list[Recording]:
    return [Recording(SHA256, Path("inbox") / name, 1) for name in names]


def test_name_that_fits_gives_its_facts() -> None:
    named = calls_of_recordings(recordings("20260105-100000_OUT_anna_89161234567.wav"), settings(PATTERN), b"key")
    assert named.unfitting_count == 0
    assert named.calls == (
        Call(
            call_id="0123456789abcdef",
            content_sha256=SHA256,
            direction="outgoing",
            manager="anna",
            client_phone_hash=hash_phone("79161234567", b"key"),
            client_phone_last4="4567",
            started_at=datetime(2026, 1, 5, 7),
            file_name="20260105-100000_OUT_anna_89161234567.wav",
        ),
    )


def test_group_that_is_not_there_gives_nothing() -> None:
    (call,) = calls_of_recordings(recordings("20260105-100000_in_anna.wav"), settings(PATTERN), b"key").calls
    assert (call.manager, call.client_phone_last4) == ("anna", None)


def test_names_that_do_not_fit_are_counted() -> None:
    names = ("call.wav", "20261305-100000_in_anna.wav", "20260105-100000_in_anna.wav")
    named = calls_of_recordings(recordings(*names), settings(PATTERN), None)
    assert named.unfitting_count == 2
    assert [call.manager for call in named.calls] == [None, None, "anna"]
    assert [call.file_name for call in named.calls] == list(names)


def test_without_a_pattern_nothing_is_counted() -> None:
    named = calls_of_recordings(recordings("call.wav"), settings(None), None)
    assert named.unfitting_count == 0
    assert named.calls == (Call("0123456789abcdef", content_sha256=SHA256, file_name="call.wav"),)


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("(?P<manager>", "no regular expression"),
        (r"(?P<agent>\w+)", "unknown groups agent"),
        (r"(?P<file_name>\w+)", "unknown groups file_name"),
        (r"\d+", "no named group"),
    ],
)
def test_bad_pattern_is_refused(pattern: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=f"ingest.file_name_pattern: {message}"):
        calls_of_recordings(recordings("call.wav"), settings(pattern), None)
