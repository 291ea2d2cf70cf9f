"""Rules in the store: they start, confirm, leave audits to people, stop, and are taken back."""

from datetime import datetime, timedelta

import pytest

from flows.confirming import confirm_stored
from pipeline.checklist import Checklist
from pipeline.errors import InputError
from pipeline.learning.versions import HeadEvent, HeadModel
from pipeline.prescoring.head_names import head_name
from pipeline.settings import TrustSettings
from pipeline.store import Store
from pipeline.store.heads import append_event, roll_back, write_model
from pipeline.store.rows import utc_now
from pipeline.store.trust import allow, read_identity, read_rule, read_rules, read_standings, stop
from pipeline.store.trust import append_event as append_trust_event
from pipeline.store.trust_application import Applied
from pipeline.store.verdicts import Verdict, append_verdicts
from tests.store.builders import CHECKLIST, with_threshold, withdraw
from tests.trust.calls import TRUST, add_calls, answered, give, ids, names_of, rows
from tests.trust.conftest import NEW, OLD

VALUES = {"greeting": 1.0, "needs": 0.5, "politeness": 1.0}
AUTO = "SELECT count(*) FROM base.current_verdicts WHERE trust_event_id IS NOT NULL"


def apply(store: Store, trust: TrustSettings = TRUST) -> Applied:
    (applied,) = confirm_stored(store, trust)
    return applied


def auto_count(store: Store) -> int:
    return rows(store, AUTO)[0][0]


def test_nothing_happens_until_a_person_allows_it(verified: Store) -> None:
    assert confirm_stored(verified, TRUST) == ()
    assert rows(verified, "SELECT count(*) FROM base.trust_events") == [(0,)]
    with verified.reading() as con:
        assert read_rule(con, "cqr", "needs").state == "off"


def test_an_allowed_rule_starts_confirms_and_leaves_audits(allowed: Store) -> None:
    assert apply(allowed) == Applied("cqr", "needs", "running", None, 12, 3, 3)
    confirmed = rows(allowed, "SELECT DISTINCT reviewer, value, is_auto_confirmed FROM verdicts ORDER BY ALL")
    assert confirmed == [("anna", 0.5, False), ("auto-confirmation", 0.5, True)]
    with allowed.reading() as con:
        (standing,) = read_standings(con)
    assert (standing.state, standing.allowed_by, standing.threshold) == ("running", "boris", 0.95)
    assert (standing.verdict_count, standing.error_count) == (60, 0)
    assert standing.upper_bound == pytest.approx(1 - 0.05 ** (1 / 60))
    assert (standing.confirmed_count, standing.audit_count, standing.audit_answered_count) == (12, 3, 0)
    assert rows(allowed, "SELECT DISTINCT criterion_id FROM verdicts WHERE is_auto_confirmed") == [("needs",)]


def test_applying_again_changes_nothing(allowed: Store) -> None:
    apply(allowed)
    before = rows(allowed, "SELECT * FROM base.verdicts ORDER BY ALL")
    assert apply(allowed) == Applied("cqr", "needs", "running", None, 0, 0, 3)
    assert rows(allowed, "SELECT * FROM base.verdicts ORDER BY ALL") == before
    assert rows(allowed, "SELECT event FROM base.trust_events ORDER BY event_number") == [
        ("allowed",),
        ("looked",),
        ("started",),
    ]


def test_new_calls_are_confirmed_by_the_next_run(allowed: Store) -> None:
    apply(allowed)
    add_calls(allowed, names_of("later", 2, audited=False), answered(VALUES))
    assert apply(allowed).confirmed_count == 2


@pytest.mark.parametrize(
    "record",
    [
        answered(VALUES, 0.94),
        answered(VALUES, 0.99, rung="rules"),
        answered({"needs": None}, 0.99),
    ],
    ids=["not sure enough", "not by a learned head", "abstained"],
)
def test_what_may_not_be_confirmed_is_not(allowed: Store, record: object) -> None:
    apply(allowed)
    add_calls(allowed, names_of("later", 5, audited=False), record)  # type: ignore[arg-type]
    assert apply(allowed).confirmed_count == 0


def test_does_not_apply_is_confirmed_too(allowed: Store) -> None:
    apply(allowed)
    add_calls(allowed, names_of("later", 1, audited=False), answered({"needs": None}, applicable=False))
    assert apply(allowed).confirmed_count == 1
    assert rows(allowed, "SELECT value FROM verdicts WHERE is_auto_confirmed AND NOT applicable") == [(None,)]


