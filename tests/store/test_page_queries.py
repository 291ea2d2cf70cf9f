"""What pages ask in a large store, from the rows of one call or from few of many: the same as the views say."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from itertools import product
from typing import Any

import duckdb
import pytest

from pipeline.store import Store
from pipeline.store.rows import fetch
from review.key_rows import COLUMNS, UNKNOWN, KeyRows
from review.pages.call_reading import read_facts, read_places
from review.pages.rescore_calls import read_rescore_calls

CALLS, RECORDINGS = 30, 40
PLACE = ("path", "content_sha256", "removed_days")
# Hashes of the row's number, so that every run has the same rows: some recordings empty, some judged twice, verdicts of
# three people and of a rule, some taken back, files delivered twice, and failures that were followed by a success.
ROWS = """
INSERT INTO base.call_facts (call_id, manager, started_at, from_journal, registered_at)
SELECT 'call' || i % 30, 'manager' || hash(i, 1) % 3, '2026-11-01'::TIMESTAMP + to_hours(i::INT), hash(i, 2) % 2 = 0,
    '2026-11-10'::TIMESTAMP + to_seconds((hash(i, 3) % 1000)::INT)
FROM range(45) AS numbers(i);
INSERT INTO base.recordings
SELECT 'sha' || i, 'call' || i % 30, i || '.wav', hash(i, 4) % 3, '2026-11-10' FROM range(40) AS numbers(i);
INSERT INTO base.deliveries
SELECT '/inbox/' || hash(i, 5) % 30 || '.wav', 1, i, 'sha' || i % 40, '2026-11-10'::TIMESTAMP + to_seconds(i::INT)
FROM range(80) AS numbers(i);
INSERT INTO base.removals SELECT 'sha' || 3 * i, '/inbox/x.wav', 1, 30, '2026-11-11' FROM range(5) AS numbers(i);
INSERT INTO base.checklist_versions
SELECT 'list' || i % 2, 'version' || i // 2, i // 2 + 1, 'title', 50, '{"title": {"en": "t"}}', '2026-11-01'
FROM range(6) AS numbers(i);
INSERT INTO base.criteria
SELECT checklist_id, version, 'criterion' || i, i, 'title', 'sales', i = 0, ['0', '1']
FROM base.checklist_versions, range(3) AS numbers(i);
INSERT INTO base.criterion_weights
SELECT checklist_id, version, 'criterion' || i, 'objection', i + 1 FROM base.checklist_versions, range(3) AS numbers(i);
INSERT INTO base.default_checklists VALUES ('list1', '2026-11-01');
INSERT INTO base.evaluations (evaluation_id, content_sha256, stage_key, dialogue_key, checklist_id, checklist_version,
    judge, call_type, call_type_confidence, scored, created_at)
SELECT 'evaluation' || i, 'sha' || hash(i, 6) % 44, 'key' || i, 'dialogue' || hash(i, 24) % 2, 'list' || hash(i, 7) % 2,
    'version' || hash(i, 8) % 3, 'judge', CASE WHEN i % 4 = 0 THEN 'spam' ELSE 'objection' END, 1, true,
    '2026-11-10'::TIMESTAMP + to_seconds((hash(i, 9) % 5)::INT)
FROM range(60) AS numbers(i);
INSERT INTO base.suggestions
SELECT evaluation_id, 'criterion' || i, true, hash(evaluation_id, i) % 2, 0.7, 'reason', 'rules'
FROM base.evaluations, range(3) AS numbers(i)
WHERE hash(evaluation_id, i, 1) % 7 > 0;
INSERT INTO base.verdicts (verdict_id, evaluation_id, criterion_id, applicable, value, comment, override_reason,
    reviewer, withdrawn, submitted_at, trust_event_id)
SELECT 'verdict' || i, 'evaluation' || hash(i, 10) % 60, 'criterion' || hash(i, 11) % 3, NOT withdrawn,
    CASE WHEN withdrawn THEN NULL ELSE 1 END, '', '', CASE WHEN rule THEN 'auto' ELSE 'person' || hash(i, 12) % 3 END,
    withdrawn, '2026-11-12'::TIMESTAMP + to_seconds((hash(i, 13) % 20)::INT), CASE WHEN rule THEN 'event' END
