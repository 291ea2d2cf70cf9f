"""Facts of a call from its recording's name, by the configured pattern; for recordings that no journal knows."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.call_fields import FieldProblem, FieldReader, field_reader
from pipeline.errors import ConfigurationError
from pipeline.ingest import call_id_of_recording
from pipeline.records import Call, Recording
from pipeline.settings import IngestSettings, JournalColumns

GROUPS = tuple(name for name in JournalColumns.model_fields if name != "file_name")


@dataclass(frozen=True, slots=True)
class NamedCalls:
    """One call per recording; `unfitting_count` names did not fit the pattern and gave no facts."""

    calls: tuple[Call, ...]
    unfitting_count: int


def calls_of_recordings(
    recordings: Sequence[Recording], settings: IngestSettings, phone_key: bytes | None
) -> NamedCalls:
    """A call for each recording without a journal row, with what its name says.

    Raises ConfigurationError when the pattern is no regular expression or has unknown groups.
    """
    pattern = compile_pattern(settings.file_name_pattern)
    reader = field_reader(settings.journal, settings.file_name_time_format, phone_key)
    calls, unfitting_count = [], 0
    for recording in recordings:
        call = Call(
            call_id=call_id_of_recording(recording.content_sha256),
            content_sha256=recording.content_sha256,
            file_name=recording.path.name,
        )
        described = call if pattern is None else with_facts(call, pattern, reader)
        unfitting_count += described is None
        calls.append(described or call)
    return NamedCalls(tuple(calls), unfitting_count)


def compile_pattern(pattern: str | None) -> re.Pattern[str] | None:
    """The pattern of file names. Raises ConfigurationError."""
    if pattern is None:
        return None
    try:
        compiled = re.compile(pattern, re.IGNORECASE)
    except re.error as error:
        raise ConfigurationError(
            f"ingest.file_name_pattern: no regular expression: {error}; correct it, or set it to null"
        ) from error
    unknown = sorted(set(compiled.groupindex) - set(GROUPS))
    if unknown or not compiled.groupindex:
        found = f"unknown groups {', '.join(unknown)}" if unknown else "no named group"
        raise ConfigurationError(f"ingest.file_name_pattern: {found}; use (?P<name>...) with {', '.join(GROUPS)}")
    return compiled


def with_facts(call: Call, pattern: re.Pattern[str], reader: FieldReader) -> Call | None:
    """`call` with the facts of its file name; None where the name, or a part of it, does not fit."""
    found = pattern.search(call.file_name or "")
    if found is None:
        return None
    described = call
    try:
        for name, text in found.groupdict().items():
            described = reader.with_field(described, name, text or "")
    except FieldProblem:
        return None
    return described
