import signal
import subprocess
import sys

import duckdb
import numpy as np
import pytest

from pipeline.errors import StoreError
from pipeline.records import Transcription
from pipeline.stages import DialogueVectors, StageResult, stage_key
from pipeline.store import Store
from pipeline.store.dialogues import read_current_keys, stream_dialogues_with_vectors
from pipeline.store.evaluations import read_checklist, write_checklist
from pipeline.store.results import read_known_stages, read_result, read_results, write_results
from tests.store.builders import (
    CHECKLIST,
    ENCODER,
    analysed,
    evaluation,
    sha_of,
    transcription,
    vectors,
    whole_call,
    with_threshold,
)

SHA = sha_of("a.wav")
RESULT_TABLES = (
    "stage_results",
    "transcriptions",
    "utterances",
    "role_assignments",
    "interruptions",
    "conversation_metrics",
    "role_metrics",
    "utterance_vectors",
    "evaluations",
    "suggestions",
    "evidence",
)


def write(store: Store, *results: StageResult) -> int:
    with store.writing() as con:
        return write_results(con, results, "run 1")


def counts(store: Store) -> dict[str, int]:
    with store.reading() as con:
        return {table: con.execute(f"SELECT count(*) FROM base.{table}").fetchall()[0][0] for table in RESULT_TABLES}


def test_keys_are_equal_for_equal_parts_and_only_then() -> None:
    assert stage_key("m", {"b": 1, "a": (1, 2)}) == stage_key("m", {"a": [1, 2], "b": 1})
    assert len(stage_key("m")) == 16
    assert stage_key("a", "b") != stage_key("ab") != stage_key("a", "b", None)
    with pytest.raises(TypeError):
        stage_key({1, 2})


def test_what_is_read_equals_what_was_written(store: Store) -> None:
    results = whole_call(SHA)
    assert write(store, *results) == 5
    with store.reading() as con:
        for result in results:
            read = read_result(con, SHA, result.stage, result.stage_key)
            if isinstance(result.record, DialogueVectors):
                assert isinstance(read, DialogueVectors)
                assert read.encoder == ENCODER
                np.testing.assert_array_equal(read.vectors, result.record.vectors)
                assert read.vectors.dtype == np.float32
            else:
                assert read == result.record
        assert read_results(con, "dialogue", [(SHA, "d1"), (SHA, "absent")]) == {(SHA, "d1"): analysed()}


def test_the_tables_hold_every_part(store: Store) -> None:
    write(store, *whole_call(SHA))
    assert counts(store) == dict(zip(RESULT_TABLES, (5, 1, 2, 2, 1, 1, 2, 2, 1, 3, 7), strict=True))
    with store.reading() as con:
        words = con.execute("SELECT words FROM base.utterances WHERE utterance_index = 1").fetchall()
        assert words == [([{"text": "Дорого", "start_s": 1.1, "end_s": 1.2, "probability": 0.5}],)]


def test_what_is_stored_stays(store: Store) -> None:
    write(store, *whole_call(SHA))
    before = counts(store)
    with store.reading() as con:
        known = read_known_stages(con, [SHA])
    changed = StageResult(SHA, "dialogue", "d1", analysed(("other",)), 0.1, 60.0)
    assert write(store, *whole_call(SHA), changed) == 0
    assert counts(store) == before
    with store.reading() as con:
        assert read_known_stages(con, [SHA]) == known
        assert read_result(con, SHA, "dialogue", "d1") == analysed()


def test_a_result_twice_in_one_shard_is_stored_once(store: Store) -> None:
    assert write(store, *whole_call(SHA), *whole_call(SHA)) == 5


def test_known_stages_answer_for_every_recording(store: Store) -> None:
    write(store, *whole_call(SHA))
    with store.reading() as con:
        known = read_known_stages(con, [SHA, "unknown"])
    assert known["unknown"] == {}
    assert {stage: list(keys) for stage, keys in known[SHA].items()} == {
        "transcription": ["t1"],
        "diarization": ["s1"],
        "dialogue": ["d1"],
        "vectors": ["v1"],
        "evaluation": ["e1"],
    }


def test_the_newest_dialogue_is_current_and_the_old_one_stays(store: Store) -> None:
    write(store, *whole_call(SHA, "1"))
    write(store, *whole_call(SHA, "0"))
    with store.reading() as con:
        assert read_current_keys(con) == {SHA: "d0"}
        assert con.execute("SELECT count(*) FROM main.utterances").fetchall() == [(0,)]  # no call is registered
        assert con.execute("SELECT count(DISTINCT dialogue_key) FROM base.utterances").fetchall() == [(2,)]


def test_without_a_dialogue_key_the_newest_dialogue_counts(store: Store) -> None:
    write(
        store, StageResult(SHA, "dialogue", "d1", analysed(), 0, 1), StageResult(SHA, "vectors", "v", vectors(), 0, 1)
    )
    write(store, StageResult(SHA, "evaluation", "e", evaluation(), 0, 1))
    with store.reading() as con:
        assert con.execute("SELECT DISTINCT dialogue_key FROM base.utterance_vectors").fetchall() == [("d1",)]
        assert con.execute("SELECT dialogue_key FROM base.evaluations").fetchall() == [("d1",)]