FROM (SELECT i, hash(i, 14) % 4 = 0 AS withdrawn, hash(i, 15) % 3 = 0 AS rule FROM range(250) AS numbers(i));
INSERT INTO base.call_type_verdicts (verdict_id, evaluation_id, call_type, comment, reviewer, withdrawn, submitted_at)
SELECT 'type' || i, 'evaluation' || hash(i, 16) % 60, CASE WHEN withdrawn THEN NULL ELSE 'spam' END, '',
    'person' || hash(i, 17) % 3, withdrawn, '2026-11-12'::TIMESTAMP + to_seconds((hash(i, 18) % 20)::INT)
FROM (SELECT i, hash(i, 19) % 4 = 0 AS withdrawn FROM range(40) AS numbers(i));
INSERT INTO base.failures
SELECT 'failure' || i, 'sha' || hash(i, 20) % 44, 'stage' || hash(i, 21) % 2, 'key', 'code', 'reason', 'run',
    '2026-11-10'::TIMESTAMP + to_seconds((hash(i, 22) % 9)::INT)
FROM range(60) AS numbers(i);
INSERT INTO base.retries SELECT 'failure' || 9 * i, '2026-11-11' FROM range(6) AS numbers(i);
INSERT INTO base.stage_results
SELECT 'sha' || i, 'stage' || i % 2, 'key', NULL, 1, 1, 'run',
    '2026-11-10'::TIMESTAMP + to_seconds((hash(i, 23) % 9)::INT)
FROM range(40) AS numbers(i);
INSERT INTO base.conversation_metrics
SELECT 'sha' || i % 25, 'dialogue' || i // 25, 'en', 1, 0, 0, 0, 1,
    '2026-11-10'::TIMESTAMP + to_seconds((hash(i, 26) % 5)::INT)
FROM range(40) AS numbers(i);
"""
# The calls with their current recordings, the newest dialogue of each, and whether that version has judged it. A call's
# type is the one that counts, else of the newest evaluation, by the default checklist where there is one.
COUNTED = """
WITH newest AS (
    SELECT content_sha256, arg_max(call_type, (checklist_id = 'list1', created_at)) AS call_type
    FROM base.evaluations
    GROUP BY content_sha256
)
SELECT
    count(*) AS call_count,
    count(dialogue_key) AS spoken_count,
    count(*) FILTER (EXISTS (
        FROM base.evaluations AS evaluation
        WHERE evaluation.content_sha256 = recording.content_sha256 AND evaluation.dialogue_key = dialogue.dialogue_key
            AND checklist_id = $checklist_id AND checklist_version = $version
    )) AS judged_count
FROM base.current_calls
LEFT JOIN base.current_recordings AS recording USING (call_id)
LEFT JOIN base.current_dialogues AS dialogue ON dialogue.content_sha256 = recording.content_sha256
LEFT JOIN newest ON newest.content_sha256 = recording.content_sha256
LEFT JOIN base.current_call_type_verdicts AS verdict ON verdict.content_sha256 = newest.content_sha256
WHERE ($since IS NULL OR started_at >= $since) AND ($manager IS NULL OR manager = $manager)
    AND ($call_type IS NULL OR coalesce(verdict.call_type, newest.call_type) = $call_type)
"""
NAMED = """
SELECT call.call_id, coalesce(recording.file_name, call.file_name) AS file_name, bool_or(
    call.call_id = $name OR call.journal_call_id = $name OR recording.content_sha256 = $name OR call.file_name = $name
    OR recording.file_name = $name OR parse_filename(delivery.path) = $name OR delivery.path = $name) AS is_whole
FROM base.current_calls AS call
LEFT JOIN base.current_recordings AS recording USING (call_id)
LEFT JOIN base.deliveries AS delivery USING (content_sha256)
WHERE starts_with(call.call_id, $name) OR call.journal_call_id = $name OR starts_with(recording.content_sha256, $name)
    OR call.file_name = $name OR recording.file_name = $name
    OR parse_filename(delivery.path) = $name OR delivery.path = $name
