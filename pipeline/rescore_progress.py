"""How far a re-score is, as lines of JSON in a file: the re-score writes them, whoever watches it reads them."""

import json
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, TextIO

from pipeline.changes import Changes
from pipeline.errors import InputError, PrescoreError

KEPT_FAILURES = 20


@dataclass(frozen=True, slots=True)
class Planned:
    """What the re-score is about to do. `total`: calls to judge; `done_before`: by this version and judge already."""

    run_id: str
    version_number: int
    is_new_version: bool
    total: int
    done_before: int
    without_dialogue: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it. `failures`: the first of them, as (code, reason)."""

    judged: int
    failed: int
    failures: tuple[tuple[str, str], ...]
    changes: Changes


@dataclass(frozen=True, slots=True)
class RescoreProgress:
    """What the file says so far; the seconds are since 1970.

    Without `outcome` and `error` it still works, or was killed: whoever knows its process knows which.
    """

    planned: Planned | None = None
    planned_s: float | None = None
    judged: int = 0
    judged_s: float | None = None  # when calls were judged last
    outcome: Outcome | None = None
    error: str | None = None

    @property
    def calls_per_second(self) -> float | None:
        """Since the work was planned; None before the first calls were judged."""
        if self.planned_s is None or self.judged_s is None:
            return None
        return self.judged / max(self.judged_s - self.planned_s, 0.001)

    @property
    def left_s(self) -> float | None:
        """Seconds that the rest will take at this speed."""
        speed = self.calls_per_second
        return None if speed is None or self.planned is None else max(0, self.planned.total - self.judged) / speed


class ProgressWriter:
    """Adds the lines; without a file it says nothing. A full disk stops no re-score: the store says so itself."""

    def __init__(self, file: TextIO | None) -> None:
        self._file = file

    def planned(self, planned: Planned) -> None:
        self._write("planned", asdict(planned))

    def judged(self, calls: int) -> None:
        self._write("judged", {"calls": calls})

    def finished(self, judged: int, failures: Sequence[tuple[str, str]], changes: Changes) -> None:
        content = {"judged": judged, "failed": len(failures), "failures": list(failures[:KEPT_FAILURES])}
        self._write("finished", content | {"changes": changes_as_json(changes)})

    def broke(self, error: str) -> None:
        self._write("broke", {"error": error})

    def _write(self, event: str, content: dict[str, Any]) -> None:
        if self._file is None:
            return
        with suppress(OSError):
            line = {"event": event, "written_s": time.time()} | content
            self._file.write(json.dumps(line, ensure_ascii=False) + "\n")


@contextmanager
def told_progress(path: Path | None) -> Iterator[ProgressWriter]:
    """A writer to that file, which is made anew. What ends the work early is told as well.

    Raises InputError when the file cannot be made.
    """
    if path is None:
        yield ProgressWriter(None)
        return
    try:
        file = path.open("w", encoding="utf-8", buffering=1)
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror}); choose another --progress-file") from error
    with file:
        writer = ProgressWriter(file)
        try:
            yield writer
        except PrescoreError as error:
            writer.broke(str(error))
            raise
        except BaseException as error:  # a defect, or Ctrl-C
            writer.broke(type(error).__name__)
            raise


def read_progress(path: Path) -> RescoreProgress:
    """What the file says; nothing while it is not there. A line that is still being written is left for later."""
    if not path.exists():
        return RescoreProgress()
    found: dict[str, Any] = {}
    judged = 0
    for line in path.read_text(encoding="utf-8").splitlines(keepends=True):
        if not line.endswith("\n"):
            break
        content = json.loads(line)
        event, written_s = content.pop("event"), content.pop("written_s")
        if event == "planned":
            found |= {"planned": Planned(**content), "planned_s": written_s}
        elif event == "judged":
            judged += content["calls"]
            found["judged_s"] = written_s
        elif event == "finished":
            found["outcome"] = _outcome(content)
        elif event == "broke":
            found["error"] = content["error"]
    return RescoreProgress(judged=judged, **found)


def changes_as_json(changes: Changes) -> dict[str, Any]:
    """The changes as JSON can hold them: the pairs of call types as a list."""
    content = {item.name: getattr(changes, item.name) for item in fields(changes)}
    return content | {"call_types": [[*pair, count] for pair, count in changes.call_types.most_common()]}


def _outcome(content: dict[str, Any]) -> Outcome:
    changes = content["changes"]
    by_criterion = {criterion_id: Counter(counts) for criterion_id, counts in changes["by_criterion"].items()}
    call_types = Counter({(before, after): count for before, after, count in changes["call_types"]})
    return Outcome(
        judged=content["judged"],
        failed=content["failed"],
        failures=tuple((code, reason) for code, reason in content["failures"]),
        changes=Changes(**changes | {"by_criterion": by_criterion, "call_types": call_types}),
    )