def test_a_critical_zero_is_never_confirmed(verified: Store) -> None:
    give(verified, OLD, 1.0, "politeness")
    add_calls(verified, names_of("rude", 3, audited=False), answered({"politeness": 0.0}, 0.99))
    with verified.writing() as con:
        allow(con, "cqr", "politeness", "boris", TRUST)
    assert apply(verified).confirmed_count == 12
    assert rows(verified, "SELECT DISTINCT value FROM verdicts WHERE is_auto_confirmed") == [(1.0,)]


def test_it_waits_for_59_clean_verdicts_and_says_how_many_miss(store: Store) -> None:
    add_calls(store, [*OLD, *NEW], answered(VALUES))
    give(store, OLD[:58], 0.5)
    with store.writing() as con:
        allow(con, "cqr", "needs", "boris", TRUST)
    waiting = apply(store)
    assert (waiting.state, waiting.verdict_count, waiting.next_look) == ("waiting", 58, 59)
    assert auto_count(store) == 0
    give(store, OLD[58:59], 0.5)
    assert apply(store).state == "running"


def test_after_a_failed_look_the_verdicts_must_double(store: Store) -> None:
    more = names_of("more", 100)
    add_calls(store, [*OLD, *NEW, *more], answered(VALUES))
    give(store, OLD[:58], 0.5)
    give(store, OLD[58:60], 1.0)
    with store.writing() as con:
        allow(con, "cqr", "needs", "boris", TRUST)
    assert (apply(store).state, apply(store).next_look) == ("waiting", 120)
    give(store, more[:59], 0.5)
    assert apply(store).verdict_count == 119
    assert rows(store, "SELECT count(*) FROM base.trust_events WHERE event = 'looked'") == [(1,)]
    give(store, more[59:60], 0.5)
    assert apply(store).next_look == 240
    assert rows(store, "SELECT verdict_count FROM base.trust_events WHERE event = 'looked'") == [(60,), (120,)]


def test_a_persons_verdict_stands_above_an_older_and_a_newer_confirmation(allowed: Store) -> None:
    apply(allowed)
    give(allowed, NEW[:1], 1.0)
    current = ids(allowed)[NEW[0]]
    sql = f"SELECT value, reviewer FROM base.current_verdicts WHERE evaluation_id = '{current}'"
    assert rows(allowed, sql) == [(1.0, "anna")]
    event = rows(allowed, "SELECT event_id FROM base.trust_events WHERE event = 'started'")[0][0]
    with allowed.writing() as con:
        append_verdicts(con, [Verdict(current, "needs", True, 0.5, "auto-confirmation", trust_event_id=event)])
    assert rows(allowed, sql) == [(1.0, "anna")]
    with allowed.writing() as con:
        withdraw(con, current, "anna", "needs")
    assert rows(allowed, sql) == [(0.5, "auto-confirmation")]


def test_a_person_may_not_pass_for_the_rule(verified: Store) -> None:
    with verified.writing() as con, pytest.raises(InputError, match="give the reviewer's own name"):
        append_verdicts(con, [Verdict(ids_of(con), "needs", True, 0.5, "auto-confirmation")])
    with verified.writing() as con, pytest.raises(InputError, match="give the name of the person"):
        allow(con, "cqr", "needs", "auto-confirmation", TRUST)


def ids_of(con: object) -> str:
    return con.execute("SELECT any_value(evaluation_id) FROM base.evaluations").fetchall()[0][0]  # type: ignore[attr-defined]


def test_verdicts_that_the_judge_may_have_learned_from_bear_out_nothing(allowed: Store) -> None:
    add_calls(allowed, OLD, answered(VALUES, judge="heads 2"))
    give(allowed, OLD, 0.5)
    assert apply(allowed).stop_reason == "judge_changed"
    with allowed.writing() as con:
        allow(con, "cqr", "needs", "boris", TRUST)
    waiting = apply(allowed)
    assert (waiting.state, waiting.verdict_count) == ("waiting", 0)


def test_auto_confirmations_are_no_evidence(allowed: Store) -> None:
    apply(allowed)
    assert rows(allowed, "SELECT count(*), count(DISTINCT reviewer) FROM verdict_pairs") == [(60, 1)]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"record": answered(VALUES, judge="heads 2")}, "judge_changed"),
        ({"record": answered(VALUES), "recogniser": "t2"}, "recogniser_changed"),
        (
            {"record": answered(VALUES, checklist=with_threshold(70)), "checklist": with_threshold(70)},
            "checklist_changed",
        ),
    ],
)
def test_another_way_of_judging_stops_it(allowed: Store, change: dict, reason: str) -> None:
    apply(allowed)
    add_calls(allowed, names_of("later", 2, audited=False), **change)
    assert apply(allowed) == Applied("cqr", "needs", "stopped", reason)  # type: ignore[arg-type]
    assert confirm_stored(allowed, TRUST) == ()
    assert auto_count(allowed) == 12
    assert rows(allowed, "SELECT state, stop_reason FROM auto_confirmation") == [("stopped", reason)]