@pytest.mark.parametrize(
    ("result", "message"),
    [
        (StageResult(SHA, "vectors", "v", vectors(), 0, 1), "vectors without a dialogue"),
        (StageResult(SHA, "evaluation", "e", evaluation(), 0, 1), "evaluation without a dialogue"),
        (
            StageResult(SHA, "dialogue", "d", transcription(), 0, 1),
            "expected a AnalysedDialogue, found a Transcription",
        ),
        (StageResult(SHA, "vectors", "v", transcription(), 0, 1), "expected a DialogueVectors"),
        (
            StageResult(SHA, "vectors", "v", DialogueVectors("e", np.zeros(4, np.float32)), 0, 1, "d1"),
            r"shape \(4,\); expected \(utterances, dimension\)",
        ),
    ],
)
def test_a_wrong_result_is_refused_and_nothing_is_stored(store: Store, result: StageResult, message: str) -> None:
    with pytest.raises(StoreError, match=message):
        write(store, *whole_call(sha_of("other"))[:2], result)
    assert set(counts(store).values()) == {0}


def test_an_absent_result_is_said_to_be_so(store: Store) -> None:
    write(store)
    with store.reading() as con, pytest.raises(StoreError, match=r"no transcription under the key t9"):
        read_result(con, SHA, "transcription", "t9")


def test_dialogues_stream_with_their_vectors(store: Store) -> None:
    shas = [sha_of(str(number)) for number in range(5)]
    for count, sha in enumerate(shas[:4]):
        texts = tuple("text" for _ in range(count))
        write(
            store,
            StageResult(sha, "dialogue", "d", analysed(texts), 0, 1),
            StageResult(sha, "vectors", "v", vectors(count), 0, 1, "d"),
        )
    write(store, StageResult(shas[4], "dialogue", "d", analysed(), 0, 1))
    batches = list(stream_dialogues_with_vectors(store, ENCODER, shas, batch_size=2))
    assert [len(batch) for batch in batches] == [2, 2, 1]
    read = [dialogue for batch in batches for dialogue in batch]
    assert [dialogue.content_sha256 for dialogue in read] == shas
    for count, dialogue in enumerate(read[:4]):
        assert dialogue.vectors is not None
        np.testing.assert_array_equal(dialogue.vectors.vectors, vectors(count).vectors)
        assert len(dialogue.analysed.dialogue.utterances) == count
    assert read[4].vectors is None
    assert {d.content_sha256 for batch in stream_dialogues_with_vectors(store, "other") for d in batch} == set(shas)
    assert next(stream_dialogues_with_vectors(store, "other"))[1].vectors is None


def test_a_checklist_version_is_stored_once_and_numbered(store: Store) -> None:
    second = with_threshold(70)
    with store.writing() as con:
        assert [write_checklist(con, item) for item in (CHECKLIST, CHECKLIST, second, CHECKLIST)] == [1, 1, 2, 1]
    with store.reading() as con:
        assert read_checklist(con, "cqr", CHECKLIST.version) == CHECKLIST
        assert read_checklist(con, "cqr", "unknown") is None
        titles = con.execute("SELECT title FROM base.criteria WHERE version = ?", [CHECKLIST.version]).fetchall()
        assert titles == [("Приветствие",), ("Needs",), ("Grzeczność",)]


KILLED = """
import os, signal, sys
from pathlib import Path
from pipeline.store import Store, rows, dialogues, evaluations, results, vectors
from tests.store.builders import sha_of, whole_call

left = int(sys.argv[2])

def append(con, table, added, real=rows.append):
    global left
    real(con, table, added)
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)

for module in (dialogues, evaluations, results):
    module.append = append
store = Store(Path(sys.argv[1]))
with store.writing() as con:
    results.write_results(con, whole_call(sha_of("first")), "run")
    results.write_results(con, whole_call(sha_of("a.wav")), "run")
    if sys.argv[3] == "before closing":
        con.commit()
        os.kill(os.getpid(), signal.SIGKILL)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.kill
@pytest.mark.parametrize(
    ("statement", "moment", "is_kept"),
    [
        *((statement, "while writing", False) for statement in (1, 7, 14, 20)),
        (-1, "before closing", True),
        (-1, "after closing", True),
    ],
)
def test_a_killed_writer_leaves_all_or_nothing(store: Store, statement: int, moment: str, is_kept: bool) -> None:
    write(store, *whole_call(sha_of("before")))
    before = counts(store)
    all_three = {table: 3 * count for table, count in before.items()}
    command = [sys.executable, "-c", KILLED, str(store.path), str(statement), moment]
    assert subprocess.run(command, check=False, timeout=60).returncode == -signal.SIGKILL
    assert counts(store) == (all_three if is_kept else before)
    write(store, *whole_call(sha_of("first")), *whole_call(SHA))
    assert counts(store) == all_three


def test_a_recording_without_words_keeps_its_facts(store: Store) -> None:
    write(store, StageResult(SHA, "transcription", "t", transcription(has_words=False), 1.0, 61.0))
    with store.reading() as con:
        assert isinstance(read_result(con, SHA, "transcription", "t"), Transcription)
        assert con.execute("SELECT word_count, speech_s FROM base.transcriptions").fetchall() == [(0, 0.0)]


def test_results_that_are_expected_to_be_new_are_not_looked_for(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The index still lets nothing in twice, and then nothing of the transaction stays."""

    def refused(*_: object) -> None:
        raise AssertionError("looked for")

    monkeypatch.setattr("pipeline.store.results.read_known_stages", refused)
    with store.writing() as con:
        assert write_results(con, [*whole_call(SHA), *whole_call(SHA)], "run 1", expect_new=True) == 5
    before = counts(store)
    with pytest.raises(duckdb.ConstraintException), store.writing() as con:
        write_results(con, [*whole_call(sha_of("b.wav")), *whole_call(SHA)], "run 2", expect_new=True)
    assert counts(store) == before
