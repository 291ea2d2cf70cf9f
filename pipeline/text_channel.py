"""Text channels (chats): one dialogue a line in, one evaluation a line out, both JSON."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field, ValidationError

from pipeline.errors import InputError
from pipeline.frozen import Frozen
from pipeline.records import Dialogue, Evaluation, Suggestion, Utterance

_ROUND = 4
_SHAPE = '{"id", "language", "turns": [{"role": "agent" or "client", "text"}]}'


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("is blank; leave the turn out or give its words")
    return text


class _Lenient(Frozen):
    """Keys of other systems may stand beside ours."""

    model_config = ConfigDict(extra="ignore", frozen=True, coerce_numbers_to_str=True)


class TextTurn(_Lenient):
    role: Literal["agent", "client"]
    text: Annotated[str, AfterValidator(_not_blank)]


class TextLine(_Lenient):
    """One line of the input."""

    id: str = Field(min_length=1)
    language: str = Field(pattern=r"^[a-z]{2,3}$")
    turns: tuple[TextTurn, ...] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class TextCall:
    """A dialogue under the id that its sender gave it."""

    call_id: str
    dialogue: Dialogue


def parse_lines(lines: Iterable[str], name: str, languages: tuple[str, ...]) -> Iterator[TextCall | InputError]:
    """Each line's dialogue, or the error to report for it; a bad line never stops the others."""
    seen: set[str] = set()
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        where = f"{name}: line {number}"
        try:
            call = parse_line(line, where, languages)
        except InputError as error:
            yield error
            continue
        if call.call_id in seen:
            yield InputError(f'{where}: id: "{call.call_id}" stood in an earlier line; give each dialogue its own id')
        else:
            seen.add(call.call_id)
            yield call


def parse_line(line: str, where: str, languages: tuple[str, ...]) -> TextCall:
    """Raises InputError that names the line, the key, what was found and what to do."""
    try:
        content: Any = json.loads(line.lstrip("\ufeff"))
    except (ValueError, RecursionError) as error:  # brackets by the thousand
        raise InputError(f"{where}: no JSON ({error}); write one object a line: {_SHAPE}") from error
    if not isinstance(content, dict):
        raise InputError(f"{where}: expected an object {_SHAPE}, found {type(content).__name__}")
    try:
        text_line = TextLine.model_validate(content)
    except ValidationError as error:
        raise InputError("\n".join(_describe(problem, where) for problem in error.errors())) from error
    if text_line.language not in languages:
        known = ", ".join(languages)
        raise InputError(
            f'{where}: language: "{text_line.language}" is not among {known}; add it in configs/pipeline.yaml'
        )
    utterances = tuple(Utterance(index, turn.role, turn.text) for index, turn in enumerate(text_line.turns))
    return TextCall(text_line.id, Dialogue(text_line.language, utterances))


def _describe(problem: Any, where: str) -> str:
    """One problem, without the words of the dialogue."""
    key = ".".join(str(part) for part in problem["loc"])
    message = str(problem["msg"]).removeprefix("Value error, ")
    remedy = "; add it" if problem["type"] == "missing" else f"; a line looks like {_SHAPE}"
    return f"{where}: {key}: {message[:1].lower() + message[1:]}{remedy}"


def format_line(call_id: str, evaluation: Evaluation) -> str:
    """The output line, without a line end. A call that was not scored has its type and no criteria."""
    content = {
        "id": call_id,
        "call_type": evaluation.call_type.call_type,
        "call_type_confidence": round(evaluation.call_type.confidence, _ROUND),
        "cqr": None if evaluation.cqr is None else round(evaluation.cqr, 2),
        "passed": evaluation.passed,
        "criteria": [_criterion(suggestion) for suggestion in evaluation.suggestions],
    }
    return json.dumps(content, ensure_ascii=False)


def _criterion(suggestion: Suggestion) -> dict[str, Any]:
    return {
        "id": suggestion.criterion_id,
        "applicable": suggestion.applicable,
        "value": None if suggestion.value is None else round(suggestion.value, _ROUND),
        "confidence": round(suggestion.confidence, _ROUND),
        "evidence": [{"turn": item.utterance_index, "quote": item.quote} for item in suggestion.evidence],
    }
