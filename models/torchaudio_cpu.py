"""Lets the registry's CUDA-linked torchaudio import beside a CPU-only torch.

The Linux wheel's `_torchaudio.abi3.so` needs libc10_cuda.so. Everything pyannote.audio uses of torchaudio (resampling,
mel features) is plain Python on torch, so torchaudio is handed the answer it gives itself when its extension is absent.
Call `allow_without_cuda()` before anything imports torchaudio, pyannote.audio or transformers.
"""

import ctypes
import importlib.util
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any


def allow_without_cuda() -> bool:
    """True when the stand-in was put in place, False when torchaudio's own extension loads or is loaded already."""
    if "torchaudio" in sys.modules or _extension_loads():
        return False
    extension = types.ModuleType("torchaudio._extension")
    vars(extension).update(
        _IS_TORCHAUDIO_EXT_AVAILABLE=False, _IS_ALIGN_AVAILABLE=False, fail_if_no_align=_refuse_alignment
    )
    sys.modules["torchaudio._extension"] = extension
    return True


def _extension_loads() -> bool:
    spec = importlib.util.find_spec("torchaudio")
    if spec is None or not spec.submodule_search_locations:
        return True  # not installed: importing it will say so better than we can
    libraries = sorted((Path(next(iter(spec.submodule_search_locations))) / "lib").glob("_torchaudio*.so"))
    if not libraries:
        return True
    import torch  # noqa: F401  libc10 and libtorch must be in the process first

    try:
        ctypes.CDLL(str(libraries[0]))
    except OSError:
        return False
    return True


def _refuse_alignment(function: Callable[..., Any]) -> Callable[..., Any]:
    def refuse(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError(f"{function.__name__} needs torchaudio's extension, which does not load beside a CPU torch")

    return refuse
