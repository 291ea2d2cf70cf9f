"""Device, precision and workers from what the machine has; pure decisions, tested as a table."""

import ctypes
import os
from dataclasses import dataclass

from pipeline.settings import TranscriberSettings

DASK_TRIMS_FROM = "65536"  # what the nanny of a Dask worker sets MALLOC_TRIM_THRESHOLD_ to
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # of malloc.h


@dataclass(frozen=True)
class Hardware:
    cores: int
    gpus: int


def find_hardware() -> Hardware:
    """What this process may use. Counts GPUs through CTranslate2, which answers without loading torch."""
    import ctranslate2

    return Hardware(cores=len(os.sched_getaffinity(0)), gpus=ctranslate2.get_cuda_device_count())


def bound_kernel_caches() -> None:
    """Lets torch keep compiled kernels of few shapes on processors; to be called before it computes anything.

    It keeps those of 1,024 shapes, and each length of a dialogue is another one: the encoder alone grew from 540 MB to
    1,170 MB over 240 lengths, and stays at 585 MB so. Where all lengths have been met before it takes a tenth longer,
    which is a hundredth of a night. Whoever sets the variables keeps their own.
    """
    os.environ.setdefault("LRU_CACHE_CAPACITY", "16")  # of ideep, in primitives
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "32")


def keep_freed_memory() -> None:
    """Lets a Dask worker use again what its models freed, as any other process does.

    Its nanny has glibc give back 64 KB and more at once. Models free and take megabytes at each step, and the kernel
    then has to clear them anew: four calls took 12.6 s of system time instead of 2.9 s. The sizes set here are those
    that glibc comes to by itself where nobody sets any. Whoever set another size, or has another libc, keeps it.
    """
    if os.environ.get("MALLOC_TRIM_THRESHOLD_") != DASK_TRIMS_FROM or "MALLOC_MMAP_THRESHOLD_" in os.environ:
        return
    set_option = getattr(ctypes.CDLL(None), "mallopt", None)
    if set_option is not None:
        set_option(_M_MMAP_THRESHOLD, 32 << 20)
        set_option(_M_TRIM_THRESHOLD, 64 << 20)


def choose_device(wanted: str, hardware: Hardware) -> str:
    """`auto` takes the GPU where there is one."""
    if wanted != "auto":
        return wanted
    return "cuda" if hardware.gpus else "cpu"


def choose_precision(wanted: str, device: str) -> str:
    """int8 is fastest on processors at the same word error rate; float16 is what GPUs are made for."""
    if wanted != "auto":
        return wanted
    return "float16" if device == "cuda" else "int8"


def choose_batch_size(wanted: int | str, device: str) -> int:
    """30 s chunks decoded at once: 8 is what the figures of processors were taken with, a GPU has room for more."""
    if wanted != "auto":
        return int(wanted)
    return 16 if device == "cuda" else 8


def choose_threads(wanted: int | str, device: str) -> int:
    """Threads of one worker. On processors one, because several one-thread workers beat one with several threads."""
    if wanted != "auto":
        return int(wanted)
    return 4 if device == "cuda" else 1


def choose_workers(wanted: int | str, device: str, threads: int, hardware: Hardware) -> int:
    """Processes that work side by side: one per GPU, else as many as the cores carry at `threads` each.

    Two one-thread processes are 1.6-1.8 times one process of two threads (measured on 2 cores, Whisper base).
    """
    if wanted != "auto":
        return int(wanted)
    if device == "cuda":
        return max(1, hardware.gpus)
    return max(1, hardware.cores // threads)


def workers_for(wanted: int | str, transcriber: TranscriberSettings, hardware: Hardware) -> int:
    """The workers that suit the recogniser's settings on this machine."""
    device = choose_device(transcriber.device, hardware)
    return choose_workers(wanted, device, choose_threads(transcriber.threads, device), hardware)
