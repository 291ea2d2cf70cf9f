"""Several versions and several checklists for one call: what a re-score reads, and what people see."""

from dataclasses import replace
from datetime import datetime

import pytest

from pipeline.changes import Answer
from pipeline.checklist import Checklist
from pipeline.errors import InputError
from pipeline.records import Evaluation
from pipeline.stages import StageResult
from pipeline.store import Store
from pipeline.store.calls import register_journal, register_recordings
from pipeline.store.dialogues import read_unparsed_dialogues
from pipeline.store.evaluations import write_checklist
from pipeline.store.payloads import dialogue_of, from_payload
from pipeline.store.rescoring import (
    Selection,
    read_earlier_answers,
    read_made_answers,
    read_unparsed_evaluations,
    select_calls,
)
from pipeline.store.results import write_results
from pipeline.store.show import read_call, read_evaluation
from pipeline.store.verdicts import Verdict, append_verdicts
from pipeline.store.versions import choose_version, next_version_number, read_versions, write_default_checklist
from tests.store.builders import (
    CHECKLIST,
    ENCODER,
    analysed,
    delivery,
    evaluation,
    journal_call,
    sha_of,
    vectors,
    whole_call,
    with_threshold,
)

SHA = sha_of("a.wav")
NEWER = with_threshold(60)
MYSTERY = Checklist.model_validate(CHECKLIST.model_dump() | {"id": "mystery"})


@pytest.fixture
def scored(store: Store) -> Store:
    """Two calls with a dialogue, one of them evaluated; one missed."""
    with store.writing() as con:
        write_checklist(con, CHECKLIST)
        register_journal(con, [journal_call(1, file_name="a.wav"), journal_call(2, answered=False)])
        register_recordings(con, [delivery("a.wav"), delivery("b.wav", manager="Manager B")])
        write_results(con, whole_call(SHA), "run 1")
        write_results(con, whole_call(sha_of("b.wav"))[:3], "run 1")
    return store


def add(store: Store, checklist: Checklist, record: Evaluation, key: str) -> None:
    with store.writing() as con:
        write_checklist(con, checklist)
        made = replace(record, checklist_id=checklist.id, checklist_version=checklist.version)
        write_results(con, [StageResult(SHA, "evaluation", key, made, 0.1, 60.0, "d1")], "run 2")


def rows(store: Store, sql: str) -> list[tuple]:
    with store.reading() as con:
        return con.execute(sql).fetchall()


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        (Selection(), ["j1", "j2", sha_of("b.wav")[:16]]),
        (Selection(manager="Manager B"), [sha_of("b.wav")[:16]]),
        (Selection(call_type="objection"), ["j1"]),
        (Selection(call_ids=("j1", "j2")), ["j1", "j2"]),
        (Selection(call_ids=()), []),
        (Selection(since=datetime(2026, 10, 5, 10, 2)), ["j2"]),
        (Selection(until=datetime(2026, 10, 5, 10, 2)), ["j1"]),
        (Selection(since=datetime(2027, 1, 1)), []),
    ],
)
def test_calls_are_chosen(scored: Store, selection: Selection, expected: list[str]) -> None:
    with scored.reading() as con:
        found = select_calls(con, selection)
    assert [call.call_id for call in found] == expected
    assert {call.call_id: call.dialogue_key for call in found}.get("j1", "d1") == "d1"
    assert all((call.content_sha256 is None) == (call.call_id == "j2") for call in found)


def test_dialogues_come_unparsed_with_their_vectors(scored: Store) -> None:
    keys = [(sha_of("b.wav"), "d1"), (SHA, "d1"), (SHA, "nothing")]
    with scored.reading() as con:
        without, with_vectors = read_unparsed_dialogues(con, keys, ENCODER)
    assert (without.vectors, with_vectors.dialogue_key) == (None, "d1")
    assert with_vectors.vectors is not None
    assert with_vectors.vectors.vectors.shape == vectors().vectors.shape
    assert dialogue_of(with_vectors.payload) == analysed().dialogue


