"""A store of as many calls as asked for: some hundred made through the run's own doors, then copied inside DuckDB.

Each copy has ids, times, managers and words of its own, so that no text stands twice. Word times, payloads and vectors
are kept of the newest calls alone: only who opens a call, or judges it again, reads them.
"""

from pathlib import Path

import duckdb

from pipeline.checklist import load_checklist
from pipeline.records import Evaluation, Suggestion
from pipeline.stages import Failure, StageResult
from pipeline.store import Store
from pipeline.store.calls import register_recordings
from pipeline.store.evaluations import write_checklist
from pipeline.store.failures import write_failures
from pipeline.store.results import write_results
from tests.bench.page_store import JUDGE, MadeCall, build_store, make_calls

MADE = 500  # calls, through the run's own doors
FAILED = 2  # more, for every MADE
ANOTHER = load_checklist("transactional")
BY_ANOTHER = 5  # one call in so many is judged by it, too: ten criteria, so that a call has ten suggestions on average
CALLS_A_DAY = 1500
TEAMS = 5  # managers of a copy are of one team: twelve managers each
WHOLE_COPIES = 2  # the newest: with payloads, word times and vectors
ONCE = ("migrations", "checklist_versions", "criteria", "criterion_weights", "default_checklists", "run_events")
IDS = ("content_sha256", "call_id", "evaluation_id", "submission_id", "verdict_id", "failure_id")
HEAVY = {"payload": "NULL", "words": "NULL"}
INSERTED_AT_ONCE = 50  # copies: sorted by time, as nights would have stored them


def build_template(path: Path) -> None:
    """The calls that are copied, among them some whose recording could not be read."""
    template = Store(path)
    build_store(template, MADE)
    judge_by_another(template)
    add_failures(template)


def judge_by_another(store: Store) -> None:
    made = make_calls(range(0, MADE, BY_ANOTHER))
    with store.writing() as con:
        write_checklist(con, ANOTHER)
        write_results(con, [judged_by_another(item) for item in made], "bench")


def judged_by_another(call: MadeCall) -> StageResult:
    """An answer to each of its criteria, with the sureness of the call type."""
    call_type = call.suggested.call_type
    suggestions = tuple(
        Suggestion(item.id, True, item.value_of(item.scale[0]), call_type.confidence, "bench", (), "heads")
        for item in ANOTHER.criteria
    )
    evaluation = Evaluation(ANOTHER.id, ANOTHER.version, JUDGE, call_type, suggestions, None, None)
    return StageResult(call.delivery.recording.content_sha256, "evaluation", "another", evaluation, 0.1, 0.0, "d")


def build_grown(template: Path, path: Path, calls: int) -> None:
    """Writes a store of about that many calls, a multiple of MADE, over calls / CALLS_A_DAY days up to now."""
    copies = max(1, calls // MADE)
    with Store(path).writing():
        pass  # the schema
    with duckdb.connect(str(path)) as con:
        con.execute(f"ATTACH '{template}' AS template (READ_ONLY)")
        for table in tables(con):
            copy_table(con, table, copies)


def add_failures(store: Store) -> None:
    """Calls whose recording could not be read."""
    made = list(make_calls(range(10_000_000, 10_000_000 + FAILED)))
    shas = [item.delivery.recording.content_sha256 for item in made]
    with store.writing() as con:
        register_recordings(con, [item.delivery for item in made])
        write_failures(con, [Failure(sha, "transcription", "t", "damaged", "bench") for sha in shas], "bench")


def tables(con: duckdb.DuckDBPyConnection) -> list[str]:
    found = con.execute(
        "SELECT table_name FROM duckdb_tables() WHERE database_name = 'template' AND schema_name = 'base' ORDER BY 1"
    )
    return [str(name) for (name,) in found.fetchall() if name != "migrations"]


def copy_table(con: duckdb.DuckDBPyConnection, table: str, copies: int) -> None:
    """All copies of a table's rows, the oldest first; of a table that belongs to no call the rows themselves."""
    columns = [(str(row[0]), str(row[1])) for row in con.execute(f"DESCRIBE template.base.{table}").fetchall()]
    names = ", ".join(name for name, _ in columns)
    if table in ONCE:
        con.execute(f"INSERT INTO base.{table} ({names}) SELECT {names} FROM template.base.{table}")
        return
    first = copies - min(copies, WHOLE_COPIES) if table == "utterance_vectors" else 0
    step_s = 86_400 * MADE / CALLS_A_DAY
    made = ", ".join(copied(name, kind, copies, step_s) for name, kind in columns)
    for begins in range(first, copies, INSERTED_AT_ONCE):
        con.execute(
            f"INSERT INTO base.{table} ({names}) SELECT {made} FROM range({begins}, "
            f"{min(copies, begins + INSERTED_AT_ONCE)}) AS numbers(copy), template.base.{table} ORDER BY copy"
        )


def copied(name: str, kind: str, copies: int, step_s: float) -> str:
    """The column's value in a copy: copy number `copies - 1` is the newest and has the times of the original."""
    if name in IDS:
        return f"left(sha256({name} || '-' || copy), length({name}))"
    if kind == "TIMESTAMP":
        return f"{name} - to_seconds({step_s} * ({copies - 1} - copy))"
    if name in ("manager", "journal_call_id", "path", "text", "quote"):
        return f"{name} || ' ' || copy{f' % {TEAMS}' if name == 'manager' else ''}"
    if name in HEAVY:
        return f"CASE WHEN copy >= {copies - WHOLE_COPIES} THEN {name} END"
    return name
