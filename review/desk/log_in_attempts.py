"""How often a log-in failed lately: guessing is slowed down by login and by address."""

from review.desk.database import Desk, execute, fetch, now_s

WINDOW_S = 15 * 60.0
WRONG_OF_LOGIN = 10  # within the window
WRONG_OF_ADDRESS = 50  # a whole office may stand behind one address


def is_blocked(desk: Desk, login: str, address: str) -> bool:
    with desk.reading() as con:
        (counted,) = fetch(con, "wrong_attempts", login=login, address=address, since_s=now_s() - WINDOW_S)
    return bool(counted["of_login"] >= WRONG_OF_LOGIN or counted["of_address"] >= WRONG_OF_ADDRESS)


def record_attempt(desk: Desk, login: str, address: str, *, succeeded: bool) -> None:
    """A success clears what was counted against the login; old attempts are forgotten."""
    now = now_s()
    with desk.writing() as con:
        execute(con, "forget_attempts", before_s=now - WINDOW_S)
        if succeeded:
            execute(con, "clear_attempts", login=login)
        execute(con, "record_attempt", login=login, address=address, succeeded=succeeded, now_s=now)