def test_what_stood_before_is_of_the_same_checklist_else_of_the_default_one(scored: Store) -> None:
    with scored.reading() as con:
        of_same = read_earlier_answers(con, [(SHA, "e2")], "cqr", "cqr")
        of_default = read_earlier_answers(con, [(SHA, "m1")], "mystery", "cqr")
        assert read_earlier_answers(con, [(SHA, "e2")], "mystery", "other") == {}
        assert read_earlier_answers(con, [(SHA, "e1")], "cqr", "cqr") == {}  # nothing before the first
    assert of_same == of_default
    assert of_same[SHA].answers.by_criterion["needs"] == Answer(True, 0.5)
    assert (of_same[SHA].checklist_version, of_same[SHA].stage_key) == (CHECKLIST.version, "e1")
    add(scored, MYSTERY, evaluation({"needs": 0.0}), "m1")
    add(scored, NEWER, evaluation({"needs": 1.0}), "e2")
    with scored.reading() as con:
        assert read_earlier_answers(con, [(SHA, "e2")], "cqr", "cqr") == of_same  # made already: before it still
        newest = read_earlier_answers(con, [(SHA, "e3")], "cqr", "cqr")
        mystery = read_earlier_answers(con, [(SHA, "m2")], "mystery", "cqr")
    assert newest[SHA].answers.by_criterion == {"needs": Answer(True, 1.0)}
    assert mystery[SHA].answers.by_criterion == {"needs": Answer(True, 0.0)}
    assert (mystery[SHA].checklist_id, mystery[SHA].stage_key) == ("mystery", "m1")


def test_evaluations_come_unparsed_by_their_key(scored: Store) -> None:
    newer = evaluation({"needs": 1.0})
    add(scored, NEWER, newer, "e2")
    with scored.reading() as con:
        found = read_unparsed_evaluations(con, [(SHA, "e2"), (sha_of("b.wav"), "e1")])
        assert read_unparsed_evaluations(con, []) == {}
    assert set(found) == {SHA}
    assert found[SHA].audio_s == 60.0
    assert from_payload("evaluation", found[SHA].payload).suggestions == newer.suggestions


def test_what_was_made_says_whether_it_still_is_the_current_one(scored: Store) -> None:
    add(scored, NEWER, evaluation(scored=False, values={}), "e2")
    with scored.reading() as con:
        made = read_made_answers(con, [(SHA, "e1"), (sha_of("b.wav"), "e1")])
        newest = read_made_answers(con, [(SHA, "e2")])
    assert set(made) == {SHA}
    assert (made[SHA].is_current, made[SHA].answers.cqr) == (False, 70.0)
    assert (newest[SHA].is_current, newest[SHA].answers.by_criterion) == (True, {})


def test_a_second_checklist_neither_replaces_nor_doubles_the_call(scored: Store) -> None:
    with scored.writing() as con:
        write_default_checklist(con, "cqr")
    add(scored, MYSTERY, evaluation({"needs": 0.0}), "m1")
    assert rows(scored, "SELECT checklist_id, version_number, cqr FROM calls WHERE call_id = 'j1'") == [
        ("cqr", 1, 70.0)
    ]
    assert rows(scored, "SELECT count(*), count(DISTINCT call_id) FROM calls") == [(3, 3)]
    assert rows(scored, "SELECT checklist_id, cqr FROM cqr_per_call ORDER BY ALL") == [("cqr", 70.0), ("mystery", 0.0)]
    with scored.reading() as con:
        assert [item.evaluation.checklist_id for item in read_call(con, "j1").evaluations] == ["cqr", "mystery"]
    with scored.writing() as con:
        write_default_checklist(con, "mystery")
        write_default_checklist(con, "mystery")
    assert rows(scored, "SELECT checklist_id, cqr FROM calls WHERE call_id = 'j1'") == [("mystery", 0.0)]
    assert rows(scored, "SELECT count(*) FROM base.default_checklists") == [(2,)]


