"""Who else is told that a call was confirmed or flagged: messages written with the submission, and kept until told.

A message is in the desk from the moment when the submission is, in the same transaction; `webhook_sender` sends it. It
holds ids, codes and figures, never a word of the call, a note or a client's number.
"""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal
from urllib.parse import urlsplit
from uuid import uuid4

from pipeline.review_settings import WebhookEvent, WebhookSettings
from review.desk.database import Desk, execute, fetch, latest_s
from review.desk.submitted import Content

PAUSES_S = (10.0, 60.0, 300.0, 1800.0, 7200.0, 43200.0)  # before the second attempt, the third and so on
LONGEST_S = 24 * 3600.0  # after that nobody waits for it any more
LEASE_S = 30.0  # how much longer than its pause an attempt keeps everybody else from the message
WAITS_S = (0.0, *(pause_s + LEASE_S for pause_s in PAUSES_S))  # by attempts made, the longest until the next
KEPT_S = 30 * 24 * 3600.0  # how long what is settled can be looked up


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message to be sent now. `undone`: its submission was taken back meanwhile."""

    delivery_id: str
    url: str
    event: str
    body: str
    call_id: str
    created_s: float
    attempts: int
    next_attempt_s: float
    undone: bool


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of a message. `next_attempt_s` None: delivered, or given up where `delivered_s` is None too."""

    delivery_id: str
    url: str
    event: str
    call_id: str
    created_s: float
    attempts: int
    next_attempt_s: float | None
    delivered_s: float | None
    last_error: str | None

    @property
    def state(self) -> Literal["waiting", "delivered", "given_up"]:
        if self.delivered_s is not None:
            return "delivered"
        return "given_up" if self.next_attempt_s is None else "waiting"

    @property
    def shown_url(self) -> str:
        """Without what an address may hold as a secret."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}{parts.path}"


def announce(
    con: sqlite3.Connection, told: Sequence[WebhookSettings], submission_id: str, call_id: str, content: Content,
    submitted_s: float,
) -> None:  # fmt: skip
    """Writes a message for each address that is told of what the submission does; in the caller's transaction."""
    events: list[WebhookEvent] = ["call.confirmed", "call.flagged"] if content.draft.flags else ["call.confirmed"]
    for address in told:
        for event in events:
            if event in address.events:
                delivery_id = uuid4().hex
                body = body_of(event, delivery_id, submission_id, call_id, content, submitted_s)
                execute(
                    con,
                    "add_delivery",
                    delivery_id=delivery_id,
                    url=address.url,
                    event=event,
                    body=json.dumps(body),
                    created_s=submitted_s,
                )


def body_of(
    event: WebhookEvent, delivery_id: str, submission_id: str, call_id: str, content: Content, submitted_s: float
) -> dict[str, Any]:
    """The message, still without what only the store and the server know: the journal's id and the page's address."""
    return {
        "event": event,
        "delivery_id": delivery_id,
        "occurred_at": datetime.fromtimestamp(submitted_s, UTC).isoformat(timespec="milliseconds"),
        "submission_id": submission_id,
        "call_id": call_id,
        "journal_call_id": None,
        "call_type": content.call_type,
        "cqr": content.cqr,
        "passed": content.passed,
        "flags": list(content.draft.flags),
        "reviewer": content.login,
        "url": None,
    }


def due_deliveries(desk: Desk, now_s: float, limit: int) -> tuple[Waiting, ...]:
    """Those whose time has come and whose submission is in the store, the oldest first.

    Also those that would wait for longer than their pause: the clock was put back.
    """
    with desk.reading() as con:
        rows = fetch(
            con, "due_deliveries", now_s=now_s, latest_s=latest_s(now_s), waits_s=json.dumps(WAITS_S), limit=limit
        )
    return tuple(Waiting(**row | {"undone": bool(row["undone"])}) for row in rows)


def begin_attempt(desk: Desk, waiting: Waiting, body: str, now_s: float) -> bool:
    """Counts the attempt before it is made, so that a killed one counts too; False when somebody else makes it.

    `body`: as it is sent, now and in every later attempt.
    """
    after_s = next_attempt(waiting, now_s)
    with desk.writing() as con:
        begun = execute(
            con,
            "begin_delivery",
            delivery_id=waiting.delivery_id,
            attempts=waiting.attempts,
            body=body,
            next_attempt_s=None if after_s is None else after_s + LEASE_S,
        )
    return begun == 1


def end_attempt(desk: Desk, waiting: Waiting, now_s: float, error: str | None) -> float | None:
    """What came of it; returns when the next attempt is, None for never."""
    after_s = None if error is None else next_attempt(waiting, now_s)
    _end(desk, waiting, error, next_attempt_s=after_s, delivered_s=now_s if error is None else None)
    return after_s


def drop(desk: Desk, waiting: Waiting, reason: str) -> None:
    """It is not sent any more."""
    _end(desk, waiting, reason, next_attempt_s=None, delivered_s=None)


def _end(
    desk: Desk, waiting: Waiting, error: str | None, *, next_attempt_s: float | None, delivered_s: float | None
) -> None:
    with desk.writing() as con:
        execute(
            con,
            "end_delivery",
            delivery_id=waiting.delivery_id,
            next_attempt_s=next_attempt_s,
            delivered_s=delivered_s,
            last_error=error,
        )


def next_attempt(waiting: Waiting, now_s: float) -> float | None:
    """When to try again if this attempt fails; None when a day has passed by then.

    None too after the last pause, which the day leaves no room for: the clock may have been put back meanwhile.
    """
    if waiting.attempts >= len(PAUSES_S):
        return None
    after_s = now_s + PAUSES_S[waiting.attempts]
    return after_s if after_s <= waiting.created_s + LONGEST_S else None


def read_deliveries(desk: Desk, limit: int = 100, offset: int = 0) -> tuple[Delivery, ...]:
    """The newest first."""
    with desk.reading() as con:
        return tuple(Delivery(**row) for row in fetch(con, "deliveries", limit=limit, offset=offset))


def forget_settled(desk: Desk, now_s: float) -> int:
    """Removes messages that were delivered or given up long ago; returns how many."""
    with desk.writing() as con:
        return execute(con, "forget_deliveries", until_s=now_s - KEPT_S)
