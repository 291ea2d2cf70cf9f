from dataclasses import replace

import pytest

from pipeline.errors import InputError
from pipeline.stages import Failure, StageResult
from pipeline.store import Store
from pipeline.store.calls import read_status_counts, register_journal, register_recordings
from pipeline.store.evaluations import write_checklist
from pipeline.store.failures import read_open_failures, request_retries, write_failures
from pipeline.store.results import write_results
from pipeline.store.runs import write_run_event
from pipeline.store.show import find_call, read_call
from pipeline.store.verdicts import (
    CallTypeVerdict,
    Verdict,
    append_call_type_verdict,
    append_verdicts,
)
from tests.store.builders import (
    CHECKLIST,
    analysed,
    delivery,
    evaluation,
    journal_call,
    sha_of,
    transcription,
    whole_call,
    with_threshold,
    withdraw,
)

SHA = sha_of("a.wav")


@pytest.fixture
def scored(store: Store) -> Store:
    """A store with one evaluated call."""
    with store.writing() as con:
        write_checklist(con, CHECKLIST)
        register_journal(con, [journal_call(1, file_name="a.wav")])
        register_recordings(con, [delivery("a.wav")])
        write_results(con, whole_call(SHA), "run 1")
    return store


def rows(store: Store, sql: str) -> list[tuple]:
    with store.reading() as con:
        return con.execute(sql).fetchall()


def evaluation_id(store: Store) -> str:
    return rows(store, "SELECT evaluation_id FROM base.current_evaluations")[0][0]


def give(store: Store, criterion_id: str, value: float | None, reviewer: str = "anna") -> None:
    current = evaluation_id(store)
    with store.writing() as con:
        append_verdicts(con, [Verdict(current, criterion_id, value is not None, value, reviewer)])


def cqr(store: Store) -> tuple:
    return rows(store, "SELECT cqr, passed, verdict_count FROM cqr_per_call")[0]


def test_a_done_call_shows_its_facts(scored: Store) -> None:
    columns = "status, manager, call_type, language, duration_s, agent_talk_share, checklist_id, file_name"
    assert rows(scored, f"SELECT {columns} FROM calls") == [
        ("done", "Manager A", "objection", "ru", 61.234, 0.6, "cqr", "a.wav")
    ]
    assert rows(scored, "SELECT role, text FROM utterances ORDER BY utterance_index") == [
        ("agent", "Добрый день, it's us"),
        ("client", "Дорого"),
    ]


def test_suggestions_show_title_weight_and_quotes(scored: Store) -> None:
    found = rows(scored, "SELECT title, weight, critical, value, quotes[1].quote FROM suggestions ORDER BY ALL")
    assert found == [
        ("Grzeczność", 1.0, True, 1.0, "Добрый день"),
        ("Needs", 3.0, False, 0.5, "Добрый день"),
        ("Приветствие", 1.0, False, 1.0, "Добрый день"),
    ]


def test_the_cqr_of_a_call_is_the_sum_of_its_scores(scored: Store) -> None:
    assert cqr(scored) == (70.0, False, 0)
    give(scored, "needs", 1.0)
    assert cqr(scored) == (100.0, True, 1)
    assert rows(scored, "SELECT cqr, passed, suggested_cqr FROM cqr_per_call") == [(100.0, True, 70.0)]
    assert rows(scored, "SELECT cqr FROM calls") == [(100.0,)]


def test_a_criterion_that_does_not_apply_leaves_the_denominator(scored: Store) -> None:
    give(scored, "needs", None)
    assert cqr(scored) == (100.0, True, 1)


def test_a_critical_zero_fails_the_call(scored: Store) -> None:
    give(scored, "needs", 1.0)
    give(scored, "politeness", 0.0)
    assert cqr(scored) == (80.0, False, 2)


def test_verdict_and_suggestion_stand_side_by_side(scored: Store) -> None:
    give(scored, "needs", 0.0)
    found = rows(
        scored,
        "SELECT suggested_value, verdict_value, value, is_verdict FROM current_scores WHERE criterion_id = 'needs'",
    )
    assert found == [(0.5, 0.0, 0.0, True)]


def test_verdicts_are_only_added(scored: Store) -> None:
    for value, reviewer in ((0.0, "anna"), (1.0, "anna"), (0.5, "boris")):
        give(scored, "needs", value, reviewer)
    assert rows(scored, "SELECT value, reviewer FROM verdicts") == [(0.5, "boris")]
    current = evaluation_id(scored)
    with scored.writing() as con:
        withdraw(con, current, "boris", "needs")
    assert rows(scored, "SELECT value, reviewer FROM verdicts") == [(1.0, "anna")]
    with scored.writing() as con:
        withdraw(con, current, "anna", "needs")
    assert rows(scored, "SELECT count(*) FROM verdicts") == [(0,)]
    assert cqr(scored) == (70.0, False, 0)
    assert rows(scored, "SELECT count(*), count(*) FILTER (withdrawn) FROM base.verdicts") == [(5, 2)]