def test_without_a_default_or_without_its_evaluation_the_newest_is_shown(scored: Store) -> None:
    add(scored, MYSTERY, evaluation({"needs": 0.0}), "m1")
    assert rows(scored, "SELECT checklist_id FROM calls WHERE call_id = 'j1'") == [("mystery",)]
    with scored.writing() as con:
        write_default_checklist(con, "nobody_judged_by")
    assert rows(scored, "SELECT checklist_id FROM calls WHERE call_id = 'j1'") == [("mystery",)]


def test_old_verdicts_stay_with_the_version_they_were_given_on(scored: Store) -> None:
    (first,) = rows(scored, "SELECT evaluation_id FROM evaluations")[0]
    with scored.writing() as con:
        append_verdicts(con, [Verdict(first, "needs", True, 1.0, "anna")])
    add(scored, NEWER, evaluation({"greeting": 0.0, "needs": 0.5, "politeness": 1.0}), "e2")
    columns = "version_number, is_current, is_current_of_version, cqr, suggested_cqr, passed, verdict_count"
    assert rows(scored, f"SELECT {columns} FROM evaluations ORDER BY 1") == [
        (1, False, True, 100.0, 70.0, True, 1),
        (2, True, True, 50.0, 70.0, False, 0),
    ]
    of_needs = "SELECT version_number, value, is_verdict, reviewer FROM evaluation_scores WHERE criterion_id = 'needs'"
    assert rows(scored, f"{of_needs} ORDER BY 1") == [(1, 1.0, True, "anna"), (2, 0.5, False, None)]
    assert rows(scored, "SELECT version_number, value FROM verdicts") == [(1, 1.0)]
    assert rows(scored, "SELECT cqr, passed, version_number FROM calls WHERE call_id = 'j1'") == [(50.0, False, 2)]


def test_another_judge_of_the_same_version_is_one_more_evaluation(scored: Store) -> None:
    add(scored, CHECKLIST, evaluation({"needs": 1.0}, judge="ladder 2"), "e2")
    columns = "judge, is_current, is_current_of_version"
    assert rows(scored, f"SELECT {columns} FROM evaluations ORDER BY judge") == [
        ("ladder 1", False, False),
        ("ladder 2", True, True),
    ]
    with scored.reading() as con:
        (version,) = read_versions(con, "j1")
    assert version.stage_key == "e2"


def test_versions_are_chosen_by_checklist_and_number(scored: Store) -> None:
    with scored.writing() as con:
        write_default_checklist(con, "cqr")
    add(scored, NEWER, evaluation({"needs": 1.0}), "e2")
    add(scored, MYSTERY, evaluation({"needs": 0.0}), "m1")
    with scored.reading() as con:
        versions = read_versions(con, "j1")
        earlier = read_evaluation(con, choose_version(versions, "cqr", 1))
        assert read_call(con, "j1").versions == versions
    assert [(item.checklist_id, item.version_number, item.is_current) for item in versions] == [
        ("cqr", 2, True),
        ("cqr", 1, False),
        ("mystery", 1, True),
    ]
    assert earlier.evaluation == evaluation()
    assert choose_version(versions, None).stage_key == "e2"
    assert choose_version(versions, "mystery").stage_key == "m1"
    with pytest.raises(InputError, match='no checklist "x" has judged this call; there are: cqr, mystery'):
        choose_version(versions, "x")
    with pytest.raises(InputError, match="version 7 of cqr has not judged this call; there are: 2, 1"):
        choose_version(versions, None, 7)
    with pytest.raises(InputError, match="no checklist has judged this call yet"):
        choose_version((), None)


def test_the_number_that_a_version_has_or_would_get(scored: Store) -> None:
    with scored.reading() as con:
        assert next_version_number(con, CHECKLIST) == (1, False)
        assert next_version_number(con, NEWER) == (2, True)
        assert next_version_number(con, MYSTERY) == (1, True)
