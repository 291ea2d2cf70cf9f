from concurrent.futures import ThreadPoolExecutor

import pytest

from review.desk import claims
from review.desk.claims import release_claim, standing_claims, take_claim
from review.desk.database import Desk
from review.desk.people import Person, add_person


def test_who_comes_first_has_the_call(desk: Desk, anna: Person, boris: Person) -> None:
    mine = take_claim(desk, "call", anna, 20)
    theirs = take_claim(desk, "call", boris, 20)
    assert (mine.person_id, mine.login, mine.name) == (anna.person_id, "anna", "Анна")
    assert theirs == mine
    assert standing_claims(desk) == {"call": mine}


def test_a_renewed_claim_keeps_its_beginning(desk: Desk, anna: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claims, "now_s", lambda: 1000.0)
    take_claim(desk, "call", anna, 1)
    monkeypatch.setattr(claims, "now_s", lambda: 1030.0)
    renewed = take_claim(desk, "call", anna, 1)
    assert (renewed.claimed_s, renewed.ends_s) == (1000.0, 1090.0)
    monkeypatch.setattr(claims, "now_s", lambda: 1090.0)
    assert standing_claims(desk) == {}
    assert take_claim(desk, "call", anna, 1).claimed_s == 1090.0


def test_a_claim_that_has_ended_is_anybodys(desk: Desk, anna: Person, boris: Person) -> None:
    take_claim(desk, "call", anna, -1)
    assert take_claim(desk, "call", boris, 20).person_id == boris.person_id


def test_only_ones_own_claim_is_released(desk: Desk, anna: Person, boris: Person) -> None:
    take_claim(desk, "call", anna, 20)
    release_claim(desk, "call", boris)
    assert set(standing_claims(desk)) == {"call"}
    release_claim(desk, "call", anna)
    assert standing_claims(desk) == {}


def test_of_many_at_once_exactly_one_gets_it(desk: Desk) -> None:
    people = [add_person(desk, Person("", f"s{number}", "S", "supervisor"), None) for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        for call_id in ("a", "b", "c"):
            found = list(pool.map(lambda person, call_id=call_id: take_claim(desk, call_id, person, 20), people))
            assert len({claim.person_id for claim in found}) == 1
