"""Everything that the page of a call takes from the store, in few cheap statements.

`rows`: where the call's rows stand. Where that is not known, columns of all calls are looked through.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from pipeline.checklist import Checklist
from pipeline.records import AnalysedDialogue, Call, Evaluation
from pipeline.stages import Stage
from pipeline.store.evaluations import read_checklist
from pipeline.store.failures import read_open_failures
from pipeline.store.heads import read_measured_heads
from pipeline.store.rows import fetch
from pipeline.store.show import CurrentScore
from review.call_facts import failed_with, status_of
from review.kept_records import KeptRecords
from review.key_rows import UNKNOWN, KeyRows
from review.recordings import Place


@dataclass(frozen=True, slots=True)
class Judged:
    """The newest evaluation of a call by one version of a checklist; `verdict_count`: criteria with a verdict on it.

    `evaluation_count`: how many there are by the checklist, replaced ones among them. All of the recording, by whatever
    checklist, are between `first_row` and `last_row` of their table.
    """

    evaluation_id: str
    checklist_id: str
    checklist_version: str
    version_number: int | None  # None where the version itself is not stored
    content_sha256: str
    stage_key: str
    is_current: bool
    verdict_count: int
    evaluation_count: int
    first_row: int
    last_row: int


@dataclass(frozen=True, slots=True)
class EarlierEvaluation:
    """One that another by the same checklist has replaced."""

    evaluation_id: str
    checklist_version: str


@dataclass(frozen=True, slots=True)
class FoundCall:
    """A call before its evaluation is chosen. `status` and `failure_codes` say why there is none."""

    call: Call
    status: str
    failure_codes: tuple[str, ...]
    places: tuple[Place, ...]
    analysed: AnalysedDialogue | None
    language: str | None
    duration_s: float | None
    judged: tuple[Judged, ...]
    damaged: bool = False  # part of the recording could not be heard


@dataclass(frozen=True, slots=True)
class ShownEvaluation:
    """`scores`: what counts in the store; `checklist` None where that version was never stored.

    `earlier`: what it has replaced, the newest first; empty where it is replaced itself. `measured`: names of the heads
    by whose answers a criterion counts as tested.
    """

    judged: Judged
    checklist: Checklist | None
    evaluation: Evaluation
    call_type: str
    scores: tuple[CurrentScore, ...]
    earlier: tuple[EarlierEvaluation, ...] = ()
    measured: frozenset[str] = frozenset()


def read_facts(con: duckdb.DuckDBPyConnection, call_id: str, rows: KeyRows = UNKNOWN) -> Call | None:
    """None when that is no whole call id; `find_call` knows other names."""
    known = {
        "fact_rows": rows.find(con, "call_facts.call_id", call_id),
        "recording_rows": rows.find(con, "recordings.call_id", call_id),
    }
    found = fetch(con, "page_call", call_id=call_id, **known)
    return Call(**found[0]) if found else None


def read_found(con: duckdb.DuckDBPyConnection, records: KeptRecords, call: Call) -> FoundCall:
    """The status of a call that nothing has judged takes a closer look."""
    judged = () if call.content_sha256 is None else read_all_judged(con, records.rows, call.content_sha256)
    places = read_places(con, call.call_id, records.rows)
    if not judged:
        return _unjudged(con, records, call, places)
    analysed = read_dialogue(con, records, judged[0].content_sha256, also=[("evaluation", judged[0].stage_key)])
    return FoundCall(
        call=call,
        status="done",
        failure_codes=(),
        places=places,
        analysed=analysed,
        language=analysed.dialogue.language if analysed else None,
        duration_s=analysed.metrics.duration_s if analysed else call.duration_s,
        judged=judged,
        damaged=is_damaged(read_heard(con, records.rows, judged[0].content_sha256)),
    )


def read_all_judged(con: duckdb.DuckDBPyConnection, rows: KeyRows, sha: str) -> tuple[Judged, ...]:
    """By each version the newest, the default checklist's first."""
    known = rows.find(con, "evaluations.content_sha256", sha)
    return tuple(Judged(**row) for row in fetch(con, "page_call_judged", sha=sha, rows=known))


def read_places(con: duckdb.DuckDBPyConnection, call_id: str, rows: KeyRows) -> tuple[Place, ...]:
    """Where the store knows the call's recording; empty for a call without one."""
    own = rows.find(con, "recordings.call_id", call_id)
    shas = [row["content_sha256"] for row in fetch(con, "page_call_recordings", call_id=call_id, rows=own)]
    delivered = rows.find(con, "deliveries.content_sha256", *shas)
    paths = [row["path"] for row in fetch(con, "page_recording_paths", shas=shas, rows=delivered)]
    held = rows.find(con, "deliveries.path", *paths)
    return tuple(Place(**row) for row in fetch(con, "recording_places", shas=shas, paths=paths, rows=held))