def test_another_promise_stops_it(allowed: Store) -> None:
    apply(allowed)
    assert (
        apply(allowed, TrustSettings(promised_error=0.02, min_verdicts=150, first_test=150)).stop_reason
        == "promise_changed"
    )


def test_audits_that_break_the_promise_stop_it_and_what_came_before_is_spent(allowed: Store) -> None:
    apply(allowed)
    audited = names_of("drawn", 12, audited=True)
    add_calls(allowed, audited, answered(VALUES))
    assert apply(allowed).audited_count == 12
    give(allowed, audited[:6], 0.5)
    assert apply(allowed).state == "running"
    give(allowed, audited[6:], 1.0)
    assert apply(allowed).stop_reason == "audit"
    event = rows(allowed, "SELECT verdict_count, error_count FROM base.trust_events WHERE event = 'stopped'")
    assert event == [(12, 6)]
    with allowed.writing() as con:
        allow(con, "cqr", "needs", "boris", TRUST)
    waiting = apply(allowed)
    assert (waiting.state, waiting.verdict_count, waiting.next_look) == ("waiting", 0, 59)


def test_too_many_unanswered_audits_pause_it(allowed: Store) -> None:
    strict = TRUST.model_copy(update={"max_waiting_audits": 2})
    paused = apply(allowed, strict)
    assert (paused.is_paused, paused.confirmed_count, paused.waiting_audit_count) == (True, 0, 3)
    give(allowed, NEW[12:13], 0.5)
    assert apply(allowed, strict).confirmed_count == 12
    assert rows(allowed, "SELECT count(*) FROM audits WHERE is_answered AND NOT is_error") == [(1,)]


def test_an_audit_without_enough_evidence_is_answered_and_tells_nothing(allowed: Store) -> None:
    assert apply(allowed).waiting_audit_count == 3
    current = ids(allowed)[NEW[12]]
    with allowed.writing() as con:
        append_verdicts(con, [Verdict(current, "needs", True, None, "anna")])
    assert apply(allowed).waiting_audit_count == 2
    assert rows(allowed, "SELECT is_error FROM audits WHERE is_answered") == [(None,)]


def test_a_person_stops_it_and_takes_back_what_it_confirmed(allowed: Store) -> None:
    apply(allowed)
    with allowed.writing() as con:
        assert stop(con, "cqr", "needs", "boris") == 0
    assert auto_count(allowed) == 12
    assert confirm_stored(allowed, TRUST) == ()
    with allowed.writing() as con, pytest.raises(InputError, match="not allowed, so nothing is to be stopped"):
        stop(con, "cqr", "needs", "boris")
    with allowed.writing() as con:
        assert stop(con, "cqr", "needs", "boris", withdraw=True, since=utc_now() + timedelta(hours=1)) == 0
        assert stop(con, "cqr", "needs", "boris", withdraw=True) == 12
    assert auto_count(allowed) == 0
    assert rows(allowed, "SELECT count(*) FROM base.verdicts WHERE trust_event_id IS NOT NULL") == [(24,)]
    assert rows(allowed, "SELECT count(*) FROM verdicts") == [(60,)]


def test_allowed_again_it_goes_on_where_it_was_stopped(allowed: Store) -> None:
    apply(allowed)
    with allowed.writing() as con:
        stop(con, "cqr", "needs", "boris", withdraw=True)
        allow(con, "cqr", "needs", "clara", TRUST)
    assert apply(allowed).confirmed_count == 12
    assert rows(allowed, "SELECT count(*) FROM base.trust_events WHERE event = 'looked'") == [(1,)]
    assert rows(allowed, "SELECT allowed_by, state, threshold FROM auto_confirmation") == [("clara", "running", 0.95)]
    with allowed.writing() as con:
        stop(con, "cqr", "needs", "boris")
        allow(con, "cqr", "needs", "clara", TRUST, first_look=59)
    assert apply(allowed).next_look == 120


