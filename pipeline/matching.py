"""Which recording belongs to which row of the journal: by the file name, as exactly as the row gives it."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.records import Call

EXTENSION = re.compile(r"\.[a-z][a-z0-9]{1,4}$")  # not the end of a date: 2026.01.05


@dataclass(frozen=True, slots=True)
class MatchedCall:
    call: Call
    path: Path


@dataclass(frozen=True, slots=True)
class MatchProblem:
    """A row whose file name does not say which recording it means."""

    call_id: str
    file_name: str
    found: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Matching:
    """`without_recording`: calls that were answered, or name a file, and have none."""

    matched: tuple[MatchedCall, ...]
    without_recording: tuple[Call, ...]
    problems: tuple[MatchProblem, ...]


def match_recordings(calls: Sequence[Call], found: Mapping[Path, str | None]) -> Matching:
    """Rows and files brought together. `found` maps each path to its sha256, None where it could not be identified.

    A name may be a base name or a relative path, with or without extension, in any case. Copies of one content are
    one recording; the same name with different contents is a problem, and so is a file that two rows claim.
    """
    index = index_names(found)
    claims: dict[Path, Call] = {}
    matched: list[MatchedCall] = []
    problems: list[MatchProblem] = []
    for call in calls:
        paths = candidates(call.file_name or "", index)
        if not paths:
            continue
        problem = ambiguity(call, paths, found, claims)
        if problem is not None:
            problems.append(problem)
            continue
        claims.update(dict.fromkeys(paths, call))
        matched.append(MatchedCall(call, paths[0]))
    taken = {pair.call.call_id for pair in matched}
    return Matching(
        matched=tuple(matched),
        without_recording=tuple(call for call in calls if call.call_id not in taken and expects_recording(call)),
        problems=tuple(problems),
    )


def expects_recording(call: Call) -> bool:
    return call.answered is True or (call.answered is None and call.file_name is not None)


def ambiguity(
    call: Call, paths: Sequence[Path], found: Mapping[Path, str | None], claims: Mapping[Path, Call]
) -> MatchProblem | None:
    """Why these files cannot be given to this call; None when they can."""
    name = call.file_name or ""
    if len(paths) > 1 and len({found[path] or str(path) for path in paths}) > 1:
        return MatchProblem(
            call.call_id, name, f"{len(paths)} different recordings", "give the folder too, as in 2026-01-05/name.wav"
        )
    owner = claims.get(paths[0])
    if owner is not None:
        return MatchProblem(
            call.call_id, name, f"already the recording of call {owner.call_id}", "give each row its own file"
        )
    return None


def index_names(found: Mapping[Path, str | None]) -> dict[str, list[Path]]:
    """Paths by base name, and by base name without extension."""
    index: dict[str, list[Path]] = defaultdict(list)
    for path in found:
        name = folded_name(path.name)
        for key in {name, without_extension(name)}:
            index[key].append(path)
    return dict(index)


def candidates(file_name: str, index: Mapping[str, list[Path]]) -> list[Path]:
    """The files that a journal's name fits, by the most exact reading that fits any."""
    *folders, name = folded_name(file_name).replace("\\", "/").split("/")
    paths = index.get(name) or index.get(without_extension(name), [])
    exact = [path for path in paths if folded_name(path.name) == name] or paths
    shared = [shared_folders(path, folders) for path in exact]
    return [path for path, count in zip(exact, shared, strict=True) if count == max(shared)]


def shared_folders(path: Path, folders: Sequence[str]) -> int:
    """How many of the row's folders, from the innermost, the file lies in: both may begin at another root."""
    count = 0
    for theirs, ours in zip(reversed(folders), reversed(path.parts[:-1]), strict=False):
        if theirs != folded_name(ours):
            break
        count += 1
    return count


def folded_name(name: str) -> str:
    """The same for names that a person would call the same: case, and how a letter with an accent is encoded."""
    return unicodedata.normalize("NFC", name.strip()).casefold()


def without_extension(name: str) -> str:
    return EXTENSION.sub("", name)
