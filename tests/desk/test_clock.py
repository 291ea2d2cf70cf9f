"""The clock is put back by a day: nothing that lasts for a while lasts a day longer, and nobody gains by it."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
from argon2 import PasswordHasher

from pipeline.review_settings import WebhookSettings
from pipeline.store import Store
from review.desk import claims, log_in_attempts, people, sessions, submissions, tokens, webhooks
from review.desk.claims import standing_claims, take_claim
from review.desk.database import CLOCK_SLIP_S, Desk
from review.desk.log_in_attempts import WINDOW_S, WRONG_OF_BOTH, begin_attempt
from review.desk.people import Person, add_person, check_password
from review.desk.sessions import find_session, forget_sessions, open_session, read_sessions
from review.desk.submissions import Conflict, undo, undoable
from review.desk.submitted import UNDOABLE
from review.desk.tokens import create_token, find_token, read_tokens
from review.desk.webhooks import PAUSES_S, due_deliveries, end_attempt, next_attempt
from review.pages import standing
from tests.desk.judged import answered, hand_in

HOUR_S, DAY_S = 3600.0, 24 * 3600.0
NOW_S = 1_790_000_000.0
PASSWORD = "correct horse battery"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The clock of everything that the desk stores, which stands until it is put."""
    found = SimpleNamespace(now=NOW_S)
    for module in (claims, log_in_attempts, people, sessions, submissions, tokens, standing):
        monkeypatch.setattr(module, "now_s", lambda: found.now)
    return found


def test_a_claim_from_a_time_yet_to_come_is_anybodys(
    desk: Desk, anna: Person, boris: Person, clock: SimpleNamespace
) -> None:
    take_claim(desk, "call", anna, 20)
    clock.now -= DAY_S
    assert standing_claims(desk) == {}
    taken = take_claim(desk, "call", boris, 20)
    assert (taken.person_id, taken.claimed_s, taken.ends_s) == (boris.person_id, clock.now, clock.now + 1200)
    assert set(standing_claims(desk)) == {"call"}


def test_a_long_claim_that_was_renewed_yet_to_come_has_ended_too(
    desk: Desk, anna: Person, boris: Person, clock: SimpleNamespace
) -> None:
    for _ in range(10):  # it began before the time that the clock is put back to
        take_claim(desk, "call", anna, 20)
        clock.now += 600
    clock.now -= HOUR_S
    assert standing_claims(desk) == {}
    assert take_claim(desk, "call", boris, 20).person_id == boris.person_id


def test_who_claimed_a_call_before_the_clock_was_put_back_has_it_from_now_on(
    desk: Desk, anna: Person, boris: Person, clock: SimpleNamespace
) -> None:
    take_claim(desk, "call", anna, 20)
    clock.now -= DAY_S
    renewed = take_claim(desk, "call", anna, 20)
    assert (renewed.claimed_s, renewed.ends_s) == (clock.now, clock.now + 1200)
    assert take_claim(desk, "call", boris, 20).person_id == anna.person_id


def test_a_clock_that_slips_takes_no_claim_away(
    desk: Desk, anna: Person, boris: Person, clock: SimpleNamespace
) -> None:
    mine = take_claim(desk, "call", anna, 20)
    clock.now -= CLOCK_SLIP_S
    assert standing_claims(desk) == {"call": mine}
    assert take_claim(desk, "call", boris, 20) == mine


def test_a_claim_from_a_time_yet_to_come_stops_no_submission(
    desk: Desk, store: Store, anna: Person, boris: Person, calls: SimpleNamespace, clock: SimpleNamespace
) -> None:
    take_claim(desk, calls.a.call_id, boris, 20)
    take_claim(desk, calls.b.call_id, anna, 20)
    with pytest.raises(Conflict, match="claimed"):
        hand_in(desk, store, anna, calls.a)
    clock.now -= DAY_S
    assert hand_in(desk, store, anna, calls.a).applied_s
    done = hand_in(desk, store, anna, calls.b)
    with store.reading() as con:
        started = con.execute(
            "SELECT started_at FROM base.submissions WHERE submission_id = ?", [done.submission_id]
        ).fetchall()
    assert started == [(None,)]  # no review began after its end


def test_wrong_tries_keep_nobody_out_for_longer_than_the_window(desk: Desk, clock: SimpleNamespace) -> None:
    for _ in range(WRONG_OF_BOTH):
        assert begin_attempt(desk, "anna", "10.0.0.1")
    clock.now -= DAY_S
    assert begin_attempt(desk, "anna", "10.0.0.1") is None
    clock.now += WINDOW_S + 1
    assert begin_attempt(desk, "anna", "10.0.0.1")