def read_shown(con: duckdb.DuckDBPyConnection, records: KeptRecords, judged: Judged) -> ShownEvaluation:
    own = {"evaluation_id": judged.evaluation_id, "first_row": judged.first_row, "last_row": judged.last_row}
    rows = fetch(con, "page_call_scores", sha=judged.content_sha256, **own)
    evaluation = read_record(con, records, judged)
    return ShownEvaluation(
        judged=judged,
        checklist=read_checklist(con, judged.checklist_id, judged.checklist_version),
        evaluation=evaluation,
        call_type=rows[0]["call_type"] if rows else evaluation.call_type.call_type,
        scores=tuple(_score(row) for row in rows),
        earlier=read_earlier(con, records.rows, judged),
        measured=read_measured_heads(con),
    )


def read_earlier(con: duckdb.DuckDBPyConnection, rows: KeyRows, judged: Judged) -> tuple[EarlierEvaluation, ...]:
    """What the current evaluation has replaced; most calls were judged once."""
    if not judged.is_current or judged.evaluation_count < 2:
        return ()
    own = {"checklist_id": judged.checklist_id, "evaluation_id": judged.evaluation_id}
    known = rows.find(con, "evaluations.content_sha256", judged.content_sha256)
    found = fetch(con, "page_call_earlier", sha=judged.content_sha256, rows=known, **own)
    return tuple(EarlierEvaluation(**row) for row in found)


def read_record(con: duckdb.DuckDBPyConnection, records: KeptRecords, judged: Judged) -> Evaluation:
    """What the machine said, with its evidence."""
    record = records.read(con, judged.content_sha256, [("evaluation", judged.stage_key)]).get("evaluation")
    assert isinstance(record, Evaluation)
    return record


def read_judged(con: duckdb.DuckDBPyConnection, rows: KeyRows, call_id: str, evaluation_id: str) -> Judged | None:
    """The evaluation of that id if it is one of that call, also where another has replaced it."""
    call = read_facts(con, call_id, rows)
    if call is None or call.content_sha256 is None:
        return None
    known = rows.find(con, "evaluations.content_sha256", call.content_sha256)
    own = {"sha": call.content_sha256, "evaluation_id": evaluation_id}
    found = fetch(con, "page_call_evaluation", rows=known, **own)
    return Judged(**found[0]) if found else None


def choose_judged(
    judged: Sequence[Judged], checklist_id: str = "", version: str = "", evaluation_id: str = ""
) -> Judged | None:
    """What the address asks for; the nearest to it that there is, rather than nothing: an old link may lead here."""
    named = [item for item in judged if item.evaluation_id == evaluation_id]
    of_checklist = [item for item in judged if item.checklist_id == checklist_id] or [
        item for item in judged if item.checklist_id == judged[0].checklist_id
    ]
    numbered = [item for item in of_checklist if str(item.version_number) == version]
    return next(iter((*named, *numbered, *(item for item in of_checklist if item.is_current))), None)


def _unjudged(con: duckdb.DuckDBPyConnection, records: KeptRecords, call: Call, places: tuple[Place, ...]) -> FoundCall:
    """Its status as main.calls says it, from its own rows: the view costs seconds in a large store."""
    sha = call.content_sha256
    heard = None if sha is None else read_heard(con, records.rows, sha)
    failures = [] if sha is None else read_open_failures(con, [sha])
    facts = {"content_sha256": sha, "answered": call.answered, "word_count": heard and heard["word_count"]}
    return FoundCall(
        call=call,
        status=status_of(facts, None, failed_with(failures).get(sha or "")),
        failure_codes=tuple(dict.fromkeys(failure.code for failure in failures)),
        places=places,
        analysed=None if sha is None else read_dialogue(con, records, sha),
        language=heard["language"] if heard else None,
        duration_s=heard["duration_s"] if heard else call.duration_s,
        judged=(),
        damaged=is_damaged(heard),
    )


def read_heard(con: duckdb.DuckDBPyConnection, rows: KeyRows, sha: str) -> dict[str, Any] | None:
    """The facts of the recording's newest transcription; None while there is none."""
    known = rows.find(con, "transcriptions.content_sha256", sha)
    return next(iter(fetch(con, "page_heard", sha=sha, rows=known)), None)


def is_damaged(heard: dict[str, Any] | None) -> bool:
    """Whether part of the recording could not be decoded when it was last transcribed."""
    return heard is not None and bool(heard["damaged"])


def read_dialogue(
    con: duckdb.DuckDBPyConnection, records: KeptRecords, sha: str, also: Sequence[tuple[Stage, str]] = ()
) -> AnalysedDialogue | None:
    """The newest dialogue of the recording; None while there is none. `also`: records that are asked for next."""
    known = records.rows.find(con, "conversation_metrics.content_sha256", sha)
    (row,) = fetch(con, "page_newest_dialogue", sha=sha, rows=known)
    key = row["dialogue_key"]
    record = records.read(con, sha, [("dialogue", key), *also]).get("dialogue") if key else None
    return record if isinstance(record, AnalysedDialogue) else None


def _score(row: dict[str, Any]) -> CurrentScore:
    return CurrentScore(**{name: row[name] for name in CurrentScore.__dataclass_fields__})
