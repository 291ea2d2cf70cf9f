import socket
from pathlib import Path
from urllib.request import urlopen

import pytest

from flows.detached import is_page, log_path, pid_path, start_page, stop_page
from pipeline.data_folder import DataFolder
from pipeline.errors import InputError


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def test_the_page_goes_on_by_itself_and_a_second_start_takes_its_place(tmp_path: Path) -> None:
    data, port = DataFolder(tmp_path), free_port()
    first = start_page(data, "127.0.0.1", port)
    try:
        with urlopen(f"http://127.0.0.1:{port}/log-in") as response:
            assert b"Prescore" in response.read()
        second = start_page(data, "127.0.0.1", port)
        assert second != first
        assert not is_page(first, data)
    finally:
        assert stop_page(data)
    assert not stop_page(data)


def test_a_taken_address_is_said_before_anything_starts(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(InputError, match="choose another with --host or --port"):
            start_page(DataFolder(tmp_path), "127.0.0.1", port)
    assert not log_path(DataFolder(tmp_path)).exists()


def test_a_number_that_went_to_another_program_is_left_alone(tmp_path: Path) -> None:
    data = DataFolder(tmp_path)
    pid_path(data).write_text("1")
    assert not stop_page(data)
    assert not pid_path(data).exists()
