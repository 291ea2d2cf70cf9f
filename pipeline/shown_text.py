"""Names from outside as a message shows them: on one line, with nothing in them that moves a terminal's cursor."""

import os
import unicodedata
from pathlib import Path

from pipeline.remote_files import place_text

LONGEST = 200  # characters of a name from a journal; the names of files are never longer than 255 bytes


def one_line(text: str) -> str:
    """The text with line breaks and other control characters escaped."""
    return "".join(
        sign.encode("unicode_escape").decode() if unicodedata.category(sign) == "Cc" else sign for sign in text
    )


def shown_path(path: Path) -> str:
    """The path as a text that every terminal, log and database takes: what is none in it is escaped."""
    return one_line(os.fsencode(place_text(path)).decode("utf-8", "backslashreplace"))


def shown_name(text: str) -> str:
    """What a journal says is a file's name, cut where no name would go on."""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."
