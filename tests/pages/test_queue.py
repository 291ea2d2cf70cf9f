import re
import threading
from datetime import datetime

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from pipeline.data_folder import DataFolder
from pipeline.settings import Settings
from pipeline.store import Store
from review.app import create_app
from review.desk import database
from review.desk.audit import AuditFilter, read_audit
from review.desk.claims import standing_claims, take_claim
from review.desk.drafts import Draft
from review.desk.people import Person, find_person
from review.desk.submitted import Content
from review.desk_work import following, pace, read_queue, take_next, timezone_of
from review.filters import Filters
from review.site import Site
from tests.pages.people import logged_in
from tests.pages.scored_calls import add_call, draw_audit, submit
from tests.pages.test_call_list import listed, rows

CRITICAL = {"politeness": (True, 0.0, 0.62)}


@pytest.fixture
def store(data: DataFolder) -> Store:
    return Store(data.store, timeout_s=5)


@pytest.fixture
def site(app: FastAPI) -> Site:
    found: Site = app.state.site
    return found


@pytest.fixture
def anna(app: FastAPI) -> TestClient:
    return logged_in(app, "supervisor", "anna")


@pytest.fixture
def boris(app: FastAPI) -> TestClient:
    return logged_in(app, "supervisor", "boris")


def person(site: Site, login: str) -> Person:
    return find_person(site.desk, login)


def taken(client: TestClient, query: str = "", **form: str) -> str:
    response = client.post(f"/next{query}", data=form, follow_redirects=False)
    assert response.status_code == 303
    return response.headers["location"]


def handed_in(site: Site, login: str, call_id: str, submitted_s: float, applied_s: float | None = None) -> None:
    """A submission as the desk keeps it before the store has it."""
    content = Content(
        draft=Draft(), blind=False, login=login, call_type="objection", cqr=87.0, passed=True, verdicts=()
    )
    with site.desk.writing() as con:
        database.execute(
            con,
            "add_submission",
            submission_id=f"s{call_id}{submitted_s}",
            call_id=call_id,
            evaluation_id="e",
            person_id=person(site, login).person_id,
            content=content.model_dump_json(),
            submitted_s=submitted_s,
        )
        if applied_s is not None:
            con.execute("UPDATE submissions SET applied_s = ?", [applied_s])


def test_what_needs_a_person_comes_first_and_says_why(anna: TestClient, store: Store) -> None:
    calm = add_call(store, "calm", days=3)
    unsure = add_call(store, "unsure", days=1, confidence=0.4)
    critical = add_call(store, "critical", answers=CRITICAL)
    audited = add_call(store, "audited", days=0.5)
    draw_audit(store, audited, "greeting")
    html = anna.get("/").text
    assert listed(html) == [audited, critical, unsure, calm]
    shown = dict(zip(listed(html), rows(html), strict=True))
    assert "check of auto-confirmation" in shown[audited]
    assert "critical at zero · 62%" in shown[critical]
    assert "type unsure · 40%" in shown[unsure]
    assert "manager never reviewed" in shown[calm]
    assert "weekly plan: 0 of 4" in shown[calm]
    assert "4 need a person, 0 beyond the plan" in html


def test_reviewed_unscored_and_mystery_calls_are_kept_apart(anna: TestClient, store: Store) -> None:
    names = [add_call(store, name) for name in "12"]
    rescue, mystery, short = add_call(store, "3"), add_call(store, "4"), add_call(store, "5", scored=False)
    submit(store, rescue, "boris", flags=("rescue",))
    submit(store, mystery, "boris", flags=("mystery",))
    html = anna.get("/").text
    assert set(listed(html)) == set(names)
    assert short not in html
    for link, text in (("flag=rescue", "Deals to rescue: 1"), ("flag=mystery", "Mystery calls: 1")):
        assert f'href="/calls?{link}">{text}' in html
    assert 'href="/calls?status=not_scored">Too short to score: 1' in html


