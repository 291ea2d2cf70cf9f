"""Sixty mutated recordings of the thousand that `make fuzz` takes: each is used, or fails with a whole message."""

import pytest

from pipeline.settings import Settings, load_settings
from tests.fuzz.examining import Outcome, disk_left, examine_all, exceeds, forget_peak, peak_mb
from tests.fuzz.mutations import mutated_files
from tests.fuzz.reasons import lacking
from tests.fuzz.whole_files import MadeFile, make_whole_files

COUNT, SEED = 60, 5


@pytest.fixture(scope="module")
def settings() -> Settings:
    return load_settings()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> list[MadeFile]:
    return make_whole_files(tmp_path_factory.mktemp("whole"), samples=False)


@pytest.fixture(scope="module")
def outcomes(whole: list[MadeFile], settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> list[Outcome]:
    folder = tmp_path_factory.mktemp("mutated")
    for file in mutated_files(whole, COUNT, SEED):
        (folder / file.name).write_bytes(file.content)
    scratch = tmp_path_factory.mktemp("scratch")
    found = list(examine_all(sorted(folder.iterdir()), settings, scratch, workers=1))
    assert not disk_left(scratch)
    return found


def test_each_failure_names_the_file_and_the_remedy(outcomes: list[Outcome]) -> None:
    assert len(outcomes) == COUNT
    assert [text for item in outcomes if item.code and (text := lacking(item.code, item.reason, item.name))] == []


def test_time_and_memory_of_each_are_bounded(outcomes: list[Outcome]) -> None:
    assert [item for item in outcomes if exceeds(item)] == []


def test_mutations_damage_some_and_spare_some(outcomes: list[Outcome]) -> None:
    """Else this would test only one way of things."""
    assert {item.code for item in outcomes} >= {"", "truncated", "not_audio", "empty_file"}
    assert any(item.damaged for item in outcomes)


def test_the_same_seed_makes_the_same_files(whole: list[MadeFile]) -> None:
    assert mutated_files(whole, 30, 7) == mutated_files(whole, 30, 7)
    assert mutated_files(whole, 30, 7) != mutated_files(whole, 30, 8)


def test_what_is_measured_is_what_is_taken() -> None:
    before_mb = forget_peak()
    taken = bytearray(64_000_000)
    del taken
    assert 50 < peak_mb() - before_mb < 80
