from pathlib import Path

import pytest

from pipeline.files_on_disk import copy_file


def test_a_copy_holds_the_same_and_goes_its_own_way(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(bytes(range(256)) * 1000)
    target.write_bytes(b"longer than before" * 100_000)
    copy_file(source, target)
    assert target.read_bytes() == source.read_bytes()
    with target.open("r+b") as file:
        file.write(b"changed")
    assert source.read_bytes()[:7] == bytes(range(7))


def test_a_copy_of_nothing_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nowhere"):
        copy_file(tmp_path / "nowhere", tmp_path / "target")
    assert not (tmp_path / "target").exists()
