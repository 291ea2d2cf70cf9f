"""A night full of damaged recordings: it ends, the whole ones are scored, each other has its reason in the store."""

from pathlib import Path

import duckdb
import pytest

from pipeline.settings import load_settings
from pipeline.store import Store
from tests.fuzz.night import MENDED, Night, NightEnd, broken_promises, counted_codes, make_night, run_night
from tests.fuzz.whole_files import make_whole_files

COUNT, NEIGHBOURS, SEED = 26, 3, 11  # each mutation once


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> tuple[Night, NightEnd, Path]:
    folder = tmp_path_factory.mktemp("night")
    (folder / "made").mkdir()
    whole = make_whole_files(folder / "made", samples=False)
    night = make_night(folder, whole, COUNT, NEIGHBOURS, SEED)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(MENDED, "1")
        return night, run_night(night, load_settings(), folder / "data", workers=0), folder / "data"


def test_whole_recordings_are_scored_and_each_failure_has_its_reason(ended: tuple[Night, NightEnd, Path]) -> None:
    night, end, _ = ended
    assert broken_promises(night, end) == []
    assert counted_codes(end)["unreadable"] >= 8


def test_a_name_in_the_journal_opens_no_file(ended: tuple[Night, NightEnd, Path]) -> None:
    night, end, data = ended
    with Store(data / "calls.duckdb").reading() as con:
        rows = con.execute("SELECT manager, file_name FROM main.calls WHERE manager = 'Анна' AND status = 'done'")
        assert sorted(name for _, name in rows.fetchall()) == sorted([night.whole[0], "\u202egpj.wav"])
    assert any("its recording" in line and "was not found" in line for line in end.summary.plan.problems)


def test_no_line_for_the_operator_can_move_the_cursor(ended: tuple[Night, NightEnd, Path]) -> None:
    _, end, _ = ended
    assert [ascii(line) for line in end.summary.plan.problems if "\x1b" in line or "\n" in line] == []


def test_damage_is_stored_and_published(ended: tuple[Night, NightEnd, Path]) -> None:
    _, _, data = ended
    with duckdb.connect(str(data / "published" / "snapshot.duckdb"), read_only=True) as con:
        known = con.execute("SELECT DISTINCT damaged FROM main.calls WHERE status = 'done'").fetchall()
    assert sorted(known) == [(False,), (True,)]
