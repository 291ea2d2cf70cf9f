"""`prescore run` and `prescore retry` as an operator meets them."""

import logging
from pathlib import Path

import pytest

from flows.workshop import workshop_of
from pipeline.store.lock import locked
from tests.command.in_process import Prescore
from tests.command.real_command import finish
from tests.fakes import AGENT_LINE, CLIENT_LINE
from tests.flow_runs.recordings import breaking_call, mono_call, stereo_call


def squeezed(text: str) -> str:
    return " ".join(text.split())


def test_a_run_and_a_second_one(prescore: Prescore, inbox: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    first = prescore("run", inbox, "--journal", inbox.parent / "calls.csv", "--workers", "0")
    assert (first.code, first.errors) == (0, "")
    for shown in (
        "recordings found 6",
        "processed now 5",
        "no speech 1",
        "failed 2",
        "failed before, or empty 1 (see `prescore failed`)",
        "failed (not_audio)",
        "failed (truncated)",
        "note: ",
        "call 2: its recording stereo-2.wav was not found",
        "Анна",
        "prescore show CALL",
    ):
        assert shown in squeezed(first.out), shown
    second = prescore("run", inbox, "--journal", inbox.parent / "calls.csv", "--workers", "0")
    assert second.code == 0
    assert "done before 2" in squeezed(second.out)
    assert "processed now 0" in squeezed(second.out)
    assert not {word for word in {*AGENT_LINE, *CLIENT_LINE} if len(word) > 4} & set(
        (first.out + second.out + caplog.text).split()
    )


def test_files_and_the_inbox_are_taken(prescore: Prescore, data: Path, tmp_path: Path) -> None:
    (data / "inbox").mkdir(parents=True)
    stereo_call(data / "inbox" / "one.wav", 1)
    assert "recordings found 1" in squeezed(prescore("run", "--workers", "0").out)
    named = mono_call(tmp_path / "two [copy].wav", 2)
    said = prescore("run", named, "--workers", "1")
    assert "two [copy].wav" in said.out
    assert "processed now 1" in squeezed(said.out)


def test_the_number_of_workers_comes_from_the_machine(prescore: Prescore, tmp_path: Path) -> None:
    path = stereo_call(tmp_path / "one.wav", 1)
    (tmp_path / "pipeline.yaml").write_text(
        Path("configs/pipeline.yaml").read_text(encoding="utf-8").replace("workers: auto", "workers: 0"),
        encoding="utf-8",
    )
    assert prescore("run", path, "--config", tmp_path / "pipeline.yaml").code == 0


def test_no_inbox_says_what_to_do(prescore: Prescore, data: Path) -> None:
    said = prescore("run")
    assert (said.code, said.errors) == (
        2,
        f"error: {data}/inbox: no such folder; put recordings there or name a folder to `prescore run`\n",
    )


def test_many_problems_are_cut(prescore: Prescore, tmp_path: Path) -> None:
    rows = "\n".join(f"{number},yes,gone-{number}.wav" for number in range(30))
    (tmp_path / "calls.csv").write_text(f"call_id,answered,file_name\n{rows}\n", encoding="utf-8")
    (tmp_path / "pipeline.yaml").write_text(CONFIG_OF_THREE_COLUMNS, encoding="utf-8")
    words = ("--journal", tmp_path / "calls.csv", "--config", tmp_path / "pipeline.yaml", "--workers", "0")
    said = prescore("run", stereo_call(tmp_path / "one.wav", 1), *words)
    assert said.code == 0
    assert said.out.count("was not found") == 20
    assert "note: and 10 more" in said.out


CONFIG_OF_THREE_COLUMNS = (
    Path("configs/pipeline.yaml")
    .read_text(encoding="utf-8")
    .replace("started_at: started_at", "started_at: null")
    .replace("direction: direction", "direction: null")
    .replace("manager: manager", "manager: null")
    .replace("client_phone: client_phone", "client_phone: null")
    .replace("duration_s: duration_s", "duration_s: null")
    .replace("source: source", "source: null")
)


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["run", "absent"], 2, "error: absent: no such file or folder; check the spelling"),
        (["run", ".", "--journal", "absent.csv"], 2, "absent.csv"),
        (["run", ".", "--config", "absent.yaml"], 2, "error: absent.yaml: no such file"),
        (["run", ".", "--profile", "fast"], 2, 'profile "fast" is not among its profiles (gpu, offline)'),
        (["run", ".", "--workers", "-1"], 2, "Invalid value for '--workers'"),
        (["run", "."], 2, "error: PRESCORE_FFMPEG: /no/ffmpeg is no program that can be run"),
    ],
)
def test_what_does_not_hold_ends_with_2(
    words: list[str], code: int, message: str, prescore: Prescore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRESCORE_FFMPEG", "/no/ffmpeg" if words == ["run", "."] else "ffmpeg")
    monkeypatch.chdir(tmp_path)
    said = prescore(*words)
    assert said.code == code
    assert message in said.errors


def test_missing_weights_end_with_4(prescore: Prescore, tmp_path: Path) -> None:
    said = prescore("run", breaking_call(tmp_path / "bad.wav", "no weights"), "--workers", "0")
    assert (said.code, said.errors) == (
        4,
        "error: whisper-base: weights are missing; fetch them with `prescore weights`\n",
    )


def test_a_second_run_beside_the_first_ends_with_3(prescore: Prescore, data: Path, tmp_path: Path) -> None:
    data.mkdir()
    path = stereo_call(tmp_path / "one.wav", 1)
    with locked(data / "run.lock", exclusive=True, timeout_s=1):
        said = prescore("run", path, "--workers", "0")
    assert said.code == 3
    assert "run.lock" in said.errors
    assert "is writing" in said.errors


def test_retry_after_the_cause_was_mended(
    prescore: Prescore, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "inbox"
    folder.mkdir()
    for name in ("bad-1.wav", "bad-2.wav"):
        breaking_call(folder / name, "breaks")
    with (folder / "bad-2.wav").open("ab") as file:
        file.write(bytes(400))  # another content
    prescore("run", folder, "--workers", "0")
    failed = prescore("failed").out
    assert failed.count("internal_error") == 2
    assert "bad-1.wav: transcription broke with ValueError (fakes.py, line" in failed

    still = prescore("retry", "bad-1.wav", "--workers", "0")
    assert "processed now 1" in squeezed(still.out)
    assert prescore("failed").out.count("internal_error") == 2

    monkeypatch.setenv("PRESCORE_FAKE_MENDED", "1")
    workshop_of.cache_clear()
    assert prescore("retry", "bad-1.wav", "--workers", "0").code == 0
    assert prescore("failed").out.count("internal_error") == 1
    (folder / "bad-2.wav").rename(folder / "elsewhere.wav")
    gone = prescore("retry")
    assert gone.out == ("1 recordings are no longer where they were found; deliver them again\nnothing to retry\n")
    (folder / "elsewhere.wav").rename(folder / "bad-2.wav")
    prescore("retry", "--workers", "0")
    assert prescore("failed").out == "no call stands as failed\n"
    assert prescore("retry").out == "nothing to retry\n"
    unknown = prescore("retry", "bad-1.wav")
    assert unknown.code == 2
    assert "bad-1.wav: no failed call of that id or file name; `prescore failed` lists them" in unknown.errors


def test_silence_is_not_retried(prescore: Prescore, filled: Path) -> None:
    said = prescore("failed", at=filled)
    assert {"empty_file", "not_audio", "truncated"} <= set(said.out.split())
    assert prescore("retry", "silent.wav", at=filled).code == 2


def test_the_installed_command_and_its_data_folder(inbox: Path, tmp_path: Path) -> None:
    """As a process: `--data` after the subcommand, before it, and from the environment."""
    data = tmp_path / "data"
    code, out, errors = finish("run", inbox, "--data", data, "--workers", "0")
    assert (code, errors) == (0, "")
    assert "processed now 5" in squeezed(out)
    assert finish("--data", str(data), "status")[1] == finish("status", PRESCORE_DATA=str(data))[1]
    code, _, errors = finish("status", f"--data={tmp_path / 'other'}")
    assert (code, errors.count("\n")) == (3, 1)
    code, _, errors = finish("status", "--data", tmp_path / "other", "--debug")
    assert (code, "Traceback" in errors, "StoreError" in errors) == (1, True, True)
