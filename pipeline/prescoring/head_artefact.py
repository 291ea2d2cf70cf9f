"""What the learned heads know, in one file: matrices and the facts about their training."""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.errors import WeightsError
from pipeline.prescoring.call_features import CALL_TYPES, TurnLabels
from pipeline.prescoring.dialogue_reader import DialogueReader, DialogueReaders
from pipeline.prescoring.projection import Projection
from pipeline.prescoring.turn_features import FEATURE_VERSION, Matrix, block_widths
from pipeline.settings import CONFIGS

HEADS = CONFIGS / "heads" / "heads.npz"
HELD_OUT_HEADS = CONFIGS / "heads" / "held_out.npz"  # trained without the held-back trades, to be measured on them
_RETRAIN = "train it again with `python -m models.head_learning`"


@dataclass(frozen=True)
class Facts:
    """How the heads were trained. `figures` are cross-validated, never those of the held-back trades."""

    encoder: str  # identity of the encoder whose vectors they expect
    dimension: int
    criteria: tuple[str, ...]  # rules' names; a checklist's criterion is judged by the head of its `rule`
    categories: tuple[str, ...]  # phrase lists, in the order of the columns
    lexicons: str  # identity of the phrase lists at training; others still work, less exactly
    data_hash: str
    dialogues: int
    figures: dict[str, float]
    reader_share: float = 0.0  # how much of an answer is the readers'
    feature_version: str = FEATURE_VERSION


@dataclass(frozen=True)
class Head:
    """A linear head on the features of a call; `slope` and `offset` make its probability a calibrated confidence."""

    weights: Matrix  # shape: (num_features, num_outputs)
    bias: Matrix
    slope: float
    offset: float

    def logits(self, features: Matrix) -> Matrix:
        return np.asarray(features @ self.weights + self.bias)

    def confidence(self, probability: float) -> float:
        """Platt scaling of the probability of the chosen answer."""
        bounded = min(max(probability, 1e-4), 1 - 1e-4)
        logit = np.log(bounded / (1 - bounded))
        return float(1 / (1 + np.exp(-(self.slope * logit + self.offset))))


@dataclass(frozen=True)
class HeadArtefact:
    """Heads by name: the criteria, `call_type`, and `applies:objection`. `readers` answer some of them too."""

    facts: Facts
    projection: Projection
    turn_weights: Matrix  # shape: (turn features, turn labels)
    turn_bias: Matrix
    heads: dict[str, Head]
    readers: DialogueReaders = field(default_factory=DialogueReaders)

    @cached_property
    def labels(self) -> TurnLabels:
        return TurnLabels(self.facts.criteria)


def save_artefact(artefact: HeadArtefact, path: Path = HEADS) -> None:
    """Write all of it; the same artefact gives the same bytes."""
    arrays: dict[str, Any] = {
        "facts": np.array(json.dumps(asdict(artefact.facts), ensure_ascii=False, sort_keys=True)),
        "mean_vector": artefact.projection.mean_vector.astype(np.float32),
        "directions": artefact.projection.directions.astype(np.float32),
        "turn_weights": artefact.turn_weights.astype(np.float32),
        "turn_bias": artefact.turn_bias.astype(np.float32),
    }
    for name, head in artefact.heads.items():
        arrays[f"weights|{name}"] = head.weights.astype(np.float32)
        arrays[f"bias|{name}"] = head.bias.astype(np.float32)
        arrays[f"calibration|{name}"] = np.array([head.slope, head.offset])
    for place, reader in enumerate(artefact.readers.members):
        arrays[f"questions|{place}"] = np.array(json.dumps(reader.questions))
        arrays |= {f"reader|{place}|{name}": values.astype(np.float16) for name, values in reader.arrays.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        np.savez_compressed(file, **arrays)


def load_artefact(path: Path = HEADS) -> HeadArtefact:
    """Raises WeightsError when the file is missing, damaged, or was trained for other features."""
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        facts = json.loads(str(arrays["facts"]))
    except FileNotFoundError as error:
        raise WeightsError(f"{path}: no learned heads there; {_RETRAIN}") from error
    except (OSError, ValueError, KeyError, EOFError) as error:
        raise WeightsError(f"{path}: no readable heads ({error}); {_RETRAIN}") from error
    found = facts.get("feature_version")
    if found != FEATURE_VERSION:
        raise WeightsError(
            f"{path}: trained for feature version {found}, this program computes version {FEATURE_VERSION}; {_RETRAIN}"
        )
    return _assemble(facts, arrays, path)


def _assemble(facts: dict[str, Any], arrays: dict[str, Any], path: Path) -> HeadArtefact:
    try:
        known = Facts(**facts | {key: tuple(facts[key]) for key in ("criteria", "categories")})
        heads = {
            name.split("|")[1]: Head(
                arrays[name].astype(float),
                arrays[name.replace("weights|", "bias|")].astype(float),
                *(float(number) for number in arrays[name.replace("weights|", "calibration|")]),
            )
            for name in arrays
            if name.startswith("weights|")
        }
        projection = Projection(arrays["mean_vector"], arrays["directions"])
        turn_weights, turn_bias = (arrays[name].astype(float) for name in ("turn_weights", "turn_bias"))
        readers = _readers(arrays)
    except (KeyError, TypeError) as error:
        raise WeightsError(f"{path}: incomplete ({error}); {_RETRAIN}") from error
    artefact = HeadArtefact(known, projection, turn_weights, turn_bias, heads, readers)
    columns = block_widths(len(known.categories), projection.directions.shape[1])
    expected = (sum(columns.values()), artefact.labels.count)
    if artefact.turn_weights.shape != expected or heads["call_type"].weights.shape[1] != len(CALL_TYPES):
        raise WeightsError(f"{path}: weights of shape {artefact.turn_weights.shape}, expected {expected}; {_RETRAIN}")
    return artefact


def _readers(arrays: dict[str, Any]) -> DialogueReaders:
    found = []
    for place in range(sum(name.startswith("questions|") for name in arrays)):
        questions = tuple((str(name), int(count)) for name, count in json.loads(str(arrays[f"questions|{place}"])))
        start = f"reader|{place}|"
        own = {name.removeprefix(start): arrays[name].astype(np.float32) for name in arrays if name.startswith(start)}
        found.append(DialogueReader(questions, own))
    return DialogueReaders(tuple(found))


def artefact_identity(path: Path = HEADS) -> str:
    """Hash of the file: other heads are another judge."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]
