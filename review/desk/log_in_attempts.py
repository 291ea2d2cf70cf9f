"""How often a log-in failed lately: guessing is slowed down by login and by address.

An attempt counts as wrong from its begin until it has succeeded, so that many at once gain nothing. A login that has
opened a session from an address within a month is known there: neither guessing from elsewhere nor somebody else's
wrong tries in the same office keep that person out. When the clock was put back, tries from the time yet to come count
as made now: nobody is kept out for longer than the window, and nobody gains a try.
"""

from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network

from review.desk.database import Desk, Row, execute, fetch, now_s
from review.desk.people import LOGIN

WINDOW_S = 15 * 60.0
KNOWN_S = 30 * 24 * 3600.0
WRONG_OF_BOTH = 10  # one login from one address, within the window
WRONG_OF_LOGIN = 50  # from everywhere
WRONG_OF_ADDRESS = 100  # a whole office may stand behind one address
IPV6_SITE = 64  # bits: one subscriber has all addresses below


@dataclass(frozen=True, slots=True)
class Attempt:
    login: str
    address: str


def begin_attempt(desk: Desk, login: str, address: str) -> Attempt | None:
    """Counts one more try; None when there were too many: the password is not even looked at."""
    attempt = Attempt(login if LOGIN.fullmatch(login) else "", place_of(address))
    with desk.writing() as con:
        now = now_s()
        execute(con, "bring_back_attempts", now_s=now)
        execute(con, "forget_attempts", wrong_before_s=now - WINDOW_S, successes_before_s=now - KNOWN_S)
        (counted,) = fetch(con, "wrong_attempts", login=attempt.login, address=attempt.address)
        if is_blocked(counted):
            return None
        execute(con, "begin_attempt", login=attempt.login, address=attempt.address, now_s=now)
    return attempt


def is_blocked(counted: Row) -> bool:
    if counted["of_both"] >= WRONG_OF_BOTH:
        return True
    too_many = counted["of_login"] >= WRONG_OF_LOGIN or counted["of_address"] >= WRONG_OF_ADDRESS
    return too_many and not counted["is_known"]


def succeed(desk: Desk, attempt: Attempt) -> None:
    """Clears what was counted for this login from this address, and remembers that it is known there."""
    with desk.writing() as con:
        execute(con, "attempt_succeeded", login=attempt.login, address=attempt.address)
        execute(con, "record_success", login=attempt.login, address=attempt.address, now_s=now_s())


def place_of(address: str) -> str:
    """The address; of IPv6 the network of its site."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return address
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ip_network((parsed, IPV6_SITE), strict=False))