def test_beyond_the_plan(anna: TestClient, store: Store) -> None:
    first, second = add_call(store, "1"), add_call(store, "2")
    submit(store, first, "boris")
    html = anna.get("/").text
    assert listed(html) == [second]
    assert "0 need a person, 1 beyond the plan" in html
    assert "beyond the plan" in rows(html)[0]


def test_many_reasons_are_shortened_and_still_read(anna: TestClient, store: Store) -> None:
    add_call(store, "1", answers=CRITICAL, confidence=0.2)
    (row,) = rows(anna.get("/").text)
    assert row.count("reason-chip") == 3
    assert "+2" in row
    assert "manager never reviewed; weekly plan: 0 of 1" in row


def test_who_works_blind_gets_an_order_that_tells_nothing(app: FastAPI, store: Store) -> None:
    old, new = add_call(store, "old", answers=CRITICAL, confidence=0.2), add_call(store, "new", days=1)
    html = logged_in(app, "supervisor", "blind", blind=True).get("/").text
    assert listed(html) == [new, old]
    assert "critical at zero ·" not in html
    assert "type unsure ·" not in html


def test_filters_hold_for_the_queue_and_for_the_next_call(anna: TestClient, store: Store) -> None:
    olga, kate = add_call(store, "1", "Olga", days=1), add_call(store, "2", "Kate")
    html = anna.get("/?manager=Kate").text
    assert listed(html) == [kate]
    assert f'href="/calls/{kate}?manager=Kate"' in html
    assert 'action="/next?manager=Kate"' in html
    assert taken(anna, "?manager=Kate") == f"/calls/{kate}?manager=Kate"
    assert taken(anna) == f"/calls/{olga}"
    assert taken(anna, "?manager=Nobody") == "/?manager=Nobody&notice=nothing_left"
    assert listed(anna.get("/?words=понимаю+вас").text) == [olga, kate]
    assert "No call fits these filters" in anna.get("/?words=никогда").text


def test_taking_claims_and_is_written_down(anna: TestClient, store: Store, site: Site) -> None:
    call_id = add_call(store, "1")
    assert taken(anna) == f"/calls/{call_id}"
    assert standing_claims(site.desk)[call_id].login == "anna"
    (entry,) = read_audit(site.desk, AuditFilter(action="call.taken"))
    assert (entry.subject, entry.person) == (call_id, "anna")
    html = anna.get("/").text
    assert "You have:" in html
    assert "you have it" in rows(html)[0]


def test_what_somebody_else_has_is_shown_and_not_handed_out(
    anna: TestClient, boris: TestClient, store: Store, site: Site
) -> None:
    first, second = add_call(store, "1", days=1), add_call(store, "2")
    assert taken(boris) == f"/calls/{first}"
    row = rows(anna.get("/").text)[0]
    assert "taken by Boris" in row
    assert taken(anna) == f"/calls/{second}"
    clara = logged_in(anna.app, "supervisor", "clara")  # type: ignore[arg-type]
    assert taken(clara) == "/?notice=nothing_left"
    html = clara.get("/?notice=nothing_left").text
    assert "No call is left" in html
    assert "Take the next call" not in html
    with site.desk.writing() as con:
        con.execute("UPDATE claims SET ends_s = 0")
    assert taken(clara) == f"/calls/{first}"  # a claim ends by itself


def test_asking_twice_gives_the_same_call_and_leaving_it_the_one_behind(
    anna: TestClient, store: Store, site: Site
) -> None:
    names = [add_call(store, str(number), days=-number) for number in range(3)]
    assert taken(anna) == taken(anna) == f"/calls/{names[0]}"
    assert taken(anna, after=names[0]) == f"/calls/{names[1]}"
    assert set(standing_claims(site.desk)) == {names[1]}
    assert taken(anna, after=names[2]) == f"/calls/{names[0]}"


