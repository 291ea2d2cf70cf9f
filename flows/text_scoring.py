"""A file of dialogues scored into a file of evaluations: the same judge as for calls, no audio, no store."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from flows.workshop import WorkOrder, checklist_named, judge_for, with_heads, workshop_of
from pipeline.checklist import Checklist
from pipeline.errors import InputError
from pipeline.interfaces import Encoder
from pipeline.prescoring import Judge, evaluate
from pipeline.settings import EvaluationSettings
from pipeline.text_channel import TextCall, format_line, parse_lines

# A short chat is a whole chat: nothing was cut off, so nothing is left unscored for its length.
ANY_LENGTH = EvaluationSettings(min_words=1, min_duration_s=0)


@dataclass(frozen=True)
class TextScoring:
    scored: int
    problems: tuple[str, ...]  # one per line of the input that was left out


def score_file(source: Path, out: Path, checklist_name: str, order: WorkOrder) -> TextScoring:
    """Score every dialogue of `source`; `out` appears whole at the end. Bad lines are left out and reported.

    Raises InputError when `source` cannot be read or `out` cannot be written, ConfigurationError for a bad checklist.
    """
    order = with_heads(order)
    workshop = workshop_of(order)
    checklist = checklist_named(checklist_name)
    judge = judge_for(checklist, workshop.models, order.settings.active, order.heads)
    problems, scored = [], 0
    with _reading(source) as lines, _writing(out) as written:
        for found in parse_lines(lines, source.name, order.settings.languages):
            if isinstance(found, InputError):
                problems.append(str(found))
                continue
            written.write(_score(found, checklist, judge, workshop.models.encoder) + "\n")
            scored += 1
    return TextScoring(scored, tuple(problems))


def _score(call: TextCall, checklist: Checklist, judge: Judge, encoder: Encoder) -> str:
    vectors = encoder.encode_dialogue(call.dialogue)
    return format_line(call.call_id, evaluate(call.dialogue, checklist, judge, ANY_LENGTH, vectors))


@contextmanager
def _reading(source: Path) -> Iterator[Iterator[str]]:
    try:
        lines = source.open(encoding="utf-8", newline="\n")
    except OSError as error:
        raise InputError(f"{source}: cannot be read: {error.strerror}") from error
    with lines:
        try:
            yield iter(lines)
        except UnicodeDecodeError as error:
            raise InputError(f"{source}: is not UTF-8 (byte {error.start}); save it as UTF-8") from error


@contextmanager
def _writing(out: Path) -> Iterator[TextIO]:
    partial = out.with_name(out.name + ".part")
    try:
        with partial.open("w", encoding="utf-8") as written:
            yield written
        partial.replace(out)
    except OSError as error:
        raise InputError(f"{out}: cannot be written: {error.strerror}; choose another place") from error
    finally:
        partial.unlink(missing_ok=True)
