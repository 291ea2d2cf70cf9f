"""Greeting and introduction: a greeting word, own name, and the company, in the opening and unasked."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from pipeline.prescoring.findings import Finding, distinct
from pipeline.prescoring.ladder import Case
from pipeline.prescoring.reading import Line, Reading
from pipeline.prescoring.rules.company_name import names_company
from pipeline.prescoring.rules.introduction import INTRODUCING, pieces_of
from pipeline.prescoring.rules.own_name import names_himself
from pipeline.records import Evidence

_OPENING_LINES = 7  # of both sides
_OPENING_WORDS = 10  # a longer line has told what it had to tell
_SHORT_WORDS = 6  # of a client's answer that leaves the word to the agent


def judge_greeting(case: Case) -> Finding:
    """Counts the three parts."""
    reading = case.reading
    lines = opening(reading)
    if not lines:
        return Finding(0.0, 0.6, "none", distinct([line.quote() for line in [*reading.of("agent")][:1]]))
    parts = opening_parts(reading)
    found = [line for line in parts.values() if line]
    missing = [part for part, line in parts.items() if line is None]
    value = 1.0 if not missing else 0.5 if found else 0.0
    reason = "done" if not missing else "none" if not found else f"no_{missing[0]}" if len(missing) == 1 else "one_part"
    return Finding(value, 0.6 if len(missing) == 1 else 0.8, reason, distinct(_quotes(found or lines[:1])))


@lru_cache(maxsize=2)  # the rule and the heads ask about the same dialogue
def opening_parts(reading: Reading) -> Mapping[str, Line | None]:
    """`find_parts` of the opening."""
    return find_parts(opening(reading), reading)


def find_parts(lines: Sequence[Line], reading: Reading) -> dict[str, Line | None]:
    """In which of the opening's lines each part stands; None where it was left out."""
    read = [(line, pieces_of(line, reading)) for line in lines]
    read = read[:1] + [(line, pieces) for line, pieces in read[1:] if any(p.kind in INTRODUCING for p in pieces)]
    language = reading.lexicon.language
    return {
        "greeting": next((line for line, pieces in read if any(p.kind == "greeting" for p in pieces)), None),
        "name": next((line for line, pieces in read if names_himself(pieces, line, reading)), None),
        "company": next((line for line, pieces in read if names_company(pieces, language)), None),
    }


def opening(reading: Reading) -> list[Line]:
    """The agent's lines that open the call: until the client asks who he is, or says what he himself wants."""
    lines: list[Line] = []
    for line in reading.lines[:_OPENING_LINES]:
        if line.role == "client" and lines and _takes_over(line):
            break
        if line.role == "agent":
            lines.append(line)
            if len(line.tokens) > _OPENING_WORDS:
                break
    return lines[:3]


def _takes_over(line: Line) -> bool:
    """An answer such as `да, это я` leaves the opening to the agent."""
    return line.has("asks_who", "question_word") or "?" in line.utterance.text or len(line.tokens) > _SHORT_WORDS


def _quotes(lines: Iterable[Line]) -> list[Evidence]:
    """Each line once, quoted at its best part."""
    return [line.quote_of("greeting", "its", "org") for line in dict.fromkeys(lines)]