def test_many_who_ask_at_once_get_different_calls(app: FastAPI, site: Site, store: Store) -> None:
    for number in range(6):
        add_call(store, str(number))
    people = [logged_in(app, "supervisor", f"person-{number}") for number in range(6)]
    given: list[str] = []
    threads = [threading.Thread(target=lambda client=client: given.append(taken(client))) for client in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(given)) == 6
    assert len(standing_claims(site.desk)) == 6


def test_a_call_that_was_handed_in_a_moment_ago_is_not_handed_out(anna: TestClient, store: Store, site: Site) -> None:
    call_id = add_call(store, "1")
    handed_in(site, "anna", call_id, submitted_s=5.0)
    assert listed(anna.get("/").text) == []
    assert "Nothing waits for a review" in anna.get("/").text
    assert taken(anna) == "/?notice=nothing_left"


@pytest.mark.parametrize("came_s", [-10.0, 5.0])
def test_what_came_in_since_the_list_was_read_is_not_handed_out(
    anna: TestClient, store: Store, site: Site, came_s: float
) -> None:
    """A bug that the load test found: what was handed in before a list was read may go into the store after it."""
    first, second = add_call(store, "1", days=1), add_call(store, "2")
    read_s = read_queue(site, person(site, "anna"), Filters()).listed.read_s
    handed_in(site, "anna", first, submitted_s=read_s + came_s, applied_s=read_s + 6)
    assert taken(anna) == f"/calls/{second}"


