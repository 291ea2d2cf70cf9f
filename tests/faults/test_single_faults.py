"""Faults that come alone, each against the real command: two nights at once, half a recording, memory, weights."""

import subprocess
import threading
from pathlib import Path

import pytest

from pipeline.data_folder import DataFolder
from pipeline.settings import ROOT
from pipeline.store import Store
from pipeline.store.calls import read_status_counts
from pipeline.store.failures import read_open_failures
from tests.command.real_command import PROGRAM, environment, finish, start
from tests.faults.run_kills import SLOW, compared, make_night
from tests.flow_runs.recordings import breaking_call, stereo_call

pytestmark = pytest.mark.kill
MEMORY_BYTES = 12 << 30
SPOKEN = ROOT / "data" / "samples" / "ru-10-spam-wrong-number.wav"


def test_of_two_nights_at_once_one_works_and_the_other_says_who(tmp_path: Path) -> None:
    night = make_night(tmp_path / "night", 4)
    data = DataFolder(tmp_path / "data")
    with start(*night.words(data, 0), **SLOW) as one, start(*night.words(data, 0), **SLOW) as two:
        said = [process.communicate(timeout=240) for process in (one, two)]
    codes = [process.returncode for process in (one, two)]
    assert sorted(codes) in ([0, 0], [0, 3]), said  # [0, 0]: the second came when the first was done
    if 3 in codes:
        assert f"process {(one, two)[codes.index(0)].pid} is writing" in said[codes.index(3)][1]
    assert compared(night.clean, data) == []


def test_a_recording_that_grows_is_no_call_until_it_is_whole(tmp_path: Path) -> None:
    """Its writer adds to it the whole time; the other calls go on, and a night later it is one whole call."""
    data, inbox = DataFolder(tmp_path / "data"), tmp_path / "inbox"
    inbox.mkdir()
    stereo_call(inbox / "whole.wav", 1)
    growing = stereo_call(inbox / "growing.wav", 2)
    content = growing.read_bytes()
    growing.write_bytes(content[:100_000])
    done = threading.Event()

    def grow() -> None:
        with growing.open("ab") as file:
            while not done.wait(0.001):
                file.write(bytes(64))
                file.flush()

    writer = threading.Thread(target=grow)
    writer.start()
    try:
        code, _, errors = finish("run", inbox, "--workers", "0", "--data", data.root)
    finally:
        done.set()
        writer.join()
    assert (code, errors) == (0, "")
    with Store(data.store).reading() as con:
        assert read_status_counts(con) == {"done": 1, "failed": 1}
        assert [(item.file_name, item.code) for item in read_open_failures(con)] == [
            ("growing.wav", "still_being_written")
        ]
    growing.write_bytes(content)
    assert finish("run", inbox, "--workers", "0", "--data", data.root)[0] == 0
    with Store(data.store).reading() as con:
        assert read_status_counts(con)["done"] == 2


def test_a_call_that_takes_all_memory_fails_alone(tmp_path: Path) -> None:
    data, inbox = DataFolder(tmp_path / "data"), tmp_path / "inbox"
    inbox.mkdir()
    stereo_call(inbox / "good.wav", 1)
    breaking_call(inbox / "greedy.wav", "takes all memory")
    command = ["prlimit", f"--as={MEMORY_BYTES}", str(PROGRAM), "run", str(inbox), "--workers", "1"]
    done = subprocess.run(
        [*command, "--data", str(data.root)], env=environment(), capture_output=True, text=True, timeout=240
    )
    assert (done.returncode, done.stderr) == (0, "")
    with Store(data.store).reading() as con:
        assert read_status_counts(con) == {"done": 1, "failed": 1}
        assert [(item.file_name, item.code) for item in read_open_failures(con)] == [("greedy.wav", "out_of_memory")]


@pytest.mark.real_model
@pytest.mark.parametrize("damage", ["cut", "altered"])
def test_damaged_weights_end_the_run_and_blame_no_call(damage: str, tmp_path: Path) -> None:
    from models.weights import cache_folder, checked_files

    real = checked_files("whisper-base")
    place = tmp_path / "weights"
    for name, path in real.items():
        (copy := place / path.relative_to(cache_folder())).parent.mkdir(parents=True, exist_ok=True)
        copy.symlink_to(path) if name != "model.bin" else copy.write_bytes(path.read_bytes())
    model = next(place.rglob("model.bin"))
    with model.open("r+b") as file:
        file.truncate(model.stat().st_size - 1) if damage == "cut" else file.write(b"other")
    data = DataFolder(tmp_path / "data")
    code, _, errors = finish("run", SPOKEN, "--workers", "1", "--data", data.root,
                             PRESCORE_MODELS="models.build:build_models", PRESCORE_WEIGHTS=str(place))  # fmt: skip
    assert code == 4 and "Traceback" not in errors
    assert "model.bin: sha256 is" in errors and "`prescore weights`" in errors
    with Store(data.store).reading() as con:
        assert read_open_failures(con) == []
