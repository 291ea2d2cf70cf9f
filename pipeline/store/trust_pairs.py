"""Pairs of answers out of the store: suggestion and verdict, or two people's verdicts. Never an auto-confirmation."""

import duckdb

from pipeline.agreement import AnswerPair
from pipeline.store.rows import fetch


def read_machine_pairs(con: duckdb.DuckDBPyConnection, checklist_id: str) -> list[AnswerPair]:
    """Every reviewer's standing verdict with the suggestion that it answered, oldest first."""
    return [AnswerPair(**row) for row in fetch(con, "agreement_with_machine", checklist_id=checklist_id)]


def read_newest_pairs(con: duckdb.DuckDBPyConnection, checklist_id: str, newest: int) -> list[AnswerPair]:
    """The same over so many of the newest verdicts: however many there are, it takes no longer."""
    since = read_newest_rows(con, newest)["last_old_verdict"]
    rows = fetch(con, "page_trust_pairs", checklist_id=checklist_id, last_old_verdict=since)
    return [AnswerPair(**row) for row in rows]


def read_newest_rows(con: duckdb.DuckDBPyConnection, newest: int) -> dict[str, int]:
    """Behind which rows so many of the newest verdicts and evaluations are."""
    return fetch(con, "trust_newest_rows", newest=newest)[0]


def read_supervisor_pairs(con: duckdb.DuckDBPyConnection, checklist_id: str) -> list[AnswerPair]:
    """Every two people's verdicts on the same criterion of the same call; `reviewer` names both, `judge` is empty."""
    return [AnswerPair(**row) for row in fetch(con, "agreement_between_supervisors", checklist_id=checklist_id)]
