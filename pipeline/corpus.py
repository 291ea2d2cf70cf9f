"""The labelled dialogues of `data/corpus/`, validated; docs/labelling.md says what they hold."""

import hashlib
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import AfterValidator, Field, ValidationError, model_validator

from pipeline.checklist import Checklist
from pipeline.errors import ConfigurationError
from pipeline.frozen import Frozen
from pipeline.records import CallType, Dialogue, Direction, Role, Utterance
from pipeline.settings import ROOT, load_yaml

CORPUS = ROOT / "data" / "corpus"
LANGUAGES = ("ru", "en", "pl")
Model = TypeVar("Model", bound=Frozen)
Split = Literal["dev", "test", "blind"]
LEARNED: tuple[Split, ...] = ("dev", "test")  # what the heads that ship are trained on; nothing learns from `blind`


class Gold(Frozen):
    """A person's answer to one criterion. `evidence` are turn indexes from 0, best first."""

    applicable: bool = True
    value: float | None = Field(default=None, ge=0, le=1)
    evidence: tuple[int, ...] = ()

    @model_validator(mode="after")
    def _value_where_applicable(self) -> Self:
        if self.applicable != (self.value is not None):
            raise ValueError("give a value where the criterion applies, and only there")
        return self


def _one_speaker(turn: dict[Role, str]) -> dict[Role, str]:
    if len(turn) != 1:
        raise ValueError("a turn has one key, agent or client")
    return turn


class LabelledDialogue(Frozen):
    """One written dialogue and what a person made of it."""

    id: str
    language: Literal["ru", "en", "pl"]
    trade: str
    direction: Direction
    call_type: CallType
    tags: tuple[str, ...] = ()
    turns: tuple[Annotated[dict[Role, str], AfterValidator(_one_speaker)], ...] = Field(min_length=1)
    gold: dict[str, Gold]

    @model_validator(mode="after")
    def _evidence_is_in_range(self) -> Self:
        for criterion_id, gold in self.gold.items():
            wrong = [index for index in gold.evidence if not 0 <= index < len(self.turns)]
            if wrong:
                last = len(self.turns) - 1
                raise ValueError(f"gold.{criterion_id}.evidence: turn {wrong[0]} is not there; count from 0 to {last}")
        return self

    @property
    def texts(self) -> tuple[str, ...]:
        """The words of each turn."""
        return tuple(text for turn in self.turns for text in turn.values())

    @cached_property
    def dialogue(self) -> Dialogue:
        """What a judge sees of it."""
        pairs = [pair for turn in self.turns for pair in turn.items()]
        return Dialogue(self.language, tuple(Utterance(index, role, text) for index, (role, text) in enumerate(pairs)))


class Splits(Frozen):
    """Which lines of business are held back; the rest falls by a hash of its name.

    `blind` ones were written by authors who knew neither corpus nor program: no heads are trained on them.
    """

    test: frozenset[str] = frozenset()
    dev: frozenset[str] = frozenset()
    blind: frozenset[str] = frozenset()

    def of(self, trade: str) -> Split:
        """The split of a trade, listed or not."""
        if trade in self.blind:
            return "blind"
        if trade in self.test or trade in self.dev:
            return "test" if trade in self.test else "dev"
        return "test" if int(hashlib.sha256(f"prescore:{trade}".encode()).hexdigest(), 16) % 3 == 0 else "dev"


def load_splits(folder: Path = CORPUS) -> Splits:
    """The split list of a corpus folder."""
    return validate(Splits, load_yaml(folder / "splits.yaml"), f"{folder / 'splits.yaml'}")


def load_corpus(
    checklist: Checklist, split: Split | None = None, folder: Path = CORPUS
) -> tuple[LabelledDialogue, ...]:
    """The dialogues of one split (of all when None), in the order of files.

    Raises ConfigurationError that names file, dialogue and key.
    """
    splits = load_splits(folder)
    files = [path for language in LANGUAGES for path in sorted((folder / language).glob("*.yaml"))]
    return tuple(
        labelled
        for path in files
        if split is None or splits.of(path.stem) == split
        for labelled in load_labelled(path, checklist)
    )


def load_labelled(path: Path, checklist: Checklist) -> tuple[LabelledDialogue, ...]:
    """The dialogues of one file; each must answer every criterion of the checklist."""
    content = load_yaml(path)
    if not isinstance(content, list):
        raise ConfigurationError(f"{path}: expected a list of dialogues, found {type(content).__name__}")
    dialogues: list[LabelledDialogue] = []
    for number, entry in enumerate(content, start=1):
        name = entry.get("id", f"number {number}") if isinstance(entry, dict) else f"number {number}"
        labelled = validate(LabelledDialogue, entry, f'{path}: dialogue "{name}"')
        _check_entry(labelled, path, checklist, {other.id for other in dialogues})
        dialogues.append(labelled)
    return tuple(dialogues)


def _check_entry(labelled: LabelledDialogue, path: Path, checklist: Checklist, earlier: set[str]) -> None:
    """What only the file and the checklist can tell."""
    where = f'{path}: dialogue "{labelled.id}"'
    if labelled.id in earlier:
        raise ConfigurationError(f"{where}: this id stands twice; give each dialogue its own")
    if (labelled.language, labelled.trade) != (path.parent.name, path.stem):
        raise ConfigurationError(f"{where}: language and trade must be those of the file's folder and name")
    expected = {criterion.id for criterion in checklist.criteria}
    if expected != set(labelled.gold):
        missing, extra = expected - set(labelled.gold), set(labelled.gold) - expected
        raise ConfigurationError(f"{where}: gold: add {sorted(missing)}, remove {sorted(extra)}")
    in_type = {criterion.id for criterion in checklist.criteria_for(labelled.call_type)}
    for criterion_id, gold in labelled.gold.items():
        if gold.applicable and criterion_id not in in_type:
            raise ConfigurationError(f"{where}: gold.{criterion_id}: does not apply to {labelled.call_type}")


def validate(model: type[Model], content: Any, where: str) -> Model:
    """`content`: what YAML read, or a line of JSON. Raises ConfigurationError with a line for each problem."""
    try:
        return model.model_validate_json(content) if isinstance(content, str) else model.model_validate(content)
    except ValidationError as error:
        lines = []
        for problem in error.errors():
            key = ".".join(str(part) for part in problem["loc"])
            lines.append(f"{where}: {key + ': ' if key else ''}{problem['msg'].removeprefix('Value error, ')}")
        raise ConfigurationError("\n".join(lines)) from error
