"""Contents for parsers, as hypothesis draws them: any bytes, and pieces of the real thing in any order."""

import io
import zipfile
from collections.abc import Sequence

import openpyxl
from hypothesis import strategies as st

ENCODINGS = ("utf-8-sig", "cp1251", "utf-16", "utf-8")
JOURNAL_PIECES = (
    *("call_id", "started_at", "duration_s", "file_name", "manager", "client_phone", "direction"),
    *(",", ";", "\t", "\n", "\r\n", "\r", '"', '""', "\0", "\x1b[2J", "\u2028", " ", "\ufeff"),
    *("Анна", "2026-10-05T10:00:00", "2026-13-45", "1:75", "999999:59:59", "1e999", "nan", "-1", "7,89E+10"),
    *("+7 000 555-01-01", "../../etc/passwd", "/dev/zero", "a.wav", "=1+1", "9" * 5000, "x" * 140_000),
)
YAML_PIECES = (
    *(
        "id: x\n",
        "title: {en: X}\n",
        "criteria:\n",
        "  - ",
        "weights: 1\n",
        "    scale: yes_no\n",
        "call_types: [spam]\n",
    ),
    *("profile: offline\n", "ingest: {}\n", "profiles: {a: 1}\n", "languages: [ru]\n", "audio: {max_duration_s: -1}\n"),
    *(
        "\n",
        "  ",
        "\t",
        ":",
        "- ",
        "[",
        "]",
        "{",
        "}",
        "&a ",
        "*a",
        "<<: ",
        "? ",
        "|",
        ">",
        "'",
        '"',
        "#",
        "%",
        "@",
        "`",
    ),
    *("!!int ", "!!binary ", "!!timestamp ", "!!set ", "!!python/object:os.system ", "!!omap ", "---\n", "...\n"),
    *("2026-13-45", "0x_", "1:99:99", ".inf", ".nan", "~", "\0", "\ud7ff", '"\\ud800"', "[" * 400, "é", "балл: 5"),
)
LIST_PIECES = (
    *("№", "Критерий", "Балл", "Этап", "criterion", "max points", "critical", ";", ",", "\t", "|", "\n", "\r", '"'),
    *("Поздоровался", "1.", "- ", "Итого", "100", "5 баллов", "0/5/10", "0-5", "%", "(", ")", " " * 300, "." * 300),
    *("СУММА", "да", "нет", "критичный", "#", ":", "\0", "\ufeff", "1" * 300, "1 - " * 200, "0", "9999999", "x" * 3000),
)
JSON_PIECES = (
    *(
        '{"id": "1", "language": "ru", "turns": [{"role": "agent", "text": "да"}]}',
        "{",
        "}",
        "[",
        "]",
        '"',
        ":",
        ",",
        "\n",
    ),
    *(
        '"id"',
        '"language"',
        '"turns"',
        '"role"',
        '"text"',
        '"agent"',
        '"ru"',
        "null",
        "true",
        "NaN",
        "1e999",
        "1" * 5000,
    ),
    *('"\\ud800"', "\\", "\0", "[" * 3000, '{"a":' * 3000, "\ufeff", " ", "-", "0", '""'),
)


def text_of(pieces: Sequence[str]) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(pieces) | st.text(max_size=5), max_size=40).map("".join)


def bytes_of(pieces: Sequence[str]) -> st.SearchStrategy[bytes]:
    """Pieces in one of the encodings that people use, or any bytes, or the one after the other."""
    encoded = st.tuples(text_of(pieces), st.sampled_from(ENCODINGS)).map(
        lambda drawn: drawn[0].encode(drawn[1], "replace")
    )
    return encoded | st.binary(max_size=300) | st.tuples(encoded, st.binary(max_size=20)).map(b"".join)


def workbooks() -> st.SearchStrategy[bytes]:
    """Real workbooks with odd cells, ones with bytes changed, and zip archives whose parts hold anything."""
    cells = st.sampled_from([piece for piece in LIST_PIECES if piece.isprintable()])
    cell = st.none() | cells | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.booleans()
    whole = st.lists(st.lists(cell, max_size=5), max_size=6).map(workbook)
    broken = st.tuples(whole, st.integers(0, 10_000), st.binary(min_size=1, max_size=8)).map(spoiled)
    parts = st.tuples(whole, st.binary(max_size=60) | st.sampled_from(SHEETS)).map(with_sheet)
    return whole | broken | parts


def workbook(rows: Sequence[Sequence[object]]) -> bytes:
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append([str(value)[:1000] if isinstance(value, int) else value for value in row])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def spoiled(drawn: tuple[bytes, int, bytes]) -> bytes:
    content, place, other = drawn
    place %= len(content)
    return content[:place] + other + content[place + len(other) :]


def with_sheet(drawn: tuple[bytes, bytes]) -> bytes:
    """The workbook with something else as its first sheet, checksum and all."""
    content, sheet = drawn
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as read, zipfile.ZipFile(made, "w") as written:
        for name in read.namelist():
            written.writestr(name, sheet if name.endswith("sheet1.xml") else read.read(name))
    return made.getvalue()


SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'
)
SHEETS = tuple(
    SHEET.format(rows).encode()
    for rows in (
        '<row r="1000000000"><c r="A1000000000"><v>1</v></c></row>',
        '<row r="1"><c r="XFD1"><v>1</v></c><c r="A1" t="s"><v>999</v></c></row>',
        '<row r="-5"><c r="A-5"><v>x</v></c></row>',
        '<row r="x"><c r="%%%"><v>1</v></c></row>',
        '<row r="1"><c r="A1" t="d"><v>2026-99-99</v></c><c r="B1" t="e"><v>#REF!</v></c></row>',
        '<row r="1"><c r="A1" t="inlineStr"><is><t>' + "Критерий" * 1000 + "</t></is></c></row>",
    )
)
