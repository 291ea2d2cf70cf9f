"""What waits in the desk to go elsewhere: submissions into the store, messages to webhooks."""

from dataclasses import dataclass

from review.desk.database import Desk, fetch, now_s


@dataclass(frozen=True, slots=True)
class Outbox:
    """`box`: submissions or webhooks. `oldest_age_s`: how long the oldest has waited; 0 where none waits."""

    box: str
    pending: int
    oldest_age_s: float


def read_outboxes(desk: Desk) -> tuple[Outbox, ...]:
    """Both boxes. Raises StoreError when the desk cannot be read."""
    now = now_s()
    with desk.reading() as con:
        rows = fetch(con, "outbox")
    return tuple(
        Outbox(row["box"], row["pending"], max(0.0, now - row["oldest_s"]) if row["oldest_s"] is not None else 0.0)
        for row in rows
    )
