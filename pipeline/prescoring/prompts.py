"""What the upper rungs ask, from files under configs/prompts/, and a dialogue written so that it stays data."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Annotated, TypeVar

from pydantic import AfterValidator, TypeAdapter, ValidationError

from pipeline.checklist import Text
from pipeline.errors import ConfigurationError
from pipeline.frozen import Frozen
from pipeline.records import CallType, Dialogue, Role
from pipeline.settings import CONFIGS, describe_validation_error, load_yaml

PROMPTS = CONFIGS / "prompts"
CALL_TYPES = CONFIGS / "call_types.yaml"
_FALLBACK = "en"
Content = TypeVar("Content")


def _asking(*names: str) -> AfterValidator:
    """A prompt must hold exactly these `$names`: a mistyped one would reach the model as it stands."""

    def check(text: str) -> str:
        template = Template(text)
        if not template.is_valid():
            raise ValueError("holds a $ that begins no name; write $$ where a dollar sign is meant")
        found = set(template.get_identifiers())
        if found != set(names):
            wanted, has = (", ".join(sorted(f"${name}" for name in some)) or "none" for some in (names, found))
            raise ValueError(f"holds the places {has}, expected {wanted}")
        return text

    return AfterValidator(check)


TextPrompt = Annotated[str, _asking("text")]


class NliPrompts(Frozen):
    """Hypotheses of one language. `level` is by the role that is judged."""

    speakers: dict[Role, str]
    level: dict[Role, TextPrompt]
    title: TextPrompt
    objection_raised: Annotated[str, _asking()]
    call_type: TextPrompt


class InstructPrompts(Frozen):
    """Messages to an instruct model, in English for every dialogue; definitions come in the dialogue's language."""

    system: Annotated[str, _asking("fence")]
    criteria: Annotated[str, _asking("fence", "transcript", "count", "criteria", "most_evidence", "not_enough")]
    call_type: Annotated[str, _asking("fence", "transcript", "types", "most_evidence")]
    objection_raised: Annotated[str, _asking()]
    correction: Annotated[str, _asking("problems")]


class CallTypeWords(Frozen):
    title: Text
    definition: Text


def load_nli_prompts(path: Path = PROMPTS / "nli.yaml") -> dict[str, NliPrompts]:
    """By language. Raises ConfigurationError that names the file and the key."""
    prompts = _load(path, dict[str, NliPrompts])
    if _FALLBACK not in prompts:
        raise ConfigurationError(f"{path}: {_FALLBACK}: missing; add it: it serves the languages without their own")
    return prompts


def load_instruct_prompts(path: Path = PROMPTS / "instruct.yaml") -> InstructPrompts:
    """Raises ConfigurationError that names the file and the key."""
    return _load(path, InstructPrompts)


def load_call_types(path: Path = CALL_TYPES) -> dict[CallType, CallTypeWords]:
    """What each call type means, in words. Raises ConfigurationError."""
    return _load(path, dict[CallType, CallTypeWords])


def content_hash(*parts: object) -> str:
    """12 hexadecimal digits over prompts and parameters: another content is another judge."""
    written = [TypeAdapter(type(part)).dump_json(part) for part in parts]
    return hashlib.sha256(b"|".join(written)).hexdigest()[:12]


def in_language(texts: Mapping[str, str], language: str) -> tuple[str, str]:
    """(language, text): in `language`, else in English, else in the first there is. Raises KeyError without any."""
    for wanted in (language, _FALLBACK, *texts):
        if wanted in texts:
            return wanted, texts[wanted]
    raise KeyError(language)


def fill(prompt: str, **values: object) -> str:
    """The prompt with its places filled; a `$` inside a value stays what it is."""
    return Template(prompt).substitute({name: str(value) for name, value in values.items()})


def write_transcript(dialogue: Dialogue) -> str:
    """One JSON object per turn: no text, whatever it holds, can end its line or pass for another turn."""
    return "\n".join(
        json.dumps({"turn": item.index, "role": item.role, "text": item.text}, ensure_ascii=False)
        for item in dialogue.utterances
    )


def fence_of(dialogue: Dialogue) -> str:
    """A word around the transcript that nobody in it can have said, since it is made of all of its text."""
    text = write_transcript(dialogue).encode(errors="replace")  # a chat may hold half of a surrogate pair
    return f"transcript-{hashlib.sha256(text).hexdigest()[:12]}"


def _load(path: Path, kind: type[Content]) -> Content:
    try:
        return TypeAdapter(kind).validate_python(load_yaml(path))
    except ValidationError as error:
        raise ConfigurationError(describe_validation_error(path, error)) from error
