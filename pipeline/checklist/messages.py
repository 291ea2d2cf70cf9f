"""What does not hold in a checklist, for the supervisor who wrote it: file, criterion, key, what was found, remedy."""

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel

from pipeline.checklist.rules import Condition, MetricRule, PhraseRule, Threshold
from pipeline.checklist.schema import Checklist, Criterion

_INVISIBLE = {
    "[key]",
    "(one word)",
    "(condition)",
}  # no keys of the file
_SHOWN_CHARACTERS = 60
_SUBKEY = re.compile(
    r"(?:found|otherwise|thresholds|said|at_least|at_most)[^\s:]*: "
)  # a message that begins with a key
_MODELS: Mapping[str, type[BaseModel]] = {
    "phrases": PhraseRule,
    "metric": MetricRule,
    "thresholds": Threshold,
    "applies_when": Condition,
}
_TEXT_BY_LANGUAGE = 'write it by language, e.g. {ru: "Приветствие", en: "Greeting"}'


def describe(problem: Any, content: Mapping[str, Any], name: str) -> Iterator[str]:
    """One line per problem. `content` is what was validated, `name` the file."""
    place = list(problem["loc"])
    where, model = name, "checklist"
    if len(place) >= 2 and place[0] == "criteria" and isinstance(place[1], int):
        where += f": {_criterion_name(content, place[1])}"
        place, model = place[2:], "criterion"
    key = ".".join(str(part) for part in _visible(place))
    for line in _explain(problem, place, model):
        parting = "." if key and _SUBKEY.match(line) else ": "
        yield f"{where}: {key + parting if key else ''}{line}"


def _criterion_name(content: Mapping[str, Any], index: int) -> str:
    criterion = content["criteria"][index]
    known_id = criterion.get("id") if isinstance(criterion, dict) else None
    return f'criterion "{known_id}"' if known_id else f"criterion number {index + 1}"


def _visible(place: Sequence[str | int]) -> list[str | int]:
    """The place as the file has it: entries of a list count from 1."""
    parts: list[str | int] = []
    for part in place:
        if part in _INVISIBLE and parts:
            continue
        parts.append(part + 1 if isinstance(part, int) else part)
    return parts


def _explain(problem: Any, place: Sequence[str | int], model: str) -> list[str]:
    kind, found = str(problem["type"]), problem.get("input")
    if kind == "value_error":
        return str(problem["msg"]).removeprefix("Value error, ").split("\n")
    if kind == "extra_forbidden":
        return [f"no such key{_nearest(place, model)}; remove it or correct its name"]
    if kind == "missing":
        return [f"field required; add it{_how(str(place[-1]))}"]
    if kind == "literal_error":
        known = problem["ctx"]["expected"].replace(" or ", ", ").replace("'", "")
        return [f"unknown{_shown(found)}; use one of {known}"]
    message, remedy = _MESSAGES.get(kind, (str(problem["msg"]), ""))
    context = problem.get("ctx", {})
    last = next((str(part) for part in reversed(place) if part not in _INVISIBLE), "")
    if kind == "string_type" and found is None:
        remedy = "; write it, or remove the key"
    return [message.format(**context) + _shown(found) + (_how(last) or remedy.format(**context))]


_WEIGHT = "; give a weight above 0, or leave the call type out where the criterion does not apply"
_MESSAGES = {  # by pydantic's name for the problem
    "greater_than": ("must be above {gt:g}", _WEIGHT),
    "greater_than_equal": ("must be at least {ge:g}", "; the CQR runs from 0 to 100"),
    "less_than_equal": ("must be at most {le:g}", "; the CQR runs from 0 to 100"),
    "string_pattern_mismatch": ("must be an id", "; use small Latin letters, digits and _, a letter first"),
    "string_type": ("must be text", "; put it in quotation marks"),
    "float_parsing": ("must be a number", "; write e.g. 2 or 0.5, with a full stop"),
    "float_type": ("must be a number", "; write e.g. 2 or 0.5, with a full stop"),
    "bool_parsing": ("must be true or false", ""),
    "bool_type": ("must be true or false", ""),
    "tuple_type": ("must be a list", "; write [one, two] or a line per entry, each with a dash"),
    "dict_type": ("must be keys and values", ""),
    "model_type": ("must be keys and values", ""),
    "too_short": ("has too few entries", "; give at least {min_length}"),
}


def _how(key: str) -> str:
    """How the key is written, where its name does not say it."""
    return {
        "title": f"; {_TEXT_BY_LANGUAGE}",
        "weights": "; write a number for all call types, or e.g. {qualification: 3, objection: 1}",
        "otherwise": "; the label when none of the phrases is said, or not_enough_evidence",
        "found": '; write label: {language: [phrases]}, e.g. "yes": {ru: [спасибо за звонок]}',
        "thresholds": '; write a list such as [{up_to: 0.6, label: "yes"}, {label: "no"}]',
        "criteria": "; a list, each entry with id, title and weights",
    }.get(key, "")


def _nearest(place: Sequence[str | int], model: str) -> str:
    """The known key that was probably meant."""
    owner: type[BaseModel] = Criterion if model == "criterion" else Checklist
    for part in place[:-1]:
        owner = _MODELS.get(str(part), owner)
    close = get_close_matches(str(place[-1]), list(owner.model_fields), n=1)
    return f' (did you mean "{close[0]}"?)' if close else ""


def _shown(found: object) -> str:
    """What was found, in one short line."""
    if found is None:
        return " (is empty)"
    shown = repr(found) if not isinstance(found, str) else f'"{found}"'
    return f" (is {shown})" if len(shown) <= _SHOWN_CHARACTERS and "\n" not in shown else ""
