"""The review page as a process of its own, which goes on when the terminal is closed."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from pipeline.data_folder import DataFolder
from pipeline.errors import InputError

STARTS_WITHIN_S = 60.0
ENDS_WITHIN_S = 10.0
POLL_S = 0.2


def start_page(data: DataFolder, host: str, port: int) -> int:
    """Starts the page, in place of one that was started so before, and returns its process id once it answers.

    Raises InputError when the address is taken or the page ends at once: its log says why.
    """
    from review.server import listen  # the web framework takes half a second

    stop_page(data)
    listen(host, port).close()
    log = log_path(data)
    command = [sys.executable, "-m", "flows.cli", "--data", str(data.root), "review"]
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(  # noqa: S603  our own program and checked options
            [*command, "--host", host, "--port", str(port)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    pid_path(data).write_text(str(process.pid), encoding="utf-8")
    deadline = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < deadline and process.poll() is None:
        if answers(host, port):
            return process.pid
        time.sleep(POLL_S)
    stop_page(data)
    raise InputError(f"the review page did not start; {log} says why")


def stop_page(data: DataFolder) -> bool:
    """Ends the page that `start_page` started over this folder; says whether there was one."""
    path = pid_path(data)
    if not path.exists():
        return False
    pid = int(path.read_text(encoding="utf-8") or 0)
    path.unlink()
    if not is_page(pid, data):
        return False
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + ENDS_WITHIN_S
    while is_page(pid, data) and time.monotonic() < deadline:
        time.sleep(POLL_S)
    return True


def is_page(pid: int, data: DataFolder) -> bool:
    """Whether that process is a page over this folder: a number may have gone to another program since."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return False
    return "review" in words and str(data.root) in words


def answers(host: str, port: int) -> bool:
    try:
        with urlopen(f"http://{host}:{port}/log-in", timeout=2):
            return True
    except HTTPError:
        return True
    except (URLError, OSError):
        return False


def log_path(data: DataFolder) -> Path:
    return data.root / "review.log"


def pid_path(data: DataFolder) -> Path:
    return data.root / "review.pid"
