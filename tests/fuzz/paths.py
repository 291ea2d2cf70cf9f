"""Files that are none, and names that lead elsewhere or break what prints them."""

import os
import socket
from collections.abc import Callable
from pathlib import Path

from tests.fuzz.whole_files import MadeFile

SPARSE_BYTES = 50_000_000_000
GOOD_NAMES = (
    "звонок с пробелами.wav",
    "☎️👨‍👩‍👧.wav",
    "\u202egpj.wav",
    "-i.wav",
    "%d%s%n.wav",
    "concat:a|b.wav",
    "pipe:0.wav",
    "http:evil.wav",
    "quote'\"`$(id).wav",
    "[red]markup[bold].wav",
    "<img src=x onerror=alert(1)>.wav",
    "a..wav",
    "UPPER.WAV",
    "e\u0301.wav",
    "back\\slash.wav",
    "a;b,c.wav",
    "n" * 251 + ".wav",
    "~$call.wav",
    "CON.wav",
)
REFUSED_NAMES = (b"line\nbreak.wav", b"\x1b[2Jclear.wav", b"tab\there.wav", b"bell\x07.wav", b"caf\xe9.wav")


def write_with_good_names(folder: Path, content: Callable[[int], bytes]) -> list[Path]:
    """Undamaged recordings, `content` by their number, under names that are odd and yet names."""
    paths = [folder / name for name in GOOD_NAMES]
    for number, path in enumerate(paths):
        path.write_bytes(content(number))
    return paths


def write_refused(folder: Path, whole: MadeFile) -> list[str]:
    """Files and others that nobody can take, in `folder`; returns how messages name them."""
    outside = folder.parent / f"{folder.name} outside"
    outside.mkdir()
    for name in REFUSED_NAMES:
        Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).write_bytes(whole.content)
    (folder / "gone.wav").symlink_to(outside / "nobody.wav")
    (folder / "itself.wav").symlink_to(folder / "itself.wav")
    (folder / "round").symlink_to(folder, target_is_directory=True)
    (folder / "zeros.wav").symlink_to("/dev/zero")
    (folder / "kernel.wav").symlink_to("/proc/kmsg")
    (folder / "environment.wav").symlink_to("/proc/self/environ")
    (folder / "passwords.wav").symlink_to("/etc/passwd")
    os.mkfifo(folder / "pipe.wav")
    (folder / "directory.wav").mkdir()
    (folder / "directory.wav" / "inside.wav").write_bytes(b"")
    with (folder / "sparse.wav").open("wb") as file:
        file.write(whole.content[:100])
        file.truncate(SPARSE_BYTES)
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(os.path.relpath(folder / "socket.wav"))
    shown = ["line\\nbreak.wav", "\\x1b[2Jclear.wav", "tab\\there.wav", "bell\\x07.wav", "caf\\xe9.wav"]
    links = ["gone.wav", "itself.wav", "zeros.wav", "kernel.wav", "environment.wav", "passwords.wav"]
    return [*shown, *links, "pipe.wav", "inside.wav", "sparse.wav", "socket.wav"]


def journal_with_tricks(folder: Path, known: Path) -> Path:
    """A journal whose file names lead out of the folder, or are no names; its last row is an honest one."""
    names = (
        "../../../../etc/passwd",
        "/etc/passwd",
        "..\\..\\windows\\win.ini",
        "\\\\host\\share\\a.wav",
        "file:///etc/passwd",
        "a\0b.wav",
        "x" * 100_000,
        "\u202egpj.wav",
        "*.wav",
        "./" * 5_000 + "a.wav",
        ".",
        "..",
        "/",
        "=cmd|' /C calc'!A0",
        "\x1b[2J.wav",
    )
    rows = [f'{number},"{name.replace(chr(34), chr(34) * 2)}",Анна' for number, name in enumerate((*names, known.name))]
    path = folder / "tricks.csv"
    path.write_text("call_id,file_name,manager\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return path
