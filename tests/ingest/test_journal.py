"""A journal as PBXs export it: good rows are read, bad ones named, and a wrong mapping refused."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from pipeline.errors import ConfigurationError, JournalError
from pipeline.journal import Journal, call_id_of_journal, read_journal
from pipeline.phone import hash_phone
from pipeline.records import Call
from pipeline.settings import JournalColumns, JournalSettings, load_settings

SETTINGS = load_settings().ingest.journal
HEADER = "call_id,started_at,direction,manager,client_phone,duration_s,answered,file_name,source"
ROW = "c1,2026-01-05 10:00:00,in,Anna,8 916 123-45-67,75,yes,a.wav,mango"


def read(tmp_path: Path, *lines: str, settings: JournalSettings = SETTINGS, key: bytes | None = b"key") -> Journal:
    path = tmp_path / "calls.csv"
    path.write_bytes("\n".join(lines).encode(settings.encoding))
    return read_journal(path, settings, key)


def only(journal: Journal) -> Call:
    (call,) = journal.calls
    assert journal.problems == ()
    return call


def changed(column: str, value: str) -> str:
    values = dict(zip(HEADER.split(","), ROW.split(","), strict=True)) | {column: value}
    return ",".join(values.values())


def test_row_becomes_a_call(tmp_path: Path) -> None:
    assert only(read(tmp_path, HEADER, ROW)) == Call(
        call_id=call_id_of_journal("mango", "c1"),
        journal_call_id="c1",
        source="mango",
        direction="incoming",
        manager="Anna",
        client_phone_hash=hash_phone("79161234567", b"key"),
        client_phone_last4="4567",
        started_at=datetime(2026, 1, 5, 7),
        duration_s=75.0,
        answered=True,
        file_name="a.wav",
    )


def test_without_a_key_only_the_last_four_digits_are_kept(tmp_path: Path) -> None:
    call = only(read(tmp_path, HEADER, ROW, key=None))
    assert (call.client_phone_hash, call.client_phone_last4) == (None, "4567")


def test_call_id_depends_on_source_and_id_alone(tmp_path: Path) -> None:
    first = only(read(tmp_path, HEADER, ROW))
    second = only(read(tmp_path, HEADER, changed("manager", "Boris"), key=None))
    assert first.call_id == second.call_id
    assert len({call_id_of_journal(source, "c1") for source in (None, "mango", "other")}) == 3
    assert len(first.call_id) == 16


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("2026-01-05 10:00:00", 7),
        ("2026-01-05T10:00:00+05:00", 5),
        ("2026-01-05T10:00:00Z", 10),
        ("20260105T100000", 7),
    ],
)
def test_times_become_utc(text: str, hour: int, tmp_path: Path) -> None:
    started_at = only(read(tmp_path, HEADER, changed("started_at", text))).started_at
    assert started_at == datetime(2026, 1, 5, hour)


def test_times_by_a_configured_format_and_summer_time(tmp_path: Path) -> None:
    settings = SETTINGS.model_copy(update={"time_format": "%d.%m.%Y %H:%M", "timezone": "Europe/Warsaw"})
    for text, hour in (("05.01.2026 10:00", 9), ("05.07.2026 10:00", 8)):
        started_at = only(read(tmp_path, HEADER, changed("started_at", text), settings=settings)).started_at
        assert started_at is not None and started_at.hour == hour


@pytest.mark.parametrize(
    ("direction", "answered", "expected"),
    [
        ("in", "yes", ("incoming", True)),
        ("Исходящий", "ДА", ("outgoing", True)),
        ("outbound", "no answer", ("outgoing", False)),
        ("missed", "yes", ("incoming", False)),
        ("Пропущенный", "", ("incoming", False)),
        ("in", "", ("incoming", None)),
        ("", "", (None, None)),
    ],
)
def test_words_of_direction_and_answer(
    direction: str, answered: str, expected: tuple[str | None, bool | None], tmp_path: Path
) -> None:
    row = changed("direction", direction).replace(",yes,", f",{answered},")
    call = only(read(tmp_path, HEADER, row))
    assert (call.direction, call.answered) == expected


@pytest.mark.parametrize(
    ("text", "seconds"), [("75", 75), ("75.5", 75.5), ("1:15", 75), ("0:01:15", 75), ("02:00:01", 7201), ("0", 0)]
)
def test_durations(text: str, seconds: float, tmp_path: Path) -> None:
    assert only(read(tmp_path, HEADER, changed("duration_s", text))).duration_s == seconds


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("direction", "sideways"),
        ("started_at", "yesterday"),
        ("started_at", "2026-02-30 10:00:00"),
        ("started_at", "0001-01-01T00:00:00+14:00"),
        ("duration_s", "long"),
        ("duration_s", "-5"),
        ("duration_s", "nan"),
        ("duration_s", "inf"),
    ],
)
def test_bad_value_costs_its_row_only(column: str, value: str, tmp_path: Path) -> None:
    bad = changed(column, value).replace("c1", "c2")
    journal = read(tmp_path, HEADER, bad, ROW)
    assert [call.journal_call_id for call in journal.calls] == ["c1"]
    (problem,) = journal.problems
    assert (problem.line, problem.column, problem.found) == (2, column, value)
    assert problem.remedy


def test_rounded_number_is_reported_without_the_number(tmp_path: Path) -> None:
    (problem,) = read(tmp_path, HEADER, changed("client_phone", "7.91612E+10")).problems
    assert (problem.column, problem.found) == ("client_phone", "a number rounded by a spreadsheet")


@pytest.mark.parametrize("row", ["c2,2026-01-05", ROW.replace("c1", "c2") + ",one,too many"])
def test_wrong_number_of_values_is_reported(row: str, tmp_path: Path) -> None:
    journal = read(tmp_path, HEADER, row, ROW)
    assert len(journal.calls) == 1
    assert "values for 9 columns" in journal.problems[0].found


def test_open_quote_costs_its_line_only(tmp_path: Path) -> None:
    rows = [ROW.replace("c1", f"c{index}") for index in range(5)]
    rows[1] = rows[1].replace("Anna", '"Anna')
    journal = read(tmp_path, HEADER, *rows)
    assert [call.journal_call_id for call in journal.calls] == ["c0", "c2", "c3", "c4"]
    assert [(problem.line, "quotes" in problem.found) for problem in journal.problems] == [(3, True)]


def test_value_that_swallows_the_next_row_is_reported(tmp_path: Path) -> None:
    first = ROW.replace("Anna", '"Anna')
    second = ROW.replace("c1", "c2").replace("Anna", 'Boris"')
    journal = read(tmp_path, HEADER, first, second, ROW.replace("c1", "c3"))
    assert [call.journal_call_id for call in journal.calls] == ["c2", "c3"]
    assert [problem.line for problem in journal.problems] == [2]


def test_quoted_line_break_and_blank_lines_are_fine(tmp_path: Path) -> None:
    journal = read(tmp_path, "", HEADER, "", ROW.replace("Anna", '"Anna\nMaria"'), ",,,,,,,,", ROW.replace("c1", "c2"))
    assert [call.manager for call in journal.calls] == ["Anna\nMaria", "Anna"]
    assert journal.problems == ()


def test_unicode_line_separator_is_part_of_its_value(tmp_path: Path) -> None:
    assert only(read(tmp_path, HEADER, ROW.replace("Anna", "An\u2028na"))).manager == "An\u2028na"


def test_repeated_call_id(tmp_path: Path) -> None:
    journal = read(tmp_path, HEADER, ROW, ROW, changed("manager", "Boris"))
    assert [call.manager for call in journal.calls] == ["Anna"]
    assert [(problem.line, problem.column) for problem in journal.problems] == [(4, "call_id")]
    assert "c1" in journal.problems[0].found


def test_without_an_id_the_row_is_the_id(tmp_path: Path) -> None:
    row, other = changed("call_id", ""), changed("call_id", "").replace("10:00:00", "10:00:01")
    first = read(tmp_path, HEADER, row, other, row)
    assert len(first.calls) == 2 and first.problems == ()
    assert first.calls[0].journal_call_id is None
    renewed = read(tmp_path, HEADER, row, key=b"another key")
    assert renewed.calls[0].call_id == first.calls[0].call_id


def test_columns_that_a_journal_lacks(tmp_path: Path) -> None:
    settings = SETTINGS.model_copy(update={"columns": JournalColumns(started_at="Дата", file_name="Запись")})
    call = only(read(tmp_path, "Запись , Дата", "a.wav,2026-01-05 10:00", settings=settings))
    assert call == replace(Call(call.call_id), started_at=datetime(2026, 1, 5, 7), file_name="a.wav")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16"])
def test_encodings(encoding: str, tmp_path: Path) -> None:
    settings = SETTINGS.model_copy(update={"encoding": encoding})
    assert only(read(tmp_path, HEADER, changed("manager", "Анна"), settings=settings)).manager == "Анна"


def test_a_byte_order_mark_is_no_part_of_a_name(tmp_path: Path) -> None:
    settings = SETTINGS.model_copy(update={"encoding": "utf-8"})
    assert only(read(tmp_path, "\ufeff" + HEADER, ROW, settings=settings)).journal_call_id == "c1"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "no header line"),
        ("\n\n", "no header line"),
        (
            HEADER.replace("manager", "agent"),
            r'column "manager" \(ingest.journal.columns.manager\): no such column; found: .*agent',
        ),
        (HEADER + ",source", 'column "source".*stands there twice'),
        (HEADER.replace(",", ";"), r"set ingest.journal.delimiter to ';' \(is ','\)"),
        ("единственный", "correct the name"),
        ("c1,89161234567", r"found: c1, \(number\);"),
    ],
)
def test_wrong_mapping_is_refused(content: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(JournalError, match=message) as caught:
        read(tmp_path, content)
    assert "calls.csv" in str(caught.value)


def test_wrong_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "calls.csv"
    path.write_bytes((HEADER + "\n" + changed("manager", "Анна")).encode("cp1251"))
    with pytest.raises(JournalError, match=r"is not in utf-8-sig .* set ingest\.journal\.encoding"):
        read_journal(path, SETTINGS, None)
    with pytest.raises(JournalError, match='no encoding "martian"'):
        read_journal(path, SETTINGS.model_copy(update={"encoding": "martian"}), None)


def test_journal_that_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="no such file; check the path"):
        read_journal(tmp_path / "gone.csv", SETTINGS, None)
    with pytest.raises(JournalError, match="cannot be read"):
        read_journal(tmp_path, SETTINGS, None)


@pytest.mark.parametrize("zone", ["Moscow/Europe", "", "../etc"])
def test_unknown_time_zone_is_refused(zone: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"ingest\.journal\.timezone"):
        read(tmp_path, HEADER, ROW, settings=SETTINGS.model_copy(update={"timezone": zone}))
