"""docs/performance.md and docs/scale.md: a section per benchmark, so that each can be measured again alone."""

import re
from pathlib import Path

from pipeline.settings import ROOT

PERFORMANCE = ROOT / "docs" / "performance.md"
SCALE = ROOT / "docs" / "scale.md"


def write_section(heading: str, section: str, page: Path = PERFORMANCE) -> None:
    """Puts the section, which begins with its heading, in the place of the old one, else at the end."""
    text = page.read_text(encoding="utf-8") if page.exists() else ""
    before, found, rest = text.partition(f"{heading}\n")
    following = re.search(r"^## ", rest, re.MULTILINE) if found else None
    after = rest[following.start() :] if following else ""
    page.write_text(f"{before.rstrip()}\n\n{section.rstrip()}\n{after and chr(10) + after}".lstrip(), encoding="utf-8")


def keep_sections(table: str, page: Path = PERFORMANCE) -> None:
    """Writes the page's first part anew; the sections of other benchmarks stay below it."""
    text = page.read_text(encoding="utf-8") if page.exists() else ""
    first = re.search(r"^## ", text, re.MULTILINE)
    page.write_text(table.rstrip() + "\n" + ("\n" + text[first.start() :] if first else ""), encoding="utf-8")
