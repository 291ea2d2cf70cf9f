"""Device, precision and workers from what the machine has; pure decisions, tested as a table."""

import os
from dataclasses import dataclass

from pipeline.settings import TranscriberSettings


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