@pytest.mark.parametrize(
    ("checklist_id", "criterion_id", "first_look", "message"),
    [
        ("other", "needs", None, 'checklist "other": no call was judged by it yet'),
        ("cqr", "nothing", None, 'has no criterion "nothing"'),
        ("cqr", "needs", 58, "give at least 59"),
    ],
)
def test_what_cannot_be_allowed(
    verified: Store, checklist_id: str, criterion_id: str, first_look: int | None, message: str
) -> None:
    with verified.writing() as con, pytest.raises(InputError, match=message):
        allow(con, checklist_id, criterion_id, "boris", TRUST, first_look)


def test_an_untested_criterion_cannot_be_allowed(store: Store) -> None:
    add_calls(store, OLD[:2], answered(VALUES, rung="vectors"))
    with store.writing() as con, pytest.raises(InputError, match="untested and never auto-confirmed"):
        allow(con, "cqr", "needs", "boris", TRUST)


def finer(needs: dict[str, object]) -> Checklist:
    """The checklist with another line for needs."""
    content = CHECKLIST.model_dump()
    content["criteria"][1].update(needs)
    return Checklist.model_validate(content)


FINER = finer({"scale": ("1", "2", "3", "4", "5")})
OWN = finer({"rule": None, "levels": {"1": {"en": "Asked what the client needs."}}})


def adopt_own_heads(store: Store, held_out: int) -> None:
    """Heads with one for OWN that so many held-out verdicts have measured."""
    name = head_name(OWN.criterion("needs"))
    figures = {"held_out": [{"name": name, "verdicts": held_out}], "cross_validated": {f"{name}.exact": 0.9}}
    with store.writing() as con:
        write_model(
            con, HeadModel("heads-2", "shipped", "usem3 1", "data", 420, 96, 700, datetime(2026, 11, 1), figures)
        )
        append_event(con, HeadEvent("adopted", "heads-2", "learning"))


def test_a_scale_that_no_head_was_measured_on_cannot_be_allowed(store: Store) -> None:
    """A head answers it all the same, and its answers are shown as untested."""
    add_calls(store, OLD[:2], answered(VALUES, checklist=FINER), checklist=FINER)
    with (
        store.writing() as con,
        pytest.raises(InputError, match="no learned head was measured on it and its scale, so"),
    ):
        allow(con, "cqr", "needs", "boris", TRUST)
    with store.writing() as con:
        assert allow(con, "cqr", "greeting", "boris", TRUST).event == "allowed"


@pytest.mark.parametrize("checklist", [FINER, OWN], ids=["another scale", "own criterion"])
def test_a_rule_from_before_confirms_nothing_untested(store: Store, checklist: Checklist) -> None:
    add_calls(store, [*OLD, *NEW], answered(VALUES, checklist=checklist), checklist=checklist)
    give(store, OLD, 0.5)
    with store.writing() as con:
        identity, rule = read_identity(con, "cqr"), read_rule(con, "cqr", "needs")
        assert identity is not None
        promise = {"promised_error": TRUST.promised_error, "confidence": TRUST.confidence}
        append_trust_event(con, rule, "allowed", "boris", identity, **promise, audit_share=TRUST.audit_share)
    assert apply(store) == Applied("cqr", "needs", "stopped", "untested")
    assert auto_count(store) == 0
    assert confirm_stored(store, TRUST) == ()


def test_what_verdicts_taught_is_confirmed_once_it_was_measured(store: Store) -> None:
    add_calls(store, [*OLD, *NEW], answered(VALUES, checklist=OWN), checklist=OWN)
    give(store, OLD, 0.5)
    with store.writing() as con, pytest.raises(InputError, match="untested"):
        allow(con, "cqr", "needs", "boris", TRUST)
    adopt_own_heads(store, held_out=15)
    with store.writing() as con:
        allow(con, "cqr", "needs", "boris", TRUST)
    assert apply(store).confirmed_count == 12
    with store.writing() as con:
        roll_back(con, "boris")
    assert apply(store).stop_reason == "untested"


def test_a_head_that_nothing_has_measured_confirms_nothing(store: Store) -> None:
    add_calls(store, OLD[:2], answered(VALUES, checklist=OWN), checklist=OWN)
    adopt_own_heads(store, held_out=0)
    with store.writing() as con, pytest.raises(InputError, match="untested"):
        allow(con, "cqr", "needs", "boris", TRUST)


def test_it_is_allowed_once(allowed: Store) -> None:
    with allowed.writing() as con, pytest.raises(InputError, match="allowed already"):
        allow(con, "cqr", "needs", "boris", TRUST)


def test_rules_are_read_in_order(allowed: Store) -> None:
    with allowed.writing() as con:
        allow(con, "cqr", "greeting", "boris", TRUST)
        assert [rule.criterion_id for rule in read_rules(con)] == ["greeting", "needs"]