def test_a_clock_put_back_gives_nobody_more_tries(desk: Desk, clock: SimpleNamespace) -> None:
    for _ in range(WRONG_OF_BOTH - 1):
        assert begin_attempt(desk, "anna", "10.0.0.1")
    for _ in range(3):
        clock.now -= DAY_S
        tries = [begin_attempt(desk, "anna", "10.0.0.1") for _ in range(2)]
        assert tries[-1] is None
        clock.now += WINDOW_S - 1
        assert begin_attempt(desk, "anna", "10.0.0.1") is None


def test_a_session_ends_when_nobody_knows_how_old_it_is(desk: Desk, anna: Person, clock: SimpleNamespace) -> None:
    token, swept = open_session(desk, anna), open_session(desk, anna)
    clock.now -= CLOCK_SLIP_S
    assert find_session(desk, token, HOUR_S, DAY_S) is not None
    clock.now -= DAY_S
    assert read_sessions(desk, anna, HOUR_S, DAY_S) == ()
    assert find_session(desk, token, HOUR_S, DAY_S) is None
    forget_sessions(desk, HOUR_S, DAY_S)
    clock.now += DAY_S
    assert find_session(desk, swept, HOUR_S, DAY_S) is None  # also when the clock is where it was


def test_a_session_that_was_used_yet_to_come_ends_though_it_began_before(
    desk: Desk, anna: Person, clock: SimpleNamespace
) -> None:
    token = open_session(desk, anna)
    for _ in range(8):
        clock.now += 1800
        assert find_session(desk, token, HOUR_S, 5 * HOUR_S)
    clock.now -= 3 * HOUR_S
    assert find_session(desk, token, HOUR_S, 5 * HOUR_S) is None


def test_when_a_token_was_last_used_is_known_again(desk: Desk, anna: Person, clock: SimpleNamespace) -> None:
    token = create_token(desk, anna, "CRM")
    find_token(desk, token)
    clock.now -= DAY_S
    assert find_token(desk, token) == anna
    assert read_tokens(desk, anna)[0].last_used_s == clock.now


def test_an_initial_password_holds_no_longer_than_its_week(
    desk: Desk, clock: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("review.desk.passwords.hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    olga = add_person(desk, Person("", "olga", "Ольга", "supervisor"), PASSWORD, is_initial=True)
    clock.now -= CLOCK_SLIP_S
    assert check_password(desk, "olga", PASSWORD) == olga
    clock.now -= DAY_S
    assert check_password(desk, "olga", PASSWORD) is None


@pytest.fixture
def told(desk: Desk, store: Store, anna: Person, calls: SimpleNamespace, clock: SimpleNamespace) -> Desk:
    """A message waits."""
    desk.told = (WebhookSettings(url="http://127.0.0.1:1/hook", events=("call.confirmed",)),)
    hand_in(desk, store, anna, calls.a)
    return desk


def test_a_message_waits_no_longer_than_its_pause(told: Desk, clock: SimpleNamespace) -> None:
    for pause_s in PAUSES_S[:-1]:
        (waiting,) = due_deliveries(told, clock.now, 10)
        assert webhooks.begin_attempt(told, waiting, waiting.body, clock.now)
        assert due_deliveries(told, clock.now, 10) == ()  # it is on its way
        assert end_attempt(told, waiting, clock.now, "http_500") == clock.now + pause_s
        assert due_deliveries(told, clock.now, 10) == ()
        clock.now -= DAY_S
    assert len(due_deliveries(told, clock.now, 10)) == 1


def test_a_message_is_given_up_after_its_last_pause_whatever_the_clock_says(told: Desk, clock: SimpleNamespace) -> None:
    (waiting,) = due_deliveries(told, clock.now, 10)
    clock.now -= 365 * DAY_S
    assert next_attempt(replace(waiting, attempts=len(PAUSES_S) - 1), clock.now) == clock.now + PAUSES_S[-1]
    assert next_attempt(replace(waiting, attempts=len(PAUSES_S)), clock.now) is None


def test_what_was_handed_in_last_can_be_undone(
    desk: Desk, store: Store, anna: Person, calls: SimpleNamespace, clock: SimpleNamespace
) -> None:
    with store.writing():  # busy: they need not be in the store
        for number in range(UNDOABLE):
            hand_in(desk, store, anna, calls.a, answered().with_note(f"{number}"))
        clock.now -= DAY_S
        last = hand_in(desk, store, anna, calls.b)
        assert undoable(desk, anna)[0] == last
        assert undo(desk, store, anna, last.submission_id).undone_s is not None


def test_what_was_handed_in_yet_to_come_is_no_news(
    desk: Desk, store: Store, anna: Person, calls: SimpleNamespace, clock: SimpleNamespace
) -> None:
    with store.writing():
        done = hand_in(desk, store, anna, calls.a)
    assert standing.is_news(done)
    clock.now -= DAY_S
    assert not standing.is_news(done)
