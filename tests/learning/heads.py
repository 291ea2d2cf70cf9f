"""Heads that always say the same, and stored calls with verdicts to teach and to measure them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

import numpy as np

from pipeline.checklist import Checklist, load_checklist, parse_checklist
from pipeline.prescoring.call_features import CALL_TYPES, TurnLabels
from pipeline.prescoring.head_artefact import Facts, Head, HeadArtefact
from pipeline.prescoring.heads import APPLIES, score_call
from pipeline.prescoring.ladder import Ladder
from pipeline.prescoring.lexicon import Lexicons
from pipeline.prescoring.projection import Projection
from pipeline.prescoring.rules import RULES
from pipeline.prescoring.turn_features import block_widths
from pipeline.records import CallTypeSuggestion, Evaluation
from pipeline.stages import DialogueVectors, StageResult
from pipeline.store import Store
from pipeline.store.calls import register_recordings
from pipeline.store.evaluations import write_checklist
from pipeline.store.results import write_results
from pipeline.store.rows import append
from tests.fakes import FakeEncoder
from tests.store.builders import analysed, delivery, evaluation, sha_of

CQR: Checklist = load_checklist("cqr")
ENCODER = FakeEncoder()
START = datetime(2026, 10, 5, 12)
LINES = (
    "Добрый день, это компания Вектор, меня зовут Анна",
    "Здравствуйте, мне нужна доставка на завтра утром",
    "Какой товар вам нужен и к какому сроку его привезти?",
    "Стулья, сорок штук, к пятнице, это для офиса",
)
SURE = 8.0
WIDTH = 10  # numbers of the fake encoder per turn


def constant_heads(
    values: Mapping[str, float] = {}, call_type: str = "qualification", mark: float = 0.0, **facts: object
) -> HeadArtefact:
    """Says these values (else 1) to everything. `mark` makes another file of the same answers."""
    criteria = (*RULES, *(name for name in values if name not in RULES))
    known = Facts(ENCODER.dialogue_identity, WIDTH, criteria, (), Lexicons().identity, "0", 1, {"mean.kappa": 0.5})
    labels = TurnLabels(criteria)
    rows = sum(block_widths(0, WIDTH).values())
    empty = HeadArtefact(
        replace(known, **facts),
        Projection(np.full(WIDTH, mark, np.float32), np.zeros((WIDTH, WIDTH), np.float32)),
        np.zeros((rows, labels.count)),
        np.zeros(labels.count),
        {},
    )
    dialogue = analysed(LINES).dialogue
    case = Ladder([], Lexicons()).read(dialogue, ENCODER.encode_dialogue(dialogue))
    width = len(score_call(case, empty).features)
    heads = {name: _levels(width, values.get(name, 1.0)) for name in criteria}
    heads["call_type"] = Head(np.zeros((width, 6)), np.array([SURE * (t == call_type) for t in CALL_TYPES]), 1, 0)
    heads[APPLIES] = Head(np.zeros((width, 1)), np.array([SURE]), 1, 0)
    return replace(empty, heads=heads)


def _levels(width: int, value: float) -> Head:
    bias = [SURE if value > 0 else -SURE, SURE if value > 0.5 else -SURE]
    return Head(np.zeros((width, 2)), np.array(bias), 1, 0)


def add_calls(
    store: Store, names: Sequence[str], evaluation: Evaluation, vectors: bool = True, dialogue_key: str = "d1"
) -> list[str]:
    """Stored calls judged with that record, in one transaction; returns the evaluations' ids."""
    results = []
    for name in names:
        record = analysed((*LINES, f"Меня зовут клиент {name}"))
        sha = sha_of(name)
        results.append(StageResult(sha, "dialogue", dialogue_key, record, 1, 60))
        if vectors:
            table = DialogueVectors(ENCODER.dialogue_identity, ENCODER.encode_dialogue(record.dialogue))
            results.append(StageResult(sha, "vectors", f"v-{dialogue_key}", table, 1, 60, dialogue_key))
        results.append(StageResult(sha, "evaluation", f"e-{dialogue_key}", evaluation, 1, 60, dialogue_key))
    with store.writing() as con:
        register_recordings(con, [delivery(name) for name in names])
        write_results(con, results, "run")
        rows = con.execute(
            "SELECT content_sha256, evaluation_id FROM base.evaluations WHERE dialogue_key = ?", [dialogue_key]
        ).fetchall()
    return [dict(rows)[sha_of(name)] for name in names]


def suggested(values: Mapping[str, float], checklist: Checklist = CQR) -> Evaluation:
    """What a judge suggested, with evidence in turns 0 and 1."""
    made = evaluation(dict(values), judge="heads 1")
    return replace(
        made,
        checklist_id=checklist.id,
        checklist_version=checklist.version,
        call_type=CallTypeSuggestion("qualification", 0.9),
    )


def give(
    store: Store,
    evaluation_ids: Sequence[str],
    verdicts: Mapping[str, float | None],
    when: datetime,
    *,
    reviewer: str = "anna",
    call_type: str | None = None,
    trust_event_id: str | None = None,
    withdrawn: bool = False,
) -> None:
    """The same verdicts on each, a day apart; None: does not apply."""
    rows, types = [], []
    for number, evaluation_id in enumerate(evaluation_ids):
        own = {"evaluation_id": evaluation_id, "comment": "", "reviewer": reviewer, "withdrawn": withdrawn}
        own["submitted_at"] = when + timedelta(days=number)
        for name, value in verdicts.items():
            kind = {"applicable": value is not None, "value": value, "override_reason": "", "blind": False}
            made = {"verdict_id": uuid4().hex, "criterion_id": name, "trust_event_id": trust_event_id}
            rows.append(own | kind | made)
        types.append(own | {"verdict_id": uuid4().hex, "call_type": call_type})
    with store.writing() as con:
        append(con, "verdicts", rows)
        append(con, "call_type_verdicts", types if call_type else [])


def teach(
    store: Store,
    count: int,
    verdicts: Mapping[str, float | None],
    *,
    first: int = 0,
    suggestions: Mapping[str, float] | None = None,
    checklist: Checklist = CQR,
    call_type: str | None = "qualification",
) -> list[str]:
    """`count` calls a day apart, each with these verdicts; returns their names."""
    with store.writing() as con:
        write_checklist(con, checklist)
    names = [f"call-{number}.wav" for number in range(first, first + count)]
    made = suggested(suggestions or dict.fromkeys(verdicts, 0.5), checklist)
    found = add_calls(store, names, made)
    give(store, found, verdicts, START + timedelta(days=first), call_type=call_type)
    return names


def own_checklist(**criterion: object) -> Checklist:
    """A checklist with a criterion of a user's own."""
    known = {"id": "smile", "title": {"ru": "Улыбка"}, "weights": {"qualification": 1}} | criterion
    return parse_checklist({"id": "mine", "title": {"ru": "Мой"}, "threshold": 50, "criteria": [known]}, "tests")


def names(store: Store, sql: str) -> Sequence[tuple]:
    with store.reading() as con:
        return con.execute(sql).fetchall()
