import re
from types import SimpleNamespace

import pytest
from fastapi.testclient import TestClient

from pipeline.data_folder import DataFolder
from pipeline.settings import Settings
from pipeline.store import Store
from pipeline.store.calls import register_journal
from review.app import create_app
from review.pages.call_rows import CALLS_ON_A_PAGE, page_number
from tests.pages.calls import many_calls
from tests.pages.people import logged_in
from tests.pages.scored_calls import add_call, submit


def rows(html: str) -> list[str]:
    return re.findall(r"<tr class=\"status-.*?</tr>", html, re.DOTALL)


def listed(html: str) -> list[str]:
    return [re.search(r'href="/calls/([^"?]+)', row)[1] for row in rows(html)]  # type: ignore[index]


def test_without_a_store_the_page_says_how_calls_come_in(client: TestClient) -> None:
    response = client.get("/calls")
    assert response.status_code == 200
    assert "There are no calls yet" in response.text
    assert "prescore run" in response.text


@pytest.mark.parametrize("address", ["/calls?words=price", "/?words=price"])
def test_without_a_store_a_kept_link_with_words_says_the_same(client: TestClient, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 200
    assert "There are no calls yet" in response.text


def test_an_empty_store_says_the_same(client: TestClient, data: DataFolder) -> None:
    with Store(data.store).writing():
        pass
    assert "There are no calls yet" in client.get("/calls").text


def test_every_call_is_listed_newest_first_with_what_became_of_it(client: TestClient, calls: SimpleNamespace) -> None:
    html = client.get("/calls").text
    order = [calls.missed, calls.done, calls.failed, calls.silent, calls.short, calls.waiting, calls.gone]
    assert listed(html) == order
    by_id = dict(zip(order, rows(html), strict=True))
    assert "missed" in by_id[calls.missed]
    assert "the recording is damaged or cut off" in by_id[calls.failed]
    assert "no speech" in by_id[calls.silent]
    assert "too short" in by_id[calls.short]
    assert "waiting" in by_id[calls.waiting]
    done = by_id[calls.done]
    assert all(text in done for text in ("05 Oct 2026, 10:12", "Ольга Смирнова", "outgoing", "0:12", ">RU<", "87%"))
    assert "not passed" in done


def test_the_summary_counts_all_that_fits(client: TestClient, calls: SimpleNamespace) -> None:
    figures = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", client.get("/calls").text)
    assert dict(figures)["found"] == "7"
    assert dict(figures)["scored"] == "2"
    assert dict(figures)["failed"] == "1"
    alone = dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", client.get("/calls?status=failed").text))
    assert (alone["found"], alone["average CQR"]) == ("1", "—")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("manager=Kate+O%27Neil+%26+Co", ["failed", "short", "gone"]),
        ("type=objection", ["done", "gone"]),
        ("status=missed", ["missed"]),
        ("direction=incoming&status=done", ["gone"]),
        (
            "status=nonsense&direction=sideways&type=x",
            ["missed", "done", "failed", "silent", "short", "waiting", "gone"],
        ),
        ("manager=%27+OR+1%3D1+--", []),
    ],
)
def test_filters(client: TestClient, calls: SimpleNamespace, query: str, expected: list[str]) -> None:
    assert listed(client.get(f"/calls?{query}").text) == [getattr(calls, name) for name in expected]


def test_filters_stay_in_the_form_and_in_the_links(client: TestClient, calls: SimpleNamespace) -> None:
    html = client.get("/calls?status=failed&manager=Kate+O%27Neil+%26+Co").text
    assert '<option value="failed" selected>' in html
    assert '<option value="Kate O&#39;Neil &amp; Co" selected>' in html
    assert f'href="/calls/{calls.failed}?manager=Kate+O%27Neil+%26+Co&amp;status=failed&amp;list=all"' in html
    back = client.get(f"/calls/{calls.failed}?manager=Kate+O%27Neil+%26+Co&status=failed&list=all").text
    assert 'href="/calls?manager=Kate+O%27Neil+%26+Co&amp;status=failed"' in back


