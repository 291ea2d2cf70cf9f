"""Lines with marks for what has to be hidden, and how much of it the masking finds."""

import re
from dataclasses import dataclass
from pathlib import Path

from pipeline.masking import Hidden, find_hidden
from pipeline.settings import load_yaml

LINES = Path(__file__).parent / "lines.yaml"
MARK = re.compile(r"\{(\w+):([^}]*)\}")


@dataclass(frozen=True)
class MarkedLine:
    language: str
    text: str
    marked: tuple[Hidden, ...]


@dataclass(frozen=True)
class Figures:
    """`hidden_letters` of `marked_letters` are covered; `over_letters` are covered and need not be."""

    marked: int
    found: int  # marked things of which every letter is hidden
    hidden: int
    right: int  # hidden things that touch a marked one
    marked_letters: int
    hidden_letters: int
    over_letters: int


def read_marked(path: Path = LINES) -> list[MarkedLine]:
    return [_read(language, line) for language, lines in load_yaml(path).items() for line in lines]


def measure(lines: list[MarkedLine]) -> Figures:
    counts = [_count(line) for line in lines]
    return Figures(*(sum(column) for column in zip(*counts, strict=True)))


def _read(language: str, line: str) -> MarkedLine:
    text, marked, end = "", [], 0
    for match in MARK.finditer(line):
        text += line[end : match.start()]
        marked.append(Hidden(len(text), len(text) + len(match[2]), match[1]))  # type: ignore[arg-type]
        text, end = text + match[2], match.end()
    return MarkedLine(language, text + line[end:], tuple(marked))


def _count(line: MarkedLine) -> tuple[int, ...]:
    hidden = find_hidden(line.text, line.language)
    covered = {place for item in hidden for place in range(item.start, item.end)}
    wanted = [{place for place in range(item.start, item.end) if line.text[place].isalnum()} for item in line.marked]
    letters = {place for place in covered if line.text[place].isalnum()}
    all_wanted = set().union(*wanted)
    touching = [item for item in hidden if all_wanted & set(range(item.start, item.end))]
    return (
        len(wanted),
        sum(places <= covered for places in wanted),
        len(hidden),
        len(touching),
        len(all_wanted),
        len(all_wanted & letters),
        len(letters - all_wanted),
    )


if __name__ == "__main__":
    for language in ("ru", "en", "pl"):
        of_language = [line for line in read_marked() if line.language == language]
        print(language, measure(of_language))
        for line in of_language:
            hidden = find_hidden(line.text, line.language)
            if {(i.start, i.end, i.kind) for i in hidden} != {(i.start, i.end, i.kind) for i in line.marked}:
                print("  ", line.text, [(i.kind, line.text[i.start : i.end]) for i in hidden])
