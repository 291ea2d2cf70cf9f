"""A checklist from its file, with messages that name line, criterion and key."""

from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from pipeline import yaml_parsing
from pipeline.checklist.messages import describe
from pipeline.checklist.schema import Checklist
from pipeline.errors import ConfigurationError
from pipeline.settings import CONFIGS

CHECKLISTS = CONFIGS / "checklists"


def load_checklist(source: str | Path, folder: Path = CHECKLISTS) -> Checklist:
    """The checklist in a file, or by its name in `folder`.

    Raises ConfigurationError with one line per problem: file, criterion, key, what was found, what to do.
    """
    path = source if isinstance(source, Path) else folder / f"{source}.yaml"
    if not path.exists() and not isinstance(source, Path):
        known = ", ".join(sorted(file.stem for file in folder.glob("*.yaml"))) or "none"
        raise ConfigurationError(f'{path}: there is no checklist "{source}" (there are: {known})')
    return parse_checklist(read_yaml(path), str(path))


def parse_checklist(content: Any, name: str) -> Checklist:
    """The checklist in already read YAML; `name` stands at the start of every message."""
    if not isinstance(content, dict):
        kind = {"list": "a list", "NoneType": "an empty file"}.get(type(content).__name__, "one value")
        raise ConfigurationError(
            f"{name}: found {kind}, expected keys; begin with id:, title: and criteria:, the criteria indented below"
        )
    try:
        return Checklist.model_validate(content)
    except ValidationError as error:
        lines = [line for problem in _causes(error) for line in describe(problem, content, name)]
        raise ConfigurationError("\n".join(dict.fromkeys(lines))) from error


def _causes(error: ValidationError) -> list[Any]:
    """The problems without those that only follow: a list counts as too short when its entries do not hold."""
    problems = error.errors()
    places = [problem["loc"] for problem in problems]
    return [
        problem
        for problem, place in zip(problems, places, strict=True)
        if problem["type"] != "too_short" or not any(other[: len(place)] == place != other for other in places)
    ]


def read_yaml(path: Path) -> Any:
    """What the file holds. Raises ConfigurationError that names the line."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise ConfigurationError(f"{path}: no such file") from error
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise ConfigurationError(f"{path}: line {line}: is not UTF-8; save the file with the encoding UTF-8") from error
    return parse_yaml(text, str(path))


def parse_yaml(text: str, name: str) -> Any:
    """What the text holds; a key that stands twice is a mistake, not a replacement."""
    tab = next((number for number, line in enumerate(text.splitlines(), 1) if _is_tabbed(line)), None)
    if tab is not None:
        raise ConfigurationError(f"{name}: line {tab}: is indented with a tab; use spaces, two per step")
    try:
        return yaml_parsing.parse(text, _StrictLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f"line {mark.line + 1}: " if mark else ""
        raise ConfigurationError(f"{name}: {line}{_in_plain_words(str(error.problem))}") from error
    except yaml.YAMLError as error:
        raise ConfigurationError(f"{name}: {' '.join(str(error).split())}; remove the character") from error


def _is_tabbed(line: str) -> bool:
    return "\t" in line[: len(line) - len(line.lstrip())] and bool(line.strip())


def _in_plain_words(problem: str) -> str:
    for sign, meaning in _PLAIN.items():
        if sign in problem:
            return meaning
    return problem if ";" in problem else f"{problem}; check this line and the one before it"


_PLAIN = {
    "mapping values are not allowed": "a colon inside a text: put the text in quotation marks",
    "could not find expected ':'": "a key without its colon, or a text over two lines without quotation marks",
    "expected <block end>": "the indentation does not fit the lines above: keys of one thing stand in one column",
    "found unexpected end of stream": "a quotation mark is opened and never closed",
    "expected ',' or": "a bracket is opened and not closed, or a comma is missing before this line",
    "found undefined alias": "a text that begins with *: put it in quotation marks",
    "cannot start any token": "a text that begins with a special sign: put it in quotation marks",
}


class _StrictLoader(yaml.SafeLoader):
    """YAML in which a key stands once."""


def _mapping(loader: _StrictLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    loader.flatten_mapping(node)
    content: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        try:
            twice = key in content
        except TypeError as error:
            raise yaml.MarkedYAMLError(problem="a key must be one word", problem_mark=key_node.start_mark) from error
        if twice:
            raise yaml.MarkedYAMLError(problem=f'"{key}" stands twice; remove one', problem_mark=key_node.start_mark)
        content[key] = loader.construct_object(value_node, deep=True)
    return content


_StrictLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)