def test_nothing_fits(client: TestClient, calls: SimpleNamespace) -> None:
    html = client.get("/calls?manager=nobody").text
    assert "No call fits these filters" in html
    assert '<option value="nobody" selected>nobody' in html


def test_paging(client: TestClient, data: DataFolder) -> None:
    with Store(data.store).writing() as con:
        register_journal(con, many_calls(CALLS_ON_A_PAGE + 3))
    first, second = client.get("/calls"), client.get("/calls?page=2&status=missed")
    assert len(rows(first.text)) == CALLS_ON_A_PAGE
    assert "Page 1 of 2" in first.text
    assert 'rel="next" href="/calls?page=2"' in first.text
    assert len(rows(second.text)) == 3
    assert 'rel="prev" href="/calls?status=missed"' in second.text
    assert client.get("/calls?page=99").text.count('class="status-') == 3


@pytest.mark.parametrize(("text", "number"), [("3", 3), ("0", 1), ("-1", 1), ("x", 1), ("²", 1), ("9" * 30, 1_000_000)])
def test_page_numbers(text: str, number: int) -> None:
    assert page_number(text) == number


@pytest.fixture
def store(data: DataFolder) -> Store:
    return Store(data.store, timeout_s=5)


def found(client: TestClient, query: str) -> set[str]:
    return set(listed(client.get(f"/calls?{query}").text))


def test_filters_by_what_the_checklist_says(client: TestClient, store: Store) -> None:
    good = add_call(store, "good")
    poor = add_call(store, "poor", days=2, answers={"closing": (True, 0.0, 0.3), "needs": (True, None, 0.9)})
    odd = add_call(store, "odd", days=4, answers={"objection": (False, None, 0.9)}, confidence=0.7)
    assert found(client, "cqr_to=99") == {poor}
    assert found(client, "cqr_from=99.5") == {good, odd}
    assert found(client, "answer=closing:0") == {poor}
    assert found(client, "answer=needs:not_enough") == {poor}
    assert found(client, "answer=objection:does_not_apply") == {odd}
    assert found(client, "answer=objection:9") == {good, poor, odd}
    assert found(client, "below=75") == {poor, odd}
    assert found(client, "below=50") == {poor}
    assert found(client, "from=2026-10-06&to=2026-10-08") == {poor}
    assert found(client, "from=2026-10-06") == {poor, odd}
    assert found(client, "to=2026-10-05") == {good}


def test_filters_by_what_people_did(client: TestClient, store: Store) -> None:
    first, second, third = (add_call(store, name) for name in "123")
    submit(store, first, "administrator-1", flags=("rescue",))
    submit(store, second, "anna", flags=("mystery",))
    assert found(client, "status=reviewed") == {first, second}
    assert found(client, "status=reviewed_by_me") == {first}
    assert found(client, "status=to_review") == {third}
    assert found(client, "flag=rescue") == {first}
    html = client.get("/calls?flag=mystery").text
    assert "mystery call" in rows(html)[0]
    assert "reviewed: anna" in rows(html)[0]
    assert dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", html))["scored"] == "0"  # kept apart from ordinary figures


@pytest.mark.parametrize(
    ("words", "expected"),
    [("понимаю ВАС", ["done", "short", "gone"]), ("день .", []), ("a.b", []), ("ничего", [])],
)
def test_words_that_were_said(client: TestClient, calls: SimpleNamespace, words: str, expected: list[str]) -> None:
    assert listed(client.get("/calls", params={"words": words}).text) == [getattr(calls, name) for name in expected]