GROUP BY ALL
ORDER BY call.call_id
"""


@pytest.fixture
def con(store: Store) -> Iterator[duckdb.DuckDBPyConnection]:
    with store.writing() as con:
        con.execute(ROWS)
    with store.reading() as con:
        yield con


@pytest.fixture
def key_rows(con: duckdb.DuckDBPyConnection, store: Store) -> KeyRows:
    known = KeyRows(store.path)
    for column in COLUMNS:
        known.bring_up_to_date(con, column)
    return known


def rows(con: duckdb.DuckDBPyConnection, sql: str, **parameters: Any) -> list[dict[str, Any]]:
    cursor = con.execute(sql, parameters or None)
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def test_a_call_and_where_its_recording_lies(con: duckdb.DuckDBPyConnection, key_rows: KeyRows) -> None:
    facts = (
        "SELECT call.call_id, recording.content_sha256, manager, started_at FROM base.current_calls AS call "
        "LEFT JOIN base.current_recordings AS recording USING (call_id) WHERE call_id = $call_id "
        "ORDER BY recording.content_sha256 LIMIT 1"
    )
    places = (
        "SELECT held.path, held.content_sha256, (SELECT max(audio_days) FROM base.removals AS removal "
        "WHERE removal.content_sha256 = held.content_sha256) AS removed_days "
        "FROM (FROM base.deliveries QUALIFY row_number() OVER (PARTITION BY path ORDER BY seen DESC) = 1) AS held "
        "JOIN base.recordings AS recording USING (content_sha256) WHERE recording.call_id = $call_id "
        "ORDER BY held.seen DESC, held.path"
    )
    found = 0
    for number in range(CALLS):
        asked = {"call_id": f"call{number}"}
        (expected,) = rows(con, facts, **asked)
        for known in (key_rows, UNKNOWN):
            call = read_facts(con, f"call{number}", known)
            assert {name: getattr(call, name) for name in expected} == expected
            lying = read_places(con, f"call{number}", known)
            assert [{name: getattr(item, name) for name in PLACE} for item in lying] == rows(con, places, **asked)
            found += len(lying)
    assert found > 20
    assert read_facts(con, "nobody", key_rows) is None
    assert read_places(con, "nobody", key_rows) == ()
    shas = [f"sha{number}" for number in range(0, RECORDINGS, 3)]
    held = fetch(con, "places_of_failed", shas=shas)
    assert held == rows(
        con,
        "SELECT content_sha256, path FROM (FROM base.deliveries QUALIFY row_number() OVER (PARTITION BY path "
        "ORDER BY seen DESC) = 1) WHERE list_contains($shas, content_sha256) ORDER BY seen, path",
        shas=shas,
    )
    assert held


def test_what_has_judged_a_recording_and_what_counts(con: duckdb.DuckDBPyConnection, key_rows: KeyRows) -> None:
    given = (
        "SELECT checklist_id, checklist_version, count(*) AS verdict_count FROM base.current_verdicts "
        "WHERE content_sha256 = $sha GROUP BY ALL"
    )
    scores = (
        "SELECT criterion_id, applicable, value, is_verdict, reviewer, call_type FROM main.evaluation_scores "
        "WHERE evaluation_id = $evaluation_id ORDER BY criterion_order"
    )
    verdicts = answers = 0
    for number in range(RECORDINGS):
        sha = f"sha{number}"
        known = {
            (row["checklist_id"], row["checklist_version"]): row["verdict_count"] for row in rows(con, given, sha=sha)
        }
        is_current = rows(con, "FROM base.current_recordings WHERE content_sha256 = $sha", sha=sha)
        stored_rows = key_rows.find(con, "evaluations.content_sha256", sha)
        all_judged = fetch(con, "page_call_judged", sha=sha, rows=stored_rows)
        assert all_judged == fetch(con, "page_call_judged", sha=sha, rows=None)
        for judged in all_judged:
            assert judged["verdict_count"] == known.get((judged["checklist_id"], judged["checklist_version"]), 0)
            verdicts += judged["verdict_count"]
            if is_current:
                own = {"evaluation_id": judged["evaluation_id"]}
                between = {"first_row": judged["first_row"], "last_row": judged["last_row"]}
                found, expected = fetch(con, "page_call_scores", sha=sha, **own, **between), rows(con, scores, **own)
                (stored,) = fetch(con, "page_call_evaluation", sha=sha, rows=stored_rows, **own)
                assert {name: stored[name] for name in between} == between
                assert [{name: item[name] for name in expected[0]} for item in found] == expected
                answers += len(found)
    assert verdicts > 20
    assert answers > 40


def test_the_failures_that_stand_open(con: duckdb.DuckDBPyConnection) -> None:
    found = fetch(con, "open_failures", shas=None)
    names = ", ".join(found[0])
    expected = rows(con, f"SELECT {names} FROM main.failures WHERE is_open ORDER BY failed_at DESC, failure_id")
    assert found == expected
    assert 0 < len(found) < 50
    for sha in ("sha1", "sha2", "nobody"):
        assert fetch(con, "open_failures", shas=[sha]) == [row for row in expected if row["content_sha256"] == sha]


def test_the_counts_of_every_version(con: duckdb.DuckDBPyConnection) -> None:
    expected = rows(
        con,
        """
        SELECT checklist_id, version, call_count, current_count, verdict_count, confirmed_count
        FROM (
            SELECT checklist_id, checklist_version AS version, count(DISTINCT evaluation.content_sha256) AS call_count,
                count(newest.evaluation_id) AS current_count
            FROM base.evaluations AS evaluation
            JOIN base.current_recordings USING (content_sha256)
            LEFT JOIN (SELECT evaluation_id FROM base.current_evaluations) AS newest USING (evaluation_id)
            GROUP BY ALL
        )
        FULL JOIN (
            SELECT checklist_id, checklist_version AS version,
                count(*) FILTER (trust_event_id IS NULL) AS verdict_count,
                count(*) FILTER (trust_event_id IS NOT NULL) AS confirmed_count
            FROM base.current_verdicts
            GROUP BY ALL
        ) USING (checklist_id, version)
        ORDER BY checklist_id, version
        """,
    )
    found = fetch(con, "page_checklist_counts")
    assert sorted(found, key=lambda row: (row["checklist_id"], row["version"])) == expected
    assert all(row["call_count"] > row["current_count"] > 0 for row in expected)
    assert sum(row["verdict_count"] for row in expected) > 20
    assert sum(row["confirmed_count"] for row in expected) > 5


def test_whether_some_call_has_a_manager(con: duckdb.DuckDBPyConnection) -> None:
    names = {row["manager"] for row in rows(con, "SELECT manager FROM base.current_calls")}
    for name in (*names, "nobody"):
        (known,) = fetch(con, "page_manager_known", manager=name)
        assert known["is_known"] == (name in names)


def test_what_a_re_score_would_be_about(con: duckdb.DuckDBPyConnection, store: Store) -> None:
    """The gathered calls say of every choice what the store says."""
    gathered = read_rescore_calls(store)
    assert gathered.managers == ("manager0", "manager1", "manager2")
    spoken = judged = 0
    for name, number, since, manager, call_type in product(
        ("list0", "list1"), (0, 2), (None, datetime(2026, 11, 2)), (None, "manager1"), (None, "spam")
    ):
        own = {"since": since, "manager": manager, "call_type": call_type}
        (expected,) = rows(con, COUNTED, checklist_id=name, version=f"version{number}", **own)
        assert asdict(gathered.count(name, f"version{number}", **own)) == expected
        spoken, judged = spoken + expected["spoken_count"], judged + expected["judged_count"]
    assert spoken > judged > 0


def test_calls_that_a_name_may_mean(con: duckdb.DuckDBPyConnection) -> None:
    found = 0
    for name in ("call1", "call12", "sha1", "sha33", "7.wav", "33.wav", "/inbox/7.wav", "/inbox/", "inbox", "nobody"):
        assert fetch(con, "find_call", name=name) == rows(con, NAMED, name=name)
        found += len(fetch(con, "find_call", name=name))
    assert found > 20
