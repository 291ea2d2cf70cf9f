"""What recognition made of corpus dialogues that were spoken by synthesizers: `data/corpus/heard/*.jsonl`, validated.

`data/corpus/hear.py` writes them. Each is kept twice: as the dialogue that the pipeline made, and as the recognised
words of each written turn, so that the labels' evidence, which counts written turns, still points at the right place.
"""

import hashlib
import json
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from pipeline.corpus import CORPUS, LabelledDialogue
from pipeline.errors import ConfigurationError
from pipeline.frozen import Frozen
from pipeline.records import Dialogue, Role, Utterance

HEARD = CORPUS / "heard"
Layout = Literal["mono", "stereo"]
Engine = Literal["rhvoice", "espeak"]


class Recognition(Frozen):
    """The first line of a file: the identities of the models that heard its dialogues."""

    transcriber: str
    speech_detector: str
    diarizer: str
    encoder: str


class HeardUtterance(Frozen):
    """One utterance as the pipeline made it. `speaker` is its channel (stereo) or the diarizer's name for it."""

    role: Role
    speaker: str
    text: str
    start_s: float = Field(ge=0)
    end_s: float = Field(ge=0)


class HeardTurn(Frozen):
    """The recognised words of one written turn, nothing where none was recognised, and when it was spoken."""

    text: str
    start_s: float = Field(ge=0)
    end_s: float = Field(ge=0)


class HeardDialogue(Frozen):
    """One line of a file. `counted_words` of all recognised words could be told to be of one side.

    `written_sha256` is of what was spoken (`written_sha256` below): it tells a line whose dialogue has been rewritten.
    """

    id: str
    written_sha256: str
    layout: Layout
    voice: Engine
    language: str  # as the recogniser heard it
    duration_s: float = Field(gt=0)
    counted_words: int = Field(ge=0)
    right_role_words: int = Field(ge=0)
    utterances: tuple[HeardUtterance, ...] = Field(min_length=1)
    turns: tuple[HeardTurn, ...] = Field(min_length=1)

    @cached_property
    def dialogue(self) -> Dialogue:
        """As the pipeline made it, roles and all; what a judge sees of the recording."""
        utterances = tuple(
            Utterance(index, heard.role, heard.text, heard.speaker, heard.start_s, heard.end_s)
            for index, heard in enumerate(self.utterances)
        )
        return Dialogue(self.language, utterances, self.duration_s)

    @property
    def turn_texts(self) -> tuple[str, ...]:
        """By written turn; an empty text where nothing was recognised."""
        return tuple(turn.text for turn in self.turns)

    def turns_of(self, utterance: Utterance) -> tuple[int, ...]:
        """Indexes of the written turns during which an utterance of `dialogue` was spoken, the longest shared first."""
        start_s, end_s = utterance.start_s or 0.0, utterance.end_s or 0.0
        shared_s = [min(turn.end_s, end_s) - max(turn.start_s, start_s) for turn in self.turns]
        touched = [index for index, seconds in enumerate(shared_s) if seconds > 0]
        return tuple(sorted(touched, key=lambda index: -shared_s[index]))


def written_sha256(labelled: LabelledDialogue) -> str:
    """16 hexadecimal digits of all that is spoken and of what helps to tell the roles; the labels are not in it."""
    content = json.dumps((labelled.language, labelled.direction, labelled.turns), ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def is_current(labelled: LabelledDialogue, heard: HeardDialogue) -> bool:
    """True when this dialogue, as it is written now, is what was spoken and heard."""
    return heard.id == labelled.id and heard.written_sha256 == written_sha256(labelled)


def as_heard(labelled: LabelledDialogue, heard: HeardDialogue) -> LabelledDialogue:
    """The labelled dialogue with the recognised words in place of the written ones, turn by turn; labels untouched.

    Raises ConfigurationError when the dialogue has been rewritten since it was heard.
    """
    if not is_current(labelled, heard):
        raise ConfigurationError(
            f'{HEARD}: dialogue "{heard.id}": heard from other words than "{labelled.id}" holds; run hear.py again'
        )
    pairs = zip(labelled.turns, heard.turn_texts, strict=True)
    fields = {name: getattr(labelled, name) for name in LabelledDialogue.model_fields}  # a copy keeps cached properties
    return LabelledDialogue(**{**fields, "turns": tuple({role: text} for turn, text in pairs for role in turn)})


def load_heard(folder: Path = HEARD) -> dict[str, HeardDialogue]:
    """Every heard dialogue of a folder by its id, in the order of files; none when there is no such folder.

    Raises ConfigurationError that names file, line and dialogue.
    """
    heard: dict[str, HeardDialogue] = {}
    for path in sorted(folder.glob("*.jsonl")):
        for number, dialogue in load_heard_file(path)[1]:
            if dialogue.id in heard:
                raise ConfigurationError(f'{path}: line {number}: dialogue "{dialogue.id}": stands twice; remove one')
            heard[dialogue.id] = dialogue
    return heard


def load_heard_file(path: Path) -> tuple[Recognition, tuple[tuple[int, HeardDialogue], ...]]:
    """Who heard the dialogues of one file, and each with the number of its line.

    Raises ConfigurationError that names file, line and dialogue.
    """
    try:
        lines = path.read_text(encoding="utf-8").rstrip("\n").split("\n")  # a text may hold U+2028
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: cannot be read as JSON lines: {error}") from error
    if lines == [""]:
        raise ConfigurationError(f"{path}: is empty; remove it, or run data/corpus/hear.py again")
    return _read_header(path, lines[0]), tuple(_read_dialogues(path, lines[1:]))


def _read_header(path: Path, line: str) -> Recognition:
    try:
        return Recognition.model_validate_json(line)
    except ValidationError as error:
        raise ConfigurationError(f"{path}: line 1: must name the models: {_problem(error)}") from error


def _read_dialogues(path: Path, lines: list[str]) -> Iterator[tuple[int, HeardDialogue]]:
    for number, line in enumerate(lines, start=2):
        try:
            yield number, HeardDialogue.model_validate_json(line)
        except ValidationError as error:
            where = f'{path}: line {number}: dialogue "{_id_of(line)}"'
            raise ConfigurationError(f"{where}: {_problem(error)}; remove the line and run hear.py again") from error


def _id_of(line: str) -> str:
    """The id of a line that is not valid, as far as it can be told."""
    try:
        content = json.loads(line)
    except json.JSONDecodeError:
        return "?"
    return str(content.get("id", "?")) if isinstance(content, dict) else "?"


def _problem(error: ValidationError) -> str:
    """The first problem: key and message, never the words that were found."""
    first = error.errors()[0]
    key = ".".join(str(part) for part in first["loc"])
    return f"{key + ': ' if key else ''}{first['msg']}"