@pytest.mark.parametrize(
    ("applicable", "value", "by"),
    [
        (False, 0.0, {"reviewer": "anna"}),
        (True, 1.5, {"reviewer": "anna"}),
        (True, None, {"reviewer": "auto-confirmation", "trust_event_id": "start"}),
    ],
)
def test_a_verdict_that_does_not_hold_is_refused(
    scored: Store, applicable: bool, value: float | None, by: dict[str, str]
) -> None:
    wrong = Verdict(evaluation_id(scored), "needs", applicable, value, **by)
    with scored.writing() as con, pytest.raises(InputError, match=r'criterion "needs".*give a value of 0\.\.1'):
        append_verdicts(con, [wrong])


def test_a_verdict_on_an_unknown_evaluation_is_refused(scored: Store) -> None:
    with scored.writing() as con, pytest.raises(InputError, match="evaluation nowhere: not in the store"):
        append_verdicts(con, [Verdict("nowhere", "needs", True, 1.0, "anna")])


def test_a_call_type_verdict_changes_the_weights(scored: Store) -> None:
    current = evaluation_id(scored)
    with scored.writing() as con:
        append_call_type_verdict(con, CallTypeVerdict(current, "spam", "anna"))
    assert rows(scored, "SELECT call_type, suggested_call_type, cqr FROM cqr_per_call") == [("spam", "objection", 75.0)]
    assert rows(scored, "SELECT weight FROM current_scores WHERE criterion_id = 'greeting'") == [(None,)]
    with scored.writing() as con:
        withdraw(con, current, "anna")
    assert rows(scored, "SELECT call_type, cqr FROM cqr_per_call") == [("objection", 70.0)]


def test_a_verdict_outlives_another_judge(scored: Store) -> None:
    give(scored, "needs", 1.0)
    again = evaluation({"greeting": 0.0, "needs": 0.0, "politeness": 1.0}, judge="ladder 2")
    with scored.writing() as con:
        write_results(con, [StageResult(SHA, "evaluation", "e2", again, 0.1, 60.0, "d1")], "run 2")
    assert cqr(scored) == (80.0, True, 1)
    assert rows(scored, "SELECT count(*) FROM base.evaluations") == [(2,)]


def test_the_newest_version_of_a_checklist_counts_with_its_own_verdicts(scored: Store) -> None:
    give(scored, "needs", 1.0)
    newer = with_threshold(60)
    again = replace(evaluation(), checklist_version=newer.version)
    with scored.writing() as con:
        write_checklist(con, newer)
        write_results(con, [StageResult(SHA, "evaluation", "e2", again, 0.1, 60.0, "d1")], "run 2")
    assert cqr(scored) == (70.0, True, 0)
    assert rows(scored, "SELECT version_number FROM cqr_per_call") == [(2,)]


def test_statuses(scored: Store) -> None:
    short = evaluation(scored=False)
    with scored.writing() as con:
        register_journal(con, [journal_call(2, answered=False)])
        register_recordings(con, [delivery(f"{name}.wav") for name in ("waiting", "failed", "silent", "mute", "short")])
        write_failures(
            con,
            [
                Failure(sha_of("failed.wav"), "transcription", "t1", "not_audio", "no audio stream"),
                Failure(sha_of("silent.wav"), "transcription", "t1", "no_speech", "nobody speaks"),
            ],
            "run 1",
        )
        write_results(
            con,
            [
                StageResult(sha_of("mute.wav"), "transcription", "t1", transcription(has_words=False), 1, 1),
                StageResult(sha_of("short.wav"), "transcription", "t1", transcription(), 1, 1),
                StageResult(sha_of("short.wav"), "dialogue", "d1", analysed(), 1, 1),
                StageResult(sha_of("short.wav"), "evaluation", "e1", short, 1, 1, "d1"),
            ],
            "run 1",
        )
    with scored.reading() as con:
        assert read_status_counts(con) == {
            "done": 1,
            "failed": 1,
            "missed": 1,
            "no_speech": 2,
            "not_scored": 1,
            "waiting": 1,
        }
    assert rows(scored, "SELECT call_count, scored_count FROM cqr_per_manager_week WHERE manager IS NULL") == [(1, 0)]


def test_a_failure_is_open_until_it_is_retried_or_succeeds(scored: Store) -> None:
    sha = sha_of("b.wav")
    failure = Failure(sha, "transcription", "t1", "timeout", "took too long")
    with scored.writing() as con:
        register_recordings(con, [delivery("b.wav")])
        write_failures(con, [failure], "run 1")
        write_failures(con, [failure], "run 2")
        (stored,) = read_open_failures(con)
        assert (stored.call_id, stored.file_name, stored.run_id) == (sha[:16], "b.wav", "run 1")
        request_retries(con, [stored])
        assert read_open_failures(con) == []
    with scored.writing() as con:
        write_failures(con, [failure], "run 3")
        assert [item.run_id for item in read_open_failures(con)] == ["run 3"]
    with scored.writing() as con:
        write_results(con, whole_call(sha), "run 4")
        assert read_open_failures(con) == []
    assert rows(scored, "SELECT count(*) FROM failures") == [(2,)]


