"""What broke when it was first tried keeps its case here."""

from pathlib import Path

import pytest

from pipeline.audio import decode
from pipeline.checklist import load_checklist
from pipeline.checklist.list_files import read_list
from pipeline.errors import ConfigurationError, InputError, JournalError, RecordingError
from pipeline.ffmpeg_program import find_ffmpeg
from pipeline.ingest import identify
from pipeline.intake import take_in
from pipeline.journal import read_journal
from pipeline.settings import CONFIGS, AudioSettings, JournalColumns, JournalSettings, load_settings, load_yaml
from pipeline.text_channel import parse_lines
from pipeline.yaml_parsing import MAX_VALUES, count_values
from tests.audio.signals import voice, write_audio
from tests.fuzz.contents import SHEETS, with_sheet, workbook
from tests.fuzz.wav_headers import wav, wav_format

LAUGHS = "a0: &a0 x\n" + "".join(f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 9))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 2026-13-45", "put it in quotation marks"),
        ("a: 0x_", "put it in quotation marks"),
        ("a: !!int ''", "put it in quotation marks"),
        ("a: !!timestamp x", "put it in quotation marks"),
        ('a: "\\ud800"', "put it in quotation marks"),
        ("[" * 500, "write it flatter"),
        (LAUGHS, f"stand for more than {MAX_VALUES} values"),
    ],
)
def test_yaml_that_was_no_yaml_error(text: str, said: str, tmp_path: Path) -> None:
    path = put(tmp_path / "x.yaml", text)
    for load in (load_checklist, load_settings):
        with pytest.raises(ConfigurationError, match=r"x\.yaml: .*") as caught:
            load(path)
        assert said in str(caught.value)


def test_a_value_that_holds_itself_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"x\.yaml: .*stands inside what it names"):
        load_settings(put(tmp_path / "x.yaml", "profile: &a [*a]"))


def test_our_own_files_are_far_below_the_limit() -> None:
    largest = max(CONFIGS.rglob("*.yaml"), key=lambda path: path.stat().st_size)
    assert count_values(load_yaml(largest), {}) < MAX_VALUES / 10


def test_dialogues_nested_too_deep() -> None:
    (found,) = parse_lines(["[" * 100_000], "chats.jsonl", ("ru",))
    assert isinstance(found, InputError)
    assert str(found).startswith("chats.jsonl: line 1: no JSON")


@pytest.mark.parametrize("duration", ["1" * 5000 + ":00:00", "1" * 4000 + ":00:00", "1" * 4000])
def test_a_duration_of_thousands_of_digits_is_one_bad_row(duration: str, tmp_path: Path) -> None:
    path = put(tmp_path / "calls.csv", f"id,d\n1,{duration}\n2,1:15\n")
    found = read_journal(path, JournalSettings(columns=JournalColumns(call_id="id", duration_s="d")), None)
    assert [call.duration_s for call in found.calls] == [75.0]
    assert [len(problem.found) for problem in found.problems] == [103]


def test_an_encoding_that_is_no_name(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match=r"calls\.csv: ingest\.journal\.encoding: .*name one"):
        read_journal(put(tmp_path / "calls.csv", "id\n"), JournalSettings(encoding="a\0b"), None)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("list.csv", "a;b\r\rc;d"),
        ("list.csv", '"' + "x" * 200_000),
        ("list.txt", "a " + "." * 50_000 + "b"),
        ("list.txt", "1 - " * 20_000),
    ],
)
def test_lists_that_csv_or_a_pattern_choked_on(name: str, text: str, tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match=rf"{name}: .*; give a table with a column of criteria, or a line per criterion"
    ):
        read_list(put(tmp_path / name, text))


@pytest.mark.parametrize("sheet", SHEETS)
def test_workbooks_whose_rows_are_read_late(sheet: bytes, tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    path.write_bytes(with_sheet((workbook([["Критерий", 5]]), sheet)))
    with pytest.raises(InputError, match=r"list\.xlsx: .*; give a table with a column of criteria"):
        read_list(path)


def test_a_pcm_wav_that_was_cut_between_two_frames_is_damaged(tmp_path: Path) -> None:
    content = write_audio(tmp_path / "call.wav", voice(1), options=("-c:a", "pcm_s16le")).read_bytes()
    cut = content[: content.index(b"data") + 8 + 2 * 16_000]
    assert decoded(tmp_path / "cut.wav", cut) == (2.0, True)
    assert decoded(tmp_path / "whole.wav", content) == (4.0, False)


def test_a_pcm_wav_that_states_days_is_used_and_damaged(tmp_path: Path) -> None:
    content = wav(wav_format(1, 1, 8000, 8, 1), (b"data", bytes(range(256)) * 125, 2_000_000_000))
    assert decoded(tmp_path / "x.wav", content) == (4.0, True)


def test_a_pcm_wav_that_states_no_frames_a_second_fails_with_its_reason(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="fetch it again"):
        decoded(tmp_path / "x.wav", wav(wav_format(1, 1, 0, 8, 1), (b"data", bytes(10_000), None)))


@pytest.mark.parametrize("rate_hz", [1, 50, 10_000_000, 0x7FFF_FFFF])
def test_a_rate_that_no_recorder_writes_took_gigabytes(rate_hz: int, tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match=f"x.wav: states {rate_hz} samples a second.*; fetch it again"):
        decoded(
            tmp_path / "x.wav", wav(wav_format(rate_hz=rate_hz, channels=8, align=8), (b"data", bytes(64_000), None))
        )


def decoded(path: Path, content: bytes) -> tuple[float, bool]:
    path.write_bytes(content)
    with decode(path, AudioSettings(), {}, path.parent / "scratch", find_ffmpeg()) as recording:
        return recording.facts.duration_s, recording.facts.damaged


def test_a_file_without_an_end_is_not_read() -> None:
    with pytest.raises(RecordingError, match=r"/proc/kmsg: has 0 bytes"):
        identify(Path("/proc/kmsg"))


def test_a_file_of_terabytes_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "sparse.wav"
    with path.open("wb") as file:
        file.truncate(2_000_000_000_000)
    (found,) = take_in([path], None, load_settings().ingest, lambda _paths: {}, None).unreadable
    assert found.code == "too_long"
    assert found.reason.endswith(
        "sparse.wav: has 2000 GB, more than ingest.max_file_gb (32): split it, or raise the limit"
    )


def test_an_escaped_name_does_not_hide_the_file_of_that_name(tmp_path: Path) -> None:
    (tmp_path / "a\nb.wav").write_bytes(b"one")
    (tmp_path / "a\\nb.wav").write_bytes(b"two")
    intake = take_in([tmp_path], None, load_settings().ingest, lambda _paths: {}, None)
    assert [item.recording.path.name for item in intake.deliveries] == ["a\\nb.wav"]
    assert intake.problems == (
        f"{tmp_path}/a\\nb.wav: the name holds a line break or another control character; rename the file",
    )


def put(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8", newline="")
    return path
