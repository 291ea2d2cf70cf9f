"""People's verdicts out of the store, as heads learn from them. Auto-confirmations are never among them."""

from collections import defaultdict
from datetime import datetime
from typing import Any

import duckdb

from pipeline.checklist import Checklist
from pipeline.learning.labels import ChecklistKey, HumanAnswer, VerdictCall, label_of
from pipeline.prescoring.expected_places import ABSENT
from pipeline.store.dialogues import read_current_keys
from pipeline.store.evaluations import read_checklist
from pipeline.store.rows import fetch

Checklists = dict[ChecklistKey, Checklist]


def read_verdict_calls(
    con: duckdb.DuckDBPyConnection, since: datetime | None = None
) -> tuple[list[VerdictCall], Checklists]:
    """Calls with verdicts that teach a head, in the order of their first verdict; and the checklists they answer.

    `since`: only verdicts given from then on, UTC. Evidence is kept where the verdict agrees with a suggestion on the
    dialogue that is still the newest.
    """
    rows = fetch(con, "head_verdicts", since=since)
    checklists = _read_checklists(con, {(row["checklist_id"], row["checklist_version"]) for row in rows})
    current = read_current_keys(con, list({row["content_sha256"] for row in rows}))
    answers: defaultdict[str, list[HumanAnswer]] = defaultdict(list)
    for row in rows:
        found = _answer(row, checklists, current.get(row["content_sha256"]))
        if found is not None:
            answers[row["content_sha256"]].append(found)
    types = {row["content_sha256"]: row["call_type"] for row in fetch(con, "head_type_verdicts", since=since)}
    first = {row["content_sha256"]: row["first_submitted_at"] for row in fetch(con, "head_first_verdicts")}
    calls = [
        VerdictCall(sha, first[sha], tuple(answers.get(sha, ())), types.get(sha)) for sha in answers.keys() | types
    ]
    return sorted(calls, key=lambda call: (call.first_at, call.content_sha256)), checklists


def _read_checklists(con: duckdb.DuckDBPyConnection, keys: set[ChecklistKey]) -> Checklists:
    found = {key: read_checklist(con, *key) for key in sorted(keys)}
    return {key: checklist for key, checklist in found.items() if checklist is not None}


def _answer(row: dict[str, Any], checklists: Checklists, dialogue_key: str | None) -> HumanAnswer | None:
    key = (row["checklist_id"], row["checklist_version"])
    if key not in checklists:
        return None
    evidence = row["evidence"] if row["dialogue_key"] == dialogue_key else None
    if evidence and row["value"] == 0 and row["reason"] in ABSENT:
        evidence = []  # of what was never said no turn tells: the quotes show where it should have been
    found = label_of(checklists[key], row["criterion_id"], row["call_type"], row["applicable"], row["value"], evidence)
    return None if found is None else HumanAnswer(key, row["criterion_id"], *found, row["submitted_at"])