def test_the_week_of_a_manager_has_an_interval(scored: Store) -> None:
    with scored.writing() as con:
        for number, value in ((2, 0.0), (3, 1.0)):
            name = f"{number}.wav"
            register_journal(con, [journal_call(number, file_name=name)])
            register_recordings(con, [delivery(name)])
            results = whole_call(sha_of(name))[:4]
            record = evaluation({"greeting": value, "needs": value, "politeness": value})
            results.append(StageResult(sha_of(name), "evaluation", "e1", record, 0.1, 60.0, "d1"))
            write_results(con, results, "run 1")
    columns = "manager, week::VARCHAR, scored_count, round(cqr, 2), cqr_low, cqr_high, passed_share, objection_count"
    (found,) = rows(scored, f"SELECT {columns} FROM cqr_per_manager_week")
    assert found[:4] == ("Manager A", "2026-10-05", 3, 56.67)
    assert found[4:6] == (0, 100)
    assert found[6:] == (pytest.approx(1 / 3), 3)


def test_stage_times_and_runs(scored: Store) -> None:
    with scored.writing() as con:
        write_run_event(con, "run 1", "started", {"found": 1})
    assert rows(scored, "SELECT finished_at IS NULL, counts FROM runs") == [(True, '{"found": 1}')]
    with scored.writing() as con:
        write_run_event(con, "run 1", "finished", {"done": 1})
    assert rows(scored, "SELECT started_at < finished_at, counts FROM runs") == [(True, '{"done": 1}')]
    assert rows(scored, "SELECT real_time_factor FROM stage_times WHERE stage = 'transcription'") == [(0.2,)]


def test_a_call_is_found_by_any_of_its_names(scored: Store) -> None:
    with scored.writing() as con:
        register_recordings(con, [delivery("copy.wav", folder="/other", content="a.wav")])
    for name in ("j1", "1", "a.wav", "copy.wav", "/other/copy.wav", SHA, SHA[:8]):
        with scored.reading() as con:
            assert find_call(con, name) == "j1", name


def test_a_name_that_fits_none_or_many_calls_is_refused(scored: Store) -> None:
    with scored.writing() as con:
        register_journal(con, [journal_call(number) for number in range(10, 23)])
    with scored.reading() as con:
        with pytest.raises(InputError, match="nobody: no such call"):
            find_call(con, "nobody")
        with pytest.raises(
            InputError, match=r"j: 14 calls fit; (.|\n)*j1  a.wav\n  j10  \(no recording\)(.|\n)*and 4 more"
        ):
            find_call(con, "j")
        assert find_call(con, "j1") == "j1"


def test_a_call_is_read_with_everything(scored: Store) -> None:
    give(scored, "needs", 1.0)
    with scored.writing() as con:
        write_failures(con, [Failure(SHA, "vectors", "v9", "memory", "out of memory")], "run 2")
    with scored.reading() as con:
        found = read_call(con, "a.wav")
    assert found.call == journal_call(1, file_name="a.wav", content_sha256=SHA)
    assert (found.status, found.path, found.dialogue_key) == ("failed", "/inbox/a.wav", "d1")
    assert found.transcription == transcription()
    assert found.analysed == analysed()
    (stored,) = found.evaluations
    assert stored.evaluation == evaluation()
    assert (stored.cqr, stored.passed, stored.version_number, stored.call_type) == (100.0, True, 1, "objection")
    assert [(score.criterion_id, score.value, score.is_verdict) for score in stored.scores] == [
        ("greeting", 1.0, False),
        ("needs", 1.0, True),
        ("politeness", 1.0, False),
    ]
    assert [failure.code for failure in found.failures] == ["memory"]


def test_calls_with_little_known_are_read_too(store: Store) -> None:
    with store.writing() as con:
        register_journal(con, [journal_call(1, answered=False)])
        register_recordings(con, [delivery("a.wav")])
    with store.reading() as con:
        missed, waiting = read_call(con, "j1"), read_call(con, "a.wav")
    assert (missed.status, missed.evaluations, missed.analysed) == ("missed", (), None)
    assert (waiting.status, waiting.transcription, waiting.dialogue_key) == ("waiting", None, None)


def test_not_enough_evidence_is_answered_and_counts_in_no_sum(scored: Store) -> None:
    current = evaluation_id(scored)
    with scored.writing() as con:
        append_verdicts(con, [Verdict(current, "needs", True, None, "anna")])
    assert cqr(scored) == (100.0, True, 1)
    assert rows(scored, "SELECT coverage FROM cqr_per_call") == [(0.4,)]
    assert rows(scored, "SELECT applicable, value, is_verdict FROM current_scores WHERE criterion_id = 'needs'") == [
        (True, None, True)
    ]
    assert rows(scored, "SELECT count(*) FROM verdict_pairs") == [(0,)]
    assert rows(scored, "SELECT count(*) FROM agreement_with_machine") == [(0,)]
    assert rows(scored, "SELECT criterion_id, value FROM verdicts") == [("needs", None)]
