"""A call that hangs is stopped: its worker ends itself and leaves a note, and the call fails when it is taken again.

The timer is faulthandler's: it runs in C and needs no turn of the interpreter, so a worker that hangs in native code
ends too. It counts the machine's steady clock, which nobody can set back.
"""

import faulthandler
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from flows.workshop import this_process
from pipeline.errors import RecordingError
from pipeline.processing import CallResult, CallTask
from pipeline.records import AnalysedDialogue
from pipeline.remote_files import is_remote
from pipeline.settings import Settings
from pipeline.stages import Failure
from pipeline.streams import probe

LEAST_BYTES_PER_S = 500.0  # of the thriftiest telephone codecs: how long a file without a stated length can be
Allow = Callable[[CallTask], None]
PROCESSING = "processing.py"  # Dask and Ray call it in a thread of its own
PLACE = re.compile(r'File "[^"]*?([^"/]+)", line (\d+)')


@contextmanager
def watched(task: CallTask, settings: Settings, notes: Path, home: str) -> Iterator[Allow]:
    """Ends this worker process when the call takes longer than `limit_s`; its note then says where it was.

    What it yields gives the call the time of its length, once its recording lies here; until then it has the floor.

    Nothing is watched in the process `home`, which gave the order and which nobody would start again. Any other is a
    worker, whoever started it: a pool, Dask with or without a nanny, Ray. Its calls go to the others.
    """
    if this_process() == home:
        yield lambda _: None
        return
    path = note_path(task, notes)
    with path.open("w", encoding="utf-8") as note:
        try:
            faulthandler.dump_traceback_later(settings.run.stop_after_s, exit=True, file=note)  # looking may hang too
            yield lambda here: faulthandler.dump_traceback_later(limit_s(here, settings), exit=True, file=note)
        finally:
            faulthandler.cancel_dump_traceback_later()
    path.unlink(missing_ok=True)


def stopped_before(task: CallTask, settings: Settings, notes: Path) -> CallResult | None:
    """The failure of a call that had to be stopped in this run; None for any other."""
    path = note_path(task, notes)
    if not path.exists() or not (note := path.read_text(encoding="utf-8")):
        return None
    path.unlink()
    sha = task.recording.content_sha256
    limit = "its time" if is_remote(task.recording.path) else f"{limit_s(task, settings):.0f} s"
    reason = (
        f"{task.recording.path.name}: not done after {limit} and stopped{place_in(note)}; "
        "`prescore retry` when the machine is less busy, or raise run.stop_after_s or run.stop_after_lengths"
    )
    return CallResult(sha, (), Failure(sha, "transcription", task.keys.transcription, "timed_out", reason))


def limit_s(task: CallTask, settings: Settings) -> float:
    """How long the call may take: a floor, which covers loading models, and a multiple of its length."""
    return settings.run.stop_after_s + settings.run.stop_after_lengths * length_s(task, settings)


def length_s(task: CallTask, settings: Settings) -> float:
    """The recording's length by its header, else the longest that its size allows; 0 where decoding will refuse it."""
    dialogue = task.known.get("dialogue")
    if isinstance(dialogue, AnalysedDialogue):
        return dialogue.dialogue.duration_s or 0.0
    try:
        stream = probe(task.recording.path, settings.ingest.raw_formats, settings.audio.max_duration_s)
    except RecordingError:
        return 0.0
    longest_s = min(task.recording.size_bytes / LEAST_BYTES_PER_S, settings.audio.max_duration_s)
    return longest_s if stream.stated_duration_s is None else stream.stated_duration_s


def note_path(task: CallTask, notes: Path) -> Path:
    return notes / f"watched-{task.recording.content_sha256}.txt"


def place_in(note: str) -> str:
    """Where the thread that processed the call was, else the main one, the last; never what it worked on."""
    *others, main = note.split("Thread ")
    found = PLACE.search(next((thread for thread in others if PROCESSING in thread), main))
    return f" ({found[1]}, line {found[2]})" if found else ""