def test_between_looking_and_claiming_somebody_hands_it_in(
    anna: TestClient, store: Store, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = add_call(store, "1", days=1), add_call(store, "2")
    read = read_queue

    def late(*given: object) -> object:
        found = read(*given)  # type: ignore[arg-type]
        handed_in(site, "anna", first, submitted_s=database.now_s(), applied_s=1.0)
        return found

    monkeypatch.setattr("review.desk_work.read_queue", late)
    assert take_next(site, person(site, "anna"), Filters()) == second
    assert set(standing_claims(site.desk)) == {second}


def test_between_looking_and_claiming_somebody_takes_it(
    anna: TestClient, boris: TestClient, store: Store, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = add_call(store, "1", days=1), add_call(store, "2")
    read = read_queue

    def late(*given: object) -> object:
        found = read(*given)  # type: ignore[arg-type]
        take_claim(site.desk, first, person(site, "boris"), 20)
        return found

    monkeypatch.setattr("review.desk_work.read_queue", late)
    assert take_next(site, person(site, "anna"), Filters()) == second


def test_letting_go(anna: TestClient, boris: TestClient, store: Store, site: Site) -> None:
    call_id = add_call(store, "1")
    taken(anna)
    response = boris.post("/let-go", data={"call_id": call_id}, follow_redirects=False)
    assert response.headers["location"] == "/?notice=let_go"
    assert set(standing_claims(site.desk)) == {call_id}  # somebody else's stays
    assert "your draft is kept" in anna.post("/let-go", data={"call_id": call_id}).text
    assert standing_claims(site.desk) == {}


def test_a_link_hands_out_nothing(anna: TestClient, store: Store, site: Site) -> None:
    add_call(store, "1", "Kate")
    response = anna.get("/next?manager=Kate", follow_redirects=False)
    assert (response.status_code, response.headers["location"]) == (303, "/?manager=Kate&notice=press_next")
    assert "Press the button" in anna.get("/?notice=press_next").text
    assert standing_claims(site.desk) == {}
    assert "notice" not in re.findall(r'class="notice', anna.get("/?notice=nonsense").text)


def test_progress_pace_and_my_last_calls(anna: TestClient, store: Store, site: Site) -> None:
    html = anna.get("/").text
    assert "0 of 25 today" in html
    assert "after the second one" in html
    known = add_call(store, "1", manager="Olga & Co")
    now = max(database.now_s(), midnight_of(site) + 601)
    for call_id, ago in (("gone", 600.0), ("lost", 360.0), (known, 0.0)):
        handed_in(site, "anna", call_id, now - ago)
    html = anna.get("/").text
    assert "3 of 25 today" in html
    assert "5.0 min per call" in html
    assert "My last calls: 3" in html
    assert f'action="/submissions/s{known}{now}/undo"' in html
    assert "Olga &amp; Co" in html
    assert "gone" in html  # the store does not know it, and it can still be undone
    assert "87" in html


def midnight_of(site: Site) -> float:
    return datetime.now(timezone_of(site)).replace(hour=0, minute=0, second=0, microsecond=0).timestamp()


@pytest.mark.parametrize(
    ("times", "minutes"),
    [([], None), ([5.0], None), ([0.0, 120.0], 2.0), ([0.0, 120.0, 9000.0], 2.0), ([0.0, 9000.0], None)],
)
def test_pauses_are_no_work(times: list[float], minutes: float | None) -> None:
    assert pace(times) == minutes


@pytest.mark.parametrize(("after", "expected"), [(None, "abc"), ("x", "abc"), ("a", "bc"), ("b", "ca"), ("c", "ab")])
def test_what_follows_a_call(after: str | None, expected: str) -> None:
    assert "".join(following(list("abc"), after)) == expected


@pytest.mark.parametrize("address", ["/", "/next"])
def test_nobody_is_led_to_the_log_in(app: FastAPI, address: str) -> None:
    response = TestClient(app).get(address, follow_redirects=False)
    assert response.status_code == 303
    assert response.headers["location"].startswith("/log-in?next=")


def test_who_reviews_nothing_goes_to_their_first_place(app: FastAPI, store: Store) -> None:
    add_call(store, "1")
    manager = logged_in(app, "manager", manager="Olga")
    assert manager.get("/", follow_redirects=False).headers["location"] == "/calls"
    data_team = logged_in(app, "data").get("/?manager=Olga", follow_redirects=False)
    assert data_team.status_code in (303, 403)
    assert "Olga" not in data_team.headers.get("location", "")
    for client in (manager, logged_in(app, "data", "data-2")):
        for answer in (client.get("/next"), client.post("/next"), client.post("/let-go")):
            assert answer.status_code == 403


def test_an_older_link_with_a_status_leads_to_the_list(anna: TestClient, store: Store) -> None:
    add_call(store, "1")
    response = anna.get("/?status=failed&manager=Olga", follow_redirects=False)
    assert response.headers["location"] == "/calls?status=failed&manager=Olga"


def test_a_person_without_any_place_is_told(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("review.pages.queue.places_of", lambda _: ())
    response = logged_in(app, "data").get("/")
    assert response.status_code == 403
    assert "You may not open this page" in response.text


@pytest.mark.parametrize("address", ["/next", "/let-go"])
def test_a_form_of_another_page_is_refused(anna: TestClient, store: Store, site: Site, address: str) -> None:
    add_call(store, "1")
    assert anna.post(address, headers={"x-csrf-token": "wrong"}).status_code == 403
    assert anna.post(address, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert standing_claims(site.desk) == {}


def test_without_a_store_the_queue_says_how_calls_come_in(anna: TestClient) -> None:
    html = anna.get("/").text
    assert "prescore run" in html
    assert taken(anna) == "/?notice=nothing_left"


def test_paging_keeps_the_filters(anna: TestClient, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("review.pages.call_rows.CALLS_ON_A_PAGE", 2)
    names = [add_call(store, str(number), days=-number) for number in range(5)]
    html = anna.get("/?manager=Olga&page=2").text
    assert listed(html) == names[2:4]
    assert 'rel="prev" href="/?manager=Olga"' in html
    assert 'rel="next" href="/?manager=Olga&amp;page=3"' in html
    assert listed(anna.get("/?page=99").text) == names[4:]


def test_a_page_of_many_calls_asks_the_store_once(
    data: DataFolder, settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_call(store, "1")
    client = logged_in(create_app(data, settings), "supervisor")
    client.get("/")
    monkeypatch.setattr(Store, "reading", lambda *_, **__: pytest.fail("the store was opened though nothing changed"))
    assert client.get("/").status_code == client.get("/calls?type=objection").status_code == 200