def test_words_reach_neither_log_nor_audit(
    client: TestClient, calls: SimpleNamespace, data: DataFolder, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("DEBUG", logger="review"):
        assert "понимаю" in client.get("/calls?words=понимаю").text
        client.get("/?words=понимаю")
        client.post("/next?words=понимаю", follow_redirects=False)
    assert "понимаю" not in caplog.text
    assert "понимаю".encode() not in data.desk.read_bytes()


def test_who_sees_masked_transcripts_cannot_look_for_words(
    data: DataFolder, settings: Settings, calls: SimpleNamespace
) -> None:
    app = create_app(data, settings)
    masked = logged_in(app, "supervisor", masked=True).get("/calls?words=понимаю").text
    assert len(listed(masked)) == 7
    assert 'name="words"' not in masked
    review = settings.review.model_copy(update={"masked_roles": ("head",)})
    by_role = create_app(data, settings.model_copy(update={"review": review}))
    assert len(listed(logged_in(by_role, "head").get("/calls?words=понимаю").text)) == 7
    assert 'name="words"' in logged_in(by_role, "administrator").get("/calls").text


def test_a_manager_sees_their_own_calls_and_nothing_of_others(
    data: DataFolder, settings: Settings, calls: SimpleNamespace, store: Store
) -> None:
    submit(store, calls.done, "anna", flags=("conflict",))
    kate = logged_in(create_app(data, settings), "manager", manager="Ольга Смирнова")
    html = kate.get("/calls?manager=Kate+O%27Neil+%26+Co&flag=conflict&status=reviewed").text
    assert listed(html) == [calls.done]
    html = kate.get("/calls").text
    assert listed(html) == [calls.done, calls.silent, calls.waiting]
    assert "Kate" not in html
    for hidden in ("anna", "conflict", 'name="flag"', 'name="manager"', "waiting for review", "Queue"):
        assert hidden not in html
    response = kate.get("/?type=objection", follow_redirects=False)
    assert (response.status_code, response.headers["location"]) == (303, "/calls?type=objection")


def test_a_manager_without_calls_is_told_what_to_do(
    data: DataFolder, settings: Settings, calls: SimpleNamespace
) -> None:
    html = logged_in(create_app(data, settings), "manager", manager="Nobody").get("/calls").text
    assert "Your calls will stand here" in html
    assert "prescore run" not in html


def test_who_works_blind_sees_no_suggestion_before_their_own_verdict(
    data: DataFolder, settings: Settings, store: Store
) -> None:
    judged, own = add_call(store, "1", answers={"closing": (True, 0.0, 0.9)}), add_call(store, "2")
    submit(store, own, "supervisor-1")
    html = logged_in(create_app(data, settings), "supervisor", blind=True).get("/calls?cqr_to=10&type=spam").text
    assert set(listed(html)) == {judged, own}
    by_id = dict(zip(listed(html), rows(html), strict=True))
    assert "hidden" in by_id[judged]
    assert "passed" not in by_id[judged].replace('class="passed"', "")
    assert "100" in by_id[own]
    assert 'name="cqr_from"' not in html


def test_an_empty_field_leaves_the_address(client: TestClient, calls: SimpleNamespace) -> None:
    response = client.get("/calls?manager=&type=objection&words=&status=", follow_redirects=False)
    assert (response.status_code, response.headers["location"]) == (303, "/calls?type=objection")
    assert client.get("/calls?type=", follow_redirects=False).headers["location"] == "/calls"


def test_chips_show_what_is_set_and_take_it_away(client: TestClient, calls: SimpleNamespace) -> None:
    query = "type=objection&from=2026-10-01&answer=greeting:0.5&below=90&words=дорого&direction=incoming&flag=rescue"
    html = client.get(f"/calls?{query}&status=done&to=2027-01-01&cqr_from=5").text
    chips = re.findall(r"<li><span>(.*?)</span> <b>(.*?)</b> <a href=\"(.*?)\"", html)
    shown = {name: value for name, value, _ in chips}
    assert shown["from"] == "01 Oct 2026"
    assert shown["words"] == "“дорого”"
    assert shown["answer"] == "greeting and introduction: 0.5"
    assert shown["confidence below"] == "90%"
    assert shown["state"] == "suggestions ready"
    assert shown["flag"] == "rescue the deal"
    assert len(chips) == 10
    links = {name: link for name, _, link in chips}
    assert "words=" not in links["words"]
    assert "type=objection" in links["words"]


def test_calls_by_another_checklist(client: TestClient, calls: SimpleNamespace) -> None:
    html = client.get("/calls?checklist=nothing&type=objection").text
    assert set(listed(html)) == {calls.done, calls.gone}
    assert f'href="/calls/{calls.done}?type=objection&amp;list=all"' in html
