"""Who works on which call: a claimed call is handed to nobody else, and a claim ends by itself.

It ends too when the clock is put back: its end would be later than its minutes, and nobody could take the call.
"""

from dataclasses import dataclass

from review.desk.database import Desk, execute, fetch, latest_s, now_s
from review.desk.people import Person


@dataclass(frozen=True, slots=True)
class Claim:
    """`claimed_s`: since when without a break; `ends_s`: until when, unless renewed. Seconds since 1970, UTC."""

    call_id: str
    person_id: str
    login: str
    name: str
    claimed_s: float
    ends_s: float


def take_claim(desk: Desk, call_id: str, person: Person, minutes: float) -> Claim:
    """The claim that stands afterwards: the person's own, new or renewed, or that of somebody who was there first.

    The caller compares `person_id`. Of several people who ask at once exactly one gets it.
    """
    with desk.writing() as con:
        now = now_s()
        execute(
            con,
            "take_claim",
            call_id=call_id,
            person_id=person.person_id,
            now_s=now,
            ends_s=now + 60 * minutes,
            latest_end_s=latest_end_s(now, minutes),
        )
        (row,) = fetch(con, "claim", call_id=call_id)
    return Claim(**row)


def latest_end_s(now: float, minutes: float) -> float:
    """The latest end that a claim can have; one that ends later was taken before the clock was put back."""
    return latest_s(now) + 60 * minutes


def release_claim(desk: Desk, call_id: str, person: Person) -> None:
    """Lets the call go; nothing happens when it is somebody else's or nobody's."""
    with desk.writing() as con:
        execute(con, "release_claim", call_id=call_id, person_id=person.person_id)


def standing_claims(desk: Desk) -> dict[str, Claim]:
    """By call id, without those that have ended."""
    now = now_s()
    with desk.reading() as con:
        rows = fetch(con, "standing_claims", now_s=now, latest_end_s=latest_end_s(now, desk.claim_minutes))
    return {row["call_id"]: Claim(**row) for row in rows}
