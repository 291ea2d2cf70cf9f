"""torchaudio with and without its CUDA-linked extension."""

import ctypes
import importlib.util
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch  # noqa: F401  before anything stands in for ctypes

from models import torchaudio_cpu
from models.torchaudio_cpu import allow_without_cuda
from pipeline.settings import ROOT


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """torchaudio is installed, not imported yet, and its extension is a file that is no library."""
    path = tmp_path / "lib" / "_torchaudio.abi3.so"
    path.parent.mkdir()
    path.write_bytes(b"no library")
    monkeypatch.delitem(sys.modules, "torchaudio", raising=False)
    monkeypatch.delitem(sys.modules, "torchaudio._extension", raising=False)
    find_spec = importlib.util.find_spec

    def find(name: str, package: str | None = None) -> object:
        return SimpleNamespace(submodule_search_locations=[str(tmp_path)]) if name == "torchaudio" else find_spec(name)

    monkeypatch.setattr(importlib.util, "find_spec", find)
    return path


def test_a_stand_in_where_the_extension_does_not_load(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert allow_without_cuda() is True
    extension = sys.modules.pop("torchaudio._extension")
    assert extension._IS_TORCHAUDIO_EXT_AVAILABLE is False

    def align() -> None:
        """Needs the extension."""

    with pytest.raises(RuntimeError, match="align needs torchaudio's extension"):
        extension.fail_if_no_align(align)()


def test_nothing_where_it_loads_or_is_loaded_or_is_absent(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(ctypes, "CDLL", lambda path: object())
        assert allow_without_cuda() is False
    library.unlink()
    assert allow_without_cuda() is False
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert torchaudio_cpu._extension_loads() is True
    monkeypatch.setitem(sys.modules, "torchaudio", SimpleNamespace())
    assert allow_without_cuda() is False


def test_pyannote_imports_here_without_telemetry() -> None:
    code = (
        "import os, torch; from models.pyannote_environment import import_pyannote; import_pyannote(1)\n"
        "import pyannote.audio; print(os.environ['PYANNOTE_METRICS_ENABLED'], torch.get_num_threads())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.split() == ["0", "1"]
