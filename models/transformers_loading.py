"""A checkpoint of transformers on its device, from the hub or a folder; and what hinders it, in words."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from models.torchaudio_cpu import allow_without_cuda
from pipeline.errors import PrescoreError, UnavailableError
from pipeline.processing import kind_and_place


@dataclass(frozen=True)
class Checkpoint:
    """`model` is the hub's name or a folder; `precision` is float32, float16 or bfloat16."""

    model: str
    revision: str | None
    device: str
    precision: str
    threads: int = 1

    @property
    def identity(self) -> str:
        revision = f"@{self.revision}" if self.revision else ""
        return f"transformers:{self.model}{revision}:{self.precision}"


def choose_precision(wanted: str, device: str) -> str:
    """`auto`: half of the memory on a GPU, where bfloat16 keeps the range; full precision on processors."""
    if wanted != "auto":
        return wanted
    return "bfloat16" if device == "cuda" else "float32"


def import_transformers() -> Any:
    """The library, which imports torchaudio on its way to a model, without its progress bars."""
    allow_without_cuda()
    import transformers

    transformers.utils.logging.disable_progress_bar()
    return transformers


def load_pretrained(kind: str, checkpoint: Checkpoint) -> tuple[Any, Any]:
    """Tokenizer and model, ready to answer. `kind` is a class of transformers. No code of the hub is executed."""
    transformers = import_transformers()
    import torch

    torch.set_num_threads(checkpoint.threads)
    where = {"revision": checkpoint.revision, "trust_remote_code": False}
    tokenizer = transformers.AutoTokenizer.from_pretrained(checkpoint.model, **where)
    auto = getattr(transformers, kind)
    model = auto.from_pretrained(checkpoint.model, dtype=getattr(torch, checkpoint.precision), **where)
    return tokenizer, model.to(checkpoint.device).eval()


@contextmanager
def shown_unavailable(model: str) -> Iterator[None]:
    """Whatever hinders a model of an upper rung leaves the rung out instead of costing the call its other answers.

    Raises UnavailableError, never with the error's own text: it might hold words that were spoken.
    """
    import torch

    try:
        yield
    except PrescoreError:
        raise
    except torch.OutOfMemoryError as error:
        raise UnavailableError(f"{model}: not enough GPU memory; take a smaller model or fewer workers") from error
    except OSError as error:
        raise UnavailableError(
            f"{model}: cannot be loaded ({type(error).__name__}); name a model of the hub, with network and where "
            "needed HF_TOKEN, or a folder that holds one"
        ) from error
    except Exception as error:
        raise UnavailableError(f"{model}: broke with {kind_and_place(error)}; take another model") from error
