"""The models of learned heads: what each was made of, and what was done with it. Nothing is deleted."""

import json
from dataclasses import asdict
from uuid import uuid4

import duckdb

from pipeline.errors import InputError
from pipeline.learning.versions import SHIPPED, HeadEvent, HeadHistory, HeadModel
from pipeline.prescoring.trained import measured_own, trained_rules
from pipeline.store.connection import Store
from pipeline.store.rows import append, fetch, utc_now


def read_history(con: duckdb.DuckDBPyConnection) -> HeadHistory:
    """Every model and every event."""
    models = (HeadModel(**row | {"figures": json.loads(row["figures"])}) for row in fetch(con, "head_models"))
    return HeadHistory(tuple(models), tuple(HeadEvent(**row) for row in fetch(con, "head_events")))


def read_measured_heads(con: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """Names of the measured heads among those in use: what `is_tested` asks for."""
    history = read_history(con)
    model = history.model(history.in_use)
    return trained_rules() | (measured_own(model.figures) if model else frozenset())


def measured_heads_of(store: Store) -> frozenset[str]:
    """As `read_measured_heads`; before the first run there is no store, and the heads are those of the program."""
    if not store.path.exists():
        return trained_rules()
    with store.reading() as con:
        return read_measured_heads(con)


def write_model(con: duckdb.DuckDBPyConnection, model: HeadModel) -> None:
    """Adds a model, once: the same data give the same one again."""
    if read_history(con).model(model.version) is None:
        figures = json.dumps(model.figures, ensure_ascii=False, sort_keys=True)
        append(con, "head_models", [asdict(model) | {"figures": figures, "created_at": utc_now()}])


def append_event(con: duckdb.DuckDBPyConnection, event: HeadEvent) -> None:
    """Adds an event; its id, number and time are given here."""
    number = max((known.event_number for known in read_history(con).events), default=0) + 1
    own = {"event_id": uuid4().hex, "event_number": number, "occurred_at": utc_now()}
    append(con, "head_events", [asdict(event) | own])


def use(con: duckdb.DuckDBPyConnection, version: str, person: str, reason: str = "") -> str:
    """A person chooses the model, also one that was rejected; "shipped" is the one that came with the program.

    `version` may be the beginning of one. Returns the whole. Raises InputError when there is no such model, or it is in
    use already.
    """
    _check_person(person)
    history = read_history(con)
    found = find_version(history, version)
    if found == history.in_use:
        raise InputError(f"{found}: these heads are in use already")
    append_event(con, HeadEvent("used", found, person, reason))
    return found


def roll_back(con: duckdb.DuckDBPyConnection, person: str, reason: str = "") -> str:
    """The model before the one in use is in use again. Returns it. Raises InputError when there is none before."""
    _check_person(person)
    history = read_history(con)
    if history.before is None:
        raise InputError("the heads in use are those that came with the program; there is nothing to roll back to")
    append_event(con, HeadEvent("rolled_back", history.in_use, person, reason))
    return history.before


def find_version(history: HeadHistory, version: str) -> str:
    """The version that begins so. Raises InputError that lists what there is."""
    known = [SHIPPED, *(model.version for model in history.models)]
    found = [name for name in known if version and name.startswith(version)]
    if len(found) != 1:
        what = "no such heads" if not found else f"stands for {', '.join(found)}"
        raise InputError(f'"{version}": {what}; `prescore heads list` shows {", ".join(known)}')
    return found[0]


def _check_person(person: str) -> None:
    if not person.strip():
        raise InputError("--by: give the name of the person who decides this")
