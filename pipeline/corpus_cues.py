"""What tells of a call's type, turn by turn: cues of the labelled dialogues, and calls written for the type alone.

`<language>.jsonl` in the folders `cues`, `short` and `rambling` of data/corpus; docs/labelling.md says what they hold.
"""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, NonNegativeInt, model_validator

from pipeline.corpus import CORPUS, LANGUAGES, Split, load_splits, validate
from pipeline.errors import ConfigurationError
from pipeline.frozen import Frozen
from pipeline.records import CallType, Cue, Dialogue, Role, Utterance

Cues = dict[Cue, tuple[NonNegativeInt, ...]]
Kind = Literal["short", "rambling"]
KINDS: tuple[Kind, ...] = ("short", "rambling")  # the folders of calls written for the type alone
_ROLES: dict[str, Role] = {"A": "agent", "C": "client"}


class LabelledCues(Frozen):
    """Turns of one dialogue by cue, best first."""

    id: str
    cues: Cues


class TypeOnlyCall(Frozen):
    """A call, or some turns of one, of which only the type is labelled. `kind` is the folder that it lies in."""

    id: str
    language: Literal["ru", "en", "pl"]
    trade: str
    call_type: CallType
    turns: Annotated[tuple[tuple[Literal["A", "C"], str], ...], Field(min_length=2)]
    cues: Cues
    kind: Kind = "short"

    @model_validator(mode="after")
    def _cues_are_in_range(self) -> Self:
        wrong = [index for turns in self.cues.values() for index in turns if index >= len(self.turns)]
        if wrong:
            raise ValueError(f"cues: turn {wrong[0]} is not there; count from 0 to {len(self.turns) - 1}")
        return self

    @property
    def texts(self) -> tuple[str, ...]:
        """The words of each turn."""
        return tuple(text for _, text in self.turns)

    @cached_property
    def dialogue(self) -> Dialogue:
        """What a judge sees of it."""
        turns = (Utterance(index, _ROLES[side], text) for index, (side, text) in enumerate(self.turns))
        return Dialogue(self.language, tuple(turns))


def load_cues(folder: Path = CORPUS) -> Mapping[str, Cues]:
    """By dialogue. Raises ConfigurationError that names file and line."""
    lines = (validate(LabelledCues, line, f"{path}: line {number}") for path, number, line in _lines(folder / "cues"))
    return {labelled.id: labelled.cues for labelled in lines}


def load_type_only_calls(split: Split | None = None, folder: Path = CORPUS) -> tuple[TypeOnlyCall, ...]:
    """Those of one split, of all when None. Raises ConfigurationError that names file and line."""
    splits = load_splits(folder)
    found: dict[str, TypeOnlyCall] = {}
    for kind in KINDS:
        for path, number, line in _lines(folder / kind):
            call = validate(TypeOnlyCall, line, f"{path}: line {number}")
            if call.id in found or call.language != path.stem:
                message = f"{path}: line {number}: give each call an id of its own and the file's language"
                raise ConfigurationError(message)
            found[call.id] = call.model_copy(update={"kind": kind})
    return tuple(call for call in found.values() if split is None or splits.of(call.trade) == split)


def _lines(folder: Path) -> list[tuple[Path, int, str]]:
    files = [folder / f"{language}.jsonl" for language in LANGUAGES]
    return [
        (path, number, line)
        for path in files
        if path.exists()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
    ]
