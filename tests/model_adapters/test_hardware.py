"""Decisions from what a machine has, as tables."""

import ctypes
import os
import subprocess
import sys

import pytest

from models.hardware import (
    DASK_TRIMS_FROM,
    Hardware,
    bound_kernel_caches,
    choose_batch_size,
    choose_device,
    choose_precision,
    choose_threads,
    choose_workers,
    find_hardware,
    workers_for,
)
from pipeline.settings import ROOT, TranscriberSettings

BARE, ONE_GPU, TWO_GPUS = Hardware(2, 0), Hardware(16, 1), Hardware(64, 2)


def test_kernels_of_few_shapes_are_kept_unless_somebody_chose_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "500")
    monkeypatch.setenv("LRU_CACHE_CAPACITY", "")
    monkeypatch.delenv("LRU_CACHE_CAPACITY")
    bound_kernel_caches()
    assert os.environ["LRU_CACHE_CAPACITY"] == "16"
    assert os.environ["ONEDNN_PRIMITIVE_CACHE_CAPACITY"] == "500"


PAGES_TAKEN_ANEW = """
import ctypes, resource
from models.hardware import keep_freed_memory
keep_freed_memory()
libc = ctypes.CDLL(None)
libc.malloc.restype, libc.malloc.argtypes, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_size_t], [ctypes.c_void_p]
def take():
    block = libc.malloc(1 << 20)
    ctypes.memset(block, 1, 1 << 20)
    libc.free(block)
take()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(20):
    take()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "mallopt"), reason="no glibc")
@pytest.mark.parametrize(
    ("environment", "is_kept"),
    [
        ({"MALLOC_TRIM_THRESHOLD_": DASK_TRIMS_FROM}, True),
        ({"MALLOC_TRIM_THRESHOLD_": "65537"}, False),  # somebody's own choice
        ({"MALLOC_TRIM_THRESHOLD_": DASK_TRIMS_FROM, "MALLOC_MMAP_THRESHOLD_": "131072"}, False),
    ],
)
def test_a_dask_worker_keeps_what_its_models_freed(environment: dict[str, str], is_kept: bool) -> None:
    given = {key: value for key, value in os.environ.items() if not key.startswith("MALLOC_")} | environment
    words = [sys.executable, "-c", PAGES_TAKEN_ANEW]
    done = subprocess.run(words, env=given, cwd=ROOT, capture_output=True, text=True, check=True)
    assert (int(done.stdout) < 256) == is_kept  # 20 times the 256 pages of a megabyte, where nothing is kept


def test_what_dask_sets_is_what_is_looked_for() -> None:
    dask = pytest.importorskip("dask")
    pytest.importorskip("distributed")
    assert str(dask.config.get("distributed.nanny.pre-spawn-environ")["MALLOC_TRIM_THRESHOLD_"]) == DASK_TRIMS_FROM


@pytest.mark.parametrize(
    ("wanted", "hardware", "device"),
    [("auto", BARE, "cpu"), ("auto", ONE_GPU, "cuda"), ("cpu", ONE_GPU, "cpu"), ("cuda", BARE, "cuda")],
)
def test_device(wanted: str, hardware: Hardware, device: str) -> None:
    assert choose_device(wanted, hardware) == device


@pytest.mark.parametrize(
    ("wanted", "device", "precision"),
    [("auto", "cpu", "int8"), ("auto", "cuda", "float16"), ("float32", "cpu", "float32")],
)
def test_precision(wanted: str, device: str, precision: str) -> None:
    assert choose_precision(wanted, device) == precision


@pytest.mark.parametrize(
    ("wanted", "device", "batch_size", "threads"),
    [("auto", "cpu", 8, 1), ("auto", "cuda", 16, 4), (3, "cpu", 3, 3), (3, "cuda", 3, 3)],
)
def test_batch_size_and_threads(wanted: int | str, device: str, batch_size: int, threads: int) -> None:
    assert choose_batch_size(wanted, device) == batch_size
    assert choose_threads(wanted, device) == threads


@pytest.mark.parametrize(
    ("wanted", "device", "threads", "hardware", "workers"),
    [
        ("auto", "cpu", 1, BARE, 2),
        ("auto", "cpu", 4, BARE, 1),
        ("auto", "cpu", 4, ONE_GPU, 4),
        ("auto", "cuda", 4, ONE_GPU, 1),
        ("auto", "cuda", 4, TWO_GPUS, 2),
        ("auto", "cuda", 4, BARE, 1),
        (3, "cuda", 4, BARE, 3),
        (0, "cpu", 1, BARE, 0),
    ],
)
def test_workers(wanted: int | str, device: str, threads: int, hardware: Hardware, workers: int) -> None:
    assert choose_workers(wanted, device, threads, hardware) == workers


def test_workers_for_the_recognisers_settings() -> None:
    settings = TranscriberSettings(backend="faster_whisper", model="whisper-base")
    assert workers_for("auto", settings, BARE) == 2
    assert workers_for("auto", settings, TWO_GPUS) == 2
    assert workers_for(1, settings, TWO_GPUS) == 1


def test_this_machine() -> None:
    found = find_hardware()
    assert found.cores == len(os.sched_getaffinity(0))
    assert found.gpus >= 0
