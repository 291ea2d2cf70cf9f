"""What came in: recordings found, recognised by content, and brought together with the call journal."""

from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from pipeline.errors import RecordingError
from pipeline.file_names import calls_of_recordings
from pipeline.ingest import Discovery, discover, identify, seen_facts
from pipeline.journal import Journal, Matching, match_recordings, read_journal
from pipeline.recording_size import GB
from pipeline.records import Call, Recording
from pipeline.remote_files import FileFacts, absolute
from pipeline.settings import IngestSettings
from pipeline.shown_text import one_line, shown_name, shown_path
from pipeline.store.calls import Delivery, KnownFile

REQUESTS_AT_ONCE = 16  # of object storage, where each waits for its answer


@dataclass(frozen=True)
class Unreadable:
    """A delivered file that has no content to be identified by."""

    delivery: Delivery
    code: str
    reason: str


@dataclass(frozen=True)
class Intake:
    """Everything that one run was handed, ready to be registered. `problems`: lines for the operator."""

    deliveries: tuple[Delivery, ...]
    unreadable: tuple[Unreadable, ...]
    journal_calls: tuple[Call, ...]
    problems: tuple[str, ...]
    ignored_count: int


def take_in(
    paths: Sequence[Path],
    journal_path: Path | None,
    settings: IngestSettings,
    known_files: Callable[[Sequence[Path]], Mapping[Path, KnownFile]],
    phone_key: bytes | None,
    removed: Callable[[Collection[str]], Collection[str]] = lambda _names: (),
) -> Intake:
    """Find and identify the recordings in `paths`.

    `known_files`: what the paths held when they were last hashed; a file that did not change is not hashed again.
    `removed`: those of the names whose files retention has removed, which nobody is asked to deliver.

    Raises InputError for a path that does not exist, JournalError for a journal that cannot be read as configured.
    """
    journal = read_journal(journal_path, settings.journal, phone_key) if journal_path else Journal((), ())
    discovery = discover(paths, settings)
    recordings, failures = _identify_all(discovery, settings, known_files(list(map(absolute, discovery.candidates))))
    matching = match_recordings(
        journal.calls, {path: None if path in failures else known.content_sha256 for path, known in recordings.items()}
    )
    call_by_sha = {recordings[pair.path].content_sha256: pair.call for pair in matching.matched}
    call_by_path = {  # a copy under another name is the same call
        path: call_by_sha[recording.content_sha256]
        for path, recording in recordings.items()
        if recording.content_sha256 in call_by_sha
    }
    unmatched = [recording for path, recording in recordings.items() if path not in call_by_path]
    named = calls_of_recordings(unmatched, settings, phone_key)
    call_by_path |= dict(zip((recording.path for recording in unmatched), named.calls, strict=True))
    deliveries = {
        path: _delivery(call_by_path[path], recording, discovery.remote.get(path))
        for path, recording in recordings.items()
    }
    return Intake(
        deliveries=tuple(delivery for path, delivery in deliveries.items() if path not in failures),
        unreadable=tuple(Unreadable(deliveries[path], error.code, str(error)) for path, error in failures.items()),
        journal_calls=_with_contents(journal.calls, call_by_sha),
        problems=tuple(
            map(one_line, _problems(journal_path, discovery, journal, matching, named.unfitting_count, removed))
        ),
        ignored_count=discovery.ignored_count,
    )


def _problems(
    journal_path: Path | None,
    discovery: Discovery,
    journal: Journal,
    matching: Matching,
    unfitting_count: int,
    removed: Callable[[Collection[str]], Collection[str]],
) -> tuple[str, ...]:
    """What the operator is told: what was found, where, and what to do."""
    absent = {Path(call.file_name or "").name for call in matching.without_recording}
    gone = removed(absent) if absent else ()
    return (
        *(f"{shown_path(refused.path)}: {refused.reason}" for refused in discovery.refused),
        *(f"{journal_path}: line {p.line}: {p.column}: {p.found}; {p.remedy}" for p in journal.problems),
        *(
            f"{journal_path}: call {p.call_id}: {shown_name(p.file_name)}: {p.found}; {p.remedy}"
            for p in matching.problems
        ),
        *(
            f"{journal_path}: call {shown_name(call.journal_call_id or call.call_id)}: its recording "
            f"{shown_name(call.file_name or '(no file name)')} was not found; deliver it and run again"
            for call in matching.without_recording
            if Path(call.file_name or "").name not in gone
        ),
        *_about_names(unfitting_count),
    )


def _identify_all(
    discovery: Discovery, settings: IngestSettings, known_files: Mapping[Path, KnownFile]
) -> tuple[dict[Path, Recording], dict[Path, RecordingError]]:
    """Recordings by path, and why some have no content; a name that is no text stands there escaped."""
    recordings: dict[Path, Recording] = {}
    failures: dict[Path, RecordingError] = {}

    def answer(path: Path) -> Recording | RecordingError:
        try:
            return _identify(path, known_files, settings.max_file_gb * GB, discovery.remote.get(path))
        except RecordingError as error:
            return error

    paths = [absolute(found) for found in discovery.candidates]
    with ThreadPoolExecutor(REQUESTS_AT_ONCE if discovery.remote else 1) as pool:
        for path, answered in zip(paths, pool.map(answer, paths), strict=True):
            if isinstance(answered, RecordingError):
                failures[path] = answered
            else:
                recordings[path] = answered
    for refused in discovery.refused:
        path = Path(shown_path(absolute(refused.path)))
        if not refused.is_folder and path not in recordings:
            failures[path] = RecordingError("unreadable", f"{path}: {refused.reason}")
    recordings |= {path: Recording(_stand_in_identity(path), path, 0) for path in failures}
    return recordings, failures


def _with_contents(calls: Sequence[Call], call_by_sha: Mapping[str, Call]) -> tuple[Call, ...]:
    """The journal's calls, each with its recording: one that came earlier under another name is found by it."""
    sha_by_id = {call.call_id: sha for sha, call in call_by_sha.items()}
    return tuple(replace(call, content_sha256=sha_by_id.get(call.call_id)) for call in calls)


def _identify(path: Path, known_files: Mapping[Path, KnownFile], max_bytes: float, told: FileFacts | None) -> Recording:
    """`told`: what storage said of it when it was listed; nobody asks again for each."""
    known = known_files.get(path)
    if known and known.size_bytes:  # a file without content is looked at every time
        facts = told or seen_facts(path)
        if facts and (facts.size_bytes, facts.mtime_ns) == (known.size_bytes, known.mtime_ns):
            return Recording(known.content_sha256, path, known.size_bytes)
    return identify(path, max_bytes)


def _stand_in_identity(path: Path) -> str:
    """For a file without readable content: its name, lest all empty files be one call."""
    return sha256(f"no content: {path.name}".encode()).hexdigest()


def _delivery(call: Call, recording: Recording, told: FileFacts | None) -> Delivery:
    facts = told or seen_facts(recording.path)  # none: it is among the failures with its reason
    mtime_ns = facts.mtime_ns if facts else 0
    return Delivery(replace(call, content_sha256=recording.content_sha256), recording, mtime_ns)


def _about_names(unfitting_count: int) -> tuple[str, ...]:
    if not unfitting_count:
        return ()
    return (f"{unfitting_count} file names do not fit ingest.file_name_pattern and gave no facts",)
