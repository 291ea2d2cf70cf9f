"""The files of learned models: named by the hash of their content, never changed, never silently replaced."""

import os
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import WeightsError
from pipeline.learning.versions import SHIPPED
from pipeline.prescoring.head_artefact import HEADS, HeadArtefact, artefact_identity, load_artefact, save_artefact

_REMEDY = "bring it back from a backup, or choose others: `prescore heads rollback`, `prescore heads use shipped`"

_ANEW = "`prescore heads use shipped` and then `prescore learn`: the same verdicts teach anew"


@dataclass(frozen=True, slots=True)
class ChosenHeads:
    """The model that calls are to be judged with."""

    version: str
    path: Path


def heads_named(folder: Path, version: str) -> ChosenHeads:
    """The model of that version among those of the data folder; `shipped` lies with the program."""
    return ChosenHeads(version, HEADS if version == SHIPPED else folder / f"{version}.npz")


def save_version(artefact: HeadArtefact, folder: Path) -> ChosenHeads:
    """Writes the model under the hash of its content; the file appears whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    partial = folder / "new.part"
    save_artefact(artefact, partial)
    chosen = heads_named(folder, artefact_identity(partial))
    os.replace(partial, chosen.path)  # noqa: PTH105  atomic, and the same content where it stands already
    return chosen


def check_heads(chosen: ChosenHeads, encoder: str) -> Path:
    """The file of the model, as it was stored. The shipped one is not questioned: rules stand in where it does not fit.

    Raises WeightsError when an adopted file is missing, was altered, is of another program, or was trained on another
    encoder's vectors: judging by other heads than the adopted ones must be a person's decision.
    """
    if chosen.version == SHIPPED:
        return chosen.path
    where = f"{chosen.path}: the adopted heads {chosen.version}"
    if not chosen.path.exists():
        raise WeightsError(f"{where} are missing; {_REMEDY}")
    found = artefact_identity(chosen.path)
    if found != chosen.version:
        raise WeightsError(f"{where} were altered (their content is {found}); {_REMEDY}")
    try:
        facts = load_artefact(chosen.path).facts
    except WeightsError as error:
        raise WeightsError(f"{where} cannot be used by this program ({error}); {_ANEW}") from error
    if facts.encoder != encoder:
        raise WeightsError(
            f"{where} expect the encoder {facts.encoder}, the profile names {encoder}; name that one again, or {_ANEW}"
        )
    return chosen.path
